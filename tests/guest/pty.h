/* SPDX-License-Identifier: BSD-2-Clause */
/* pty.h - a pseudo terminal for a test, opened by hand as openpty(3) would. */
#pragma once

#include <termios.h>

struct pty {
    int master;
    int slave;
    char path[32];
};

/* Both ends, in the state in which Linux hands out a new terminal. */
struct pty pty_make(void);
/* Raw: no echo, no lines, no signals, no changes on output. */
void pty_make_raw(struct pty *pty);
struct termios pty_mode(struct pty *pty);
void pty_set_mode(struct pty *pty, struct termios mode);
/* Type at the keyboard's end. */
void pty_type(struct pty *pty, const char *text);
/* Type, and wait until something can be read: Linux handles what is typed a little later. */
void pty_type_await(struct pty *pty, const char *text);
/* What the screen's end shows within a wait that is long enough; the next LEN bytes must be TEXT. */
void pty_expect_screen(struct pty *pty, const char *text);
/* One read at the program's end gives exactly TEXT. */
void pty_expect_read(struct pty *pty, const char *text);
/* Nothing is there to read at the program's end. */
void pty_expect_nothing(struct pty *pty);
/* In a new session whose controlling terminal is the slave: call from a child. */
void pty_become_session(struct pty *pty);
