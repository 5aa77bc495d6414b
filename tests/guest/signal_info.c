/* SPDX-License-Identifier: BSD-2-Clause */
/* signal_info.c - what a handler is told: siginfo_t and the saved context. */
#include "test.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

static siginfo_t seen;
static volatile sig_atomic_t count;

static void handler_keeps(int, siginfo_t *info, void *)
{
    seen = *info;
    count++;
}

static void catch_info(int sig, void (*handler)(int, siginfo_t *, void *))
{
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    OK(sigaction(sig, &action, nullptr));
}

TEST(siginfo_of_kill)
{
    catch_info(SIGUSR1, handler_keeps);
    OK(kill(getpid(), SIGUSR1));
    CHECK_EQ(seen.si_signo, SIGUSR1);
    CHECK_EQ(seen.si_code, SI_USER);
    CHECK_EQ(seen.si_errno, 0);
    CHECK_EQ(seen.si_pid, getpid());
    CHECK_EQ(seen.si_uid, getuid());
}

TEST(siginfo_of_tgkill)
{
    catch_info(SIGUSR1, handler_keeps);
    OK(syscall(SYS_tgkill, getpid(), getpid(), SIGUSR1));
    CHECK_EQ(seen.si_code, SI_TKILL);
    CHECK_EQ(seen.si_pid, getpid());
}

TEST(siginfo_of_kill_by_another)
{
    catch_info(SIGUSR1, handler_keeps);
    pid_t self = getpid(), sender = (pid_t)OK(fork());
    if (sender == 0) {
        OK(setuid(1000) == 0 ? 0 : -1);
        _exit(0);
    }
    child_wait_ok(sender);
    sender = (pid_t)OK(fork());
    if (sender == 0) {
        OK(kill(self, SIGUSR1));
        _exit(0);
    }
    child_wait_ok(sender);
    CHECK_EQ(count, 1);
    CHECK_EQ(seen.si_pid, sender);
}

TEST(siginfo_of_sigqueue)
{
    catch_info(SIGUSR1, handler_keeps);
    OK(sigqueue(getpid(), SIGUSR1, (union sigval){.sival_ptr = (void *)0x123456789a}));
    CHECK_EQ(seen.si_code, SI_QUEUE);
    CHECK_EQ(seen.si_value.sival_ptr, 0x123456789a);
    CHECK_EQ(seen.si_pid, getpid());
    CHECK_ERRNO(sigqueue(999999, SIGUSR1, (union sigval){}), ESRCH);
    CHECK_ERRNO(sigqueue(getpid(), 65, (union sigval){}), EINVAL);
}

TEST(rt_sigqueueinfo_cannot_pretend_to_be_the_kernel)
{
    siginfo_t info = {.si_signo = SIGUSR1, .si_code = SI_KERNEL};
    pid_t parent = getppid();
    CHECK_ERRNO(syscall(SYS_rt_sigqueueinfo, parent, SIGUSR1, &info), EPERM);
    info.si_code = SI_USER;
    CHECK_ERRNO(syscall(SYS_rt_sigqueueinfo, parent, 0, &info), EPERM);
    info.si_code = SI_QUEUE;
    OK(syscall(SYS_rt_sigqueueinfo, parent, 0, &info));
}

TEST(siginfo_of_a_child_that_exits)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    OK(sigprocmask(SIG_BLOCK, &set, nullptr));
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0)
        _exit(33);
    siginfo_t info;
    CHECK_EQ(sigwaitinfo(&set, &info), SIGCHLD);
    CHECK_EQ(info.si_code, CLD_EXITED);
    CHECK_EQ(info.si_pid, pid);
    CHECK_EQ(info.si_status, 33);
    CHECK_EQ(info.si_uid, 0);
    child_wait(pid);
}

TEST(siginfo_of_children_that_die_stop_and_continue)
{
    sigset_t set;
    siginfo_t info;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    OK(sigprocmask(SIG_BLOCK, &set, nullptr));
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0)
        for (;;)
            pause();
    OK(kill(pid, SIGSTOP));
    CHECK_EQ(sigwaitinfo(&set, &info), SIGCHLD);
    CHECK_EQ(info.si_code, CLD_STOPPED);
    CHECK_EQ(info.si_status, SIGSTOP);
    OK(kill(pid, SIGCONT));
    CHECK_EQ(sigwaitinfo(&set, &info), SIGCHLD);
    CHECK_EQ(info.si_code, CLD_CONTINUED);
    CHECK_EQ(info.si_status, SIGCONT);
    OK(kill(pid, SIGKILL));
    CHECK_EQ(sigwaitinfo(&set, &info), SIGCHLD);
    CHECK_EQ(info.si_code, CLD_KILLED);
    CHECK_EQ(info.si_status, SIGKILL);
    child_wait(pid);
}

/* Fault handlers step over the faulting instruction by its known length. */
static volatile int skip;
static volatile unsigned long fault_ip, fault_trapno, fault_error, fault_cr2;

static void handler_skips(int, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;
    seen = *info;
    count++;
    fault_ip = (unsigned long)uc->uc_mcontext.gregs[REG_RIP];
    fault_trapno = (unsigned long)uc->uc_mcontext.gregs[REG_TRAPNO];
    fault_error = (unsigned long)uc->uc_mcontext.gregs[REG_ERR];
    fault_cr2 = (unsigned long)uc->uc_mcontext.gregs[REG_CR2];
    uc->uc_mcontext.gregs[REG_RIP] += skip;
}

TEST(siginfo_of_division_by_zero)
{
    catch_info(SIGFPE, handler_skips);
    skip = 2;
    unsigned long at;
    asm volatile("lea 1f(%%rip), %0\n\t"
                 "xor %%edx, %%edx\n\t"
                 "xor %%ecx, %%ecx\n\t"
                 "1: div %%ecx"
                 : "=&r"(at)
                 :
                 : "rax", "rcx", "rdx");
    CHECK_EQ(count, 1);
    CHECK_EQ(seen.si_signo, SIGFPE);
    CHECK_EQ(seen.si_code, FPE_INTDIV);
    CHECK_EQ(seen.si_addr, at);
    CHECK_EQ(fault_ip, at);
    CHECK_EQ(fault_trapno, 0);
}

TEST(siginfo_of_an_illegal_instruction)
{
    catch_info(SIGILL, handler_skips);
    skip = 2;
    unsigned long at;
    asm volatile("lea 1f(%%rip), %0\n\t1: ud2" : "=r"(at));
    CHECK_EQ(count, 1);
    CHECK_EQ(seen.si_code, ILL_ILLOPN);
    CHECK_EQ(seen.si_addr, at);
    CHECK_EQ(fault_trapno, 6);
}

TEST(siginfo_of_a_breakpoint)
{
    catch_info(SIGTRAP, handler_skips);
    skip = 0;
    unsigned long at;
    asm volatile("lea 1f(%%rip), %0\n\tint3\n1:" : "=r"(at));
    CHECK_EQ(count, 1);
    CHECK_EQ(seen.si_code, SI_KERNEL);
    CHECK_EQ(fault_ip, at);
    CHECK_EQ(fault_trapno, 3);
}

TEST(siginfo_of_single_steps)
{
    catch_info(SIGTRAP, handler_skips);
    skip = 0;
    asm volatile("pushfq\n\t"
                 "orl $0x100, (%%rsp)\n\t"
                 "popfq\n\t"
                 "nop\n\t"
                 "nop\n\t"
                 "pushfq\n\t"
                 "andl $~0x100, (%%rsp)\n\t"
                 "popfq\n\t" ::
                     : "memory", "cc");
    CHECK(count >= 3);
    CHECK_EQ(seen.si_code, TRAP_TRACE);
    CHECK_EQ(fault_trapno, 1);
}

TEST(siginfo_of_a_privileged_instruction)
{
    catch_info(SIGSEGV, handler_skips);
    skip = 1;
    asm volatile("hlt");
    CHECK_EQ(count, 1);
    CHECK_EQ(seen.si_code, SI_KERNEL);
    CHECK(seen.si_addr == nullptr);
    CHECK_EQ(fault_trapno, 13);
    asm volatile("cli");
    CHECK_EQ(count, 2);
}

TEST(port_instructions_are_refused)
{
    catch_info(SIGSEGV, handler_skips);
    skip = 1;
    asm volatile("outb %%al, %%dx" ::"a"(0), "d"(0xf4));
    CHECK_EQ(count, 1);
    CHECK_EQ(seen.si_code, SI_KERNEL);
}

TEST(siginfo_of_a_page_fault)
{
    catch_info(SIGSEGV, handler_skips);
    /* movb %al, (%rcx): two bytes. */
    skip = 2;
    unsigned long at;
    asm volatile("lea 1f(%%rip), %0\n\t1: movb %%al, (%%rcx)" : "=&r"(at) : "c"(0x1234UL));
    CHECK_EQ(seen.si_code, SEGV_MAPERR);
    CHECK_EQ(seen.si_addr, 0x1234);
    CHECK_EQ(fault_ip, at);
    CHECK_EQ(fault_trapno, 14);
    CHECK_EQ(fault_cr2, 0x1234);
    /* User mode, write, not present. */
    CHECK_EQ(fault_error, 6);
    char *page = mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK_EQ(*(volatile char *)page, 0);
    asm volatile("movb %%al, (%%rcx)" ::"c"(page + 7) : "memory");
    CHECK_EQ(seen.si_code, SEGV_ACCERR);
    CHECK(seen.si_addr == page + 7);
    /* User mode, write, present. */
    CHECK_EQ(fault_error, 7);
}

TEST(siginfo_of_an_x87_exception)
{
    catch_info(SIGFPE, handler_skips);
    unsigned short control = 0x037b; /* division by zero unmasked */
    skip = 2;
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        asm volatile("fldcw %0\n\tfld1\n\tfldz\n\tfdivrp\n\tfwait" ::"m"(control));
        _exit(seen.si_code == FPE_FLTDIV ? 0 : 1);
    }
    /* The handler cannot step over a pending x87 exception; it is told, and that counts. */
    int status = child_wait(pid);
    CHECK(status == 0 || WIFSIGNALED(status));
}

TEST(siginfo_of_an_sse_exception)
{
    catch_info(SIGFPE, handler_skips);
    unsigned control = 0x1f80 & ~0x200u; /* division by zero unmasked */
    double one = 1.0, zero = 0.0;
    skip = 4; /* divsd %xmm1, %xmm0 */
    asm volatile("ldmxcsr %0\n\t"
                 "movsd %1, %%xmm0\n\t"
                 "movsd %2, %%xmm1\n\t"
                 "divsd %%xmm1, %%xmm0" ::"m"(control),
                 "m"(one), "m"(zero)
                 : "xmm0", "xmm1");
    unsigned flags;
    asm volatile("stmxcsr %0" : "=m"(flags));
    if (count == 0 && flags & 4)
        test_skip("this CPU notes the exception and does not raise it, as emulators may");
    CHECK_EQ(count, 1);
    CHECK_EQ(seen.si_code, FPE_FLTDIV);
    CHECK_EQ(fault_trapno, 19);
}

TEST(context_changes_take_effect)
{
    catch_info(SIGILL, handler_skips);
    /* Stepping over ud2 was a change of RIP; here registers change as well. */
    skip = 2;
    unsigned long value = 1;
    asm volatile("mov $7, %%r12\n\tud2\n\tmov %%r12, %0" : "=r"(value)::"r12");
    CHECK_EQ(value, 7);
}

static void handler_sets_registers(int, siginfo_t *, void *context)
{
    ucontext_t *uc = context;
    uc->uc_mcontext.gregs[REG_RIP] += 2;
    uc->uc_mcontext.gregs[REG_R12] = 0x1122334455667788;
    uc->uc_mcontext.gregs[REG_RAX] = 99;
    uc->uc_mcontext.gregs[REG_EFL] |= 1; /* carry */
    sigaddset(&uc->uc_sigmask, SIGUSR2);
}

TEST(context_registers_flags_and_mask_are_taken_back)
{
    sigset_t now;
    catch_info(SIGILL, handler_sets_registers);
    unsigned long r12, rax, carry;
    asm volatile("xor %%r12, %%r12\n\t"
                 "xor %%eax, %%eax\n\t"
                 "clc\n\t"
                 "ud2\n\t"
                 "setc %%cl\n\t"
                 "movzbl %%cl, %%ecx\n\t"
                 "mov %%r12, %0"
                 : "=&r"(r12), "=&a"(rax), "=&c"(carry)
                 :
                 : "r12", "cc");
    CHECK_EQ(r12, 0x1122334455667788);
    CHECK_EQ(rax, 99);
    CHECK_EQ(carry, 1);
    OK(sigprocmask(SIG_BLOCK, nullptr, &now));
    CHECK(sigismember(&now, SIGUSR2));
}

static void handler_breaks_frame(int, siginfo_t *, void *context)
{
    ucontext_t *uc = context;
    uc->uc_mcontext.gregs[REG_RIP] = (long)0x8000000000000000;
}

TEST(context_with_a_wild_address_is_a_fault_not_a_crash)
{
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        catch_info(SIGUSR1, handler_breaks_frame);
        raise(SIGUSR1);
        _exit(0);
    }
    CHECK_EQ(child_wait(pid) & 0x7f, SIGSEGV);
}

static void handler_breaks_privilege(int, siginfo_t *, void *context)
{
    ucontext_t *uc = context;
    /* Kernel code segment and I/O privilege: neither may be had this way. */
    uc->uc_mcontext.gregs[REG_CSGSFS] = 0x10;
    uc->uc_mcontext.gregs[REG_EFL] |= 0x3000;
}

TEST(context_cannot_raise_the_privilege)
{
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        unsigned long flags;
        catch_info(SIGUSR1, handler_breaks_privilege);
        raise(SIGUSR1);
        unsigned short cs;
        asm volatile("mov %%cs, %0; pushfq; pop %1" : "=r"(cs), "=r"(flags));
        _exit((cs & 3) == 3 && !(flags & 0x3000) ? 0 : 1);
    }
    int status = child_wait(pid);
    CHECK(status == 0 || (status & 0x7f) == SIGSEGV);
}

TEST(sigreturn_without_a_frame_kills)
{
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        asm volatile("mov $0x1000, %%rsp\n\tmov $15, %%eax\n\tsyscall" ::: "memory");
        _exit(0);
    }
    CHECK_EQ(child_wait(pid) & 0x7f, SIGSEGV);
}
