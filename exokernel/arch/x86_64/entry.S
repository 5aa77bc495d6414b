/* SPDX-License-Identifier: BSD-2-Clause */
/* entry.S - every way into the kernel, and the ways back.
 *
 * Interrupts are off from entry to exit.  The C side sees a struct trapframe on this
 * CPU's stack, changes it as it likes, and what it then holds is what runs next.
 */
#include "layout.h"

#define EXO_BASE 0x5ea00000
#define EXO_CALL_SPAN 64

/* struct trapframe's general registers, from its top down. */
    .macro push_registers
    pushq %rdi
    pushq %rsi
    pushq %rdx
    pushq %rcx
    pushq %rax
    pushq %r8
    pushq %r9
    pushq %r10
    pushq %r11
    pushq %rbx
    pushq %rbp
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    .endm

    .macro pop_registers
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbp
    popq %rbx
    popq %r11
    popq %r10
    popq %r9
    popq %r8
    popq %rax
    popq %rcx
    popq %rdx
    popq %rsi
    popq %rdi
    .endm

    .text

/* SYSCALL from user mode (Intel SDM vol. 2B, SYSCALL): %rcx = return address, %r11 =
 * flags, everything else is the program's.  An exokernel call has its number in the
 * kernel's range; any other is reflected: the libOS goes on at its entry, in the same
 * space, with the program's registers. */
    .balign 64
    .global syscall_entry
syscall_entry:
    swapgs
    movq %rcx, %gs:CPU_SCRATCH
    leaq -EXO_BASE(%rax), %rcx
    cmpq $EXO_CALL_SPAN, %rcx
    jb exo_call
    movq %gs:CPU_VCPU_PAGE, %rcx
    movq %r11, VP_RET_FLAGS(%rcx)
    movq %gs:CPU_SCRATCH, %r11
    movq %r11, VP_RET_RIP(%rcx)
    movq $1, VP_MASKED(%rcx)
    incq VP_REFLECTIONS(%rcx)
    movq %gs:CPU_LINUX_ENTRY, %rcx
    movq %gs:CPU_PAGE_VA, %r11
    swapgs
    wrgsbase %r11
    movl $0x202, %r11d          /* interrupts on, all else clear */
    sysretq

exo_call:
    movq %rsp, %gs:CPU_USER_RSP
    movq %gs:CPU_STACK, %rsp
    pushq $GDT_USER_DATA
    pushq %gs:CPU_USER_RSP
    pushq %r11
    pushq $GDT_USER_CODE
    pushq %gs:CPU_SCRATCH
    pushq $0
    pushq $TRAP_SYSCALL
    push_registers
    movq %rsp, %rdi
    xorl %ebp, %ebp
    call trap_call

/* Leave the kernel as the trapframe at %rsp says. */
    .global trap_exit
trap_exit:
    pop_registers
    cmpl $TRAP_SYSCALL, (%rsp)
    je 1f
    addq $16, %rsp
    testb $3, 8(%rsp)
    jz 2f
    swapgs
2:  iretq
    /* No user page is mapped at the top of the lower half, so %rcx is canonical and
     * SYSRETQ cannot fault in ring 0. */
1:  movq 16(%rsp), %rcx
    movq 32(%rsp), %r11
    movq 40(%rsp), %rsp
    swapgs
    sysretq

/* void arch_leave(struct trapframe *tf) */
    .global arch_leave
arch_leave:
    movq %rdi, %rsp
    jmp trap_exit

/* Exceptions and interrupts.  vector_N pushes an error code if the CPU did not. */
    .macro vector n
    .balign 16
    .if \n == 8 || (\n >= 10 && \n <= 14) || \n == 17 || \n == 21 || \n == 29 || \n == 30
    .else
    pushq $0
    .endif
    pushq $\n
    .if \n == 1 || \n == 2 || \n == 8 || \n == 18
    jmp trap_paranoid
    .else
    jmp trap_common
    .endif
    .endm

    .balign 16
    .global vectors
vectors:
    .altmacro
    .set i, 0
    .rept 256
    vector %i
    .set i, i + 1
    .endr
    .noaltmacro


    .balign 16
trap_common:
    testb $3, 24(%rsp)
    jz 1f
    swapgs
1:  cld
    push_registers
    movq %rsp, %rdi
    movq %rsp, %rbp
    call trap_handle
    jmp trap_exit

/* Vectors 1, 2, 8 and 18 may come in the kernel where %gs is not yet or no longer the
 * kernel's, and a program may have put any address there (WRGSBASE).  They run on stacks of
 * their own (IST), aligned to their size, with this CPU's struct cpu in the topmost word.
 * %rbx keeps the base that was interrupted. */
    .balign 16
trap_paranoid:
    testb $3, 24(%rsp)
    jnz trap_common
    cld
    push_registers
    movq %rsp, %rax
    andq $-IST_BYTES, %rax
    rdgsbase %rbx
    movq IST_CPU(%rax), %rax
    wrgsbase %rax
    movq %rsp, %rdi
    movq %rsp, %rbp
    call trap_handle
    wrgsbase %rbx
    pop_registers
    addq $16, %rsp
    iretq

/* bool user_copy(void *to, const void *from, size_t n): false when a page was missing.
 * One side is user memory, already range-checked.  trap_handle knows the two labels. */
    .balign 16
    .global user_copy, user_copy_begin, user_copy_end, user_copy_failed
user_copy:
    stac
user_copy_begin:
    movq %rdx, %rcx
    shrq $3, %rcx
    jz 2f
1:  movq (%rsi), %rax
    movq %rax, (%rdi)
    addq $8, %rsi
    addq $8, %rdi
    decq %rcx
    jnz 1b
2:  andl $7, %edx
    jz 4f
3:  movb (%rsi), %al
    movb %al, (%rdi)
    incq %rsi
    incq %rdi
    decl %edx
    jnz 3b
4:
user_copy_end:
    clac
    movl $1, %eax
    ret
user_copy_failed:
    clac
    xorl %eax, %eax
    ret
