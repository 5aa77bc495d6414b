/* SPDX-License-Identifier: BSD-2-Clause */
/* file_copy.c - sendfile(2), splice(2), tee(2), vmsplice(2), copy_file_range(2). */
#include "test.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static char pattern[100000], back[100000];

static int patterned_file(const char *path)
{
    for (size_t i = 0; i < sizeof pattern; i++)
        pattern[i] = (char)(i * 31 + i / 4096);
    int fd = (int)OK(open(path, O_CREAT | O_TRUNC | O_RDWR, 0644));
    CHECK_EQ(write(fd, pattern, sizeof pattern), sizeof pattern);
    CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

TEST(sendfile_to_a_file)
{
    int in = patterned_file("in");
    int out = (int)OK(open("out", O_CREAT | O_RDWR, 0644));
    CHECK_EQ(sendfile(out, in, nullptr, sizeof pattern), sizeof pattern);
    CHECK_EQ(lseek(in, 0, SEEK_CUR), sizeof pattern);
    CHECK_EQ(pread(out, back, sizeof back, 0), sizeof back);
    CHECK(!memcmp(back, pattern, sizeof back));
    CHECK_EQ(sendfile(out, in, nullptr, 100), 0);
}

TEST(sendfile_offset_leaves_the_file_offset)
{
    int p[2];
    off_t offset = 5000;
    int in = patterned_file("in");
    OK(pipe(p));
    CHECK_EQ(sendfile(p[1], in, &offset, 3000), 3000);
    CHECK_EQ(offset, 8000);
    CHECK_EQ(lseek(in, 0, SEEK_CUR), 0);
    CHECK_EQ(read(p[0], back, 3000), 3000);
    CHECK(!memcmp(back, pattern + 5000, 3000));
}

TEST(sendfile_errors)
{
    int p[2];
    off_t negative = -1;
    int in = patterned_file("in");
    int readonly = (int)OK(open("in", O_RDONLY)), writeonly = (int)OK(open("in", O_WRONLY));
    OK(pipe(p));
    CHECK_ERRNO(sendfile(999, in, nullptr, 1), EBADF);
    CHECK_ERRNO(sendfile(p[1], 999, nullptr, 1), EBADF);
    CHECK_ERRNO(sendfile(readonly, in, nullptr, 1), EBADF);
    CHECK_ERRNO(sendfile(p[1], writeonly, nullptr, 1), EBADF);
    CHECK_ERRNO(sendfile(p[1], in, &negative, 1), EINVAL);
    CHECK_ERRNO(sendfile(p[1], in, (off_t *)8, 1), EFAULT);
    int append = (int)OK(open("app", O_CREAT | O_WRONLY | O_APPEND, 0644));
    CHECK_ERRNO(sendfile(append, in, nullptr, 1), EINVAL);
}

TEST(splice_file_to_pipe_to_file)
{
    int p[2];
    loff_t from = 100, to = 7;
    int in = patterned_file("in");
    int out = (int)OK(open("out", O_CREAT | O_RDWR, 0644));
    OK(pipe(p));
    long got = OK(splice(in, &from, p[1], nullptr, 20000, 0));
    CHECK_EQ(got, 20000);
    CHECK_EQ(from, 20100);
    CHECK_EQ(splice(p[0], nullptr, out, &to, 20000, 0), 20000);
    CHECK_EQ(to, 20007);
    CHECK_EQ(pread(out, back, 20000, 7), 20000);
    CHECK(!memcmp(back, pattern + 100, 20000));
    CHECK_EQ(lseek(in, 0, SEEK_CUR), 0);
}

TEST(splice_pipe_to_pipe)
{
    int a[2], b[2];
    char text[8] = {};
    OK(pipe(a));
    OK(pipe(b));
    CHECK_EQ(write(a[1], "spliced", 7), 7);
    CHECK_EQ(splice(a[0], nullptr, b[1], nullptr, 100, 0), 7);
    CHECK_EQ(read(b[0], text, 8), 7);
    CHECK_STR(text, "spliced");
    CHECK_ERRNO(splice(a[0], nullptr, b[1], nullptr, 100, SPLICE_F_NONBLOCK), EAGAIN);
    OK(close(a[1]));
    CHECK_EQ(splice(a[0], nullptr, b[1], nullptr, 100, 0), 0);
}

TEST(splice_errors)
{
    int p[2], q[2];
    loff_t offset = 0;
    int in = patterned_file("in"), out = patterned_file("out");
    OK(pipe(p));
    OK(pipe(q));
    CHECK_ERRNO(splice(in, nullptr, out, nullptr, 10, 0), EINVAL);
    CHECK_ERRNO(splice(in, nullptr, p[1], &offset, 10, 0), ESPIPE);
    CHECK_ERRNO(splice(p[0], &offset, out, nullptr, 10, 0), ESPIPE);
    CHECK_ERRNO(splice(in, nullptr, p[0], nullptr, 10, 0), EBADF);
    CHECK_ERRNO(splice(999, nullptr, p[1], nullptr, 10, 0), EBADF);
    CHECK_ERRNO(splice(p[0], nullptr, p[1], nullptr, 10, 0), EINVAL);
    CHECK_ERRNO(splice(in, nullptr, p[1], nullptr, 10, 0x100), EINVAL);
    CHECK_EQ(splice(in, nullptr, p[1], nullptr, 0, 0), 0);
}

TEST(tee_copies_without_taking)
{
    int a[2], b[2];
    char text[8] = {};
    OK(pipe(a));
    OK(pipe(b));
    CHECK_EQ(write(a[1], "twice", 5), 5);
    CHECK_EQ(tee(a[0], b[1], 100, 0), 5);
    CHECK_EQ(read(b[0], text, 8), 5);
    CHECK_STR(text, "twice");
    memset(text, 0, sizeof text);
    CHECK_EQ(read(a[0], text, 8), 5);
    CHECK_STR(text, "twice");
    CHECK_ERRNO(tee(a[0], b[1], 100, SPLICE_F_NONBLOCK), EAGAIN);
    CHECK_ERRNO(tee(a[0], a[1], 100, 0), EINVAL);
    int file = patterned_file("f");
    CHECK_ERRNO(tee(file, b[1], 100, 0), EINVAL);
}

TEST(vmsplice_into_a_pipe)
{
    int p[2];
    char text[16] = {};
    struct iovec parts[2] = {{"from ", 5}, {"memory", 6}};
    OK(pipe(p));
    CHECK_EQ(vmsplice(p[1], parts, 2, 0), 11);
    CHECK_EQ(read(p[0], text, sizeof text), 11);
    CHECK_STR(text, "from memory");
}

TEST(copy_file_range_copies)
{
    int in = patterned_file("in");
    int out = (int)OK(open("out", O_CREAT | O_RDWR, 0644));
    size_t have = 0;
    for (long got; (got = OK(copy_file_range(in, nullptr, out, nullptr, sizeof pattern, 0))) > 0;)
        have += (size_t)got;
    CHECK_EQ(have, sizeof pattern);
    CHECK_EQ(pread(out, back, sizeof back, 0), sizeof back);
    CHECK(!memcmp(back, pattern, sizeof back));
    loff_t from = 10, to = 0;
    CHECK_EQ(copy_file_range(in, &from, out, &to, 4, 0), 4);
    CHECK(from == 14 && to == 4);
    CHECK_EQ(pread(out, back, 4, 0), 4);
    CHECK(!memcmp(back, pattern + 10, 4));
}

TEST(copy_file_range_errors)
{
    int p[2];
    int in = patterned_file("in");
    int readonly = (int)OK(open("in", O_RDONLY));
    OK(mkdir("d", 0755));
    int dir = (int)OK(open("d", O_RDONLY));
    int out = (int)OK(open("out", O_CREAT | O_RDWR, 0644));
    OK(pipe(p));
    CHECK_ERRNO(copy_file_range(in, nullptr, readonly, nullptr, 10, 0), EBADF);
    CHECK_ERRNO(copy_file_range(999, nullptr, out, nullptr, 10, 0), EBADF);
    CHECK_ERRNO(copy_file_range(in, nullptr, out, nullptr, 10, 1), EINVAL);
    CHECK_ERRNO(copy_file_range(dir, nullptr, out, nullptr, 10, 0), EISDIR);
    CHECK_ERRNO(copy_file_range(p[0], nullptr, out, nullptr, 10, 0), EINVAL);
    loff_t from = 0, to = 5;
    CHECK_ERRNO(copy_file_range(in, &from, in, &to, 10, 0), EINVAL);
}
