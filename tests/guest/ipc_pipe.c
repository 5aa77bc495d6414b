/* SPDX-License-Identifier: BSD-2-Clause */
/* ipc_pipe.c - pipe(2), pipe2(2), FIFOs. */
#include "test.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

TEST(pipe_carries_bytes_in_order)
{
    int p[2];
    char text[16] = {};
    OK(pipe(p));
    CHECK_EQ(write(p[1], "abc", 3), 3);
    CHECK_EQ(write(p[1], "def", 3), 3);
    CHECK_EQ(read(p[0], text, 4), 4);
    CHECK_EQ(read(p[0], text + 4, 10), 2);
    CHECK_STR(text, "abcdef");
}

TEST(pipe_ends_are_one_way)
{
    int p[2];
    char byte;
    OK(pipe(p));
    CHECK_ERRNO(write(p[0], "x", 1), EBADF);
    CHECK_ERRNO(read(p[1], &byte, 1), EBADF);
    CHECK_EQ(fcntl(p[0], F_GETFL) & O_ACCMODE, O_RDONLY);
    CHECK_EQ(fcntl(p[1], F_GETFL) & O_ACCMODE, O_WRONLY);
}

TEST(pipe2_flags)
{
    int p[2];
    char byte;
    OK(pipe2(p, O_CLOEXEC | O_NONBLOCK));
    CHECK_EQ(fcntl(p[0], F_GETFD), FD_CLOEXEC);
    CHECK_EQ(fcntl(p[1], F_GETFD), FD_CLOEXEC);
    CHECK_ERRNO(read(p[0], &byte, 1), EAGAIN);
    CHECK_EQ(fcntl(p[1], F_GETFL) & O_NONBLOCK, O_NONBLOCK);
    CHECK_ERRNO(pipe2(p, O_APPEND), EINVAL);
    CHECK_ERRNO(pipe2(p, 0x40000000), EINVAL);
}

TEST(pipe_end_of_file_when_all_writers_are_gone)
{
    int p[2];
    char text[8];
    OK(pipe(p));
    int second = (int)OK(dup(p[1]));
    CHECK_EQ(write(p[1], "left", 4), 4);
    OK(close(p[1]));
    CHECK_EQ(read(p[0], text, 8), 4);
    OK(fcntl(p[0], F_SETFL, O_NONBLOCK));
    CHECK_ERRNO(read(p[0], text, 8), EAGAIN);
    OK(close(second));
    CHECK_EQ(read(p[0], text, 8), 0);
    CHECK_EQ(read(p[0], text, 8), 0);
}

TEST(pipe_without_readers_is_epipe)
{
    int p[2];
    OK(pipe(p));
    signal(SIGPIPE, SIG_IGN);
    OK(close(p[0]));
    CHECK_ERRNO(write(p[1], "x", 1), EPIPE);
    struct iovec vector = {"x", 1};
    CHECK_ERRNO(writev(p[1], &vector, 1), EPIPE);
}

TEST(pipe_holds_64_kib)
{
    int p[2];
    static char page[4096];
    long total = 0, got;
    OK(pipe2(p, O_NONBLOCK));
    while ((got = write(p[1], page, sizeof page)) > 0)
        total += got;
    CHECK_EQ(errno, EAGAIN);
    CHECK_EQ(total, 65536);
    CHECK_EQ(read(p[0], page, sizeof page), sizeof page);
    CHECK_EQ(write(p[1], page, sizeof page), sizeof page);
}

TEST(pipe_nonblocking_write_of_pipe_buf_is_all_or_nothing)
{
    int p[2];
    static char page[65536];
    OK(pipe2(p, O_NONBLOCK));
    CHECK_EQ(write(p[1], page, 65536 - 100), 65536 - 100);
    CHECK_ERRNO(write(p[1], page, 4096), EAGAIN);
    /* Larger than PIPE_BUF it may be split. */
    CHECK_EQ(read(p[0], page, 4096), 4096);
    long got = write(p[1], page, 65536);
    CHECK(got > 0 && got < 65536);
}

TEST(pipe_writes_of_pipe_buf_do_not_mix)
{
    int p[2];
    static char page[4096];
    pid_t pids[4];
    OK(pipe(p));
    for (int i = 0; i < 4; i++) {
        pids[i] = (pid_t)OK(fork());
        if (pids[i])
            continue;
        memset(page, 'a' + i, sizeof page);
        for (int round = 0; round < 32; round++)
            CHECK_EQ(write(p[1], page, sizeof page), sizeof page);
        _exit(0);
    }
    OK(close(p[1]));
    for (int round = 0; round < 128; round++) {
        size_t have = 0;
        while (have < sizeof page)
            have += (size_t)OK(read(p[0], page + have, sizeof page - have));
        for (size_t i = 1; i < sizeof page; i++)
            CHECK_EQ(page[i], page[0]);
    }
    for (int i = 0; i < 4; i++)
        child_wait_ok(pids[i]);
}

TEST(pipe_blocking_writer_waits_for_the_reader)
{
    int p[2];
    static char out[200000], in[200000];
    OK(pipe(p));
    for (size_t i = 0; i < sizeof out; i++)
        out[i] = (char)(i * 13);
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        CHECK_EQ(write(p[1], out, sizeof out), sizeof out);
        _exit(0);
    }
    OK(close(p[1]));
    size_t have = 0;
    for (long got; (got = OK(read(p[0], in + have, sizeof in - have))) > 0;)
        have += (size_t)got;
    CHECK_EQ(have, sizeof out);
    CHECK(!memcmp(in, out, sizeof out));
    child_wait_ok(pid);
}

TEST(pipe_reader_is_woken)
{
    int p[2];
    char byte = 0;
    pid_t self = getpid();
    OK(pipe(p));
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        process_await_state(self, "S");
        CHECK_EQ(write(p[1], "w", 1), 1);
        _exit(0);
    }
    CHECK_EQ(read(p[0], &byte, 1), 1);
    CHECK_EQ(byte, 'w');
    child_wait_ok(pid);
}

TEST(pipe_ping_pong_10000_times)
{
    int there[2], back[2];
    OK(pipe(there));
    OK(pipe(back));
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        int value;
        close(there[1]);
        while (read(there[0], &value, sizeof value) == sizeof value) {
            value++;
            CHECK_EQ(write(back[1], &value, sizeof value), sizeof value);
        }
        _exit(0);
    }
    int value = 0;
    for (int i = 0; i < 10000; i++) {
        CHECK_EQ(write(there[1], &value, sizeof value), sizeof value);
        CHECK_EQ(read(back[0], &value, sizeof value), sizeof value);
    }
    CHECK_EQ(value, 10000);
    OK(close(there[1]));
    child_wait_ok(pid);
}

TEST(pipe_size_can_be_asked_and_set)
{
    int p[2];
    static char big[131072];
    OK(pipe2(p, O_NONBLOCK));
    CHECK_EQ(fcntl(p[0], F_GETPIPE_SZ), 65536);
    CHECK_EQ(fcntl(p[1], F_SETPIPE_SZ, 131072), 131072);
    CHECK_EQ(write(p[1], big, sizeof big), sizeof big);
    CHECK_ERRNO(fcntl(p[1], F_SETPIPE_SZ, 65536), EBUSY);
    CHECK_EQ(read(p[0], big, sizeof big), sizeof big);
    CHECK_EQ(fcntl(p[1], F_SETPIPE_SZ, 5000), 8192);
    CHECK_EQ(fcntl(p[1], F_SETPIPE_SZ, 1), 4096);
    CHECK_ERRNO(fcntl(0, F_GETPIPE_SZ), EBADF);
}

TEST(pipe_fionread)
{
    int p[2], value = -1;
    OK(pipe(p));
    OK(ioctl(p[0], FIONREAD, &value));
    CHECK_EQ(value, 0);
    CHECK_EQ(write(p[1], "12345", 5), 5);
    OK(ioctl(p[0], FIONREAD, &value));
    CHECK_EQ(value, 5);
}

TEST(pipe_packet_mode)
{
    int p[2];
    char text[16];
    OK(pipe2(p, O_DIRECT));
    CHECK_EQ(write(p[1], "first", 5), 5);
    CHECK_EQ(write(p[1], "second", 6), 6);
    CHECK_EQ(read(p[0], text, sizeof text), 5);
    CHECK_EQ(read(p[0], text, 3), 3);
    /* The rest of a packet is dropped. */
    OK(fcntl(p[0], F_SETFL, O_NONBLOCK | O_DIRECT));
    CHECK_ERRNO(read(p[0], text, sizeof text), EAGAIN);
}

TEST(pipe_empty_write_is_nothing)
{
    int p[2];
    char byte;
    OK(pipe2(p, O_NONBLOCK));
    CHECK_EQ(write(p[1], "", 0), 0);
    CHECK_ERRNO(read(p[0], &byte, 1), EAGAIN);
    CHECK_EQ(read(p[0], &byte, 0), 0);
}

TEST(pipe_opened_again_through_proc)
{
    int p[2];
    char path[32], byte = 0;
    OK(pipe(p));
    CHECK_EQ(write(p[1], "x", 1), 1);
    __builtin_snprintf(path, sizeof path, "/proc/self/fd/%d", p[0]);
    int again = (int)OK(open(path, O_RDONLY));
    CHECK_EQ(read(again, &byte, 1), 1);
    CHECK_EQ(byte, 'x');
}

TEST(fifo_joins_two_processes)
{
    char text[16] = {};
    struct stat st;
    OK(mkfifo("fifo", 0640));
    OK(stat("fifo", &st));
    CHECK(S_ISFIFO(st.st_mode));
    CHECK_EQ(st.st_mode & 07777, 0640);
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        int fd = (int)OK(open("fifo", O_WRONLY));
        CHECK_EQ(write(fd, "through", 7), 7);
        _exit(0);
    }
    int fd = (int)OK(open("fifo", O_RDONLY));
    CHECK_EQ(read(fd, text, sizeof text), 7);
    CHECK_STR(text, "through");
    CHECK_EQ(read(fd, text, sizeof text), 0);
    child_wait_ok(pid);
}

TEST(fifo_nonblocking_open)
{
    OK(mkfifo("fifo", 0644));
    CHECK_ERRNO(open("fifo", O_WRONLY | O_NONBLOCK), ENXIO);
    int reader = (int)OK(open("fifo", O_RDONLY | O_NONBLOCK));
    char byte;
    /* Never had a writer: end of file, not EAGAIN. */
    CHECK_EQ(read(reader, &byte, 1), 0);
    int writer = (int)OK(open("fifo", O_WRONLY | O_NONBLOCK));
    CHECK_ERRNO(read(reader, &byte, 1), EAGAIN);
    CHECK_EQ(write(writer, "x", 1), 1);
    CHECK_EQ(read(reader, &byte, 1), 1);
}

TEST(fifo_read_write_open_never_blocks)
{
    char byte = 0;
    OK(mkfifo("fifo", 0644));
    int fd = (int)OK(open("fifo", O_RDWR));
    CHECK_EQ(write(fd, "r", 1), 1);
    CHECK_EQ(read(fd, &byte, 1), 1);
    CHECK_EQ(byte, 'r');
    CHECK_ERRNO(lseek(fd, 0, SEEK_SET), ESPIPE);
}

TEST(fifo_is_gone_with_its_name_but_stays_usable)
{
    char byte = 0;
    OK(mkfifo("fifo", 0644));
    int fd = (int)OK(open("fifo", O_RDWR));
    OK(unlink("fifo"));
    CHECK_EQ(write(fd, "u", 1), 1);
    CHECK_EQ(read(fd, &byte, 1), 1);
    CHECK_ERRNO(mkfifo("missing/fifo", 0644), ENOENT);
    file_make("f", "");
    CHECK_ERRNO(mkfifo("f", 0644), EEXIST);
}

/* Access mode 3, for control calls only, is no way to open a FIFO. */
TEST(fifo_wants_an_end_to_be_opened)
{
    OK(mkfifo("fifo", 0600));
    CHECK_ERRNO(open("fifo", O_ACCMODE | O_NONBLOCK), EINVAL);
    int both = (int)OK(open("fifo", O_RDWR));
    CHECK_ERRNO(open("fifo", O_ACCMODE), EINVAL);
    OK(close(both));
}
