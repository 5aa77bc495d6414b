/* SPDX-License-Identifier: BSD-2-Clause */
/* pty.c - see pty.h. */
#include "pty.h"

#include "test.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

struct pty pty_make(void)
{
    struct pty pty;
    int number, unlock = 0;
    pty.master = (int)OK(open("/dev/ptmx", O_RDWR | O_NOCTTY));
    OK(ioctl(pty.master, TIOCSPTLCK, &unlock));
    OK(ioctl(pty.master, TIOCGPTN, &number));
    snprintf(pty.path, sizeof pty.path, "/dev/pts/%d", number);
    pty.slave = (int)OK(open(pty.path, O_RDWR | O_NOCTTY));
    return pty;
}

struct termios pty_mode(struct pty *pty)
{
    struct termios mode;
    OK(tcgetattr(pty->slave, &mode));
    return mode;
}

void pty_set_mode(struct pty *pty, struct termios mode)
{
    OK(tcsetattr(pty->slave, TCSANOW, &mode));
}

void pty_make_raw(struct pty *pty)
{
    struct termios mode = pty_mode(pty);
    cfmakeraw(&mode);
    pty_set_mode(pty, mode);
}

void pty_type(struct pty *pty, const char *text)
{
    CHECK_EQ(write(pty->master, text, strlen(text)), strlen(text));
}

void pty_type_await(struct pty *pty, const char *text)
{
    struct pollfd one = {.fd = pty->slave, .events = POLLIN};
    pty_type(pty, text);
    CHECK_EQ(poll(&one, 1, 10000), 1);
}

/* What a byte string looks like in a report. */
static const char *printable(const char *text, size_t len)
{
    static char out[2][400];
    static int turn;
    char *at = out[turn = !turn], *end = at + sizeof out[0] - 5;
    for (size_t i = 0; i < len && at < end; i++)
        at += snprintf(at, 5, text[i] >= ' ' && text[i] < 127 ? "%c" : "\\x%02x",
                       (unsigned char)text[i]);
    *at = 0;
    return out[turn];
}

void pty_expect_screen(struct pty *pty, const char *text)
{
    char got[512];
    size_t have = 0, want = strlen(text);
    while (have < want) {
        struct pollfd one = {.fd = pty->master, .events = POLLIN};
        if (poll(&one, 1, 10000) != 1 || !(one.revents & POLLIN))
            FAIL("screen: expected \"%s\", got \"%s\"", printable(text, want),
                 printable(got, have));
        have += (size_t)OK(read(pty->master, got + have, want - have));
    }
    if (memcmp(got, text, want))
        FAIL("screen: expected \"%s\", got \"%s\"", printable(text, want), printable(got, have));
}

void pty_expect_read(struct pty *pty, const char *text)
{
    char got[512];
    size_t len = (size_t)OK(read(pty->slave, got, sizeof got));
    if (len != strlen(text) || memcmp(got, text, len))
        FAIL("read: expected \"%s\", got \"%s\"", printable(text, strlen(text)),
             printable(got, len));
}

void pty_expect_nothing(struct pty *pty)
{
    struct pollfd one = {.fd = pty->slave, .events = POLLIN};
    CHECK_EQ(poll(&one, 1, 0), 0);
}

void pty_become_session(struct pty *pty)
{
    OK(setsid());
    OK(ioctl(pty->slave, TIOCSCTTY, 0));
}
