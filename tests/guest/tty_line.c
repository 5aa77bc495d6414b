/* SPDX-License-Identifier: BSD-2-Clause */
/* tty_line.c - the line discipline: editing, echo, raw reads, output changes. */
#include "pty.h"
#include "test.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

TEST(tty_line_is_read_whole)
{
    struct pty pty = pty_make();
    pty_type(&pty, "hel");
    pty_expect_nothing(&pty);
    pty_type(&pty, "lo\n");
    pty_expect_read(&pty, "hello\n");
    pty_expect_nothing(&pty);
}

TEST(tty_lines_are_read_one_by_one)
{
    struct pty pty = pty_make();
    char text[3] = {};
    pty_type(&pty, "one\ntwo\nthree\n");
    pty_expect_read(&pty, "one\n");
    /* A short read takes part of a line and leaves the rest. */
    CHECK_EQ(read(pty.slave, text, 2), 2);
    CHECK_STR(text, "tw");
    pty_expect_read(&pty, "o\n");
    pty_expect_read(&pty, "three\n");
}

TEST(tty_carriage_return_becomes_newline)
{
    struct pty pty = pty_make();
    pty_type(&pty, "typed\r");
    pty_expect_read(&pty, "typed\n");
    pty_expect_screen(&pty, "typed\r\n");
}

TEST(tty_echo)
{
    struct pty pty = pty_make();
    pty_type(&pty, "abc");
    pty_expect_screen(&pty, "abc");
    pty_type(&pty, "\n");
    pty_expect_screen(&pty, "\r\n");
    struct termios mode = pty_mode(&pty);
    mode.c_lflag &= ~(tcflag_t)ECHO;
    pty_set_mode(&pty, mode);
    pty_type(&pty, "secret\n");
    pty_expect_read(&pty, "abc\n");
    pty_expect_read(&pty, "secret\n");
    CHECK_EQ(write(pty.slave, "!", 1), 1);
    pty_expect_screen(&pty, "!");
}

TEST(tty_echo_of_newline_alone)
{
    struct pty pty = pty_make();
    struct termios mode = pty_mode(&pty);
    mode.c_lflag &= ~(tcflag_t)ECHO;
    mode.c_lflag |= ECHONL;
    pty_set_mode(&pty, mode);
    pty_type(&pty, "x\n");
    pty_expect_screen(&pty, "\r\n");
}

TEST(tty_echo_of_control_characters)
{
    struct pty pty = pty_make();
    struct termios mode = pty_mode(&pty);
    CHECK(mode.c_lflag & ECHOCTL);
    pty_type(&pty, "\x01\x1b");
    pty_expect_screen(&pty, "^A^[");
    /* A tab is shown as it is. */
    pty_type(&pty, "\t");
    pty_expect_screen(&pty, "\t");
}

TEST(tty_erase_takes_back_a_character)
{
    struct pty pty = pty_make();
    pty_type(&pty, "abx\x7f"
                   "c\n");
    pty_expect_read(&pty, "abc\n");
    pty_expect_screen(&pty, "abx\b \bc\r\n");
    /* At the start of a line there is nothing to take back. */
    pty_type(&pty, "\x7f\x7fz\n");
    pty_expect_read(&pty, "z\n");
}

TEST(tty_erase_of_a_control_character_takes_two_columns)
{
    struct pty pty = pty_make();
    pty_type(&pty, "a\x02\x7f"
                   "b\n");
    pty_expect_read(&pty, "ab\n");
    pty_expect_screen(&pty, "a^B\b \b\b \bb\r\n");
}

TEST(tty_kill_takes_back_the_line)
{
    struct pty pty = pty_make();
    pty_type(&pty, "gone\x15kept\n");
    pty_expect_read(&pty, "kept\n");
    pty_expect_screen(&pty, "gone\b \b\b \b\b \b\b \bkept\r\n");
}

TEST(tty_word_erase)
{
    struct pty pty = pty_make();
    pty_type(&pty, "one two  \x17three\n");
    pty_expect_read(&pty, "one three\n");
}

TEST(tty_end_of_file)
{
    struct pty pty = pty_make();
    char byte;
    pty_type(&pty, "\x04");
    CHECK_EQ(read(pty.slave, &byte, 1), 0);
    /* After characters it hands over what is there, without itself. */
    pty_type(&pty, "part\x04");
    pty_expect_read(&pty, "part");
    pty_type(&pty, "more\n");
    pty_expect_read(&pty, "more\n");
}

TEST(tty_literal_next)
{
    struct pty pty = pty_make();
    pty_type(&pty, "a\x16\x7f\x16\x04"
                   "b\n");
    pty_expect_read(&pty, "a\x7f\x04"
                          "b\n");
}

TEST(tty_end_of_line_character)
{
    struct pty pty = pty_make();
    struct termios mode = pty_mode(&pty);
    mode.c_cc[VEOL] = ';';
    pty_set_mode(&pty, mode);
    pty_type(&pty, "a;b\n");
    pty_expect_read(&pty, "a;");
    pty_expect_read(&pty, "b\n");
}

TEST(tty_line_longer_than_4095_is_cut)
{
    struct pty pty = pty_make();
    struct termios mode = pty_mode(&pty);
    static char line[5000], got[5000];
    mode.c_lflag &= ~(tcflag_t)ECHO;
    pty_set_mode(&pty, mode);
    memset(line, 'l', sizeof line);
    for (size_t at = 0; at < sizeof line; at += 500)
        CHECK_EQ(write(pty.master, line + at, 500), 500);
    pty_type(&pty, "\n");
    long len = OK(read(pty.slave, got, sizeof got));
    CHECK_EQ(len, 4096);
    CHECK_EQ(got[4094], 'l');
    CHECK_EQ(got[4095], '\n');
}

TEST(tty_output_newline_gets_a_carriage_return)
{
    struct pty pty = pty_make();
    CHECK_EQ(write(pty.slave, "a\nb\n", 4), 4);
    pty_expect_screen(&pty, "a\r\nb\r\n");
    struct termios mode = pty_mode(&pty);
    mode.c_oflag &= ~(tcflag_t)OPOST;
    pty_set_mode(&pty, mode);
    CHECK_EQ(write(pty.slave, "a\nb", 3), 3);
    pty_expect_screen(&pty, "a\nb");
}

TEST(tty_input_changes)
{
    struct pty pty = pty_make();
    struct termios mode = pty_mode(&pty);
    mode.c_iflag &= ~(tcflag_t)(ICRNL | IXON);
    mode.c_iflag |= INLCR | ISTRIP;
    mode.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    pty_set_mode(&pty, mode);
    pty_type(&pty, "a\n\r\xe1");
    pty_expect_read(&pty, "a\r\ra");
    mode.c_iflag = IGNCR;
    pty_set_mode(&pty, mode);
    pty_type(&pty, "x\r\ny");
    pty_expect_read(&pty, "x\ny");
}

TEST(tty_raw_read_gives_what_is_there)
{
    struct pty pty = pty_make();
    pty_make_raw(&pty);
    pty_type(&pty, "\x03\x04\x7fx\r");
    pty_expect_read(&pty, "\x03\x04\x7fx\r");
    pty_expect_nothing(&pty);
}

TEST(tty_vmin_zero_does_not_block)
{
    struct pty pty = pty_make();
    struct termios mode;
    char byte;
    pty_make_raw(&pty);
    mode = pty_mode(&pty);
    mode.c_cc[VMIN] = 0;
    mode.c_cc[VTIME] = 0;
    pty_set_mode(&pty, mode);
    CHECK_EQ(read(pty.slave, &byte, 1), 0);
    mode.c_cc[VTIME] = 1;
    pty_set_mode(&pty, mode);
    int64_t start = clock_now_ns();
    CHECK_EQ(read(pty.slave, &byte, 1), 0);
    CHECK(clock_now_ns() - start >= 50000000);
    pty_type_await(&pty, "q");
    CHECK_EQ(read(pty.slave, &byte, 1), 1);
}

TEST(tty_vmin_waits_for_that_many)
{
    struct pty pty = pty_make();
    char got[8];
    pid_t self = getpid();
    pty_make_raw(&pty);
    struct termios mode = pty_mode(&pty);
    mode.c_cc[VMIN] = 3;
    pty_set_mode(&pty, mode);
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        pty_type(&pty, "a");
        process_await_state(self, "S");
        pty_type(&pty, "b");
        sleep_ms(5);
        pty_type(&pty, "c");
        _exit(0);
    }
    CHECK_EQ(read(pty.slave, got, sizeof got), 3);
    CHECK(!memcmp(got, "abc", 3));
    child_wait_ok(pid);
}

TEST(tty_nonblocking_read)
{
    struct pty pty = pty_make();
    char byte;
    OK(fcntl(pty.slave, F_SETFL, O_RDWR | O_NONBLOCK));
    CHECK_ERRNO(read(pty.slave, &byte, 1), EAGAIN);
    pty_type(&pty, "x");
    CHECK_ERRNO(read(pty.slave, &byte, 1), EAGAIN);
    pty_type_await(&pty, "\n");
    CHECK_EQ(read(pty.slave, &byte, 1), 1);
}

TEST(tty_stop_and_start_output)
{
    struct pty pty = pty_make();
    struct pollfd screen = {.fd = pty.master, .events = POLLIN};
    OK(fcntl(pty.slave, F_SETFL, O_RDWR | O_NONBLOCK));
    pty_type(&pty, "\x13");
    /* Once it has stopped a write finds no room, and nothing more is shown. */
    while (write(pty.slave, "x", 1) == 1) {
        pty_expect_screen(&pty, "x");
        sleep_ms(1);
    }
    CHECK_EQ(errno, EAGAIN);
    CHECK_EQ(poll(&screen, 1, 0), 0);
    pty_type(&pty, "\x11");
    while (write(pty.slave, "y", 1) != 1)
        CHECK_EQ(errno, EAGAIN);
    pty_expect_screen(&pty, "y");
    pty_expect_nothing(&pty);
}

TEST(tty_flush_drops_input)
{
    struct pty pty = pty_make();
    pty_type_await(&pty, "old\n");
    OK(tcflush(pty.slave, TCIFLUSH));
    pty_expect_nothing(&pty);
    pty_type(&pty, "new\n");
    pty_expect_read(&pty, "new\n");
    CHECK_ERRNO(ioctl(pty.slave, TCFLSH, 99), EINVAL);
}

TEST(tty_fionread_counts_complete_lines)
{
    struct pty pty = pty_make();
    int value = -1;
    pty_type_await(&pty, "abc\nde");
    OK(ioctl(pty.slave, FIONREAD, &value));
    CHECK_EQ(value, 4);
}

TEST(tty_switch_to_raw_hands_over_an_unfinished_line)
{
    struct pty pty = pty_make();
    pty_type(&pty, "half");
    pty_expect_screen(&pty, "half");
    pty_expect_nothing(&pty);
    pty_make_raw(&pty);
    pty_expect_read(&pty, "half");
}
