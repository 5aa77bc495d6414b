/* SPDX-License-Identifier: BSD-2-Clause */
/* elf_arch.h - what programs for this architecture expect of their loader. */
#pragma once

#include <linux/elf-em.h>
#include <stdint.h>

constexpr uint16_t ARCH_ELF_MACHINE = EM_X86_64;
constexpr uint64_t ARCH_ELF_DYN_BASE = 0x555555554000; /* where ET_DYN programs go */
#define ARCH_ELF_PLATFORM "x86_64"

/* Stubs of patched calls (mm/patch.h): within 2 GiB of programs linked to fixed addresses, of others,
 * and of what mmap(2) places. */
constexpr uint64_t ARCH_WINDOW_BYTES = 256 << 10;
constexpr uint64_t ARCH_WINDOW_LOW = 0x100000;
constexpr uint64_t ARCH_WINDOW_DYN = 0x555555400000;
constexpr uint64_t ARCH_WINDOW_HIGH = 0x7ffff7e80000;

/* AT_HWCAP: the feature bits of CPUID leaf 1, EDX. */
static inline uint64_t arch_elf_hwcap(void)
{
    uint32_t eax = 1, ebx, ecx = 0, edx;
    __asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
    return edx;
}

/* AT_HWCAP2: no HWCAP2_FSGSBASE, for a program has the GS base from arch_prctl(2) only. */
constexpr uint64_t ARCH_ELF_HWCAP2 = 0;
