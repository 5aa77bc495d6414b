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

/* A call's trapframe, on the CPU's empty stack; %rdi = where it is. */
    .macro push_call
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
    .endm

/* What a call left in the registers that it need not keep is nobody's (exo_trap.h). */
    .macro forget_registers
    xorl %esi, %esi
    xorl %edi, %edi
    xorl %r8d, %r8d
    xorl %r9d, %r9d
    xorl %r10d, %r10d
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

exo_call: /* %rcx = the call's own number */
    movq %rsp, %gs:CPU_USER_RSP
    movq %gs:CPU_STACK, %rsp
    movq %r11, %gs:CPU_USER_FLAGS
    movq %rbp, %gs:CPU_USER_RBP
    xorl %ebp, %ebp
    movq %rcx, %r11
    movq %gs:CPU_VCPU_PAGE, %rcx
    incq VP_CALLS(%rcx)
    movq %rdx, %gs:CPU_CALLER + CALLER_SECOND
    movq %gs:0, %r9
    movq %r10, %rcx
    call *call_entry(, %r11, 8)
    movl %eax, %eax
    movq %gs:CPU_CALLER + CALLER_SECOND, %rdx
    movq %gs:CPU_VCPU_PAGE, %rcx
    cmpq $0, VP_PENDING(%rcx)
    jne 2f
1:  forget_registers
    movq %gs:CPU_USER_RBP, %rbp
    movq %gs:CPU_SCRATCH, %rcx
    movq %gs:CPU_USER_FLAGS, %r11
    movq %gs:CPU_USER_RSP, %rsp
    swapgs
    sysretq
2:  cmpq $0, VP_MASKED(%rcx)
    jne 1b
    /* Rare: events are not masked.  The call becomes a trapframe after all. */
    movq %gs:CPU_USER_RBP, %rbp
    movq %gs:CPU_USER_FLAGS, %r11
    forget_registers
    xorl %ecx, %ecx
    push_call
    call trap_events
    jmp trap_exit

/* Entries of call_entry, as exo_call has them called: every register but %rcx, %rbp, %r9 and %r11,
 * which is the number, is the program's. */
    .global exo_call_shared, exo_call_whole
exo_call_shared:
    movq %r11, %gs:CPU_CALLER + CALLER_NUMBER
    jmp trap_call_shared

/* All registers go to the trapframe. */
exo_call_whole:
    addq $8, %rsp
    movq %gs:CPU_USER_RBP, %rbp
    movq %gs:CPU_USER_FLAGS, %r11
    xorl %ecx, %ecx
    xorl %r9d, %r9d
    push_call
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
    .elseif \n == TRAP_PAGE_FAULT
    jmp trap_page_fault
    .elseif \n < 32
    jmp trap_exception
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


/* What vcpu_push_upcall does, for the frequent case of an exception in a program: the upcall
 * frame goes straight to the libOS's stack, and all registers stay the program's but %rcx and
 * %r11, which are in the frame.  The general way serves what this one cannot: a first touch in a
 * demand-zero binding, a stack that is not there, an upcall that is to be traced. */
    .macro is_in_region va
    shrq $REGION_SHIFT, \va
    cmpq $REGION_SLOT, \va
    .endm

/* \way names the labels; \fault: it is a page fault. */
    .macro upcall_fast way, fault
    testb $3, 24(%rsp)
    jz trap_common
    swapgs
    pushq %rax
    pushq %rcx
    pushq %rdx
    cmpq $0, %gs:CPU_TRACE
    jne trap_exception_general
    movq %gs:CPU_VCPU_PAGE, %rdx
    movq 24 + 40(%rsp), %rax    /* the interrupted stack pointer: nested below it, */
    movq %rax, %rcx
    is_in_region %rcx
    je 1f
    movq VP_STACK(%rdx), %rax   /* or at the beginning */
    movq %rax, %rcx
    is_in_region %rcx
    jne trap_exception_general
    /* Below the region's first page lies the program's memory, nothing of the kernel's. */
1:  andq $-16, %rax
    subq $UPCALL_BYTES, %rax
    .if \fault
    movq %gs:CPU_LOADED, %rcx
    cmpl $0, SPACE_ZERO_COUNT(%rcx)
    jne trap_exception_general
    movq %cr2, %rcx
    movq %rcx, %gs:CPU_SCRATCH
    .endif
    stac
    .global upcall_\way\()_begin, upcall_\way\()_end
upcall_\way\()_begin:
    .if \fault
    movq %rcx, 16(%rax)
    movq $TRAP_PAGE_FAULT, (%rax)
    .else
    movq $0, 16(%rax)
    movq 24(%rsp), %rcx
    movq %rcx, (%rax)
    .endif
    movq 32(%rsp), %rcx
    movq %rcx, 8(%rax)
    movq VP_MASKED(%rdx), %rcx
    movq %rcx, 24(%rax)
    movq 40(%rsp), %rcx
    movq %rcx, 32(%rax)
    movq $GDT_USER_CODE, 40(%rax) /* no other selectors can be loaded in user mode */
    movq 56(%rsp), %rcx
    movq %rcx, 48(%rax)
    movq 64(%rsp), %rcx
    movq %rcx, 56(%rax)
    movq $GDT_USER_DATA, 64(%rax)
    movq 8(%rsp), %rcx
    movq %rcx, 72(%rax)
    movq %r11, 80(%rax)
upcall_\way\()_end:
    clac
    movq $1, VP_MASKED(%rdx)
    incq VP_UPCALLS(%rdx)
    movq %rax, %gs:CPU_USER_RSP
    movq %gs:CPU_UPCALL_ENTRY, %rcx
    movq %gs:CPU_PAGE_VA, %r11
    popq %rdx
    movq 8(%rsp), %rax
    movq %gs:CPU_USER_RSP, %rsp
    swapgs
    wrgsbase %r11
    movl $0x202, %r11d
    sysretq
    .endm

    .balign 16
trap_page_fault:
    upcall_fast fault, 1
    .balign 16
trap_exception:
    upcall_fast trap, 0

/* trap_handle comes here from a fault above, whose %cr2 is that one's. */
    .global upcall_failed
upcall_failed:
    clac
    cmpl $TRAP_PAGE_FAULT, 24(%rsp)
    jne trap_exception_general
    movq %gs:CPU_SCRATCH, %rcx
    movq %rcx, %cr2
trap_exception_general:
    popq %rdx
    popq %rcx
    popq %rax
    jmp trap_exception_known

    .balign 16
trap_common:
    testb $3, 24(%rsp)
    jz 1f
    swapgs
1:
trap_exception_known:
    clac
    cld
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
