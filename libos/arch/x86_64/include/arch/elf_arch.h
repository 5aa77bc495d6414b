/* SPDX-License-Identifier: BSD-2-Clause */
/* elf_arch.h - what programs for this architecture expect of their loader. */
#pragma once

#include <linux/elf-em.h>
#include <stdint.h>

constexpr uint16_t ARCH_ELF_MACHINE = EM_X86_64;
constexpr uint64_t ARCH_ELF_DYN_BASE = 0x555555554000; /* where ET_DYN programs go */
#define ARCH_ELF_PLATFORM "x86_64"

/* AT_HWCAP: the feature bits of CPUID leaf 1, EDX. */
static inline uint64_t arch_elf_hwcap(void)
{
    uint32_t eax = 1, ebx, ecx = 0, edx;
    __asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
    return edx;
}

/* AT_HWCAP2: HWCAP2_FSGSBASE, for programs may use RDFSBASE and its kin. */
constexpr uint64_t ARCH_ELF_HWCAP2 = 1 << 1;
