/* SPDX-License-Identifier: BSD-2-Clause */
/* layout.h - addresses, selectors and offsets that assembly and C share.
 *
 * Kernel half of every space:
 *   DIRECT_BASE  + physical   all RAM, writable, never executable
 *   MMIO_BASE    ...          interrupt controllers, uncached
 *   KERNEL_BASE  + physical   the kernel's image, each section with its own rights
 */
#pragma once

#define KERNEL_BASE 0xffffffff80000000
#define DIRECT_BASE 0xffff800000000000
#define MMIO_BASE   0xffffffffc0000000

#define BOOT_MAPPED (4ull << 30) /* what boot.S maps at DIRECT_BASE */

#define KERNEL_STACK_BYTES 8192
#define IST_BYTES          2048
#define IST_CPU            (IST_BYTES - 8) /* the word that holds the stack's struct cpu */
#define TRAMPOLINE         0x8000          /* physical page where other CPUs begin */

#define BOOT_BY_PVH 0x50564850
#define BOOT_BY_MB2 0x36d76289

/* Linux's user selectors, which programs see in signal frames.  The order is SYSCALL's
 * and SYSRET's (Intel SDM vol. 3A, 5.8.8): user data 8 and user code 16 after the base. */
#define GDT_KERNEL_CODE32  0x08
#define GDT_KERNEL_CODE    0x10
#define GDT_KERNEL_DATA    0x18
#define GDT_SYSRET_BASE    (0x20 | 3)
#define GDT_USER_DATA      (0x28 | 3)
#define GDT_USER_CODE      (0x30 | 3)
#define GDT_TSS            0x40
#define GDT_CODE64_BITS    0x00af9a000000ffff
#define GDT_CODE32_BITS    0x00cf9a000000ffff
#define GDT_DATA_BITS      0x00cf92000000ffff
#define GDT_USER_CODE_BITS 0x00affa000000ffff
#define GDT_USER_DATA_BITS 0x00cff2000000ffff

/* struct cpu (cpu.h asserts these). */
#define CPU_STACK        8
#define CPU_USER_RSP     16
#define CPU_VCPU_PAGE    24
#define CPU_LINUX_ENTRY  32
#define CPU_PAGE_VA      40
#define CPU_SCRATCH      48
#define CPU_UPCALL_ENTRY 56
#define CPU_LOADED       64
#define CPU_TRACE        72
#define CPU_USER_FLAGS   80
#define CPU_USER_RBP     88
#define CPU_CALLER       96

/* struct caller. */
#define CALLER_SECOND 32
#define CALLER_NUMBER 40

/* struct exo_vcpu_page (trap.c asserts these). */
#define VP_PENDING     8
#define VP_MASKED      16
#define VP_STACK       24
#define VP_RET_RIP     32
#define VP_RET_FLAGS   40
#define VP_UPCALLS     64
#define VP_REFLECTIONS 72
#define VP_CALLS       80
#define UPCALL_BYTES   88 /* struct exo_upcall_frame */

#define SPACE_ZERO_COUNT 40 /* struct space */

/* The libOS region is one entry of the root. */
#define REGION_SHIFT 39
#define REGION_SLOT  0x90

/* struct trapframe, above the general registers. */
#define TF_TRAPNO       120
#define TRAP_PAGE_FAULT 14
#define TRAP_SYSCALL    0x200 /* trapno of an exokernel call: goes back by sysretq */

#define VECTOR_FIRST_LINE 0x30 /* + interrupt line, up to 24 of them */
#define VECTOR_TIMER      0x50
#define VECTOR_KICK       0x51 /* another CPU changed something here: look again */
#define VECTOR_XEN        0x52 /* event channels */
#define VECTOR_SPURIOUS   0xff
