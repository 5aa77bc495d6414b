/* SPDX-License-Identifier: BSD-2-Clause */
/* dispatch.h - the table of Linux system calls, made from syscalls.def. */
#pragma once

#include <stdint.h>
#include "linux-api/call.h"

constexpr uint64_t SYSCALL_NUMBERS = 512; /* entry.S knows it */

enum syscall_category : uint8_t {
    SYSCALL_FILE,
    SYSCALL_PROCESS,
    SYSCALL_MEMORY,
    SYSCALL_SOCKET,
    SYSCALL_SIGNAL,
    SYSCALL_TIME,
    SYSCALL_IPC,
    SYSCALL_TTY,
    SYSCALL_THREAD,
    SYSCALL_MISC,
    SYSCALL_CATEGORIES
};

struct regs;

struct syscall_entry {
    const char *name;    /* null: no such number */
    syscall_fn *handler; /* null: ENOSYS */
    enum syscall_category category;
};

/* The entry of number NR, or null. */
const struct syscall_entry *syscall_find(uint64_t nr);

/* Make the call that REGS asks for and put its result there. */
void syscall_dispatch(struct regs *regs);

extern const char *const syscall_category_name[SYSCALL_CATEGORIES];
/* Calls made so far. */
uint64_t syscall_category_count(enum syscall_category category);

/* Is there call NR in this mode, and nobody who wants to see it made? */
bool syscall_is_plain(uint64_t nr);

/* Once the options are known: which calls there are, and whether they are shown. */
void syscall_init(void);
