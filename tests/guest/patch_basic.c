/* SPDX-License-Identifier: BSD-2-Clause */
/* patch_basic.c - system calls from code of all shapes: registers, flags, strange ways to a call,
 * and code that is read, written, moved, stepped and run by many at once while it makes calls.
 */
#include "test.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

/* What a call must leave alone; the probes below know the offsets. */
struct block {
    uint64_t general[12]; /* rbx rbp r12 r13 r14 r15 rdi rsi rdx r10 r8 r9 */
    uint64_t flags;
    uint64_t rax;
    uint8_t vector[16][16];
};

/* The body of a probe: load all, run SITE, store all.  Only %rax, %rcx and %r11 may change. */
#define PROBE(NAME, SITE)                                                                          \
    long NAME(const struct block *in, struct block *out);                                          \
    __asm__(".text\n.balign 16\n.globl " #NAME "\n" #NAME ":\n"                                    \
            "push %rbx\npush %rbp\npush %r12\npush %r13\npush %r14\npush %r15\n"                   \
            "push %rsi\n"                                                                          \
            "mov %rdi, %rcx\n"                                                                     \
            "movups 112(%rcx), %xmm0\nmovups 128(%rcx), %xmm1\n"                                   \
            "movups 144(%rcx), %xmm2\nmovups 160(%rcx), %xmm3\n"                                   \
            "movups 176(%rcx), %xmm4\nmovups 192(%rcx), %xmm5\n"                                   \
            "movups 208(%rcx), %xmm6\nmovups 224(%rcx), %xmm7\n"                                   \
            "movups 240(%rcx), %xmm8\nmovups 256(%rcx), %xmm9\n"                                   \
            "movups 272(%rcx), %xmm10\nmovups 288(%rcx), %xmm11\n"                                 \
            "movups 304(%rcx), %xmm12\nmovups 320(%rcx), %xmm13\n"                                 \
            "movups 336(%rcx), %xmm14\nmovups 352(%rcx), %xmm15\n"                                 \
            "pushq 96(%rcx)\npopfq\n"                                                              \
            "mov 0(%rcx), %rbx\nmov 8(%rcx), %rbp\nmov 16(%rcx), %r12\n"                           \
            "mov 24(%rcx), %r13\nmov 32(%rcx), %r14\nmov 40(%rcx), %r15\n"                         \
            "mov 48(%rcx), %rdi\nmov 56(%rcx), %rsi\nmov 64(%rcx), %rdx\n"                         \
            "mov 72(%rcx), %r10\nmov 80(%rcx), %r8\nmov 88(%rcx), %r9\n"                           \
            "mov 104(%rcx), %rax\n" SITE "mov (%rsp), %rcx\n"                                      \
            "mov %rbx, 0(%rcx)\nmov %rbp, 8(%rcx)\nmov %r12, 16(%rcx)\n"                           \
            "mov %r13, 24(%rcx)\nmov %r14, 32(%rcx)\nmov %r15, 40(%rcx)\n"                         \
            "mov %rdi, 48(%rcx)\nmov %rsi, 56(%rcx)\nmov %rdx, 64(%rcx)\n"                         \
            "mov %r10, 72(%rcx)\nmov %r8, 80(%rcx)\nmov %r9, 88(%rcx)\n"                           \
            "mov %rax, 104(%rcx)\n"                                                                \
            "pushfq\npopq 96(%rcx)\ncld\n"                                                         \
            "movups %xmm0, 112(%rcx)\nmovups %xmm1, 128(%rcx)\n"                                   \
            "movups %xmm2, 144(%rcx)\nmovups %xmm3, 160(%rcx)\n"                                   \
            "movups %xmm4, 176(%rcx)\nmovups %xmm5, 192(%rcx)\n"                                   \
            "movups %xmm6, 208(%rcx)\nmovups %xmm7, 224(%rcx)\n"                                   \
            "movups %xmm8, 240(%rcx)\nmovups %xmm9, 256(%rcx)\n"                                   \
            "movups %xmm10, 272(%rcx)\nmovups %xmm11, 288(%rcx)\n"                                 \
            "movups %xmm12, 304(%rcx)\nmovups %xmm13, 320(%rcx)\n"                                 \
            "movups %xmm14, 336(%rcx)\nmovups %xmm15, 352(%rcx)\n"                                 \
            "pop %rsi\npop %r15\npop %r14\npop %r13\npop %r12\npop %rbp\npop %rbx\nret\n"          \
            ".balign 64\n")

/* The number is moved right before the call; the moved instruction is behind it; it is too short;
 * it depends on where it stands; the number comes by a longer move; two calls follow each other. */
PROBE(probe_move, "mov $110, %eax\nsyscall\n");
PROBE(probe_behind, "nop\nsyscall\nlea 0(%rax), %rax\n");
PROBE(probe_compare, "nop\nsyscall\nmov %rax, %rcx\n");
PROBE(probe_short, "nop\nsyscall\nnop\nnop\nnop\nnop\n");
PROBE(probe_relative, "nop\nsyscall\nlea 1f(%rip), %rcx\n1:\n");
PROBE(probe_long, "mov $110, %rax\nsyscall\nmov %rax, %r11\n");
PROBE(probe_twice, "nop\nsyscall\nmov $110, %eax\nsyscall\n");
/* The syscall is reached by a jump first, then by way of the move. */
PROBE(probe_jump, "movl $2, -64(%rsp)\njmp 2f\n1: mov $110, %eax\n"
                  "2: syscall\ndecl -64(%rsp)\njnz 1b\n");
PROBE(probe_loop, "mov $3, %r11\nmov %r11, -64(%rsp)\nmov $110, %eax\n"
                  "1: syscall\nmov $110, %eax\ndecq -64(%rsp)\njnz 1b\n"
                  "mov $110, %eax\nsyscall\n");

static const struct {
    const char *name;
    long (*run)(const struct block *in, struct block *out);
    bool keeps_flags;
} probes[] = {
    {"move", probe_move, true},         {"behind", probe_behind, true},
    {"compare", probe_compare, true},   {"short", probe_short, true},
    {"relative", probe_relative, true}, {"long", probe_long, true},
    {"twice", probe_twice, true},       {"jump", probe_jump, false},
    {"loop", probe_loop, false},
};
constexpr unsigned PROBES = sizeof probes / sizeof probes[0];

static uint64_t seed = 88172645463325252;
static uint64_t next(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

static void block_fill(struct block *b)
{
    constexpr uint64_t STATUS = 0x8d5; /* CF PF AF ZF SF OF */
    constexpr uint64_t DIRECTION = 1 << 10, IDENTITY = 1 << 21;
    for (unsigned i = 0; i < 12; i++)
        b->general[i] = next();
    b->flags = 0x202 | (next() & (STATUS | DIRECTION | IDENTITY));
    b->rax = SYS_getppid;
    for (unsigned i = 0; i < sizeof b->vector; i++)
        b->vector[i / 16][i % 16] = (uint8_t)next();
}

static void probe_check(unsigned i)
{
    struct block in, out;
    block_fill(&in);
    memset(&out, 0xaa, sizeof out);
    probes[i].run(&in, &out);
    if (out.rax != (uint64_t)getppid())
        FAIL("%s: the result is %lld", probes[i].name, (long long)out.rax);
    if (memcmp(in.general, out.general, sizeof in.general) != 0)
        FAIL("%s: a register changed", probes[i].name);
    if (memcmp(in.vector, out.vector, sizeof in.vector) != 0)
        FAIL("%s: a vector register changed", probes[i].name);
    if (probes[i].keeps_flags && in.flags != out.flags)
        FAIL("%s: flags %llx became %llx", probes[i].name, (unsigned long long)in.flags,
             (unsigned long long)out.flags);
}

TEST(patch_calls_keep_registers)
{
    for (unsigned i = 0; i < PROBES; i++)
        for (int n = 0; n < 200; n++)
            probe_check(i);
}

static volatile unsigned alarms;
static void clobber(int)
{
    double d = (double)alarms;
    for (int i = 0; i < 8; i++)
        d = d * 1.0625 + i;
    alarms = alarms + (d > 0 || d <= 0);
    __asm__ volatile("xorps %%xmm0,%%xmm0\nxorps %%xmm15,%%xmm15\nstc\n" ::: "xmm0", "xmm15", "cc");
}

TEST(patch_calls_keep_registers_under_signals)
{
    struct sigaction action = {.sa_handler = clobber};
    OK(sigaction(SIGALRM, &action, nullptr));
    alarm_every_ms(1);
    for (unsigned n = 0; alarms < 50 || n < 2000; n++)
        probe_check(n % PROBES);
    alarm_every_ms(0);
}

static void *probe_thread(void *)
{
    for (int n = 0; n < 400; n++)
        probe_check((unsigned)n % PROBES);
    return nullptr;
}

/* ------------------------------------------------------------------ code in files */

/* mov $110,%eax; syscall; ret - and the same by way of a comparison behind the call. */
static const uint8_t code_move[] = {0xb8, 110, 0, 0, 0, 0x0f, 0x05, 0xc3};
static const uint8_t code_behind[] = {0x6a, 110,  0x58, 0x0f, 0x05, 0x48,
                                      0x3d, 0x01, 0xf0, 0xff, 0xff, 0xc3};
static const uint8_t code_pid[] = {0xb8, 39, 0, 0, 0, 0x0f, 0x05, 0xc3};

typedef long code_fn(void);

/* A file of two pages of no-operations with CODE at 256, mapped for execution. */
static int code_file(const char *name, const uint8_t *code, size_t n)
{
    static uint8_t page[8192];
    int fd = (int)OK(open(name, O_RDWR | O_CREAT | O_TRUNC, 0755));
    memset(page, 0x90, sizeof page);
    memcpy(page + 256, code, n);
    CHECK_EQ(write(fd, page, sizeof page), sizeof page);
    OK(close(fd));
    return (int)OK(open(name, O_RDONLY));
}

static uint8_t *code_map(int fd, int prot)
{
    uint8_t *at = mmap(nullptr, 8192, prot, MAP_PRIVATE, fd, 0);
    CHECK(at != MAP_FAILED);
    return at;
}

static long code_run(const uint8_t *at)
{
    return ((code_fn *)(uintptr_t)(at + 256))();
}

TEST(patch_memory_of_oneself_shows_the_file)
{
    static const struct {
        const uint8_t *code;
        size_t n;
    } kinds[] = {{code_move, sizeof code_move}, {code_behind, sizeof code_behind}};
    int memory = (int)OK(open("/proc/self/mem", O_RDONLY));
    for (unsigned i = 0; i < 2; i++) {
        uint8_t seen[16] = {}, copied[16] = {};
        const uint8_t *at =
            code_map(code_file("code", kinds[i].code, kinds[i].n), PROT_READ | PROT_EXEC);
        for (int n = 0; n < 3; n++)
            CHECK_EQ(code_run(at), getppid());
        CHECK_EQ(pread(memory, seen, kinds[i].n, (off_t)(uintptr_t)(at + 256)), kinds[i].n);
        CHECK(memcmp(seen, kinds[i].code, kinds[i].n) == 0);
        struct iovec here = {copied, kinds[i].n},
                     there = {(void *)(uintptr_t)(at + 256), kinds[i].n};
        OK(process_vm_readv(getpid(), &here, 1, &there, 1, 0));
        CHECK(memcmp(copied, kinds[i].code, kinds[i].n) == 0);
    }
}

TEST(patch_file_reads_as_written)
{
    int fd = code_file("code", code_move, sizeof code_move);
    const uint8_t *at = code_map(fd, PROT_READ | PROT_EXEC);
    uint8_t seen[sizeof code_move];
    for (int n = 0; n < 3; n++)
        CHECK_EQ(code_run(at), getppid());
    CHECK_EQ(pread(fd, seen, sizeof seen, 256), sizeof seen);
    CHECK(memcmp(seen, code_move, sizeof seen) == 0);
    const uint8_t *shared = mmap(nullptr, 8192, PROT_READ, MAP_SHARED, fd, 0);
    CHECK(shared != MAP_FAILED);
    CHECK(memcmp(shared + 256, code_move, sizeof seen) == 0);
}

TEST(patch_follows_a_written_file)
{
    int fd = code_file("code", code_move, sizeof code_move);
    const uint8_t *at = code_map(fd, PROT_READ | PROT_EXEC);
    for (int n = 0; n < 3; n++)
        CHECK_EQ(code_run(at), getppid());
    int writer = (int)OK(open("code", O_RDWR));
    CHECK_EQ(pwrite(writer, code_pid, sizeof code_pid, 256), sizeof code_pid);
    for (int n = 0; n < 3; n++)
        CHECK_EQ(code_run(at), getpid());
    /* Through a shared mapping as well. */
    uint8_t *shared = mmap(nullptr, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, writer, 0);
    CHECK(shared != MAP_FAILED);
    OK(close(writer));
    memcpy(shared + 256, code_move, sizeof code_move);
    CHECK_EQ(code_run(at), getppid());
    memcpy(shared + 256, code_pid, sizeof code_pid);
    CHECK_EQ(code_run(at), getpid());
    OK(munmap(shared, 8192));
    for (int n = 0; n < 3; n++)
        CHECK_EQ(code_run(at), getpid());
}

TEST(patch_own_copy_is_the_program_s)
{
    uint8_t *at = code_map(code_file("code", code_move, sizeof code_move), PROT_READ | PROT_EXEC);
    for (int n = 0; n < 3; n++)
        CHECK_EQ(code_run(at), getppid());
    OK(mprotect(at, 8192, PROT_READ | PROT_WRITE | PROT_EXEC));
    at[300] = 0xc3; /* the page is a copy now */
    CHECK(memcmp(at + 256, code_move, sizeof code_move) == 0);
    memcpy(at + 256, code_pid, sizeof code_pid);
    OK(mprotect(at, 8192, PROT_READ | PROT_EXEC));
    for (int n = 0; n < 3; n++)
        CHECK_EQ(code_run(at), getpid());
}

TEST(patch_code_that_moves)
{
    uint8_t *at =
        code_map(code_file("code", code_behind, sizeof code_behind), PROT_READ | PROT_EXEC);
    for (int n = 0; n < 3; n++)
        CHECK_EQ(code_run(at), getppid());
    void *place = mmap(nullptr, 1 << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(place != MAP_FAILED);
    uint8_t *moved =
        mremap(at, 8192, 8192, MREMAP_MAYMOVE | MREMAP_FIXED, (uint8_t *)place + 65536 + 4096);
    CHECK(moved != MAP_FAILED);
    for (int n = 0; n < 3; n++)
        CHECK_EQ(code_run(moved), getppid());
}

TEST(patch_same_file_at_two_places)
{
    int fd = code_file("code", code_move, sizeof code_move);
    const uint8_t *a = code_map(fd, PROT_READ | PROT_EXEC),
                  *b = code_map(fd, PROT_READ | PROT_EXEC);
    for (int n = 0; n < 3; n++) {
        CHECK_EQ(code_run(a), getppid());
        CHECK_EQ(code_run(b), getppid());
    }
    IN_CHILD
    {
        CHECK_EQ(code_run(a), getppid());
        CHECK_EQ(code_run(b), getppid());
    }
}

TEST(patch_code_made_at_run_time)
{
    uint8_t *at =
        mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(at != MAP_FAILED);
    for (int n = 0; n < 6; n++) {
        memcpy(at + 256, n % 2 ? code_pid : code_move, sizeof code_pid);
        CHECK_EQ(code_run(at), n % 2 ? getpid() : getppid());
    }
}

/* The end of a page, and a call that goes over it. */
TEST(patch_at_the_edge_of_a_page)
{
    static uint8_t pages[8192];
    for (unsigned at = 4096 - 8; at < 4096 + 2; at++) {
        memset(pages, 0x90, sizeof pages);
        memcpy(pages + at, code_move, sizeof code_move);
        int fd = (int)OK(open("edge", O_RDWR | O_CREAT | O_TRUNC, 0755));
        CHECK_EQ(write(fd, pages, sizeof pages), sizeof pages);
        OK(close(fd));
        fd = (int)OK(open("edge", O_RDONLY));
        const uint8_t *code = code_map(fd, PROT_READ | PROT_EXEC);
        for (int n = 0; n < 3; n++)
            CHECK_EQ(((code_fn *)(uintptr_t)(code + at))(), getppid());
        OK(munmap((void *)(uintptr_t)code, 8192));
        OK(close(fd));
    }
}

/* A byte that looks like a move's and is another instruction's: mov 110(%rax),%edi. */
TEST(patch_is_not_misled)
{
    static const uint8_t code[] = {0x57, 0x48, 0x89, 0xe0, 0x48, 0x2d, 110,  0,   0,
                                   0,    0x90, 0x90, 0x8b, 0xb8, 110,  0,    0,   0,
                                   0x0f, 0x05, 0x90, 0x48, 0x89, 0xf8, 0x5f, 0xc3};
    uint8_t with_number[sizeof code + 8];
    memcpy(with_number, code, sizeof code);
    /* push %rdi; mov %rsp,%rax; sub $110,%rax; nop; nop; mov 110(%rax),%edi; syscall; ... */
    const uint8_t *at =
        code_map(code_file("code", with_number, sizeof code), PROT_READ | PROT_EXEC);
    long (*run)(long) = (long (*)(long))(uintptr_t)(at + 256);
    /* The call's number is an address: no such call; %edi has been loaded all the same. */
    for (int n = 0; n < 3; n++)
        CHECK_EQ(run(1234), 1234);
}

/* ------------------------------------------------------------------ threads, children */

TEST(patch_many_threads_one_site)
{
    pthread_t threads[6];
    for (int i = 0; i < 6; i++)
        CHECK_EQ(pthread_create(&threads[i], nullptr, probe_thread, nullptr), 0);
    for (int i = 0; i < 6; i++)
        CHECK_EQ(pthread_join(threads[i], nullptr), 0);
}

static const uint8_t *fresh;
static pthread_barrier_t barrier;
static void *fresh_thread(void *)
{
    pthread_barrier_wait(&barrier);
    for (int n = 0; n < 50; n++)
        CHECK_EQ(code_run(fresh), getppid());
    return nullptr;
}

TEST(patch_fresh_sites_under_threads)
{
    for (int round = 0; round < 20; round++) {
        pthread_t threads[4];
        fresh = round % 2 ? code_map(code_file("code", code_move, sizeof code_move),
                                     PROT_READ | PROT_EXEC)
                          : code_map(code_file("code", code_behind, sizeof code_behind),
                                     PROT_READ | PROT_EXEC);
        pthread_barrier_init(&barrier, nullptr, 4);
        for (int i = 0; i < 4; i++)
            CHECK_EQ(pthread_create(&threads[i], nullptr, fresh_thread, nullptr), 0);
        for (int i = 0; i < 4; i++)
            CHECK_EQ(pthread_join(threads[i], nullptr), 0);
        OK(munmap((void *)(uintptr_t)fresh, 8192));
    }
}

/* ------------------------------------------------------------------ signals and steps */

/* read(2) with the comparison behind the call, as C libraries have it. */
long read_behind(int fd, void *to, size_t n);
extern const char read_behind_after[];
__asm__(".text\n.balign 64\n.globl read_behind, read_behind_after\nread_behind:\n"
        "xor %eax, %eax\nsyscall\nread_behind_after:\ncmp $-4096, %rax\nret\n");

static volatile uintptr_t interrupted_at;
static void where(int, siginfo_t *, void *context)
{
    interrupted_at = (uintptr_t)((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
}

/* The handler sees the address behind the call, and what it returns to is the program. */
TEST(patch_interrupted_call)
{
    int ends[2];
    char byte;
    OK(pipe(ends));
    for (int i = 0; i < 3; i++) {
        OK(write(ends[1], "x", 1));
        CHECK_EQ(read_behind(ends[0], &byte, 1), 1);
    }
    struct sigaction action = {.sa_sigaction = where, .sa_flags = SA_SIGINFO};
    OK(sigaction(SIGALRM, &action, nullptr));
    alarm_every_ms(5);
    CHECK_EQ(read_behind(ends[0], &byte, 1), -EINTR);
    alarm_every_ms(0);
    CHECK_EQ(interrupted_at, (uintptr_t)read_behind_after);
    /* With SA_RESTART the call goes on. */
    action.sa_flags |= SA_RESTART;
    interrupted_at = 0;
    OK(sigaction(SIGALRM, &action, nullptr));
    pid_t writer = (pid_t)OK(fork());
    if (writer == 0) {
        sleep_ms(40);
        OK(write(ends[1], "y", 1));
        _exit(0);
    }
    alarm_every_ms(5);
    CHECK_EQ(read_behind(ends[0], &byte, 1), 1);
    alarm_every_ms(0);
    CHECK(interrupted_at != 0);
    child_wait_ok(writer);
}

static volatile unsigned steps;
static void step(int, siginfo_t *, void *)
{
    steps = steps + 1;
}

/* The trap flag set by the program itself. */
static void flag_trap(bool on)
{
    if (on)
        __asm__ volatile("pushfq\norq $0x100, (%%rsp)\npopfq" ::: "memory", "cc");
    else
        __asm__ volatile("pushfq\nandq $~0x100, (%%rsp)\npopfq" ::: "memory", "cc");
}

TEST(patch_stepped_by_itself)
{
    struct sigaction action = {.sa_sigaction = step, .sa_flags = SA_SIGINFO};
    char byte = 1;
    int fd = (int)OK(open("/dev/zero", O_RDONLY));
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(read_behind(fd, &byte, 1), 1);
        CHECK_EQ(syscall(SYS_getppid), getppid());
    }
    OK(sigaction(SIGTRAP, &action, nullptr));
    flag_trap(true);
    long got = read_behind(fd, &byte, 1);
    pid_t parent = getppid();
    flag_trap(false);
    CHECK_EQ(got, 1);
    CHECK_EQ(parent, getppid());
    CHECK(steps > 6);
}

/* A debugger steps over calls that have been patched before it came. */
TEST(patch_stepped_by_a_tracer)
{
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        struct block in, out;
        for (int i = 0; i < 3; i++)
            for (unsigned p = 0; p < PROBES; p++)
                probe_check(p);
        OK(ptrace(PTRACE_TRACEME, 0, nullptr, nullptr));
        OK(raise(SIGSTOP));
        block_fill(&in);
        in.flags = 0x202;
        probe_move(&in, &out);
        probe_behind(&in, &out);
        _exit(out.rax == (uint64_t)getppid() ? 0 : 1);
    }
    int status;
    bool saw_site = false;
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    errno = 0;
    long word = ptrace(PTRACE_PEEKTEXT, pid, (void *)read_behind, nullptr);
    CHECK_EQ(errno, 0);
    CHECK_EQ(word & 0xffffffff, 0x050fc031);
    for (;;) {
        OK(ptrace(PTRACE_SINGLESTEP, pid, nullptr, nullptr));
        CHECK_EQ(waitpid(pid, &status, 0), pid);
        if (WIFEXITED(status))
            break;
        CHECK(WIFSTOPPED(status));
        errno = 0;
        uintptr_t rip = (uintptr_t)ptrace(PTRACE_PEEKUSER, pid, (void *)(16 * 8), nullptr);
        CHECK_EQ(errno, 0);
        if (rip >= (uintptr_t)probe_behind && rip < (uintptr_t)probe_compare)
            saw_site = true;
    }
    CHECK_EQ(WEXITSTATUS(status), 0);
    CHECK(saw_site);
}

/* ------------------------------------------------------------------ the rest of the world */

TEST(patch_number_s_high_half_is_ignored)
{
    uint64_t result;
    __asm__ volatile("movabs $0xffffffff00000000, %%rax\nadd $110, %%rax\nsyscall\nmov %%rax, %0"
                     : "=r"(result)
                     :
                     : "rax", "rcx", "r11", "memory");
    CHECK_EQ((long)result, getppid());
}

TEST(patch_unknown_numbers)
{
    for (int i = 0; i < 3; i++) {
        CHECK_ERRNO(syscall(511), ENOSYS);
        CHECK_ERRNO(syscall(512), ENOSYS);
        CHECK_ERRNO(syscall(100000), ENOSYS);
        CHECK_ERRNO(syscall(-1), ENOSYS);
    }
}

TEST(patch_memory_unmapped_around)
{
    IN_CHILD
    {
        char byte;
        int fd = (int)OK(open("/dev/zero", O_RDONLY));
        for (int i = 0; i < 3; i++)
            CHECK_EQ(read_behind(fd, &byte, 1), 1);
        /* Whatever lies low may be taken away. */
        OK(munmap((void *)0x10000, 0x1f0000));
        for (int i = 0; i < 3; i++)
            CHECK_EQ(read_behind(fd, &byte, 1), 1);
        CHECK_EQ(getppid(), syscall(SYS_getppid));
        void *at = mmap((void *)0x100000, 4096, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        CHECK(at == (void *)0x100000);
        memset(at, 0xcc, 4096);
        CHECK_EQ(read_behind(fd, &byte, 1), 1);
    }
}

static void *thread_number(void *pid)
{
    for (int i = 0; i < 3; i++)
        CHECK(gettid() != getpid() && getpid() == *(pid_t *)pid);
    return nullptr;
}

/* Numbers that a stub may tell by itself are those of now. */
TEST(patch_numbers_are_today_s)
{
    pid_t self = getpid();
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(gettid(), self);
        CHECK_EQ(getuid() | geteuid() | getgid() | getegid(), 0);
    }
    IN_CHILD
    {
        pthread_t thread;
        pid_t own = getpid();
        CHECK(own != self);
        CHECK_EQ(gettid(), own);
        CHECK_EQ(getppid(), self);
        CHECK_EQ(pthread_create(&thread, nullptr, thread_number, &own), 0);
        CHECK_EQ(pthread_join(thread, nullptr), 0);
        OK(setresgid(11, 12, 13));
        OK(setresuid(21, 22, 23));
        CHECK_EQ(getgid(), 11);
        CHECK_EQ(getegid(), 12);
        CHECK_EQ(getuid(), 21);
        CHECK_EQ(geteuid(), 22);
        OK(seteuid(21));
        CHECK_EQ(geteuid(), 21);
    }
    /* An orphan's parent is another at once, also for the second thread. */
    OK(prctl(PR_SET_CHILD_SUBREAPER, 1));
    pid_t middle = (pid_t)OK(fork());
    if (middle == 0) {
        pid_t own = getpid();
        if (OK(fork()) == 0) {
            while (getppid() == own)
                sleep_ms(1);
            _exit(getppid() == self ? 0 : 1);
        }
        _exit(0);
    }
    child_wait_ok(middle);
    int status;
    CHECK(wait(&status) > 0);
    CHECK_EQ(status, 0);
}
