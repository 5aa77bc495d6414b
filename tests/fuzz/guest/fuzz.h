/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz.h - fuzz-calls: random system calls with hostile arguments, made inside Seam.
 *
 * A worker is a process that makes calls until one of them ends it, or until the supervisor does.
 * Its calls follow from its seed alone.  What it may break is its own: it lives in a directory of
 * its own with namespaces of its own, and half of all workers are not root.
 * Everything here is about the system's survival: what a single call returns is not judged.
 */
#pragma once

#include <stdint.h>
#include <sys/types.h>

/* What a worker tells the supervisor, in memory that both see. */
struct progress {
    _Atomic uint64_t calls;
    _Atomic uint32_t last; /* number of the call that was begun last */
};

/* xorshift64: the same numbers for the same SEED, which is not 0. */
struct random {
    uint64_t state;
};
uint64_t random_next(struct random *r);
/* 0 to LIMIT - 1. */
uint64_t random_below(struct random *r, uint64_t limit);

/* Make calls until the end of the process. */
[[noreturn]] void worker_run(uint64_t seed, uint64_t calls, struct progress *progress);

/* The current directory becomes the worker's root, with /dev and /proc in it. */
void worker_cage(bool is_root);

/* values.c: files to work on, and arguments. */
struct values {
    struct random *random;
    int fds[32];
    unsigned fd_count;
    uint8_t *buffer; /* VALUES_BUFFER bytes that can be read and written, then nothing */
    uint8_t *fixed;  /* a page that can only be read */
};
constexpr unsigned VALUES_BUFFER = 4 * 4096;

void values_init(struct values *v, struct random *random);
/* Descriptors that calls have closed come back. */
void values_renew(struct values *v);
/* Argument number I of system call NUMBER: mostly of its kind in syscalls.def, at times any. */
uint64_t value_for(struct values *v, long number, unsigned i);

constexpr long CALLS = 470; /* some more than there are */

/* kinds.c: what an argument is, by syscalls.def. */
enum value_class {
    VALUE_ANY,
    VALUE_FD,
    VALUE_PATH,
    VALUE_PID,
    VALUE_NUMBER,
    VALUE_FLAGS,
    VALUE_COMMAND, /* of ioctl(2) */
    VALUE_POINTER
};
enum value_class value_class_of(long number, unsigned i);
