/* SPDX-License-Identifier: BSD-2-Clause */
/* tty_job.c - controlling terminals and job control. */
#include "pty.h"
#include "test.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t count, last;

static void handler_counts(int sig)
{
    count++;
    last = sig;
}

static void catch_with(int sig, int flags)
{
    struct sigaction action = {.sa_handler = handler_counts, .sa_flags = flags};
    OK(sigaction(sig, &action, nullptr));
}

/* Run BODY as leader of a session whose terminal is PTY. */
static void in_session(void (*body)(struct pty *))
{
    struct pty pty = pty_make();
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        pty_become_session(&pty);
        body(&pty);
        _exit(0);
    }
    child_wait_ok(pid);
}

static void body_ids(struct pty *pty)
{
    pid_t session = 0;
    CHECK_EQ(tcgetpgrp(pty->slave), getpid());
    OK(ioctl(pty->slave, TIOCGSID, &session));
    CHECK_EQ(session, getpid());
    OK(open("/dev/tty", O_RDWR));
    CHECK_EQ(tcgetsid(pty->master), getpid());
}

TEST(tty_controlling_terminal_of_a_session)
{
    in_session(body_ids);
}

static void body_dev_tty(struct pty *pty)
{
    int tty = (int)OK(open("/dev/tty", O_RDWR));
    CHECK_EQ(write(tty, "via tty", 7), 7);
    pty_expect_screen(pty, "via tty");
    pty_type(pty, "typed\n");
    char text[16] = {};
    CHECK_EQ(read(tty, text, sizeof text), 6);
    CHECK_STR(text, "typed\n");
    IN_CHILD
    {
        OK(open("/dev/tty", O_RDWR));
        OK(setsid());
        CHECK_ERRNO(open("/dev/tty", O_RDWR), ENXIO);
    }
}

TEST(tty_dev_tty_is_the_controlling_terminal)
{
    in_session(body_dev_tty);
}

TEST(tty_open_by_a_session_leader_makes_it_controlling)
{
    struct pty pty = pty_make();
    IN_CHILD
    {
        OK(setsid());
        OK(open(pty.path, O_RDWR | O_NOCTTY));
        CHECK_ERRNO(open("/dev/tty", O_RDWR), ENXIO);
        OK(open(pty.path, O_RDWR));
        OK(open("/dev/tty", O_RDWR));
    }
}

static void body_sctty(struct pty *pty)
{
    struct pty other = pty_make();
    /* A leader that has one gets no second, nor can another session have this one. */
    CHECK_ERRNO(ioctl(other.slave, TIOCSCTTY, 0), EPERM);
    OK(ioctl(pty->slave, TIOCSCTTY, 0));
    IN_CHILD
    {
        CHECK_ERRNO(ioctl(other.slave, TIOCSCTTY, 0), EPERM);
        OK(setsid());
        CHECK_ERRNO(ioctl(pty->slave, TIOCSCTTY, 0), EPERM);
        OK(ioctl(other.slave, TIOCSCTTY, 0));
    }
}

TEST(tty_tiocsctty_rules)
{
    in_session(body_sctty);
}

static void body_notty(struct pty *pty)
{
    signal(SIGHUP, SIG_IGN);
    OK(ioctl(pty->slave, TIOCNOTTY));
    CHECK_ERRNO(open("/dev/tty", O_RDWR), ENXIO);
    CHECK_ERRNO(tcgetpgrp(pty->slave), ENOTTY);
}

TEST(tty_tiocnotty_gives_it_up)
{
    in_session(body_notty);
}

static void await_count(int want)
{
    while (count < want)
        sleep_ms(1);
}

static void body_keys(struct pty *pty)
{
    catch_with(SIGINT, SA_RESTART);
    catch_with(SIGQUIT, SA_RESTART);
    catch_with(SIGTSTP, SA_RESTART);
    pty_type(pty, "\x03");
    await_count(1);
    CHECK_EQ(last, SIGINT);
    pty_expect_screen(pty, "^C");
    pty_type(pty, "\x1c");
    await_count(2);
    CHECK_EQ(last, SIGQUIT);
    /* Each such key throws away output that nobody has read yet. */
    pty_expect_screen(pty, "^\\");
    pty_type(pty, "\x1a");
    await_count(3);
    CHECK_EQ(last, SIGTSTP);
    pty_expect_screen(pty, "^Z");
}

TEST(tty_keys_send_signals)
{
    in_session(body_keys);
}

static void body_keys_flush(struct pty *pty)
{
    catch_with(SIGINT, SA_RESTART);
    pty_type(pty, "thrown away\x03kept\n");
    pty_expect_read(pty, "kept\n");
    struct termios mode = pty_mode(pty);
    mode.c_lflag |= NOFLSH;
    pty_set_mode(pty, mode);
    pty_type(pty, "this \x03stays\n");
    pty_expect_read(pty, "this stays\n");
    CHECK_EQ(count, 2);
}

TEST(tty_interrupt_drops_the_line)
{
    in_session(body_keys_flush);
}

static void body_no_isig(struct pty *pty)
{
    struct termios mode = pty_mode(pty);
    mode.c_lflag &= ~(tcflag_t)ISIG;
    pty_set_mode(pty, mode);
    pty_type(pty, "a\x03\n");
    pty_expect_read(pty, "a\x03\n");
    mode.c_lflag |= ISIG;
    mode.c_cc[VINTR] = _POSIX_VDISABLE;
    pty_set_mode(pty, mode);
    pty_type(pty, "b\x03\n");
    pty_expect_read(pty, "b\x03\n");
}

TEST(tty_without_isig_keys_are_characters)
{
    in_session(body_no_isig);
}

static void body_foreground(struct pty *pty)
{
    signal(SIGTTOU, SIG_IGN);
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        signal(SIGTTOU, SIG_DFL);
        OK(setpgid(0, 0));
        for (;;)
            pause();
    }
    setpgid(pid, pid);
    OK(tcsetpgrp(pty->slave, pid));
    CHECK_EQ(tcgetpgrp(pty->slave), pid);
    CHECK_EQ(tcgetpgrp(pty->master), pid);
    /* The key reaches the foreground group only: we would die of it. */
    pty_type(pty, "\x03");
    CHECK_EQ(child_wait(pid), SIGINT);
    OK(tcsetpgrp(pty->slave, getpid()));
}

TEST(tty_keys_reach_only_the_foreground_group)
{
    in_session(body_foreground);
}

static void body_setpgrp_errors(struct pty *pty)
{
    CHECK_ERRNO(tcsetpgrp(pty->slave, 999999), ESRCH);
    CHECK_ERRNO(tcsetpgrp(pty->slave, -1), EINVAL);
    CHECK_ERRNO(tcsetpgrp(pty->slave, getppid()), EPERM);
    CHECK_ERRNO(tcsetpgrp(0, getpid()), ENOTTY);
}

TEST(tty_tcsetpgrp_errors)
{
    in_session(body_setpgrp_errors);
}

/* A child in a group of its own, in the background; it is stopped by SIG at what it does. */
static void background_expect_stop(struct pty *pty, void (*does)(struct pty *), int sig)
{
    int status;
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        OK(setpgid(0, 0));
        does(pty);
        _exit(0);
    }
    CHECK_EQ(waitpid(pid, &status, WUNTRACED), pid);
    CHECK(WIFSTOPPED(status));
    CHECK_EQ(WSTOPSIG(status), sig);
    OK(kill(pid, SIGKILL));
    child_wait(pid);
}

static void does_read(struct pty *pty)
{
    char byte;
    if (read(pty->slave, &byte, 1) < 0)
        _exit(1);
}

static void does_write(struct pty *pty)
{
    if (write(pty->slave, "x", 1) < 0)
        _exit(1);
}

static void does_set_mode(struct pty *pty)
{
    pty_set_mode(pty, pty_mode(pty));
}

static void body_background(struct pty *pty)
{
    background_expect_stop(pty, does_read, SIGTTIN);
    background_expect_stop(pty, does_set_mode, SIGTTOU);
    /* Output is stopped only when TOSTOP is set. */
    IN_CHILD
    {
        OK(setpgid(0, 0));
        does_write(pty);
    }
    struct termios mode = pty_mode(pty);
    mode.c_lflag |= TOSTOP;
    pty_set_mode(pty, mode);
    background_expect_stop(pty, does_write, SIGTTOU);
}

TEST(tty_background_access_stops)
{
    in_session(body_background);
}

static void body_background_ignoring(struct pty *pty)
{
    char byte;
    struct termios mode = pty_mode(pty);
    mode.c_lflag |= TOSTOP;
    pty_set_mode(pty, mode);
    IN_CHILD
    {
        OK(setpgid(0, 0));
        signal(SIGTTIN, SIG_IGN);
        signal(SIGTTOU, SIG_IGN);
        CHECK_ERRNO(read(pty->slave, &byte, 1), EIO);
        CHECK_EQ(write(pty->slave, "w", 1), 1);
        pty_set_mode(pty, mode);
    }
}

TEST(tty_background_that_ignores_the_stop)
{
    in_session(body_background_ignoring);
}

static void body_winch(struct pty *pty)
{
    struct winsize size = {30, 100, 0, 0};
    catch_with(SIGWINCH, SA_RESTART);
    OK(ioctl(pty->master, TIOCSWINSZ, &size));
    await_count(1);
    /* No change, no signal. */
    OK(ioctl(pty->slave, TIOCSWINSZ, &size));
    size.ws_col = 101;
    OK(ioctl(pty->slave, TIOCSWINSZ, &size));
    await_count(2);
    CHECK_EQ(count, 2);
}

TEST(tty_window_change_sends_sigwinch)
{
    in_session(body_winch);
}

static void body_read_interrupted(struct pty *pty)
{
    char byte;
    struct gate gate = gate_make();
    catch_with(SIGINT, 0);
    pid_t self = getpid(), pid = (pid_t)OK(fork());
    if (pid == 0) {
        OK(setpgid(0, 0));
        gate_wait(&gate);
        process_await_state(self, "S");
        pty_type(pty, "\x03");
        _exit(0);
    }
    gate_open(&gate);
    CHECK_ERRNO(read(pty->slave, &byte, 1), EINTR);
    child_wait_ok(pid);
}

TEST(tty_key_interrupts_a_read)
{
    in_session(body_read_interrupted);
}

static void body_leader_exits(struct pty *pty)
{
    (void)pty;
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0)
        for (;;)
            pause();
    /* The leader ends here; the foreground group, the child, gets SIGHUP. */
    _exit(0);
}

TEST(tty_end_of_the_session_leader_frees_the_terminal)
{
    struct pty pty = pty_make();
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        pty_become_session(&pty);
        body_leader_exits(&pty);
    }
    child_wait_ok(pid);
    IN_CHILD
    {
        OK(setsid());
        OK(ioctl(pty.slave, TIOCSCTTY, 0));
    }
}

static void body_stop_and_go(struct pty *pty)
{
    int status;
    signal(SIGTTOU, SIG_IGN);
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        char byte;
        signal(SIGTTOU, SIG_DFL);
        OK(setpgid(0, 0));
        if (read(pty->slave, &byte, 1) != 1)
            _exit(1);
        _exit(byte);
    }
    /* Stopped in the background, put to the foreground and set going, it reads on. */
    CHECK_EQ(waitpid(pid, &status, WUNTRACED), pid);
    CHECK_EQ(WSTOPSIG(status), SIGTTIN);
    OK(tcsetpgrp(pty->slave, pid));
    OK(kill(-pid, SIGCONT));
    pty_type(pty, "\x1a");
    CHECK_EQ(waitpid(pid, &status, WUNTRACED), pid);
    CHECK_EQ(WSTOPSIG(status), SIGTSTP);
    OK(kill(-pid, SIGCONT));
    pty_type(pty, "k\n");
    CHECK_EQ(child_wait(pid), 'k' << 8);
}

TEST(tty_job_is_stopped_and_brought_back)
{
    in_session(body_stop_and_go);
}
