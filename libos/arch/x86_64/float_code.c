/* SPDX-License-Identifier: BSD-2-Clause */
/* float_code.c - why a floating-point exception came (SDM vol. 1, 8.5 and 11.5). */
#include <asm-generic/siginfo.h>
#include "arch/arch.h"

int arch_float_code(uint64_t vector)
{
    uint32_t flags, masks;
    if (vector == 16) {
        uint16_t status, control;
        __asm__ volatile("fnstsw %0; fnstcw %1" : "=m"(status), "=m"(control));
        flags = status;
        masks = control;
    } else {
        uint32_t mxcsr;
        __asm__ volatile("stmxcsr %0" : "=m"(mxcsr));
        flags = mxcsr;
        masks = mxcsr >> 7;
    }
    uint32_t raised = flags & ~masks & 0x3f;
    if (raised & 1)
        return FPE_FLTINV;
    if (raised & 4)
        return FPE_FLTDIV;
    if (raised & 8)
        return FPE_FLTOVF;
    if (raised & 18)
        return FPE_FLTUND;
    return raised & 32 ? FPE_FLTRES : 0;
}
