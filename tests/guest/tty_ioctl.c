/* SPDX-License-Identifier: BSD-2-Clause */
/* tty_ioctl.c - pseudo terminals as devices: opening, modes, window size, hang-up. */
#include "pty.h"
#include "test.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

TEST(pty_numbers_and_lock)
{
    int number = -1, lock = -1;
    char path[32];
    int master = (int)OK(open("/dev/ptmx", O_RDWR | O_NOCTTY));
    OK(ioctl(master, TIOCGPTN, &number));
    CHECK(number >= 0);
    OK(ioctl(master, TIOCGPTLCK, &lock));
    CHECK_EQ(lock, 1);
    snprintf(path, sizeof path, "/dev/pts/%d", number);
    CHECK_ERRNO(open(path, O_RDWR | O_NOCTTY), EIO);
    lock = 0;
    OK(ioctl(master, TIOCSPTLCK, &lock));
    OK(open(path, O_RDWR | O_NOCTTY));
    int second = (int)OK(open("/dev/ptmx", O_RDWR | O_NOCTTY)), other;
    OK(ioctl(second, TIOCGPTN, &other));
    CHECK(other != number);
}

TEST(pty_device_node)
{
    struct pty pty = pty_make();
    struct stat st;
    OK(stat(pty.path, &st));
    CHECK(S_ISCHR(st.st_mode));
    CHECK_EQ(major(st.st_rdev), 136);
    CHECK_EQ(st.st_uid, 0);
    CHECK(isatty(pty.slave));
    CHECK(isatty(pty.master));
    CHECK_STR(ttyname(pty.slave), pty.path);
    OK(close(pty.slave));
    OK(close(pty.master));
    CHECK_ERRNO(stat(pty.path, &st), ENOENT);
}

TEST(pty_peer_opens_the_slave)
{
    struct pty pty = pty_make();
    int peer = ioctl(pty.master, TIOCGPTPEER, O_RDWR | O_NOCTTY);
    OK(peer);
    CHECK_EQ(write(peer, "p", 1), 1);
    pty_expect_screen(&pty, "p");
}

TEST(tty_modes_of_a_new_terminal)
{
    struct pty pty = pty_make();
    struct termios mode = pty_mode(&pty);
    CHECK_EQ(mode.c_iflag, ICRNL | IXON);
    CHECK_EQ(mode.c_oflag, OPOST | ONLCR);
    CHECK_EQ(mode.c_lflag, ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN);
    CHECK_EQ(mode.c_cflag & (CSIZE | CREAD), CS8 | CREAD);
    CHECK_EQ(mode.c_cc[VINTR], 3);
    CHECK_EQ(mode.c_cc[VQUIT], 28);
    CHECK_EQ(mode.c_cc[VERASE], 127);
    CHECK_EQ(mode.c_cc[VKILL], 21);
    CHECK_EQ(mode.c_cc[VEOF], 4);
    CHECK_EQ(mode.c_cc[VSUSP], 26);
    CHECK_EQ(mode.c_cc[VMIN], 1);
    CHECK_EQ(mode.c_cc[VTIME], 0);
    CHECK_EQ(cfgetospeed(&mode), B38400);
}

TEST(tty_modes_are_kept)
{
    struct pty pty = pty_make();
    struct termios mode = pty_mode(&pty), got;
    mode.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    mode.c_cc[VMIN] = 7;
    mode.c_cc[VINTR] = 'i';
    OK(tcsetattr(pty.slave, TCSADRAIN, &mode));
    /* Both ends show the one terminal's modes. */
    OK(tcgetattr(pty.master, &got));
    CHECK_EQ(got.c_lflag, mode.c_lflag);
    CHECK_EQ(got.c_cc[VMIN], 7);
    CHECK_EQ(got.c_cc[VINTR], 'i');
    int again = (int)OK(open(pty.path, O_RDWR | O_NOCTTY));
    OK(tcgetattr(again, &got));
    CHECK_EQ(got.c_cc[VMIN], 7);
}

TEST(tty_tcsaflush_drops_input)
{
    struct pty pty = pty_make();
    struct termios mode = pty_mode(&pty);
    pty_type_await(&pty, "gone\n");
    OK(tcsetattr(pty.slave, TCSAFLUSH, &mode));
    pty_expect_nothing(&pty);
}

TEST(tty_window_size)
{
    struct pty pty = pty_make();
    struct winsize size = {9, 9, 9, 9};
    OK(ioctl(pty.slave, TIOCGWINSZ, &size));
    CHECK(size.ws_row == 0 && size.ws_col == 0);
    size = (struct winsize){24, 80, 1, 2};
    OK(ioctl(pty.master, TIOCSWINSZ, &size));
    size = (struct winsize){};
    OK(ioctl(pty.slave, TIOCGWINSZ, &size));
    CHECK(size.ws_row == 24 && size.ws_col == 80 && size.ws_xpixel == 1 && size.ws_ypixel == 2);
}

TEST(tty_ioctl_errors)
{
    struct pty pty = pty_make();
    CHECK_ERRNO(ioctl(pty.slave, TCGETS, 8L), EFAULT);
    CHECK_ERRNO(ioctl(pty.slave, TIOCGWINSZ, nullptr), EFAULT);
    CHECK_ERRNO(ioctl(pty.slave, 0x5499, 0), ENOTTY);
    CHECK_ERRNO(lseek(pty.slave, 0, SEEK_SET), ESPIPE);
    CHECK_ERRNO(tcgetpgrp(pty.slave), ENOTTY);
}

TEST(tty_master_reads_eio_after_the_slave_is_closed)
{
    struct pty pty = pty_make();
    char text[8];
    CHECK_EQ(write(pty.slave, "last", 4), 4);
    OK(close(pty.slave));
    CHECK_EQ(read(pty.master, text, 8), 4);
    CHECK_ERRNO(read(pty.master, text, 8), EIO);
    struct pollfd one = {.fd = pty.master, .events = POLLIN};
    CHECK_EQ(poll(&one, 1, 0), 1);
    CHECK(one.revents & POLLHUP);
    /* Opened again, it works again. */
    pty.slave = (int)OK(open(pty.path, O_RDWR | O_NOCTTY));
    CHECK_EQ(write(pty.slave, "x", 1), 1);
    CHECK_EQ(read(pty.master, text, 8), 1);
}

TEST(tty_slave_after_the_master_is_closed)
{
    struct pty pty = pty_make();
    char byte;
    OK(close(pty.master));
    CHECK_EQ(read(pty.slave, &byte, 1), 0);
    CHECK_ERRNO(write(pty.slave, "x", 1), EIO);
    struct pollfd one = {.fd = pty.slave, .events = POLLIN};
    CHECK_EQ(poll(&one, 1, 0), 1);
    CHECK(one.revents & POLLHUP);
    struct termios mode;
    CHECK_ERRNO(tcgetattr(pty.slave, &mode), EIO);
}

TEST(tty_hangup_signals_the_session)
{
    struct pty pty = pty_make();
    struct gate gate = gate_make();
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        OK(close(pty.master));
        pty_become_session(&pty);
        gate_open(&gate);
        for (;;)
            pause();
    }
    gate_wait(&gate);
    OK(close(pty.slave));
    OK(close(pty.master));
    CHECK_EQ(child_wait(pid), SIGHUP);
}

TEST(tty_poll_of_both_ends)
{
    struct pty pty = pty_make();
    struct pollfd ends[2] = {{pty.master, POLLIN | POLLOUT, 0}, {pty.slave, POLLIN | POLLOUT, 0}};
    CHECK_EQ(poll(ends, 2, 0), 2);
    CHECK_EQ(ends[0].revents, POLLOUT);
    CHECK_EQ(ends[1].revents, POLLOUT);
    pty_type_await(&pty, "line\n");
    struct pollfd screen = {pty.master, POLLIN, 0};
    CHECK_EQ(poll(&screen, 1, 10000), 1);
    CHECK_EQ(poll(ends, 2, 0), 2);
    CHECK_EQ(ends[0].revents, POLLIN | POLLOUT);
    CHECK_EQ(ends[1].revents, POLLIN | POLLOUT);
}

TEST(dev_tty_without_a_terminal_is_enxio)
{
    IN_CHILD
    {
        OK(setsid());
        CHECK_ERRNO(open("/dev/tty", O_RDWR), ENXIO);
    }
}

TEST(tty_large_output_arrives_whole)
{
    struct pty pty = pty_make();
    static char page[50000];
    pty_make_raw(&pty);
    for (size_t i = 0; i < sizeof page; i++)
        page[i] = (char)('A' + i % 53);
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        CHECK_EQ(write(pty.slave, page, sizeof page), sizeof page);
        _exit(0);
    }
    for (size_t have = 0; have < sizeof page;) {
        char got[4096];
        size_t len = (size_t)OK(read(pty.master, got, sizeof got));
        CHECK(!memcmp(got, page + have, len));
        have += len;
    }
    child_wait_ok(pid);
}

/* ioctl_tty(2): what is locked stays as it is, whoever sets it. */
TEST(tty_locked_settings_stay)
{
    struct pty pty = pty_make();
    struct termios locked;
    memset(&locked, 0, sizeof locked);
    OK(ioctl(pty.slave, TIOCGLCKTRMIOS, &locked));
    CHECK_EQ(locked.c_lflag, 0);
    locked.c_lflag = ECHO;
    locked.c_cc[VINTR] = 1;
    OK(ioctl(pty.slave, TIOCSLCKTRMIOS, &locked));
    struct termios mode = pty_mode(&pty);
    mode.c_lflag &= ~(tcflag_t)(ECHO | ICANON);
    mode.c_cc[VINTR] = 'x';
    mode.c_cc[VQUIT] = 'y';
    OK(ioctl(pty.slave, TCSETS, &mode));
    mode = pty_mode(&pty);
    CHECK((mode.c_lflag & ECHO) && !(mode.c_lflag & ICANON));
    CHECK_EQ(mode.c_cc[VINTR], 3);
    CHECK_EQ(mode.c_cc[VQUIT], 'y');
    IN_CHILD_AS(1000, 1000)
    {
        OK(ioctl(pty.slave, TIOCGLCKTRMIOS, &locked));
        CHECK_ERRNO(ioctl(pty.slave, TIOCSLCKTRMIOS, &locked), EPERM);
    }
}
