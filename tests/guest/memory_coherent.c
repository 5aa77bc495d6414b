/* SPDX-License-Identifier: BSD-2-Clause */
/* memory_coherent.c - a file seen through mappings and through calls is one file. */
#include "test.h"
#include "trap.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

constexpr size_t PAGE = 4096;

/* N pages of "a", "b" ... */
static int lettered(unsigned n)
{
    char page[PAGE];
    int fd = (int)OK(open("f", O_CREAT | O_RDWR | O_TRUNC, 0644));
    for (unsigned i = 0; i < n; i++) {
        memset(page, 'a' + (int)i, PAGE);
        CHECK_EQ(write(fd, page, PAGE), PAGE);
    }
    return fd;
}

static char *map(int fd, size_t n, int flags)
{
    char *p = mmap(nullptr, n, PROT_READ | PROT_WRITE, flags, fd, 0);
    CHECK(p != MAP_FAILED);
    return p;
}

TEST(shared_mappings_of_one_file_agree_with_each_other_and_with_calls)
{
    char byte;
    int fd = lettered(2);
    char *one = map(fd, 2 * PAGE, MAP_SHARED), *two = map(fd, 2 * PAGE, MAP_SHARED);
    int other = (int)OK(open("f", O_RDWR));
    for (int i = 0; i < 50; i++) {
        one[PAGE + i] = (char)i;
        CHECK_EQ(two[PAGE + i], i);
        CHECK_EQ(pread(other, &byte, 1, (off_t)PAGE + i), 1);
        CHECK_EQ(byte, i);
        byte = (char)(i + 1);
        CHECK_EQ(pwrite(other, &byte, 1, (off_t)PAGE + i), 1);
        CHECK(one[PAGE + i] == i + 1 && two[PAGE + i] == i + 1);
    }
}

TEST(private_mapping_follows_the_file_until_it_is_written)
{
    int fd = lettered(2);
    char *p = map(fd, 2 * PAGE, MAP_PRIVATE);
    CHECK(p[0] == 'a' && p[PAGE] == 'b');
    CHECK_EQ(pwrite(fd, "xy", 2, 0), 2);
    CHECK_EQ(p[0], 'x');
    p[1] = 'P';
    CHECK_EQ(pwrite(fd, "12", 2, 0), 2);
    CHECK(p[0] == 'x' && p[1] == 'P');
    CHECK_EQ(pwrite(fd, "z", 1, PAGE), 1);
    CHECK_EQ(p[PAGE], 'z');
    OK(madvise(p, PAGE, MADV_DONTNEED));
    CHECK(p[0] == '1' && p[1] == '2');
}

TEST(private_page_of_a_truncated_file_is_gone_even_if_written)
{
    int fd = lettered(2);
    char *p = map(fd, 2 * PAGE, MAP_PRIVATE);
    p[PAGE] = 'P';
    OK(ftruncate(fd, PAGE));
    CHECK_EQ(trap_read(p + PAGE).signal, SIGBUS);
    OK(ftruncate(fd, 2 * PAGE));
    CHECK_EQ(p[PAGE], 0);
}

TEST(truncated_and_regrown_file_is_zero_in_all_mappings)
{
    int fd = lettered(3);
    char *shared = map(fd, 3 * PAGE, MAP_SHARED), *private = map(fd, 3 * PAGE, MAP_PRIVATE);
    CHECK(shared[2 * PAGE] == 'c' && private[PAGE + 100] == 'b');
    OK(ftruncate(fd, PAGE + 50));
    CHECK(shared[PAGE + 49] == 'b' && shared[PAGE + 50] == 0);
    CHECK(private[PAGE + 49] == 'b' && private[PAGE + 50] == 0);
    CHECK_EQ(trap_read(shared + 2 * PAGE).signal, SIGBUS);
    OK(ftruncate(fd, 3 * PAGE));
    CHECK(shared[PAGE + 100] == 0 && shared[2 * PAGE] == 0 && private[2 * PAGE] == 0);
    CHECK_EQ(pwrite(fd, "n", 1, 2 * PAGE), 1);
    CHECK(shared[2 * PAGE] == 'n' && private[2 * PAGE] == 'n');
}

TEST(punched_hole_is_zero_in_mappings)
{
    int fd = lettered(3);
    char *p = map(fd, 3 * PAGE, MAP_SHARED);
    CHECK_EQ(p[PAGE], 'b');
    OK(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 100, 2 * PAGE));
    CHECK(p[99] == 'a' && p[100] == 0 && p[PAGE] == 0);
    CHECK(p[2 * PAGE + 99] == 0 && p[2 * PAGE + 100] == 'c');
    p[PAGE] = 'n';
    char byte;
    CHECK_EQ(pread(fd, &byte, 1, PAGE), 1);
    CHECK_EQ(byte, 'n');
}

TEST(calls_given_memory_beyond_a_files_end_say_efault)
{
    char from[2 * PAGE];
    int fd = lettered(1), other = (int)OK(open("g", O_CREAT | O_RDWR, 0644));
    char *p = map(fd, 2 * PAGE, MAP_SHARED);
    memset(from, 'x', sizeof from);
    CHECK_ERRNO(write(other, p + PAGE, 10), EFAULT);
    CHECK_EQ(pwrite(other, p + PAGE - 10, 20, 0), 10);
    CHECK_EQ(pwrite(other, from, 100, 0), 100);
    CHECK_ERRNO(pread(other, p + PAGE, 10, 0), EFAULT);
    CHECK_EQ(pread(other, p + PAGE - 10, 20, 0), 10);
    CHECK_EQ(p[PAGE - 1], 'x');
    OK(ftruncate(fd, 2 * PAGE));
    CHECK_EQ(pread(other, p + PAGE, 10, 0), 10);
}

TEST(file_grown_by_a_write_is_accessible_at_once)
{
    int fd = lettered(1);
    char *p = map(fd, 3 * PAGE, MAP_SHARED);
    struct trap trap = trap_write(p + PAGE);
    CHECK_EQ(trap.signal, SIGBUS);
    CHECK_EQ(trap.code, BUS_ADRERR);
    CHECK_EQ(pwrite(fd, "w", 1, PAGE + 5), 1);
    CHECK(p[PAGE + 5] == 'w' && p[PAGE] == 0 && p[2 * PAGE - 1] == 0);
    CHECK_EQ(trap_read(p + 2 * PAGE).signal, SIGBUS);
}

/* A write whose source is the page that it overwrites, through a mapping. */
TEST(file_written_from_its_own_mapping)
{
    int fd = lettered(2);
    char *p = map(fd, 2 * PAGE, MAP_SHARED), back[PAGE];
    p[0] = '1';
    p[1] = '2';
    CHECK_EQ(pwrite(fd, p, PAGE, PAGE), PAGE);
    CHECK(p[PAGE] == '1' && p[PAGE + 1] == '2' && p[2 * PAGE - 1] == 'a');
    CHECK_EQ(pwrite(fd, p + 1, PAGE, 0), PAGE);
    CHECK_EQ(p[0], '2');
    CHECK_EQ(pread(fd, p, PAGE, PAGE), PAGE);
    CHECK_EQ(pread(fd, back, PAGE, 0), PAGE);
    CHECK(memcmp(back, p, PAGE) == 0);
}

TEST(shared_mapping_is_inherited_and_private_is_copied)
{
    int fd = lettered(1);
    char *shared = map(fd, PAGE, MAP_SHARED), *private = map(fd, PAGE, MAP_PRIVATE);
    private[1] = 'p';
    IN_CHILD
    {
        shared[0] = 'S';
        CHECK_EQ(private[0], 'a');
        CHECK_EQ(private[1], 'p');
        private[1] = 'q';
    }
    CHECK_EQ(shared[0], 'S');
    CHECK_EQ(private[1], 'p');
    file_make("f", "other");
    OK(unlink("f"));
    CHECK_EQ(shared[1], 't');
}

TEST(mapping_touches_the_files_times_when_written)
{
    struct timespec old[2] = {{1000, 0}, {1000, 0}};
    struct stat st;
    int fd = lettered(1);
    char *p = map(fd, PAGE, MAP_SHARED);
    OK(futimens(fd, old));
    p[0] = 'x';
    OK(msync(p, PAGE, MS_SYNC));
    OK(fstat(fd, &st));
    CHECK(st.st_mtim.tv_sec > 1000);
}
