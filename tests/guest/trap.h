/* SPDX-License-Identifier: BSD-2-Clause */
/* trap.h - touch memory that may fault, and learn by which signal and where. */
#pragma once

struct trap {
    int signal; /* 0: the access went through */
    int code;   /* si_code */
    void *address;
};

struct trap trap_read(const volatile void *address);
struct trap trap_write(volatile void *address);
/* Call ADDRESS as a function. */
struct trap trap_call(void *address);
