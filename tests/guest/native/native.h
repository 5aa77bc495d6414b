/* SPDX-License-Identifier: BSD-2-Clause */
/* native.h - what native test programs share: they run on the bare exokernel as domain 0,
 * without a libOS, and talk to it through exo/stubs.h. */
#pragma once

#include <exo/info.h>
#include <exo/stubs.h>
#include <exo/vcpu.h>

extern char native_linux_entry[], native_upcall_entry[], native_upcall_stack[], native_vcpu_start[];

/* Where further vcpus and domains begin. */
[[noreturn]] void native_vcpu_main(struct exo_vcpu_page *vcpu);

void native_main(const struct exo_info *info, struct exo_vcpu_page *vcpu);

/* Called for every upcall; may change the frame, which is where execution goes on. */
void native_upcall(struct exo_upcall_frame *frame);

/* printf-like: %s %u %x %lx. */
[[gnu::format(printf, 1, 2)]] void native_log(const char *format, ...);

/* Record a check: prints `ok NAME` or `not ok NAME (...)`. */
void native_check(bool good, const char *name, uint64_t got, uint64_t want);
/* CALL must answer WANT. */
#define CHECK_STATUS(name, call, want)                                                             \
    do {                                                                                           \
        uint64_t got_ = (call);                                                                    \
        native_check(got_ == (want), name, got_, want);                                            \
    } while (0)
#define CHECK(name, condition) CHECK_STATUS(name, (uint64_t)((condition) != 0), 1)

/* Print `N passed, N failed` and end the machine. */
[[noreturn]] void native_done(void);

/* A page of the region's, never used before: COUNT of them in a row. */
uint64_t native_va(uint32_t count);
/* Map a frame of ours at a new place, readable and writable. */
void *native_map(exo_frame frame);

uint64_t native_cycles(void);

/* A free frame of domain 0 that nothing maps. */
exo_frame native_frame(void);
/* COUNT consecutive ones. */
exo_frame native_frames(uint32_t count);
