/* SPDX-License-Identifier: BSD-2-Clause */
/* start.S - the entries of a native program. */
    .text
/* Domain 0's first instruction: %rdi = exo_info, %rsi = vcpu page. */
    .global _start
_start:
    leaq native_stack_top(%rip), %rsp
    xorl %ebp, %ebp
    call native_main
1:  jmp 1b

/* A further domain's or vcpu's first instruction: %rdi = vcpu page, %rsp = its stack. */
    .global native_vcpu_start
native_vcpu_start:
    xorl %ebp, %ebp
    wrgsbase %rdi
    andq $-16, %rsp
    call native_vcpu_main
2:  jmp 2b

/* A reflected Linux call: answer -ENOSYS and go back to where it came from. */
    .global native_linux_entry
native_linux_entry:
    movq $-38, %rax
    movq $0, %gs:16             /* masked */
    jmp *%gs:32                 /* ret_rip */

/* An upcall: C may change the frame, which is where execution goes on.  The interrupted stack
 * lies in the region and has no red zone, so the last two steps pop from just below it. */
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
    pushq %rbx
    movq %rsp, %rbx
    leaq 80(%rsp), %rdi
    andq $-16, %rsp
    call native_upcall
    movq %rbx, %rsp
    movq 80+72(%rsp), %rax      /* rcx and r11, to where they are popped from */
    movq %rax, 64(%rsp)
    movq 80+80(%rsp), %rax
    movq %rax, 8(%rsp)
    movq 80+24(%rsp), %rax      /* was_masked */
    movq %rax, %gs:16
    movq 80+56(%rsp), %rax      /* rsp */
    movq 80+32(%rsp), %rcx      /* rip */
    movq 80+48(%rsp), %rdx      /* rflags */
    movq %rcx, -8(%rax)
    movq %rdx, -16(%rax)
    leaq -16(%rax), %rax
    movq %rax, 80(%rsp)
    popq %rbx
    popq %r11
    popq %r10
    popq %r9
    popq %r8
    popq %rdi
    popq %rsi
    popq %rdx
    popq %rcx
    popq %rax
    movq (%rsp), %rsp
    popfq
    ret

    .bss
    .balign 4096
    .skip 32768
    .global native_stack_top
native_stack_top:
    .skip 16384
    .global native_upcall_stack
native_upcall_stack:
