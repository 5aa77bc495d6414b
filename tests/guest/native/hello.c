/* SPDX-License-Identifier: BSD-2-Clause */
/* hello.c - the smallest native program: facts, and the cost of a null call. */
#include "native.h"

void native_upcall(struct exo_upcall_frame *frame)
{
    native_log("upcall %lx error %lx detail %lx at %lx", frame->cause, frame->error, frame->detail, frame->rip);
    native_done();
}

static uint64_t cycles(void)
{
    uint32_t lo, hi;
    __asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi));
    return (uint64_t)hi << 32 | lo;
}

void native_main(const struct exo_info *info, struct exo_vcpu_page *vcpu)
{
    uint64_t out;
    native_log("hello from domain 0: %u cpus, %u MiB, counter %lx Hz, vcpu page %lx", info->cpu_count,
               info->ram_frames >> 8, info->tsc_hz, (uint64_t)vcpu);
    for (uint32_t i = 0; i < info->range_count; i++)
        native_log("range %x + %x", info->ranges[i].first, info->ranges[i].count);
    native_log("cmdline %s", (const char *)info + info->cmdline_offset);
    uint64_t start = cycles();
    for (uint32_t i = 0; i < 10000; i++)
        exo_null(&out);
    native_log("null call: %u cycles", (uint32_t)((cycles() - start) / 10000));
    exo_vcpu_start(EXO_CAP_BOOT_VCPU, (exo_uaddr)native_linux_entry, (exo_uaddr)native_upcall_entry,
                   (exo_uaddr)native_upcall_stack);
    start = cycles();
    for (uint32_t i = 0; i < 10000; i++) {
        uint64_t rax = 39;
        __asm__ volatile("syscall" : "+a"(rax) : : "rcx", "r11", "memory");
        native_last = rax;
    }
    native_log("reflected call: %u cycles, answered %lx", (uint32_t)((cycles() - start) / 10000), native_last);
    native_done();
}
