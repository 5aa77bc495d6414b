/* SPDX-License-Identifier: BSD-2-Clause */
/* start.S - entry of a native program that runs as domain 0: a stack, then native_main. */
    .text
    .global _start
_start:
    leaq native_stack_top(%rip), %rsp
    xorl %ebp, %ebp
    call native_main
1:  jmp 1b

/* Reflected Linux calls end here: none is expected of a native program that does not ask. */
    .global native_linux_entry
native_linux_entry:
    movl $-38, %eax
    jmp *%gs:32                 /* ret_rip */

/* Upcall: hand the frame to C with all registers saved, go back to where it points. */
    .global native_upcall_entry
native_upcall_entry:
    pushq %rax
    pushq %rcx
    pushq %rdx
    pushq %rsi
    pushq %rdi
    pushq %r8
    pushq %r9
    pushq %r10
    pushq %r11
    pushq %rbp
    movq %rsp, %rbp
    leaq 80(%rsp), %rdi
    andq $-16, %rsp
    call native_upcall
    movq %rbp, %rsp
    popq %rbp
    popq %r11
    popq %r10
    popq %r9
    popq %r8
    popq %rdi
    popq %rsi
    popq %rdx
    /* The interrupted stack pointer is in the libOS region here, so the last steps may use
     * the stack below it: return address there, then pop it. */
    movq 16+56(%rsp), %rax
    movq 16+32(%rsp), %rcx
    movq %rcx, -8(%rax)
    movq 16+48(%rsp), %rcx
    movq %rcx, -16(%rax)
    movq 8(%rsp), %rcx
    movq (%rsp), %rcx
    movq %rcx, native_saved_rcx(%rip)
    movq 8(%rsp), %rcx
    movq %rcx, native_saved_rax(%rip)
    movq native_saved_rcx(%rip), %rcx
    leaq -16(%rax), %rsp
    movq native_saved_rax(%rip), %rax
    popfq
    ret

    .bss
    .balign 16
native_saved_rax: .skip 8
native_saved_rcx: .skip 8
    .skip 32768
    .global native_stack_top
native_stack_top:
    .skip 16384
    .global native_upcall_stack
native_upcall_stack:
