/* SPDX-License-Identifier: BSD-2-Clause */
/* file_rw.c - read(2), write(2), pread(2), pwrite(2), the vector forms, close(2). */
#include "test.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static int file_opened(const char *text)
{
    file_make("f", text);
    return (int)OK(open("f", O_RDWR));
}

TEST(read_advances_and_ends_with_zero)
{
    char text[8] = {};
    int fd = file_opened("abcdef");
    CHECK_EQ(read(fd, text, 4), 4);
    CHECK(!memcmp(text, "abcd", 4));
    CHECK_EQ(read(fd, text, 4), 2);
    CHECK(!memcmp(text, "ef", 2));
    CHECK_EQ(read(fd, text, 4), 0);
    CHECK_EQ(read(fd, text, 0), 0);
}

TEST(read_bad_fd_is_ebadf)
{
    char byte;
    CHECK_ERRNO(read(-1, &byte, 1), EBADF);
    CHECK_ERRNO(read(777, &byte, 1), EBADF);
    CHECK_ERRNO(write(777, &byte, 1), EBADF);
    CHECK_ERRNO(syscall(SYS_read, INT_MAX, &byte, 1), EBADF);
    CHECK_ERRNO(syscall(SYS_read, 0x7fff00000000L | 0x7ffffff0L, &byte, 1), EBADF);
}

TEST(read_bad_buffer_is_efault)
{
    int fd = file_opened("abc");
    CHECK_ERRNO(syscall(SYS_read, fd, nullptr, 3), EFAULT);
    CHECK_ERRNO(syscall(SYS_read, fd, 0xffff800000000000UL, 3), EFAULT);
    CHECK_ERRNO(syscall(SYS_write, fd, 8L, 3), EFAULT);
    CHECK_ERRNO(syscall(SYS_write, fd, -4096L, 3), EFAULT);
    /* Nothing moved and nothing was written. */
    CHECK_EQ(lseek(fd, 0, SEEK_CUR), 0);
    file_expect("f", "abc");
}

TEST(read_readonly_buffer_is_efault)
{
    int fd = file_opened("abc");
    char *page = mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(page != MAP_FAILED);
    CHECK_ERRNO(read(fd, page, 3), EFAULT);
}

TEST(read_directory_is_eisdir)
{
    char byte;
    int fd = (int)OK(open(".", O_RDONLY));
    CHECK_ERRNO(read(fd, &byte, 1), EISDIR);
    CHECK_ERRNO(pread(fd, &byte, 1, 0), EISDIR);
    CHECK_ERRNO(write(fd, &byte, 1), EBADF);
}

TEST(write_extends_and_overwrites)
{
    int fd = file_opened("abcdef");
    CHECK_EQ(lseek(fd, 4, SEEK_SET), 4);
    CHECK_EQ(write(fd, "XYZW", 4), 4);
    file_expect("f", "abcdXYZW");
    CHECK_EQ(write(fd, "", 0), 0);
}

TEST(write_past_the_end_leaves_zeros)
{
    char text[16];
    struct stat st;
    int fd = file_opened("ab");
    CHECK_EQ(lseek(fd, 6, SEEK_SET), 6);
    CHECK_EQ(write(fd, "z", 1), 1);
    OK(fstat(fd, &st));
    CHECK_EQ(st.st_size, 7);
    CHECK_EQ(pread(fd, text, 16, 0), 7);
    CHECK(!memcmp(text, "ab\0\0\0\0z", 7));
}

TEST(write_large_reads_back)
{
    static char out[300000], in[300000];
    for (size_t i = 0; i < sizeof out; i++)
        out[i] = (char)(i * 7 + i / 4096);
    int fd = file_opened("");
    CHECK_EQ(write(fd, out, sizeof out), sizeof out);
    CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
    CHECK_EQ(read(fd, in, sizeof in), sizeof in);
    CHECK(!memcmp(in, out, sizeof in));
    CHECK_EQ(pread(fd, in, 5000, 123457), 5000);
    CHECK(!memcmp(in, out + 123457, 5000));
}

TEST(pread_leaves_the_offset)
{
    char text[8];
    int fd = file_opened("abcdef");
    CHECK_EQ(pread(fd, text, 3, 2), 3);
    CHECK(!memcmp(text, "cde", 3));
    CHECK_EQ(pread(fd, text, 3, 6), 0);
    CHECK_EQ(pread(fd, text, 3, 1000), 0);
    CHECK_EQ(lseek(fd, 0, SEEK_CUR), 0);
    CHECK_EQ(pwrite(fd, "Z", 1, 5), 1);
    CHECK_EQ(lseek(fd, 0, SEEK_CUR), 0);
    file_expect("f", "abcdeZ");
}

TEST(pread_errors)
{
    char byte;
    int pipes[2];
    int fd = file_opened("abc");
    CHECK_ERRNO(pread(fd, &byte, 1, -1), EINVAL);
    CHECK_ERRNO(pwrite(fd, &byte, 1, -1), EINVAL);
    OK(pipe(pipes));
    CHECK_ERRNO(pread(pipes[0], &byte, 1, 0), ESPIPE);
    CHECK_ERRNO(pwrite(pipes[1], &byte, 1, 0), ESPIPE);
    CHECK_ERRNO(pread(999, &byte, 1, 0), EBADF);
}

TEST(pwrite_on_append_fd_appends)
{
    file_make("f", "abc");
    int fd = (int)OK(open("f", O_RDWR | O_APPEND));
    CHECK_EQ(pwrite(fd, "X", 1, 0), 1);
    file_expect("f", "abcX");
}

TEST(readv_scatters_and_writev_gathers)
{
    char a[3], b[4], c[5];
    int fd = file_opened("");
    struct iovec out[] = {{"one", 3}, {"", 0}, {"four", 4}};
    CHECK_EQ(writev(fd, out, 3), 7);
    CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
    struct iovec in[] = {{a, 2}, {b, 4}, {c, 5}};
    CHECK_EQ(readv(fd, in, 3), 7);
    CHECK(!memcmp(a, "on", 2) && !memcmp(b, "efou", 4) && c[0] == 'r');
    CHECK_EQ(readv(fd, in, 0), 0);
}

TEST(readv_errors)
{
    char byte;
    int fd = file_opened("abcdef");
    struct iovec one = {&byte, 1};
    struct iovec huge[] = {{&byte, (size_t)SSIZE_MAX}, {&byte, (size_t)SSIZE_MAX}};
    struct iovec negative = {&byte, (size_t)-1};
    CHECK_ERRNO(syscall(SYS_readv, fd, &one, -1), EINVAL);
    CHECK_ERRNO(syscall(SYS_readv, fd, &one, IOV_MAX + 1), EINVAL);
    CHECK_ERRNO(syscall(SYS_readv, fd, nullptr, 1), EFAULT);
    CHECK_ERRNO(writev(fd, &negative, 1), EINVAL);
    CHECK_ERRNO(writev(999, &one, 1), EBADF);
    /* Each length is in range, so the sum is clipped, and memory runs out later. */
    CHECK_ERRNO(syscall(SYS_writev, fd, huge, -5), EINVAL);
}

TEST(readv_stops_short_at_a_bad_buffer)
{
    char text[4];
    int fd = file_opened("abcdef");
    struct iovec in[] = {{text, 4}, {(void *)8, 4}};
    CHECK_EQ(readv(fd, in, 2), 4);
    CHECK(!memcmp(text, "abcd", 4));
}

TEST(preadv_pwritev_use_their_offset)
{
    char a[2], b[2];
    int fd = file_opened("abcdef");
    struct iovec in[] = {{a, 2}, {b, 2}};
    CHECK_EQ(preadv(fd, in, 2, 1), 4);
    CHECK(!memcmp(a, "bc", 2) && !memcmp(b, "de", 2));
    struct iovec out[] = {{"1", 1}, {"23", 2}};
    CHECK_EQ(pwritev(fd, out, 2, 3), 3);
    CHECK_EQ(lseek(fd, 0, SEEK_CUR), 0);
    file_expect("f", "abc123");
    CHECK_ERRNO(preadv(fd, in, 2, -2), EINVAL);
}

TEST(preadv2_minus_one_uses_the_file_offset)
{
    char a[2];
    struct iovec in = {a, 2};
    int fd = file_opened("abcdef");
    CHECK_EQ(preadv2(fd, &in, 1, -1, 0), 2);
    CHECK_EQ(lseek(fd, 0, SEEK_CUR), 2);
    CHECK_ERRNO(preadv2(fd, &in, 1, 0, 0x4000), EOPNOTSUPP);
}

TEST(close_frees_and_then_is_ebadf)
{
    int fd = file_opened("");
    OK(close(fd));
    CHECK_ERRNO(close(fd), EBADF);
    CHECK_ERRNO(close(-1), EBADF);
    CHECK_ERRNO(fcntl(fd, F_GETFD), EBADF);
}

TEST(close_range_closes_a_range)
{
    int first = (int)OK(open("/dev/null", O_RDONLY));
    for (int i = 1; i < 5; i++)
        CHECK_EQ(open("/dev/null", O_RDONLY), first + i);
    OK(syscall(SYS_close_range, first + 1, first + 3, 0));
    OK(fcntl(first, F_GETFD));
    CHECK_ERRNO(fcntl(first + 1, F_GETFD), EBADF);
    CHECK_ERRNO(fcntl(first + 3, F_GETFD), EBADF);
    OK(fcntl(first + 4, F_GETFD));
    OK(syscall(SYS_close_range, first, first + 4, 4 /* CLOSE_RANGE_CLOEXEC */));
    CHECK_EQ(fcntl(first + 4, F_GETFD), FD_CLOEXEC);
    CHECK_ERRNO(syscall(SYS_close_range, 9, 8, 0), EINVAL);
    CHECK_ERRNO(syscall(SYS_close_range, 8, 9, 0x100), EINVAL);
}

TEST(offset_is_shared_by_dup_and_fork)
{
    char byte;
    int fd = file_opened("abcdef");
    int other = (int)OK(dup(fd));
    CHECK_EQ(read(fd, &byte, 1), 1);
    CHECK_EQ(read(other, &byte, 1), 1);
    CHECK_EQ(byte, 'b');
    IN_CHILD
    {
        CHECK_EQ(lseek(fd, 4, SEEK_SET), 4);
    }
    CHECK_EQ(read(fd, &byte, 1), 1);
    CHECK_EQ(byte, 'e');
    int separate = (int)OK(open("f", O_RDONLY));
    CHECK_EQ(lseek(separate, 0, SEEK_CUR), 0);
}

TEST(write_beyond_rlimit_fsize)
{
    struct rlimit limit = {10, 10};
    int fd = file_opened("");
    OK(setrlimit(RLIMIT_FSIZE, &limit));
    signal(SIGXFSZ, SIG_IGN);
    CHECK_EQ(write(fd, "0123456789abc", 13), 10);
    CHECK_ERRNO(write(fd, "x", 1), EFBIG);
    CHECK_ERRNO(ftruncate(fd, 11), EFBIG);
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        signal(SIGXFSZ, SIG_DFL);
        write(fd, "x", 1);
        _exit(0);
    }
    CHECK_EQ(child_wait(pid) & 0x7f, SIGXFSZ);
}

TEST(fsync_and_fdatasync)
{
    int pipes[2];
    int fd = file_opened("abc");
    OK(fsync(fd));
    OK(fdatasync(fd));
    CHECK_ERRNO(fsync(999), EBADF);
    OK(pipe(pipes));
    CHECK_ERRNO(fsync(pipes[0]), EINVAL);
    sync();
}

TEST(dev_null_zero_full)
{
    char text[8] = "xxxxxxx";
    int null = (int)OK(open("/dev/null", O_RDWR));
    CHECK_EQ(read(null, text, 8), 0);
    CHECK_EQ(write(null, text, 8), 8);
    int zero = (int)OK(open("/dev/zero", O_RDWR));
    CHECK_EQ(read(zero, text, 8), 8);
    CHECK(!memcmp(text, "\0\0\0\0\0\0\0\0", 8));
    CHECK_EQ(write(zero, text, 8), 8);
    int full = (int)OK(open("/dev/full", O_RDWR));
    memset(text, 1, 8);
    CHECK_EQ(read(full, text, 8), 8);
    CHECK_EQ(text[7], 0);
    CHECK_ERRNO(write(full, text, 8), ENOSPC);
}

TEST(dev_random_differs_between_reads)
{
    char a[32] = {}, b[32] = {};
    int random = (int)OK(open("/dev/urandom", O_RDONLY));
    CHECK_EQ(read(random, a, 32), 32);
    CHECK_EQ(read(random, b, 32), 32);
    CHECK(memcmp(a, b, 32) != 0);
    random = (int)OK(open("/dev/random", O_RDONLY));
    CHECK_EQ(read(random, b, 32), 32);
    CHECK(memcmp(a, b, 32) != 0);
}
