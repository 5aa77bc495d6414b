/* SPDX-License-Identifier: BSD-2-Clause */
/* memory_map.c - mmap(2) and munmap(2): kinds of mapping, places, errors. */
#include "test.h"
#include "trap.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

constexpr long PAGE = 4096;

static char *anonymous(long pages, int prot)
{
    return (char *)OK(
        mmap(nullptr, (size_t)(pages * PAGE), prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}

/* A file of PAGES pages, each filled with its letter: aaaa, bbbb .. */
static int lettered_file(int pages)
{
    char page[PAGE];
    int fd = (int)OK(open("letters", O_CREAT | O_TRUNC | O_RDWR, 0644));
    for (int i = 0; i < pages; i++) {
        memset(page, 'a' + i, PAGE);
        CHECK_EQ(write(fd, page, PAGE), PAGE);
    }
    return fd;
}

TEST(mmap_anonymous_is_zero_and_writable)
{
    char *p = anonymous(16, PROT_READ | PROT_WRITE);
    CHECK_EQ((long)p % PAGE, 0);
    for (int i = 0; i < 16 * PAGE; i += 511)
        CHECK_EQ(p[i], 0);
    memset(p, 7, 16 * PAGE);
    CHECK_EQ(p[16 * PAGE - 1], 7);
    OK(munmap(p, 16 * PAGE));
    CHECK_EQ(trap_read(p).signal, SIGSEGV);
}

TEST(mmap_two_maps_do_not_overlap)
{
    char *maps[50];
    for (int i = 0; i < 50; i++) {
        maps[i] = anonymous(3, PROT_READ | PROT_WRITE);
        memset(maps[i], i, 3 * PAGE);
    }
    for (int i = 0; i < 50; i++)
        CHECK(maps[i][0] == i && maps[i][3 * PAGE - 1] == i);
}

TEST(mmap_large_untouched_costs_nothing)
{
    long len = 1L << 36;
    char *p = mmap(nullptr, (size_t)len, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    CHECK(p != MAP_FAILED);
    p[0] = 1;
    p[len - 1] = 2;
    p[len / 2] = 3;
    CHECK_EQ(p[len / 2 + 1], 0);
    OK(munmap(p, (size_t)len));
}

TEST(mmap_file_private_does_not_write_back)
{
    int fd = lettered_file(2);
    char *p = mmap(nullptr, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    char byte;
    CHECK(p != MAP_FAILED);
    CHECK(p[0] == 'a' && p[PAGE] == 'b');
    p[0] = 'X';
    CHECK_EQ(pread(fd, &byte, 1, 0), 1);
    CHECK_EQ(byte, 'a');
    /* A page not yet copied shows what is written to the file. */
    CHECK_EQ(pwrite(fd, "N", 1, PAGE + 5), 1);
    CHECK_EQ(p[PAGE + 5], 'N');
    CHECK_EQ(p[0], 'X');
}

TEST(mmap_file_shared_is_the_file)
{
    int fd = lettered_file(2);
    char *p = mmap(nullptr, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    char byte;
    CHECK(p != MAP_FAILED);
    OK(close(fd));
    p[10] = 'W';
    fd = (int)OK(open("letters", O_RDWR));
    CHECK_EQ(pread(fd, &byte, 1, 10), 1);
    CHECK_EQ(byte, 'W');
    CHECK_EQ(pwrite(fd, "R", 1, PAGE + 1), 1);
    CHECK_EQ(p[PAGE + 1], 'R');
    OK(msync(p, 2 * PAGE, MS_SYNC));
}

TEST(mmap_file_shared_between_processes)
{
    int fd = lettered_file(1);
    char *p = mmap(nullptr, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK(p != MAP_FAILED);
    IN_CHILD
    {
        char *again = mmap(nullptr, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        CHECK(again != MAP_FAILED);
        again[100] = 'C';
        p[101] = 'D';
    }
    CHECK_EQ(p[100], 'C');
    CHECK_EQ(p[101], 'D');
}

TEST(mmap_file_offset)
{
    int fd = lettered_file(4);
    char *p = mmap(nullptr, PAGE, PROT_READ, MAP_PRIVATE, fd, 2 * PAGE);
    CHECK(p != MAP_FAILED);
    CHECK_EQ(p[0], 'c');
    CHECK_EQ(p[PAGE - 1], 'c');
    CHECK_ERRNO(mmap(nullptr, PAGE, PROT_READ, MAP_PRIVATE, fd, 100), EINVAL);
}

TEST(mmap_tail_of_the_last_page_is_zero)
{
    file_make("f", "hello");
    int fd = (int)OK(open("f", O_RDWR));
    char *p = mmap(nullptr, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    struct stat st;
    CHECK(p != MAP_FAILED);
    CHECK(!memcmp(p, "hello\0\0\0", 8));
    CHECK_EQ(p[PAGE - 1], 0);
    p[100] = 'x';
    OK(fstat(fd, &st));
    CHECK_EQ(st.st_size, 5);
    file_expect("f", "hello");
}

TEST(mmap_beyond_the_end_of_file_is_sigbus)
{
    int fd = lettered_file(1);
    char *p = mmap(nullptr, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK(p != MAP_FAILED);
    CHECK_EQ(trap_read(p + PAGE - 1).signal, 0);
    struct trap trap = trap_read(p + PAGE + 17);
    CHECK_EQ(trap.signal, SIGBUS);
    CHECK_EQ(trap.code, BUS_ADRERR);
    CHECK(trap.address == p + PAGE + 17);
    CHECK_EQ(trap_write(p + 3 * PAGE).signal, SIGBUS);
    OK(ftruncate(fd, 3 * PAGE));
    CHECK_EQ(trap_read(p + 2 * PAGE).signal, 0);
}

TEST(mmap_truncated_file_is_sigbus)
{
    int fd = lettered_file(3);
    char *p = mmap(nullptr, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK(p != MAP_FAILED);
    CHECK_EQ(p[2 * PAGE], 'c');
    OK(ftruncate(fd, PAGE));
    CHECK_EQ(trap_read(p).signal, 0);
    CHECK_EQ(trap_read(p + 2 * PAGE).signal, SIGBUS);
}

TEST(mmap_fixed_replaces)
{
    char *p = anonymous(3, PROT_READ | PROT_WRITE);
    memset(p, 'o', 3 * PAGE);
    char *q = mmap(p + PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
                   -1, 0);
    CHECK(q == p + PAGE);
    CHECK(p[0] == 'o' && p[PAGE] == 0 && p[2 * PAGE] == 'o');
}

TEST(mmap_fixed_noreplace)
{
    char *p = anonymous(3, PROT_READ | PROT_WRITE);
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE;
    CHECK_ERRNO(mmap(p, PAGE, PROT_READ, flags, -1, 0), EEXIST);
    CHECK_ERRNO(mmap(p + PAGE, 10 * PAGE, PROT_READ, flags, -1, 0), EEXIST);
    OK(munmap(p + PAGE, PAGE));
    CHECK(mmap(p + PAGE, PAGE, PROT_READ, flags, -1, 0) == p + PAGE);
}

TEST(mmap_hint_is_taken_when_free)
{
    char *p = anonymous(4, PROT_READ);
    OK(munmap(p, 4 * PAGE));
    char *q = mmap(p, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(q == p);
    char *r = mmap(p, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(r != p && r != MAP_FAILED);
}

TEST(mmap_errors)
{
    int fd = lettered_file(1);
    int flags = MAP_PRIVATE | MAP_ANONYMOUS;
    CHECK_ERRNO(mmap(nullptr, 0, PROT_READ, flags, -1, 0), EINVAL);
    CHECK_ERRNO(mmap(nullptr, PAGE, PROT_READ, MAP_ANONYMOUS, -1, 0), EINVAL);
    CHECK_ERRNO(mmap((void *)100, PAGE, PROT_READ, flags | MAP_FIXED, -1, 0), EINVAL);
    CHECK_ERRNO(mmap(nullptr, PAGE, PROT_READ, MAP_PRIVATE, 999, 0), EBADF);
    CHECK_ERRNO(mmap(nullptr, PAGE, PROT_READ, MAP_PRIVATE, -1, 0), EBADF);
    CHECK_ERRNO(mmap(nullptr, ~0UL - PAGE, PROT_READ, flags, -1, 0), ENOMEM);
    CHECK_ERRNO(mmap(nullptr, ~0UL, PROT_READ, flags, -1, 0), ENOMEM);
    CHECK_ERRNO(mmap((void *)0x7ffffffff000, 2 * PAGE, PROT_READ, flags | MAP_FIXED, -1, 0),
                ENOMEM);
    CHECK_ERRNO(mmap((void *)0xffffffff80000000, PAGE, PROT_READ, flags | MAP_FIXED, -1, 0),
                ENOMEM);
    CHECK_ERRNO(mmap(nullptr, 2 * PAGE, PROT_READ, MAP_PRIVATE, fd, 0x7ffffffffffff000), EOVERFLOW);
}

TEST(mmap_access_mode_of_the_file)
{
    lettered_file(1);
    int reader = (int)OK(open("letters", O_RDONLY));
    int writer = (int)OK(open("letters", O_WRONLY));
    CHECK_ERRNO(mmap(nullptr, PAGE, PROT_READ, MAP_PRIVATE, writer, 0), EACCES);
    CHECK_ERRNO(mmap(nullptr, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, reader, 0), EACCES);
    OK(mmap(nullptr, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, reader, 0));
    char *p = mmap(nullptr, PAGE, PROT_READ, MAP_SHARED, reader, 0);
    CHECK(p != MAP_FAILED);
    CHECK_ERRNO(mprotect(p, PAGE, PROT_READ | PROT_WRITE), EACCES);
    int dir = (int)OK(open(".", O_RDONLY));
    CHECK_ERRNO(mmap(nullptr, PAGE, PROT_READ, MAP_PRIVATE, dir, 0), ENODEV);
    int pipes[2];
    OK(pipe(pipes));
    CHECK_ERRNO(mmap(nullptr, PAGE, PROT_READ, MAP_PRIVATE, pipes[0], 0), ENODEV);
}

TEST(mmap_dev_zero)
{
    int fd = (int)OK(open("/dev/zero", O_RDWR));
    char *p = mmap(nullptr, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    CHECK(p != MAP_FAILED);
    CHECK_EQ(p[PAGE], 0);
    p[PAGE] = 1;
    char *shared = mmap(nullptr, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK(shared != MAP_FAILED);
    IN_CHILD
    {
        shared[0] = 9;
    }
    CHECK_EQ(shared[0], 9);
}

TEST(mmap_populate_and_stack_flags_are_accepted)
{
    int flags = MAP_PRIVATE | MAP_ANONYMOUS;
    char *p = mmap(nullptr, 8 * PAGE, PROT_READ | PROT_WRITE, flags | MAP_POPULATE, -1, 0);
    CHECK(p != MAP_FAILED);
    CHECK_EQ(p[7 * PAGE], 0);
    OK(mmap(nullptr, 8 * PAGE, PROT_READ, flags | MAP_STACK | MAP_NORESERVE, -1, 0));
    char *low = mmap(nullptr, PAGE, PROT_READ, flags | MAP_32BIT, -1, 0);
    CHECK(low != MAP_FAILED && (unsigned long)low < 1UL << 31);
}

TEST(munmap_makes_a_hole)
{
    char *p = anonymous(5, PROT_READ | PROT_WRITE);
    memset(p, 'm', 5 * PAGE);
    OK(munmap(p + 2 * PAGE, PAGE));
    CHECK_EQ(trap_read(p + 2 * PAGE - 1).signal, 0);
    CHECK_EQ(trap_read(p + 2 * PAGE).signal, SIGSEGV);
    CHECK_EQ(trap_read(p + 3 * PAGE).signal, 0);
    /* A range with holes, and one of nothing but a hole, are fine. */
    OK(munmap(p, 5 * PAGE));
    OK(munmap(p, 5 * PAGE));
}

TEST(munmap_errors)
{
    char *p = anonymous(1, PROT_READ);
    CHECK_ERRNO(munmap(p + 1, PAGE), EINVAL);
    CHECK_ERRNO(munmap(p, 0), EINVAL);
    CHECK_ERRNO(munmap((void *)0xffff800000000000, PAGE), EINVAL);
    CHECK_ERRNO(munmap(p, ~0UL), EINVAL);
    OK(munmap(p, 1));
}

TEST(munmap_rounds_its_length_up)
{
    char *p = anonymous(2, PROT_READ);
    OK(munmap(p, PAGE + 1));
    CHECK_EQ(trap_read(p + PAGE).signal, SIGSEGV);
}

TEST(mmap_file_outlives_its_name_and_descriptor)
{
    int fd = lettered_file(2);
    char *p = mmap(nullptr, 2 * PAGE, PROT_READ, MAP_SHARED, fd, 0);
    CHECK(p != MAP_FAILED);
    OK(close(fd));
    OK(unlink("letters"));
    CHECK(p[0] == 'a' && p[2 * PAGE - 1] == 'b');
}

TEST(mmap_many_single_pages)
{
    char *base = anonymous(1000, PROT_NONE);
    for (int i = 0; i < 1000; i += 2)
        OK(mprotect(base + i * PAGE, PAGE, PROT_READ | PROT_WRITE));
    for (int i = 0; i < 1000; i += 2)
        base[i * PAGE] = (char)i;
    CHECK_EQ(trap_read(base + 501 * PAGE).signal, SIGSEGV);
    CHECK_EQ(base[500 * PAGE], (char)500);
    OK(munmap(base, 1000 * PAGE));
}

TEST(mmap_executable_memory_runs)
{
    static const unsigned char code[] = {0xb8, 0x2a, 0, 0, 0, 0xc3}; /* mov $42, %eax; ret */
    unsigned char *p = (unsigned char *)anonymous(1, PROT_READ | PROT_WRITE);
    memcpy(p, code, sizeof code);
    CHECK_EQ(trap_call(p).signal, SIGSEGV);
    OK(mprotect(p, PAGE, PROT_READ | PROT_EXEC));
    CHECK_EQ(((int (*)(void))p)(), 42);
    /* Written anew, the new code runs. */
    OK(mprotect(p, PAGE, PROT_READ | PROT_WRITE));
    p[1] = 43;
    OK(mprotect(p, PAGE, PROT_READ | PROT_EXEC));
    CHECK_EQ(((int (*)(void))p)(), 43);
}

TEST(mmap_writable_and_executable_code_that_changes_itself)
{
    static const unsigned char code[] = {0xb8, 0x2a, 0, 0, 0, 0xc3};
    unsigned char *p = (unsigned char *)anonymous(1, PROT_READ | PROT_WRITE | PROT_EXEC);
    memcpy(p, code, sizeof code);
    for (int i = 0; i < 10; i++) {
        p[1] = (unsigned char)i;
        CHECK_EQ(((int (*)(void))p)(), i);
    }
}

TEST(mmap_syscall_code_written_at_run_time)
{
    /* mov $39 (getpid), %eax; syscall; ret: run often enough to be patched, then changed. */
    static const unsigned char code[] = {0xb8, 39, 0, 0, 0, 0x0f, 0x05, 0xc3};
    unsigned char *p = (unsigned char *)anonymous(1, PROT_READ | PROT_WRITE | PROT_EXEC);
    memcpy(p, code, sizeof code);
    for (int i = 0; i < 100; i++)
        CHECK_EQ(((int (*)(void))p)(), getpid());
    memcpy(p, code, sizeof code);
    p[1] = 110; /* getppid */
    for (int i = 0; i < 100; i++)
        CHECK_EQ(((int (*)(void))p)(), getppid());
}
