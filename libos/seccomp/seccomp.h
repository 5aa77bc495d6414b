/* SPDX-License-Identifier: BSD-2-Clause */
/* seccomp.h - calls that a thread has given up (seccomp(2)).
 *
 * In strict mode four calls are left.  In filter mode programs of classic BPF look at each call's
 * number and arguments; the newest comes first, and of all answers the strictest counts.  Filters
 * never change and are never taken away: a thread refers to its newest, which refers to the one
 * before.  Children and new programs inherit them.
 */
#pragma once

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdint.h>

struct regs;
struct thread;

struct seccomp_filter {
    uint32_t refs;
    bool logs; /* SECCOMP_FILTER_FLAG_LOG */
    uint16_t length;
    struct seccomp_filter *before;
    struct sock_filter program[];
};

constexpr uint32_t SECCOMP_LENGTH_MOST = BPF_MAXINSNS;
constexpr uint32_t SECCOMP_TOTAL_MOST = 32768; /* of a chain, with 4 for each filter */

/* The current thread is in a mode.  False: the call is not to be made, its result is set. */
bool seccomp_call_enter(struct regs *regs);

[[nodiscard]] int seccomp_set_strict(void);
/* PROGRAM is libOS memory, copied.  FLAGS: SECCOMP_FILTER_FLAG_*. */
[[nodiscard]] int seccomp_add_filter(const struct sock_filter *program, uint16_t length,
                                     uint32_t flags);
/* T, new, has what FROM has. */
void seccomp_inherit(struct thread *t, const struct thread *from);
void seccomp_release(struct thread *t);
uint32_t seccomp_filter_count(const struct thread *t);

/* bpf.c */
/* May PROGRAM run on a struct seccomp_data?  (Jumps go forward and stay inside; it ends; nothing
 * outside of the data is read.)  0 or -EINVAL. */
[[nodiscard]] int bpf_check(const struct sock_filter *program, uint32_t length);
/* Of a checked program. */
uint32_t bpf_run(const struct sock_filter *program, const struct seccomp_data *data);
