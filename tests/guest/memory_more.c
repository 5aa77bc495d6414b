/* SPDX-License-Identifier: BSD-2-Clause */
/* memory_more.c - mremap(2), madvise(2), brk(2), mincore(2), mlock(2), msync(2), memfd. */
#include "test.h"
#include "trap.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

constexpr long PAGE = 4096;

static char *anonymous(long pages)
{
    return (char *)OK(mmap(nullptr, (size_t)(pages * PAGE), PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}

TEST(mremap_shrinks_in_place)
{
    char *p = anonymous(4);
    memset(p, 'r', 4 * PAGE);
    CHECK(mremap(p, 4 * PAGE, 2 * PAGE, 0) == p);
    CHECK_EQ(p[2 * PAGE - 1], 'r');
    CHECK_EQ(trap_read(p + 2 * PAGE).signal, SIGSEGV);
}

TEST(mremap_grows_and_may_move)
{
    char *p = anonymous(2);
    memset(p, 'g', 2 * PAGE);
    char *q = mremap(p, 2 * PAGE, 64 * PAGE, MREMAP_MAYMOVE);
    CHECK(q != MAP_FAILED);
    CHECK(q[0] == 'g' && q[2 * PAGE - 1] == 'g' && q[2 * PAGE] == 0);
    q[64 * PAGE - 1] = 1;
    if (q != p)
        CHECK_EQ(trap_read(p).signal, SIGSEGV);
}

TEST(mremap_cannot_grow_in_place_over_another)
{
    char *p = anonymous(4);
    CHECK_ERRNO(mremap(p, 2 * PAGE, 3 * PAGE, 0), ENOMEM);
    char *q = mremap(p, 2 * PAGE, 3 * PAGE, MREMAP_MAYMOVE);
    CHECK(q != MAP_FAILED && q != p);
    CHECK_EQ(trap_read(p).signal, SIGSEGV);
    CHECK_EQ(trap_read(p + 2 * PAGE).signal, 0);
}

TEST(mremap_fixed_moves_there)
{
    char *p = anonymous(2), *there = anonymous(4);
    strcpy(p, "moved");
    strcpy(there + PAGE, "replaced");
    char *q = mremap(p, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, there + PAGE);
    CHECK(q == there + PAGE);
    CHECK_STR(q, "moved");
    CHECK_EQ(trap_read(p).signal, SIGSEGV);
}

TEST(mremap_dontunmap_leaves_an_empty_old_place)
{
    char *p = anonymous(2);
    strcpy(p, "moved");
    char *q = (char *)OK(
        syscall(SYS_mremap, p, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, 0));
    CHECK_STR(q, "moved");
    CHECK_EQ(p[0], 0);
}

TEST(mremap_of_a_file_mapping_keeps_its_offset)
{
    static char page[PAGE];
    int fd = (int)OK(open("f", O_CREAT | O_RDWR, 0644));
    for (int i = 0; i < 4; i++) {
        memset(page, 'a' + i, PAGE);
        CHECK_EQ(write(fd, page, PAGE), PAGE);
    }
    char *p = mmap(nullptr, PAGE, PROT_READ, MAP_SHARED, fd, PAGE);
    CHECK(p != MAP_FAILED);
    char *q = mremap(p, PAGE, 3 * PAGE, MREMAP_MAYMOVE);
    CHECK(q != MAP_FAILED);
    CHECK(q[0] == 'b' && q[PAGE] == 'c' && q[2 * PAGE] == 'd');
}

TEST(mremap_errors)
{
    char *p = anonymous(2);
    CHECK_ERRNO(mremap(p + 1, PAGE, PAGE, 0), EINVAL);
    CHECK_ERRNO(mremap(p, PAGE, 0, 0), EINVAL);
    CHECK_ERRNO(mremap(p, PAGE, PAGE, 0x80), EINVAL);
    CHECK_ERRNO(mremap(p, PAGE, PAGE, MREMAP_FIXED, p + PAGE), EINVAL);
    CHECK_ERRNO(mremap(p, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p + PAGE), EINVAL);
    OK(munmap(p, 2 * PAGE));
    CHECK_ERRNO(mremap(p, PAGE, 2 * PAGE, MREMAP_MAYMOVE), EFAULT);
}

TEST(madvise_dontneed_zeroes_anonymous_memory)
{
    char *p = anonymous(3);
    memset(p, 'n', 3 * PAGE);
    OK(madvise(p + PAGE, PAGE, MADV_DONTNEED));
    CHECK(p[0] == 'n' && p[PAGE] == 0 && p[2 * PAGE] == 'n');
}

TEST(madvise_dontneed_rereads_a_file)
{
    file_make("f", "original");
    int fd = (int)OK(open("f", O_RDWR));
    char *p = mmap(nullptr, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    CHECK(p != MAP_FAILED);
    strcpy(p, "changed!");
    OK(madvise(p, PAGE, MADV_DONTNEED));
    CHECK_STR(p, "original");
    char *shared = mmap(nullptr, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    memcpy(shared, "modified", 8);
    OK(madvise(shared, PAGE, MADV_DONTNEED));
    CHECK_STR(shared, "modified");
}

TEST(madvise_hints_are_accepted)
{
    char *p = anonymous(4);
    strcpy(p, "same");
    OK(madvise(p, 4 * PAGE, MADV_NORMAL));
    OK(madvise(p, 4 * PAGE, MADV_RANDOM));
    OK(madvise(p, 4 * PAGE, MADV_SEQUENTIAL));
    OK(madvise(p, 4 * PAGE, MADV_WILLNEED));
    OK(madvise(p, 0, MADV_NORMAL));
    CHECK_STR(p, "same");
}

TEST(madvise_errors)
{
    char *p = anonymous(3);
    CHECK_ERRNO(madvise(p + 1, PAGE, MADV_DONTNEED), EINVAL);
    CHECK_ERRNO(madvise(p, PAGE, 9999), EINVAL);
    OK(munmap(p + PAGE, PAGE));
    CHECK_ERRNO(madvise(p, 3 * PAGE, MADV_DONTNEED), ENOMEM);
}

TEST(madvise_dontfork_and_wipeonfork)
{
    char *gone = anonymous(1), *wiped = anonymous(1);
    strcpy(wiped, "secret");
    OK(madvise(gone, PAGE, MADV_DONTFORK));
    OK(madvise(wiped, PAGE, MADV_WIPEONFORK));
    IN_CHILD
    {
        CHECK_EQ(trap_read(gone).signal, SIGSEGV);
        CHECK_EQ(wiped[0], 0);
    }
    CHECK_STR(wiped, "secret");
}

TEST(brk_grows_zeroed_and_shrinks)
{
    char *start = sbrk(0);
    CHECK(sbrk(10 * PAGE) == start);
    CHECK(sbrk(0) == start + 10 * PAGE);
    for (int i = 0; i < 10; i++)
        CHECK_EQ(start[i * PAGE + 5], 0);
    memset(start, 'b', 10 * PAGE);
    OK(brk(start));
    CHECK(sbrk(10 * PAGE) == start);
    /* What came back is new memory. */
    CHECK_EQ(start[2 * PAGE], 0);
}

TEST(brk_raw_returns_the_old_break_on_failure)
{
    long now = syscall(SYS_brk, 0);
    CHECK_EQ(syscall(SYS_brk, 1), now);
    CHECK_EQ(syscall(SYS_brk, 0x7fffffffffff), now);
    CHECK_EQ(syscall(SYS_brk, 0xffff800000000000UL), now);
    CHECK_EQ(syscall(SYS_brk, now + 100), now + 100);
    *(volatile char *)(now + 99) = 1;
}

TEST(brk_is_copied_by_fork)
{
    char *p = sbrk(PAGE);
    strcpy(p, "before");
    IN_CHILD
    {
        CHECK_STR(p, "before");
        strcpy(p, "child");
        CHECK(sbrk(PAGE) == p + PAGE);
    }
    CHECK_STR(p, "before");
    CHECK(sbrk(0) == p + PAGE);
}

TEST(mincore_tells_what_is_resident)
{
    unsigned char vector[4] = {};
    char *p = anonymous(4);
    p[0] = p[2 * PAGE] = 1;
    OK(mincore(p, 4 * PAGE, vector));
    CHECK_EQ(vector[0] & 1, 1);
    CHECK_EQ(vector[1] & 1, 0);
    CHECK_EQ(vector[2] & 1, 1);
    CHECK_ERRNO(mincore(p + 1, PAGE, vector), EINVAL);
    CHECK_ERRNO(mincore(p, PAGE, (unsigned char *)8), EFAULT);
    OK(munmap(p, 4 * PAGE));
    CHECK_ERRNO(mincore(p, PAGE, vector), ENOMEM);
}

TEST(mlock_makes_resident)
{
    unsigned char vector[2] = {};
    char *p = anonymous(2);
    OK(mlock(p, 2 * PAGE));
    OK(mincore(p, 2 * PAGE, vector));
    CHECK_EQ(vector[1] & 1, 1);
    OK(munlock(p, 2 * PAGE));
    OK(munmap(p, 2 * PAGE));
    CHECK_ERRNO(mlock(p, PAGE), ENOMEM);
    CHECK_ERRNO(mlockall(0), EINVAL);
    OK(munlockall());
}

TEST(msync_flags)
{
    char *p = anonymous(2);
    OK(msync(p, PAGE, MS_ASYNC));
    OK(msync(p, 0, MS_SYNC));
    CHECK_ERRNO(msync(p + 1, PAGE, MS_SYNC), EINVAL);
    CHECK_ERRNO(msync(p, PAGE, MS_SYNC | MS_ASYNC), EINVAL);
    CHECK_ERRNO(msync(p, PAGE, 0x80), EINVAL);
    OK(munmap(p, 2 * PAGE));
    CHECK_ERRNO(msync(p, PAGE, MS_SYNC), ENOMEM);
}

TEST(memfd_is_a_file_without_a_name)
{
    char link[64] = {}, path[32];
    struct stat st;
    int fd = (int)OK(memfd_create("label", MFD_CLOEXEC));
    CHECK_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
    CHECK_EQ(write(fd, "data", 4), 4);
    OK(ftruncate(fd, 2 * PAGE));
    OK(fstat(fd, &st));
    CHECK_EQ(st.st_size, 2 * PAGE);
    CHECK(S_ISREG(st.st_mode));
    char *p = mmap(nullptr, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK(p != MAP_FAILED);
    CHECK_STR(p, "data");
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    OK(readlink(path, link, sizeof link - 1));
    CHECK_STR(link, "/memfd:label (deleted)");
    CHECK_ERRNO(memfd_create("x", 0x8000), EINVAL);
    CHECK_ERRNO(syscall(SYS_memfd_create, nullptr, 0), EFAULT);
}

TEST(memfd_seals)
{
    int fd = (int)OK(memfd_create("sealed", MFD_ALLOW_SEALING));
    CHECK_EQ(write(fd, "data", 4), 4);
    CHECK_EQ(fcntl(fd, F_GET_SEALS), 0);
    OK(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW));
    CHECK_ERRNO(ftruncate(fd, 2), EPERM);
    CHECK_ERRNO(ftruncate(fd, 100), EPERM);
    CHECK_EQ(pwrite(fd, "D", 1, 0), 1);
    OK(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
    CHECK_ERRNO(pwrite(fd, "E", 1, 0), EPERM);
    CHECK_ERRNO(mmap(nullptr, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), EPERM);
    OK(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL));
    CHECK_ERRNO(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), EPERM);
    int plain = (int)OK(memfd_create("plain", 0));
    CHECK_EQ(fcntl(plain, F_GET_SEALS), F_SEAL_SEAL);
}

TEST(cow_after_fork_in_both_directions)
{
    constexpr int pages = 256;
    char *p = anonymous(pages);
    for (int i = 0; i < pages; i++)
        p[i * PAGE] = (char)i;
    struct gate gate = gate_make();
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        for (int i = 0; i < pages; i += 2)
            p[i * PAGE] = 'c';
        gate_wait(&gate);
        for (int i = 0; i < pages; i++)
            CHECK_EQ(p[i * PAGE], i % 2 ? (char)i : 'c');
        _exit(0);
    }
    for (int i = 1; i < pages; i += 2)
        p[i * PAGE] = 'p';
    gate_open(&gate);
    child_wait_ok(pid);
    for (int i = 0; i < pages; i++)
        CHECK_EQ(p[i * PAGE], i % 2 ? 'p' : (char)i);
}

TEST(malloc_of_many_sizes)
{
    char *blocks[200];
    for (size_t i = 0; i < 200; i++) {
        size_t size = 1 + i * i * 17;
        blocks[i] = malloc(size);
        CHECK(blocks[i]);
        memset(blocks[i], (int)i, size);
    }
    for (size_t i = 0; i < 200; i++) {
        CHECK_EQ(blocks[i][i * i * 17], (char)i);
        free(blocks[i]);
    }
}

TEST(out_of_memory_is_enomem_for_the_caller)
{
    /* Far more than any machine has: refused at once, and all goes on. */
    char *p = mmap(nullptr, 1UL << 46, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(p == MAP_FAILED && errno == ENOMEM);
    void *(*volatile allocate)(size_t) = malloc;
    CHECK(allocate(1UL << 46) == nullptr && errno == ENOMEM);
    CHECK(allocate(100) != nullptr);
}
