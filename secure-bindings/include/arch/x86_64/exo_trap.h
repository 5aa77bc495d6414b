/* SPDX-License-Identifier: BSD-2-Clause */
/* exo_trap.h - the instruction that enters the exokernel on x86-64.
 *
 * Number in rax, arguments in rdi, rsi, rdx, r10, r8; status comes back in rax, the
 * second result in rdx.  rcx, r11 (SYSCALL), rdi, rsi and r8 to r10 are lost, all else is kept.
 */
#pragma once

#include <exo/abi.h>

static inline enum exo_status exo_trap(uint64_t nr, uint64_t a0, uint64_t a1, uint64_t a2,
                                       uint64_t a3, uint64_t a4, uint64_t *second)
{
    register uint64_t r10 __asm__("r10") = a3;
    register uint64_t r8 __asm__("r8") = a4;
    uint64_t status = EXO_BASE + nr;
    __asm__ volatile("syscall"
                     : "+a"(status), "+d"(a2), "+D"(a0), "+S"(a1), "+r"(r10), "+r"(r8)
                     :
                     : "rcx", "r9", "r11", "memory");
    *second = a2;
    return (enum exo_status)status;
}
