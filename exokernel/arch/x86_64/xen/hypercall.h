/* SPDX-License-Identifier: BSD-2-Clause */
/* hypercall.h - calling Xen. */
#pragma once

#include "xen/abi.h"

extern bool xen_by_vmmcall; /* the instruction is AMD's */

/* Pointers among the arguments are the kernel's own virtual addresses: Xen walks the page tables
 * that are loaded.  Negative: one of Xen's error numbers. */
static inline int64_t xen_call(enum xen_call number, uint64_t a, uint64_t b, uint64_t c)
{
    int64_t result;
    if (xen_by_vmmcall)
        __asm__ volatile("vmmcall"
                         : "=a"(result), "+D"(a), "+S"(b), "+d"(c)
                         : "0"((uint64_t)number)
                         : "r8", "r9", "r10", "r11", "memory");
    else
        __asm__ volatile("vmcall"
                         : "=a"(result), "+D"(a), "+S"(b), "+d"(c)
                         : "0"((uint64_t)number)
                         : "r8", "r9", "r10", "r11", "memory");
    return result;
}

static inline int64_t xen_call_on(enum xen_call number, uint64_t operation, void *argument)
{
    return xen_call(number, operation, (uint64_t)argument, 0);
}
