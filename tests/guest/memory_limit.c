/* SPDX-License-Identifier: BSD-2-Clause */
/* memory_limit.c - RLIMIT_AS, RLIMIT_DATA and RLIMIT_STACK, and the gap below a stack. */
#include "test.h"
#include "trap.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

constexpr size_t PAGE = 4096;
constexpr size_t MIB = 1 << 20;

static void limit_set(__rlimit_resource_t resource, rlim_t value)
{
    struct rlimit limit;
    OK(getrlimit(resource, &limit));
    limit.rlim_cur = value;
    OK(setrlimit(resource, &limit));
}

/* A line of /proc/self/status, in bytes. */
static size_t status_value(const char *name)
{
    char text[8192];
    file_read("/proc/self/status", text, sizeof text);
    const char *line = strstr(text, name);
    CHECK(line);
    size_t value = 0;
    CHECK_EQ(sscanf(line + strlen(name), ": %zu kB", &value), 1);
    return value << 10;
}

static void *map(size_t n, int protection, int flags)
{
    return mmap(nullptr, n, protection, MAP_ANONYMOUS | flags, -1, 0);
}

TEST(rlimit_as_counts_all_mappings_and_gives_back)
{
    limit_set(RLIMIT_AS, status_value("VmSize") + 8 * MIB);
    CHECK_ERRNO((long)map(9 * MIB, PROT_NONE, MAP_PRIVATE), ENOMEM);
    CHECK_ERRNO((long)map(9 * MIB, PROT_READ | PROT_WRITE, MAP_SHARED), ENOMEM);
    char *p = map(6 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    CHECK(p != MAP_FAILED);
    CHECK_ERRNO((long)map(6 * MIB, PROT_READ, MAP_PRIVATE), ENOMEM);
    CHECK_ERRNO((long)mremap(p, 6 * MIB, 12 * MIB, MREMAP_MAYMOVE), ENOMEM);
    CHECK_ERRNO((long)sbrk(6 * MIB), ENOMEM);
    /* In place of what is there, nothing more is needed. */
    CHECK(mmap(p, 6 * MIB, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == p);
    OK(munmap(p, 6 * MIB));
    p = map(6 * MIB, PROT_READ, MAP_PRIVATE);
    CHECK(p != MAP_FAILED);
}

TEST(rlimit_as_below_what_is_used_stops_only_more)
{
    char *p = map(MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    CHECK(p != MAP_FAILED);
    limit_set(RLIMIT_AS, PAGE);
    CHECK_ERRNO((long)map(PAGE, PROT_READ, MAP_PRIVATE), ENOMEM);
    memset(p, 'x', MIB);
    OK(mprotect(p, PAGE, PROT_READ));
    IN_CHILD
    {
        CHECK_EQ(p[PAGE], 'x');
    }
    OK(munmap(p, MIB));
}

TEST(rlimit_data_counts_private_writable_memory)
{
    limit_set(RLIMIT_DATA, status_value("VmData") + 4 * MIB);
    CHECK_ERRNO((long)map(5 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE), ENOMEM);
    CHECK(map(5 * MIB, PROT_READ | PROT_WRITE, MAP_SHARED) != MAP_FAILED);
    char *p = map(5 * MIB, PROT_READ, MAP_PRIVATE);
    CHECK(p != MAP_FAILED);
    CHECK_ERRNO(mprotect(p, 5 * MIB, PROT_READ | PROT_WRITE), ENOMEM);
    OK(mprotect(p, 2 * MIB, PROT_READ | PROT_WRITE));
    p[0] = 'w';
    CHECK_ERRNO((long)map(3 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE), ENOMEM);
    OK(mprotect(p, 2 * MIB, PROT_READ));
    CHECK(map(3 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE) != MAP_FAILED);
}

/* 4 KiB of stack for each turn; the address escapes, so that the frame is kept whole. */
static int recurse(int depth)
{
    char frame[4096];
    asm volatile("" : : "r"(frame) : "memory");
    frame[0] = (char)depth;
    int below = depth ? recurse(depth - 1) : 1;
    asm volatile("" : : "r"(frame) : "memory");
    return below;
}

/* How a child ends that needs KIB of stack. */
static int stack_use(int kib)
{
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0)
        _exit(recurse(kib / 4) == 1 ? 0 : 1);
    return child_wait(pid);
}

TEST(rlimit_stack_holds_for_a_stack_that_has_grown_less)
{
    CHECK_EQ(stack_use(2048), 0);
    limit_set(RLIMIT_STACK, MIB);
    CHECK_EQ(stack_use(512), 0);
    CHECK_EQ(stack_use(2048) & 0x7f, SIGSEGV);
    limit_set(RLIMIT_STACK, 4 * MIB);
    CHECK_EQ(stack_use(2048), 0);
}

HELPER(uses_stack)
{
    return recurse(512) == 1 ? 0 : 1;
}

TEST(rlimit_stack_is_the_next_programs_too)
{
    CHECK_EQ(helper_run("uses_stack", nullptr, nullptr, nullptr), 0);
    limit_set(RLIMIT_STACK, MIB);
    CHECK_EQ(helper_run("uses_stack", nullptr, nullptr, nullptr) & 0x7f, SIGSEGV);
}

/* The start of this thread's stack as it is mapped. */
static char *stack_start(void)
{
    char here;
    unsigned long from, to;
    char line[512];
    FILE *maps = fopen("/proc/self/maps", "r");
    CHECK(maps);
    while (fgets(line, sizeof line, maps)) {
        CHECK_EQ(sscanf(line, "%lx-%lx", &from, &to), 2);
        if (from <= (unsigned long)&here && (unsigned long)&here < to) {
            fclose(maps);
            return (char *)from;
        }
    }
    FAIL("no mapping holds the stack");
}

TEST(stack_keeps_a_gap_to_what_lies_below)
{
    char *start = stack_start();
    char *below = start - 2 * MIB;
    CHECK(mmap(below, PAGE, PROT_READ | PROT_WRITE,
               MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == below);
    /* 1 MiB (256 pages) stay free above it. */
    CHECK_EQ(trap_write(start - PAGE).signal, 0);
    CHECK_EQ(trap_write(below + PAGE + MIB + PAGE).signal, 0);
    CHECK_EQ(trap_write(below + PAGE + MIB - PAGE).signal, SIGSEGV);
    below[0] = 'x';
}

TEST(stack_needs_no_gap_to_what_cannot_be_accessed)
{
    char *start = stack_start();
    char *below = start - MIB;
    CHECK(mmap(below, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) ==
          below);
    CHECK_EQ(trap_write(below + PAGE).signal, 0);
    CHECK_EQ(trap_write(below).signal, SIGSEGV);
}

TEST(mapping_that_grows_down_does)
{
    constexpr size_t ROOM = 600 * PAGE;
    char *p = map(ROOM, PROT_NONE, MAP_PRIVATE), *top = p + ROOM - PAGE;
    CHECK(p != MAP_FAILED);
    OK(munmap(p, ROOM));
    CHECK(mmap(top, PAGE, PROT_READ | PROT_WRITE,
               MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_FIXED_NOREPLACE, -1, 0) == top);
    CHECK_EQ(trap_write(top - 100 * PAGE).signal, 0);
    CHECK_EQ(trap_read(top - 50 * PAGE).signal, 0);
    limit_set(RLIMIT_STACK, 150 * PAGE);
    CHECK_EQ(trap_write(top - 200 * PAGE).signal, SIGSEGV);
    CHECK_EQ(trap_write(top - 140 * PAGE).signal, 0);
}
