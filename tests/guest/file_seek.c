/* SPDX-License-Identifier: BSD-2-Clause */
/* file_seek.c - lseek(2), truncate(2), ftruncate(2), fallocate(2), sparse files. */
#include "test.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int file_opened(const char *text)
{
    file_make("f", text);
    return (int)OK(open("f", O_RDWR));
}

static long file_size(int fd)
{
    struct stat st;
    OK(fstat(fd, &st));
    return st.st_size;
}

TEST(lseek_set_cur_end)
{
    int fd = file_opened("abcdef");
    CHECK_EQ(lseek(fd, 3, SEEK_SET), 3);
    CHECK_EQ(lseek(fd, 2, SEEK_CUR), 5);
    CHECK_EQ(lseek(fd, -1, SEEK_CUR), 4);
    CHECK_EQ(lseek(fd, -2, SEEK_END), 4);
    CHECK_EQ(lseek(fd, 10, SEEK_END), 16);
    CHECK_EQ(file_size(fd), 6);
}

TEST(lseek_errors)
{
    int pipes[2];
    int fd = file_opened("abc");
    CHECK_ERRNO(lseek(fd, -1, SEEK_SET), EINVAL);
    CHECK_ERRNO(lseek(fd, -4, SEEK_END), EINVAL);
    CHECK_ERRNO(lseek(fd, 0, 99), EINVAL);
    CHECK_ERRNO(lseek(999, 0, SEEK_SET), EBADF);
    OK(pipe(pipes));
    CHECK_ERRNO(lseek(pipes[0], 0, SEEK_CUR), ESPIPE);
    /* A failed seek leaves the offset. */
    CHECK_EQ(lseek(fd, 2, SEEK_SET), 2);
    CHECK_ERRNO(lseek(fd, -3, SEEK_CUR), EINVAL);
    CHECK_EQ(lseek(fd, 0, SEEK_CUR), 2);
}

TEST(lseek_overflow)
{
    int fd = file_opened("abc");
    CHECK_EQ(lseek(fd, 1, SEEK_SET), 1);
    long r = lseek(fd, LONG_MAX, SEEK_CUR);
    CHECK(r == -1 && (errno == EOVERFLOW || errno == EINVAL));
    CHECK_EQ(lseek(fd, 0, SEEK_CUR), 1);
}

TEST(lseek_data_and_hole)
{
    int fd = file_opened("");
    OK(ftruncate(fd, 1 << 20));
    CHECK_EQ(pwrite(fd, "x", 1, 512 * 1024), 1);
    long data = lseek(fd, 0, SEEK_DATA);
    /* A file system may report everything as data; otherwise it finds the block. */
    CHECK(data == 0 || (data > 0 && data <= 512 * 1024));
    long hole = lseek(fd, 512 * 1024, SEEK_HOLE);
    CHECK(hole > 512 * 1024 && hole <= 1 << 20);
    CHECK_EQ(lseek(fd, 512 * 1024, SEEK_DATA), 512 * 1024);
}

TEST(lseek_data_past_end_is_enxio)
{
    int fd = file_opened("abc");
    CHECK_ERRNO(lseek(fd, 3, SEEK_DATA), ENXIO);
    CHECK_ERRNO(lseek(fd, 3, SEEK_HOLE), ENXIO);
    CHECK_EQ(lseek(fd, 0, SEEK_HOLE), 3);
    CHECK_EQ(lseek(fd, 1, SEEK_DATA), 1);
}

TEST(lseek_directory_rewinds)
{
    int fd = (int)OK(open(".", O_RDONLY));
    CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
}

TEST(truncate_shrinks_and_grows_with_zeros)
{
    char text[8];
    int fd = file_opened("abcdef");
    OK(truncate("f", 3));
    CHECK_EQ(file_size(fd), 3);
    OK(ftruncate(fd, 6));
    CHECK_EQ(pread(fd, text, 8, 0), 6);
    CHECK(!memcmp(text, "abc\0\0\0", 6));
    CHECK_EQ(lseek(fd, 0, SEEK_CUR), 0);
}

TEST(truncate_inside_a_page_zeroes_the_rest)
{
    static char page[8192], back[8192];
    int fd = file_opened("");
    memset(page, 'x', sizeof page);
    CHECK_EQ(write(fd, page, sizeof page), sizeof page);
    OK(ftruncate(fd, 5000));
    OK(ftruncate(fd, 8192));
    CHECK_EQ(pread(fd, back, sizeof back, 0), sizeof back);
    CHECK_EQ(back[4999], 'x');
    for (int i = 5000; i < 8192; i++)
        CHECK_EQ(back[i], 0);
}

TEST(truncate_errors)
{
    OK(mkdir("d", 0755));
    int fd = file_opened("abc");
    CHECK_ERRNO(truncate("missing", 0), ENOENT);
    CHECK_ERRNO(truncate("f", -1), EINVAL);
    CHECK_ERRNO(truncate("d", 0), EISDIR);
    CHECK_ERRNO(truncate("f/x", 0), ENOTDIR);
    CHECK_ERRNO(ftruncate(fd, -1), EINVAL);
    CHECK_ERRNO(ftruncate(999, 0), EBADF);
    int reader = (int)OK(open("f", O_RDONLY));
    CHECK_ERRNO(ftruncate(reader, 0), EINVAL);
    int pipes[2];
    OK(pipe(pipes));
    CHECK_ERRNO(ftruncate(pipes[1], 0), EINVAL);
}

TEST(truncate_drops_set_user_id_for_others)
{
    struct stat st;
    OK(chmod(".", 0777));
    file_make_mode("f", "abc", 0755);
    OK(chown("f", 1000, 1000));
    OK(chmod("f", 04755));
    IN_CHILD_AS(1000, 1000)
    {
        OK(truncate("f", 1));
    }
    OK(stat("f", &st));
    CHECK_EQ(st.st_mode & 07777, 0755);
}

TEST(sparse_file_takes_few_blocks)
{
    struct stat st;
    char byte = 1;
    int fd = file_opened("");
    OK(ftruncate(fd, 1L << 32));
    OK(fstat(fd, &st));
    CHECK_EQ(st.st_size, 1L << 32);
    CHECK(st.st_blocks < 1000);
    CHECK_EQ(pread(fd, &byte, 1, (1L << 32) - 1), 1);
    CHECK_EQ(byte, 0);
    CHECK_EQ(pread(fd, &byte, 1, 1L << 32), 0);
}

TEST(fallocate_extends_unless_keep_size)
{
    int fd = file_opened("abc");
    OK(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 10000));
    CHECK_EQ(file_size(fd), 3);
    OK(fallocate(fd, 0, 100, 10000));
    CHECK_EQ(file_size(fd), 10100);
    char text[5];
    CHECK_EQ(pread(fd, text, 5, 0), 5);
    CHECK(!memcmp(text, "abc\0\0", 5));
    OK(posix_fallocate(fd, 0, 50));
    CHECK_EQ(file_size(fd), 10100);
}

TEST(fallocate_punch_hole_zeroes)
{
    static char page[12288], back[12288];
    int fd = file_opened("");
    memset(page, 'x', sizeof page);
    CHECK_EQ(write(fd, page, sizeof page), sizeof page);
    OK(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 4000, 5000));
    CHECK_EQ(file_size(fd), 12288);
    CHECK_EQ(pread(fd, back, sizeof back, 0), sizeof back);
    CHECK_EQ(back[3999], 'x');
    CHECK_EQ(back[4000], 0);
    CHECK_EQ(back[8999], 0);
    CHECK_EQ(back[9000], 'x');
}

TEST(fallocate_errors)
{
    int pipes[2];
    int fd = file_opened("abc");
    CHECK_ERRNO(fallocate(fd, 0, 0, 0), EINVAL);
    CHECK_ERRNO(fallocate(fd, 0, -1, 10), EINVAL);
    CHECK_ERRNO(fallocate(fd, 0, 0, -1), EINVAL);
    CHECK_ERRNO(fallocate(fd, FALLOC_FL_PUNCH_HOLE, 0, 1), EOPNOTSUPP);
    CHECK_ERRNO(fallocate(999, 0, 0, 1), EBADF);
    int reader = (int)OK(open("f", O_RDONLY));
    CHECK_ERRNO(fallocate(reader, 0, 0, 1), EBADF);
    OK(pipe(pipes));
    CHECK_ERRNO(fallocate(pipes[1], 0, 0, 1), ESPIPE);
}

TEST(posix_fadvise_is_accepted)
{
    int pipes[2];
    int fd = file_opened("abc");
    CHECK_EQ(posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL), 0);
    CHECK_EQ(posix_fadvise(fd, 0, 100, POSIX_FADV_DONTNEED), 0);
    CHECK_EQ(posix_fadvise(fd, 0, 0, 77), EINVAL);
    CHECK_EQ(posix_fadvise(999, 0, 0, POSIX_FADV_NORMAL), EBADF);
    OK(pipe(pipes));
    CHECK_EQ(posix_fadvise(pipes[0], 0, 0, POSIX_FADV_NORMAL), ESPIPE);
}
