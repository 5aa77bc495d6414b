/* SPDX-License-Identifier: BSD-2-Clause */
/* entry.S - the ways into the libOS and back to the program.
 *
 * The kernel enters with events masked and %gs at the vcpu page.  The page's `stack`
 * word points to the current thread's struct regs, at the top of its libOS stack: it
 * is both where the program's registers go and where upcalls from the program push
 * their frames below.
 *
 * The way back uses no IRETQ: user_restore puts the registers back by moves, unmasked,
 * and jumps.  An upcall that comes anywhere in user_restore_begin..end finds struct regs
 * untouched, and arch_upcall treats it as if the program itself had been interrupted.
 */

/* struct exo_vcpu_page and struct vcpu_local (arch.c asserts these) */
#define VP_PENDING 8
#define VP_MASKED 16
#define VP_STACK 24
#define VP_RET_RIP 32
#define VP_RET_FLAGS 40
#define LOCAL_CURRENT 128
#define LOCAL_USER_RIP 136
#define LOCAL_SCRATCH 144
#define LOCAL_NEED_RESCHED 168
#define LOCAL_RETURN_DUE 176
/* struct domain_lock */
#define LOCK_SLEEPERS 8
#define LOCK_STARVING 16
#define SYSCALL_NUMBERS 512
/* ERESTART_RESTARTBLOCK and ERESTARTSYS */
#define RESTART_LAST 516
#define RESTART_FIRST 512
/* struct arch_thread */
#define THREAD_SP 0
#define THREAD_STACK_TOP 8
#define THREAD_FS_BASE 16
#define THREAD_GS_CLAIMED 45
/* struct thread */
#define THREAD_DUE 280
/* struct regs */
#define REGS_RAX 80
#define REGS_RCX 88
#define REGS_RDX 96
#define REGS_RSI 104
#define REGS_RDI 112
#define REGS_ORIG_RAX 120
#define REGS_RIP 128
#define REGS_CS 136
#define REGS_RFLAGS 144
#define REGS_RSP 152
#define REGS_SS 160
#define REGS_BYTES 168
/* struct upcall_context: the general registers as in struct regs, then exo_upcall_frame */
#define CONTEXT_BYTES 120
#define FRAME_RIP (CONTEXT_BYTES + 32)
#define FRAME_RFLAGS (CONTEXT_BYTES + 48)
#define FRAME_RSP (CONTEXT_BYTES + 56)
#define FRAME_RCX (CONTEXT_BYTES + 72)
#define FRAME_R11 (CONTEXT_BYTES + 80)

#define RFLAGS_TF 0x100
#define RFLAGS_NOT_OURS RFLAGS_RARE /* what a program may have set, and the libOS never has */
#define RFLAGS_PLAIN 0x202
#define RFLAGS_RARE 0xfffff528 /* all but CF, PF, AF, ZF, SF, OF, and those that are always set */
#define USER_CS 0x33
#define USER_DS 0x2b

    .macro save_registers
    movq %r15, 0(%rsp)
    movq %r14, 8(%rsp)
    movq %r13, 16(%rsp)
    movq %r12, 24(%rsp)
    movq %rbp, 32(%rsp)
    movq %rbx, 40(%rsp)
    movq %r10, 56(%rsp)
    movq %r9, 64(%rsp)
    movq %r8, 72(%rsp)
    movq %rax, REGS_RAX(%rsp)
    movq %rdx, REGS_RDX(%rsp)
    movq %rsi, REGS_RSI(%rsp)
    movq %rdi, REGS_RDI(%rsp)
    .endm

    .macro restore_registers
    movq 0(%rsp), %r15
    movq 8(%rsp), %r14
    movq 16(%rsp), %r13
    movq 24(%rsp), %r12
    movq 32(%rsp), %rbp
    movq 40(%rsp), %rbx
    movq 48(%rsp), %r11
    movq 56(%rsp), %r10
    movq 64(%rsp), %r9
    movq 72(%rsp), %r8
    movq REGS_RCX(%rsp), %rcx
    movq REGS_RDX(%rsp), %rdx
    movq REGS_RSI(%rsp), %rsi
    movq REGS_RDI(%rsp), %rdi
    movq REGS_RAX(%rsp), %rax
    .endm

    .text

/* Domain 0's first instruction: %rdi = exo_info, %rsi = vcpu page. */
    .global _start
_start:
    leaq boot_stack_top(%rip), %rsp
    xorl %ebp, %ebp
    call libos_main
    ud2

/* A further vcpu's first instruction, on its idle stack. */
    .global arch_vcpu_first
arch_vcpu_first:
    xorl %ebp, %ebp
    andq $-16, %rsp
    wrgsbase %rdi
    call arch_vcpu_main
    ud2

/* A reflected system call: every register but %rcx and %r11 is the program's. */
    .balign 64
    .global linux_entry
linux_entry:
    movq %rsp, %gs:LOCAL_SCRATCH
    movq %gs:VP_STACK, %rsp
    save_registers
    movq %rax, REGS_ORIG_RAX(%rsp)
    movq %gs:VP_RET_RIP, %rcx
    movq %gs:VP_RET_FLAGS, %r11
    movq %rcx, REGS_RCX(%rsp)
    movq %r11, 48(%rsp)
    movq %rcx, REGS_RIP(%rsp)
    movq %r11, REGS_RFLAGS(%rsp)
    movq $USER_CS, REGS_CS(%rsp)
    movq $USER_DS, REGS_SS(%rsp)
    movq %gs:LOCAL_SCRATCH, %rcx
    movq %rcx, REGS_RSP(%rsp)
    movq %rsp, %rdi
    xorl %ebp, %ebp
    subq $8, %rsp
    call arch_syscall_entry
    addq $8, %rsp
    jmp user_restore

/* An upcall: the frame lies at %rsp, every register is the interrupted code's, but %rcx and %r11,
 * which the frame holds. */
    .balign 64
    .global upcall_entry
upcall_entry:
    subq $CONTEXT_BYTES, %rsp
    save_registers
    movq FRAME_RCX(%rsp), %rcx
    movq FRAME_R11(%rsp), %r11
    movq %rcx, REGS_RCX(%rsp)
    movq %r11, 48(%rsp)
    movq %rsp, %rdi
    movq %rsp, %rbx
    xorl %ebp, %ebp
    andq $-16, %rsp
    call arch_upcall
    testb %al, %al
    jz arch_user_return
    /* Back into the libOS itself, at a fault in a user copy.  There is no red zone, so the
     * last two steps pop from just below the interrupted stack pointer; that part of the
     * frame has been read by then. */
    movq %rbx, %rsp
    movq FRAME_RSP(%rsp), %rax
    movq FRAME_RIP(%rsp), %rcx
    movq FRAME_RFLAGS(%rsp), %rdx
    movq %rcx, -8(%rax)
    movq %rdx, -16(%rax)
    leaq -16(%rax), %rax
    movq %rax, CONTEXT_BYTES(%rsp)
    restore_registers
    movq CONTEXT_BYTES(%rsp), %rsp
    popfq
    ret

/* void arch_user_return(void): the domain lock is held. */
    .balign 16
    .global arch_user_return
arch_user_return:
    movq %gs:LOCAL_CURRENT, %rax
    movq THREAD_STACK_TOP(%rax), %rsp
    subq $REGS_BYTES, %rsp
    xorl %ebp, %ebp
    movq %rsp, %rdi
    subq $8, %rsp
    call return_work
    addq $8, %rsp
    jmp user_restore

    .section .text.entry, "ax"
/* What follows lies in one page: a jump within a page costs an emulator next to nothing. */
    .balign 4096

/* A call from a stub (call_site.h), which has masked events: %rcx = where it goes on; every other
 * register and the flags are the program's.  All that is done for a call that neither sleeps nor
 * makes anything due on the way back is done here; arch_patched_entry knows the whole way.  Neither a
 * tracer nor a filter looks at these calls: their programs are not patched. */
    .macro enter
    movq %rsp, %gs:LOCAL_SCRATCH
    movq %gs:VP_STACK, %rsp
    pushfq
    popq %r11
    save_registers
    movq %rcx, REGS_RCX(%rsp)
    movq %rcx, REGS_RIP(%rsp)
    movq %gs:LOCAL_SCRATCH, %rcx
    movq %rcx, REGS_RSP(%rsp)
    movq %r11, 48(%rsp)
    movq %r11, REGS_RFLAGS(%rsp)
    movq %rax, REGS_ORIG_RAX(%rsp)
    movl %eax, %r13d
    movq %rsp, %rbx
    xorl %ebp, %ebp
    testl $RFLAGS_NOT_OURS, %r11d
    .endm

    .global patched_entry, patched_entry_known
/* The number may be any. */
patched_entry:
    enter
    jnz 6f
    cmpq $SYSCALL_NUMBERS, %r13
    jb 1f
    jmp 5f

/* The number is less than SYSCALL_NUMBERS. */
patched_entry_known:
    enter
    jnz 6f
1:  /* struct call */
    pushq %rsp
    pushq %r9
    pushq %r8
    pushq %r10
    pushq %rdx
    pushq %rsi
    pushq %rdi
    pushq %r13
    movq %gs:LOCAL_CURRENT, %r12
    cmpq $0, LOCK_STARVING + domain_lock_word(%rip)
    jne 3f
    xorl %eax, %eax
    movq %gs:0, %rcx
    lock cmpxchgq %rcx, domain_lock_word(%rip)
    jne 3f
2:  leaq syscall_count(%rip), %rcx
    incq (%rcx, %r13, 8)
    leaq syscall_quick(%rip), %rcx
    movq %rsp, %rdi
    subq $8, %rsp
    call *(%rcx, %r13, 8)
    movq %rbx, %rsp
    movq %rax, REGS_RAX(%rsp)
    /* The call may have slept and gone on elsewhere, but %r12 is the same thread. */
    movl THREAD_DUE(%r12), %ecx
    orq %gs:VP_PENDING, %rcx
    orq %gs:LOCAL_NEED_RESCHED, %rcx
    orq %gs:LOCAL_RETURN_DUE, %rcx
    jnz 4f
    addq $RESTART_LAST, %rax
    cmpq $RESTART_LAST - RESTART_FIRST, %rax
    jbe 4f
    xorl %ecx, %ecx
    xchgq %rcx, domain_lock_word(%rip)
    cmpq $0, LOCK_SLEEPERS + domain_lock_word(%rip)
    je user_restore_quick
    subq $8, %rsp
    call domain_ring
    addq $8, %rsp
    jmp user_restore
3:  subq $8, %rsp
    call domain_lock
    addq $8, %rsp
    jmp 2b
4:  movq %rsp, %rdi
    subq $8, %rsp
    call return_work
    addq $8, %rsp
    jmp user_restore
5:  movq %rsp, %rdi
    subq $8, %rsp
    call arch_patched_entry
    addq $8, %rsp
    jmp user_restore
6:  pushq $RFLAGS_PLAIN
    popfq
    jmp 5b

/* %rsp = struct regs, events masked, lock released. */
user_restore:
    movq %gs:LOCAL_CURRENT, %rax
    cmpb $0, THREAD_GS_CLAIMED(%rax)
    jne user_resume
    testb $RFLAGS_TF >> 8, REGS_RFLAGS + 1(%rsp)
    jnz user_resume
    .global user_restore_begin, user_restore_end
user_restore_begin:
user_restore_quick: /* not to be resumed by the kernel: what could make it so is due on the way back */
    movq $0, %gs:VP_MASKED
    cmpq $0, %gs:VP_PENDING
    jne user_restore_again
    movq REGS_RIP(%rsp), %rax
    movq %rax, %gs:LOCAL_USER_RIP
    testl $RFLAGS_RARE, REGS_RFLAGS(%rsp)
    jnz 1f
    /* The overflow flag by an addition, the others of the low byte by SAHF (SDM vol. 2B). */
    movb REGS_RFLAGS + 1(%rsp), %cl
    andb $8, %cl
    addb $0x78, %cl
    movb REGS_RFLAGS(%rsp), %ah
    sahf
    jmp 2f
1:  pushq REGS_RFLAGS(%rsp)
    popfq
2:  restore_registers
    movq REGS_RSP(%rsp), %rsp
    jmp *%gs:LOCAL_USER_RIP
user_restore_again:
    movq $1, %gs:VP_MASKED
user_restore_end: /* up to here an event can still come */
    movq %rsp, %rdi
    subq $8, %rsp
    call arch_return_again
    addq $8, %rsp
    jmp user_restore

/* The program has claimed GS, or is stepped: the kernel puts everything back at once, so that
 * neither the last jump nor a trap after POPFQ comes in between. */
user_resume:
    movq %rsp, %rdi
    subq $8, %rsp
    call arch_resume
    ud2

    .text
/* void arch_switch(struct arch_thread *prev, struct arch_thread *next) */
    .balign 16
    .global arch_switch
arch_switch:
    pushq %rbx
    pushq %rbp
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    rdfsbase %rax
    movq %rax, THREAD_FS_BASE(%rdi)
    movq %rsp, THREAD_SP(%rdi)
    movq THREAD_SP(%rsi), %rsp
    movq THREAD_STACK_TOP(%rsi), %rax
    subq $REGS_BYTES, %rax
    movq %rax, %gs:VP_STACK
    movq THREAD_FS_BASE(%rsi), %rax
    wrfsbase %rax
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbp
    popq %rbx
    ret

/* Where a new thread's first switch returns to: entry in %rbx, argument in %r12. */
    .global arch_thread_first
arch_thread_first:
    movq %r12, %rdi
    xorl %ebp, %ebp
    andq $-16, %rsp
    call *%rbx
    ud2

/* size_t arch_usercopy(void *to, const void *from, size_t n): bytes NOT copied.  A fault
 * goes on at usercopy_failed (arch_upcall knows the range): once byte by byte, then out. */
    .balign 16
    .global arch_usercopy, usercopy_begin, usercopy_bytes, usercopy_end, usercopy_failed
arch_usercopy:
usercopy_begin:
    cmpq $8, %rdx
    jb 4f
    cmpq $64, %rdx
    jb 2f
    /* The pointers move when all of it is copied: a fault within comes before them. */
1:  movq (%rsi), %rax
    movq 8(%rsi), %rcx
    movq %rax, (%rdi)
    movq %rcx, 8(%rdi)
    movq 16(%rsi), %rax
    movq 24(%rsi), %rcx
    movq %rax, 16(%rdi)
    movq %rcx, 24(%rdi)
    movq 32(%rsi), %rax
    movq 40(%rsi), %rcx
    movq %rax, 32(%rdi)
    movq %rcx, 40(%rdi)
    movq 48(%rsi), %rax
    movq 56(%rsi), %rcx
    movq %rax, 48(%rdi)
    movq %rcx, 56(%rdi)
    addq $64, %rsi
    addq $64, %rdi
    subq $64, %rdx
    cmpq $64, %rdx
    jae 1b
    cmpq $8, %rdx
    jb usercopy_bytes
2:  movq (%rsi), %rax
    movq %rax, (%rdi)
    addq $8, %rsi
    addq $8, %rdi
    subq $8, %rdx
    cmpq $8, %rdx
    jae 2b
4:  cmpq $4, %rdx
    jne usercopy_bytes
    movl (%rsi), %eax
    movl %eax, (%rdi)
    xorl %eax, %eax
    ret
usercopy_bytes:
    testq %rdx, %rdx
    jz usercopy_failed
3:  movb (%rsi), %al
    movb %al, (%rdi)
    incq %rsi
    incq %rdi
    decq %rdx
    jnz 3b
usercopy_end:
usercopy_failed:
    movq %rdx, %rax
    ret

/* size_t arch_userclear(void *to, size_t n): bytes NOT cleared.  Faults as above. */
    .balign 16
    .global arch_userclear, userclear_begin, userclear_bytes, userclear_end, userclear_failed
arch_userclear:
userclear_begin:
    xorl %eax, %eax
    testq $7, %rdi
    jnz 2f
1:  cmpq $32, %rsi
    jb 3f
    movq %rax, (%rdi)
    movq %rax, 8(%rdi)
    movq %rax, 16(%rdi)
    movq %rax, 24(%rdi)
    addq $32, %rdi
    subq $32, %rsi
    jmp 1b
3:  cmpq $8, %rsi
    jb 2f
    movq %rax, (%rdi)
    addq $8, %rdi
    subq $8, %rsi
    jmp 3b
userclear_bytes:
2:  testq %rsi, %rsi
    jz userclear_failed
    movb %al, (%rdi)
    incq %rdi
    decq %rsi
    testq $7, %rdi
    jz 1b
    jmp 2b
userclear_end:
userclear_failed:
    movq %rsi, %rax
    ret

/* size_t arch_userscatter(uint16_t *to, const uint16_t *from, size_t n): the first of each four
 * elements, N of them; how many were NOT stored. */
    .balign 16
    .global arch_userscatter, userscatter_begin, userscatter_end, userscatter_failed
arch_userscatter:
    testq %rdx, %rdx
    jz userscatter_failed
userscatter_begin:
1:  movzwl (%rsi), %eax
    movw %ax, (%rdi)
    addq $8, %rsi
    addq $8, %rdi
    decq %rdx
    jnz 1b
userscatter_end:
userscatter_failed:
    movq %rdx, %rax
    ret

/* bool arch_user_cmpxchg(uint32_t *at, uint32_t expected, uint32_t desired, uint32_t *seen):
 * false on a fault. */
    .balign 16
    .global arch_user_cmpxchg, usercmpxchg_begin, usercmpxchg_end, usercmpxchg_failed
arch_user_cmpxchg:
    movl %esi, %eax
usercmpxchg_begin:
    lock cmpxchgl %edx, (%rdi)
usercmpxchg_end:
    movl %eax, (%rcx)
    movl $1, %eax
    ret
usercmpxchg_failed:
    xorl %eax, %eax
    ret

    .bss
    .balign 4096
    .skip 16384
    .global boot_stack_top
boot_stack_top:
