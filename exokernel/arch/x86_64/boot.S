/* SPDX-License-Identifier: BSD-2-Clause */
/* boot.S - from the loader's 32-bit entry to long mode and kernel_main.
 *
 * One ELF serves two protocols: PVH (Xen's docs/misc/pvh.pandoc, an ELF note; QEMU's
 * -kernel uses it) and Multiboot2 (specification 2.0, section 3.1).  Both enter in
 * 32-bit protected mode without paging; %ebx holds the address of the loader's
 * information.  A Multiboot 1 header must not be here: QEMU would prefer it and then
 * refuse a 64-bit file.
 */
#include "layout.h"

    .section .multiboot2, "a"
    .balign 8
mb2_header:
    .long 0xe85250d6, 0, mb2_end - mb2_header, -(0xe85250d6 + mb2_end - mb2_header)
    .word 6, 0                  /* modules start on page boundaries */
    .long 8
    .word 5, 1                  /* a screen, if one can be had: any size will do */
    .long 20
    .long 1024, 768, 32
    .balign 8
    .word 0, 0
    .long 8
mb2_end:

    .section .note.pvh, "a", @note
    .balign 4
    .long 4, 4, 18              /* XEN_ELFNOTE_PHYS32_ENTRY */
    .asciz "Xen"
    .long pvh_start

    .section .boot.text, "ax"
    .code32
    .global pvh_start, mb2_start
pvh_start:
    movl $BOOT_BY_PVH, %eax
mb2_start:
    cli
    cld
    movl %eax, boot_magic
    movl %ebx, boot_info
    movl $boot_stack_top, %esp
    /* The first 4 GiB in 2 MiB pages, at their own addresses and in the direct map;
     * the first GiB once more at KERNEL_BASE. */
    movl $boot_pdpt + 3, boot_pml4
    movl $boot_pdpt + 3, boot_pml4 + 8 * 256
    movl $boot_pdpt_high + 3, boot_pml4 + 8 * 511
    movl $boot_pd + 3, boot_pdpt_high + 8 * 510
    movl $boot_pd + 3, %eax
    movl $boot_pdpt, %edi
    movl $4, %ecx
1:  movl %eax, (%edi)
    addl $4096, %eax
    addl $8, %edi
    decl %ecx
    jnz 1b
    movl $0x83, %eax            /* present, writable, 2 MiB */
    movl $boot_pd, %edi
    movl $2048, %ecx
2:  movl %eax, (%edi)
    addl $0x200000, %eax
    addl $8, %edi
    decl %ecx
    jnz 2b
    movl $boot_pml4, %eax
    call enter_long_mode
    ljmp $GDT_KERNEL_CODE, $3f

/* Turn paging on with the root in %eax.  Intel SDM vol. 3A, 10.8.5. */
enter_long_mode:
    movl %eax, %cr3
    movl %cr4, %eax
    orl $0x20, %eax             /* PAE */
    movl %eax, %cr4
    movl $0xc0000080, %ecx      /* EFER */
    rdmsr
    orl $0x900, %eax            /* LME, NXE */
    wrmsr
    movl %cr0, %eax
    orl $0x80010001, %eax       /* PG, WP, PE */
    movl %eax, %cr0
    lgdt boot_gdt_pointer
    ret

    .code64
3:  movw $GDT_KERNEL_DATA, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    movabsq $boot_high, %rax
    jmp *%rax

    .text
boot_high:
    leaq first_stack_top(%rip), %rsp
    xorl %ebp, %ebp
    movl boot_magic, %edi
    movl boot_info, %esi
    call kernel_main
5:  hlt
    jmp 5b

/* Where a second CPU begins: real mode, %cs:0 = TRAMPOLINE.  Copied there by
 * arch_start_others; the words at its end are filled in before each start. */
    .section .rodata
    .balign 16
    .global trampoline_begin, trampoline_end, trampoline_stack, trampoline_cpu
    .code16
trampoline_begin:
    cli
    cld
    movw $(TRAMPOLINE >> 4), %ax
    movw %ax, %ds
    lgdtl trampoline_gdt_pointer - trampoline_begin
    movl %cr0, %eax
    orl $1, %eax
    movl %eax, %cr0
    ljmpl $GDT_KERNEL_CODE32, $(TRAMPOLINE + trampoline_32 - trampoline_begin)
    .code32
trampoline_32:
    movw $GDT_KERNEL_DATA, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    movl $(TRAMPOLINE + 0xff0), %esp
    movl $boot_pml4, %eax
    movl $enter_long_mode, %ecx
    call *%ecx
    ljmpl $GDT_KERNEL_CODE, $(TRAMPOLINE + trampoline_64 - trampoline_begin)
    .code64
trampoline_64:
    movw $GDT_KERNEL_DATA, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    movq trampoline_stack(%rip), %rsp
    movq trampoline_cpu(%rip), %rdi
    xorl %ebp, %ebp
    movabsq $cpu_other_main, %rax
    call *%rax
6:  hlt
    jmp 6b
    .balign 8
trampoline_gdt_pointer:
    .word 31
    .long TRAMPOLINE + trampoline_gdt - trampoline_begin
    .balign 8
trampoline_gdt:
    .quad 0, GDT_CODE32_BITS, GDT_CODE64_BITS, GDT_DATA_BITS
    .balign 8
trampoline_stack: .quad 0
trampoline_cpu:   .quad 0
trampoline_end:

    .section .boot.data, "aw"
    .balign 8
boot_gdt:
    .quad 0, GDT_CODE32_BITS, GDT_CODE64_BITS, GDT_DATA_BITS
boot_gdt_pointer:
    .word 31
    .long boot_gdt
boot_magic: .long 0
boot_info:  .long 0

    .section .boot.bss, "aw", @nobits
    .balign 4096
    .global boot_pml4
boot_pml4:      .skip 4096
boot_pdpt:      .skip 4096
boot_pdpt_high: .skip 4096
boot_pd:        .skip 4096 * 4
    .skip 256
boot_stack_top:

    .section .bss.stacks, "aw", @nobits
    .balign 4096
    .global first_stack_guard, first_stack_top
first_stack_guard: .skip 4096
    .skip KERNEL_STACK_BYTES
first_stack_top:
