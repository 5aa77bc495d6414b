/* SPDX-License-Identifier: BSD-2-Clause */
/* signal_state.c - a handler leaves no trace in the interrupted program: general, vector
 * and flag registers, the red zone; the alternate stack.
 */
#include "test.h"

#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static volatile sig_atomic_t count;
static volatile uintptr_t handler_stack;

/* Spoil what a compiler's code could have left alone. */
static void handler_spoils(int)
{
    uintptr_t here;
    handler_stack = (uintptr_t)&here;
    count++;
    asm volatile("pcmpeqd %%xmm0, %%xmm0\n\t"
                 "pcmpeqd %%xmm7, %%xmm7\n\t"
                 "pcmpeqd %%xmm15, %%xmm15\n\t"
                 "fninit\n\t"
                 "fldpi\n\t"
                 "std\n\tcld\n\t" ::
                     : "xmm0", "xmm7", "xmm15", "memory");
}

static void catch_with(int sig, void (*handler)(int), int flags)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
    OK(sigaction(sig, &action, nullptr));
}

TEST(registers_survive_a_handler)
{
    catch_with(SIGUSR1, handler_spoils, 0);
    register long pid asm("rdi") = getpid();
    unsigned long bad;
    asm volatile("mov $0x1111, %%rbx\n\t"
                 "mov $0x2222, %%r8\n\t"
                 "mov $0x3333, %%r9\n\t"
                 "mov $0x4444, %%r10\n\t"
                 "mov $0x5555, %%r12\n\t"
                 "mov $0x6666, %%r13\n\t"
                 "mov $0x7777, %%r14\n\t"
                 "mov $0x8888, %%r15\n\t"
                 "mov $0x9999, %%rdx\n\t"
                 "mov $10, %%esi\n\t" /* SIGUSR1 */
                 "mov $62, %%eax\n\t" /* kill */
                 "syscall\n\t"
                 "sub $0x1111, %%rbx\n\t"
                 "sub $0x2222, %%r8\n\t"
                 "sub $0x3333, %%r9\n\t"
                 "sub $0x4444, %%r10\n\t"
                 "sub $0x5555, %%r12\n\t"
                 "sub $0x6666, %%r13\n\t"
                 "sub $0x7777, %%r14\n\t"
                 "sub $0x8888, %%r15\n\t"
                 "sub $0x9999, %%rdx\n\t"
                 "sub $10, %%rsi\n\t"
                 "or %%rbx, %%rax\n\t"
                 "or %%r8, %%rax\n\t"
                 "or %%r9, %%rax\n\t"
                 "or %%r10, %%rax\n\t"
                 "or %%r12, %%rax\n\t"
                 "or %%r13, %%rax\n\t"
                 "or %%r14, %%rax\n\t"
                 "or %%r15, %%rax\n\t"
                 "or %%rdx, %%rax\n\t"
                 "or %%rsi, %%rax"
                 : "=a"(bad)
                 : "r"(pid)
                 : "rbx", "rcx", "rdx", "rsi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
                   "memory", "cc");
    CHECK_EQ(bad, 0);
    CHECK_EQ(count, 1);
}

TEST(syscall_preserves_all_but_rax_rcx_r11)
{
    unsigned long bad;
    asm volatile("mov $0x1111, %%rdi\n\t"
                 "mov $0x2222, %%rsi\n\t"
                 "mov $0x3333, %%rdx\n\t"
                 "mov $0x4444, %%r10\n\t"
                 "mov $0x5555, %%r8\n\t"
                 "mov $0x6666, %%r9\n\t"
                 "mov $110, %%eax\n\t" /* getppid */
                 "syscall\n\t"
                 "lea 1f(%%rip), %%rax\n\t"
                 "1: xor %%eax, %%eax\n\t"
                 "sub $0x1111, %%rdi\n\t"
                 "sub $0x2222, %%rsi\n\t"
                 "sub $0x3333, %%rdx\n\t"
                 "sub $0x4444, %%r10\n\t"
                 "sub $0x5555, %%r8\n\t"
                 "sub $0x6666, %%r9\n\t"
                 "or %%rdi, %%rax\n\t"
                 "or %%rsi, %%rax\n\t"
                 "or %%rdx, %%rax\n\t"
                 "or %%r10, %%rax\n\t"
                 "or %%r8, %%rax\n\t"
                 "or %%r9, %%rax"
                 : "=a"(bad)
                 :
                 : "rdi", "rsi", "rdx", "rcx", "r8", "r9", "r10", "r11", "memory", "cc");
    CHECK_EQ(bad, 0);
}

TEST(syscall_leaves_return_address_in_rcx_and_flags_in_r11)
{
    unsigned long rcx, r11, after;
    for (int i = 0; i < 50; i++) {
        asm volatile("mov $110, %%eax\n\t"
                     "syscall\n"
                     "1: lea 1b(%%rip), %2"
                     : "=c"(rcx), "=&r"(r11), "=&r"(after)
                     :
                     : "rax", "r11", "memory");
        CHECK_EQ(rcx, after);
    }
    asm volatile("stc\n\tmov $110, %%eax\n\tsyscall\n\tsetc %%al\n\tmov %%r11, %1\n\t"
                 "movzbl %%al, %%eax"
                 : "=&a"(rcx), "=&r"(r11)
                 :
                 : "rcx", "r11", "memory", "cc");
    CHECK_EQ(rcx, 1);
    CHECK_EQ(r11 & 1, 1);
}

TEST(red_zone_is_not_written)
{
    catch_with(SIGUSR1, handler_spoils, 0);
    unsigned long bad;
    asm volatile("movq $0x5a5a5a5a, -8(%%rsp)\n\t"
                 "movq $0x6b6b6b6b, -64(%%rsp)\n\t"
                 "movq $0x7c7c7c7c, -128(%%rsp)\n\t"
                 "mov $39, %%eax\n\tsyscall\n\t"
                 "mov %%eax, %%edi\n\t"
                 "mov $10, %%esi\n\t"
                 "mov $62, %%eax\n\tsyscall\n\t"
                 "mov -8(%%rsp), %%rax\n\t"
                 "xor $0x5a5a5a5a, %%rax\n\t"
                 "mov -64(%%rsp), %%rcx\n\t"
                 "xor $0x6b6b6b6b, %%rcx\n\t"
                 "or %%rcx, %%rax\n\t"
                 "mov -128(%%rsp), %%rcx\n\t"
                 "xor $0x7c7c7c7c, %%rcx\n\t"
                 "or %%rcx, %%rax"
                 : "=a"(bad)
                 :
                 : "rcx", "rdi", "rsi", "r11", "memory", "cc");
    CHECK_EQ(bad, 0);
    CHECK_EQ(count, 1);
}

TEST(xmm_registers_survive_a_handler)
{
    catch_with(SIGUSR1, handler_spoils, 0);
    alignas(16) unsigned char in[16][16], out[16][16];
    for (int i = 0; i < 16; i++)
        memset(in[i], i + 1, 16);
    asm volatile(
        "movdqa (%0), %%xmm0\n\tmovdqa 112(%0), %%xmm7\n\tmovdqa 240(%0), %%xmm15\n\t"
        "mov $39, %%eax\n\tsyscall\n\t"
        "mov %%eax, %%edi\n\tmov $10, %%esi\n\tmov $62, %%eax\n\tsyscall\n\t"
        "movdqa %%xmm0, (%1)\n\tmovdqa %%xmm7, 112(%1)\n\tmovdqa %%xmm15, 240(%1)" ::"r"(in),
        "r"(out)
        : "rax", "rcx", "rdi", "rsi", "r11", "xmm0", "xmm7", "xmm15", "memory");
    CHECK_EQ(count, 1);
    CHECK(!memcmp(in[0], out[0], 16));
    CHECK(!memcmp(in[7], out[7], 16));
    CHECK(!memcmp(in[15], out[15], 16));
}

__attribute__((target("avx"))) static void handler_spoils_ymm(int)
{
    count++;
    asm volatile("vxorps %%ymm3, %%ymm3, %%ymm3\n\tvzeroall" ::: "memory", "xmm3");
}

__attribute__((target("avx"))) static void ymm_round_trip(const void *in, void *out)
{
    asm volatile("vmovups (%0), %%ymm3\n\t"
                 "mov $39, %%eax\n\tsyscall\n\t"
                 "mov %%eax, %%edi\n\tmov $10, %%esi\n\tmov $62, %%eax\n\tsyscall\n\t"
                 "vmovups %%ymm3, (%1)\n\tvzeroupper" ::"r"(in),
                 "r"(out)
                 : "rax", "rcx", "rdi", "rsi", "r11", "xmm3", "memory");
}

TEST(ymm_registers_survive_a_handler)
{
    unsigned char in[32], out[32];
    if (!__builtin_cpu_supports("avx"))
        test_skip("no AVX");
    catch_with(SIGUSR1, handler_spoils_ymm, 0);
    memset(in, 0x3c, sizeof in);
    ymm_round_trip(in, out);
    CHECK_EQ(count, 1);
    CHECK(!memcmp(in, out, 32));
}

TEST(x87_stack_survives_a_handler)
{
    catch_with(SIGUSR1, handler_spoils, 0);
    double in = 2.5, out = 0;
    asm volatile("fldl %1" ::"m"(out), "m"(in));
    asm volatile("" ::: "memory");
    syscall(SYS_kill, getpid(), SIGUSR1);
    asm volatile("fstpl %0" : "=m"(out));
    CHECK(out == 2.5);
    CHECK_EQ(count, 1);
}

TEST(mxcsr_survives_a_handler)
{
    unsigned want = 0x1f80 | 0x6000, got; /* round towards zero */
    catch_with(SIGUSR1, handler_spoils, 0);
    asm volatile("ldmxcsr %0" ::"m"(want));
    syscall(SYS_kill, getpid(), SIGUSR1);
    asm volatile("stmxcsr %0" : "=m"(got));
    CHECK_EQ(got & 0x6000, 0x6000);
}

/* The alarm comes at any instruction, so nothing may rest on the compiler's habits. */
TEST(registers_survive_asynchronous_handlers)
{
    catch_with(SIGALRM, handler_spoils, 0);
    alarm_every_ms(2);
    unsigned long sum = 0;
    double weight = 0;
    unsigned long rounds = 0;
    while (count < 20) {
        unsigned long a = 0;
        double b = 0;
        for (int i = 0; i < 1000; i++) {
            a += (unsigned long)i;
            b += i * 0.5;
        }
        sum += a;
        weight += b;
        rounds++;
    }
    alarm_every_ms(0);
    CHECK_EQ(sum, rounds * 499500);
    CHECK(weight == (double)rounds * 249750.0);
}

TEST(handler_stack_is_aligned_and_below_the_red_zone)
{
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    catch_with(SIGUSR1, handler_spoils, 0);
    raise(SIGUSR1);
    CHECK(handler_stack < here);
    CHECK(here - handler_stack < 1 << 20);
}

TEST(sigaltstack_is_used_when_asked)
{
    static char space[65536];
    stack_t stack = {.ss_sp = space, .ss_size = sizeof space}, got;
    OK(sigaltstack(&stack, nullptr));
    catch_with(SIGUSR1, handler_spoils, SA_ONSTACK);
    catch_with(SIGUSR2, handler_spoils, 0);
    raise(SIGUSR1);
    CHECK(handler_stack > (uintptr_t)space && handler_stack < (uintptr_t)space + sizeof space);
    raise(SIGUSR2);
    CHECK(!(handler_stack > (uintptr_t)space && handler_stack < (uintptr_t)space + sizeof space));
    OK(sigaltstack(nullptr, &got));
    CHECK(got.ss_sp == space);
    CHECK_EQ(got.ss_size, sizeof space);
    CHECK_EQ(got.ss_flags, 0);
}

static volatile int flags_seen, change_errno;

static void handler_looks_at_its_stack(int)
{
    stack_t got, other = {.ss_flags = SS_DISABLE};
    sigaltstack(nullptr, &got);
    flags_seen = got.ss_flags;
    change_errno = sigaltstack(&other, nullptr) == -1 ? errno : 0;
}

TEST(sigaltstack_in_use_cannot_be_changed)
{
    static char space[65536];
    stack_t stack = {.ss_sp = space, .ss_size = sizeof space};
    OK(sigaltstack(&stack, nullptr));
    catch_with(SIGUSR1, handler_looks_at_its_stack, SA_ONSTACK);
    raise(SIGUSR1);
    CHECK_EQ(flags_seen, SS_ONSTACK);
    CHECK_EQ(change_errno, EPERM);
}

TEST(sigaltstack_errors)
{
    static char space[65536];
    stack_t stack = {.ss_sp = space, .ss_size = 100};
    CHECK_ERRNO(sigaltstack(&stack, nullptr), ENOMEM);
    stack = (stack_t){.ss_sp = space, .ss_size = sizeof space, .ss_flags = 99};
    CHECK_ERRNO(sigaltstack(&stack, nullptr), EINVAL);
    stack = (stack_t){.ss_flags = SS_DISABLE};
    OK(sigaltstack(&stack, nullptr));
    OK(sigaltstack(nullptr, &stack));
    CHECK_EQ(stack.ss_flags, SS_DISABLE);
}

TEST(sigaltstack_is_kept_by_fork)
{
    static char space[65536];
    stack_t stack = {.ss_sp = space, .ss_size = sizeof space};
    OK(sigaltstack(&stack, nullptr));
    IN_CHILD
    {
        OK(sigaltstack(nullptr, &stack));
        CHECK(stack.ss_sp == space);
    }
}

static sigjmp_buf out_of_handler;

static void handler_jumps(int)
{
    count++;
    siglongjmp(out_of_handler, 1);
}

TEST(siglongjmp_leaves_the_alternate_stack)
{
    static char space[65536];
    stack_t stack = {.ss_sp = space, .ss_size = sizeof space}, got;
    OK(sigaltstack(&stack, nullptr));
    catch_with(SIGSEGV, handler_jumps, SA_ONSTACK);
    for (volatile int i = 0; i < 20; i++) {
        if (sigsetjmp(out_of_handler, 1) == 0)
            *(volatile int *)16 = 1;
        OK(sigaltstack(nullptr, &got));
        CHECK_EQ(got.ss_flags, 0);
    }
    CHECK_EQ(count, 20);
}

TEST(handler_without_room_on_the_stack_kills)
{
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        catch_with(SIGUSR1, handler_spoils, 0);
        asm volatile("mov $39, %%eax\n\tsyscall\n\t"
                     "mov %%eax, %%edi\n\tmov $10, %%esi\n\tmov $62, %%eax\n\t"
                     "mov $64, %%rsp\n\tsyscall" ::
                         : "memory");
        _exit(0);
    }
    CHECK_EQ(child_wait(pid) & 0x7f, SIGSEGV);
}
