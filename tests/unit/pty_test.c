/* SPDX-License-Identifier: BSD-2-Clause */
/* pty_test.c - pseudo-terminals through their files: both directions, job control, hangup (pty(7)).
 * Links: as fake_vfs.h says, and libos/tty/devpts.c libos/tty/ldisc.c libos/tty/ldisc_echo.c
 * libos/tty/ldisc_edit.c libos/tty/pty.c libos/tty/pty_master.c libos/tty/termios.c
 * libos/tty/tty.c libos/tty/tty_io.c libos/tty/tty_ioctl.c libos/tty/tty_job.c */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <asm/ioctls.h>
#include <asm/signal.h>
#include "base/errno.h"
#include "fake_vfs.h"
#include "linux-api/abi.h"
#include "proc/pgrp.h"
#include "proc/process.h"
#include "sched/time.h"
#include "tty/pty.h"
#include "vfs/devfs/devices.h"
#include "vfs/fdtable.h"
#include "vfs/file.h"
#include "vfs/inode.h"
#include "vfs/mount.h"
#include "vfs/vfs.h"

/* Two jobs of one session; the first leads it. */
static struct session session;
static struct pgrp shell_group, job_group;
static struct process shell, job, *running;
static int shell_signals[8], group_signals[8];
static unsigned shell_signal_count, group_signal_count;
static struct pgrp *group_signalled;
static bool is_ignored, is_orphaned;
static struct file *master;
static unsigned number;

struct process *process_current(void)
{
    return running;
}

struct session *process_session(const struct process *process)
{
    return process->pgrp->session;
}

bool capable(int)
{
    return fake_cred.fsuid == 0;
}

struct pgrp *pgrp_get(struct pgrp *pgrp)
{
    pgrp->refs++;
    return pgrp;
}

void pgrp_put(struct pgrp *pgrp)
{
    pgrp->refs--;
}

struct session *session_get(struct session *s)
{
    s->refs++;
    return s;
}

void session_put(struct session *s)
{
    s->refs--;
}

struct pgrp *pgrp_find(int32_t pgid)
{
    return pgid == shell_group.pgid ? &shell_group : pgid == job_group.pgid ? &job_group : nullptr;
}

bool pgrp_is_orphaned(const struct pgrp *, const struct process *)
{
    return is_orphaned;
}

int pgrp_signal(struct pgrp *pgrp, int signal, const struct siginfo *)
{
    group_signalled = pgrp;
    group_signals[group_signal_count++ % 8] = signal;
    return 0;
}

int signal_send_process(struct process *, int signal, const struct siginfo *)
{
    shell_signals[shell_signal_count++ % 8] = signal;
    return 0;
}

bool signal_is_ignored_or_blocked(int)
{
    return is_ignored;
}

uint64_t time_deadline_after(uint64_t ns)
{
    return ns;
}

void file_notify_owner(struct file *) {}

size_t string_copy(char *to, const char *from, size_t size)
{
    return (size_t)snprintf(to, size, "%s", from);
}

static struct file *slave_open(uint32_t flags)
{
    char name[32];
    snprintf(name, sizeof name, "/dev/pts/%u", number);
    return fake_open(name, flags, 0);
}

static long control(struct file *file, unsigned cmd, void *arg)
{
    return file->ops->ioctl(file, cmd, (uaddr_t)arg);
}

static void put(struct file *file, const char *text)
{
    size_t n = strlen(text);
    assert_int_equal(file_write_kernel(file, text, n, 0), n);
}

static void expect(struct file *file, const char *text)
{
    char buffer[256];
    ssize_t n = file_read_kernel(file, buffer, sizeof buffer - 1, 0);
    assert_in_range(n, 0, sizeof buffer - 1);
    buffer[n] = '\0';
    assert_string_equal(buffer, text);
}

static void raw(struct file *slave)
{
    struct termios t;
    assert_int_equal(control(slave, TCGETS, &t), 0);
    t.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG);
    t.c_oflag &= ~(tcflag_t)OPOST;
    assert_int_equal(control(slave, TCSETS, &t), 0);
}

static int world(void **)
{
    static bool once;
    fake_vfs_begin();
    if (!once) {
        assert_int_equal(pty_init(), 0);
        assert_int_equal(vfs_make_node("/dev", S_IFDIR | 0755, 0, 0, 0), 0);
        assert_int_equal(vfs_make_node("/dev/pts", S_IFDIR | 0755, 0, 0, 0), 0);
        uint64_t ptmx = dev_make(MAJOR_TTYAUX, TTYAUX_PTMX);
        assert_int_equal(vfs_make_node("/dev/ptmx", S_IFCHR | 0666, ptmx, 0, 0), 0);
        assert_int_equal(vfs_mount("devpts", "/dev/pts", "devpts", 0, "gid=5,mode=620"), 0);
    }
    once = true;
    session = (struct session){.refs = 1, .sid = 10, .leader = &shell};
    shell_group = (struct pgrp){.refs = 1, .pgid = 10, .session = &session};
    job_group = (struct pgrp){.refs = 1, .pgid = 20, .session = &session};
    shell = (struct process){.pid = 10, .pgrp = &shell_group};
    job = (struct process){.pid = 20, .pgrp = &job_group};
    running = &shell;
    shell_signal_count = group_signal_count = 0;
    is_ignored = is_orphaned = false;
    return 0;
}

static int setup(void **state)
{
    int unlocked = 0;
    world(state);
    master = fake_open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK, 0);
    assert_non_null(master);
    assert_int_equal(control(master, TIOCGPTN, &number), 0);
    assert_int_equal(control(master, TIOCSPTLCK, &unlocked), 0);
    return 0;
}

static int teardown(void **)
{
    file_put(master);
    master = nullptr;
    assert_int_equal(pty_count(), 0);
    assert_int_equal(session.refs, 1);
    tty_session_leader_exit(&session);
    assert_int_equal(shell_group.refs, 1);
    assert_int_equal(job_group.refs, 1);
    fake_vfs_end();
    return 0;
}

static void typing_at_the_master_is_a_line_for_the_slave(void **)
{
    struct file *slave = slave_open(O_RDWR | O_NOCTTY);
    put(master, "hello\r");
    expect(slave, "hello\n");
    expect(master, "hello\r\n");
    put(slave, "out\n");
    expect(master, "out\r\n");
    file_put(slave);
}

static void a_locked_slave_cannot_be_opened(void **)
{
    int locked = 1;
    assert_int_equal(control(master, TIOCSPTLCK, &locked), 0);
    assert_null(slave_open(O_RDWR));
    assert_int_equal(fake_error, -EIO);
    assert_int_equal(control(master, TIOCGPTLCK, &locked), 0);
    assert_int_equal(locked, 1);
}

static void the_slave_has_number_owner_and_mode(void **)
{
    struct kstat stat;
    struct file *slave = slave_open(O_RDWR | O_NOCTTY);
    assert_int_equal(inode_stat(slave->inode, &stat), 0);
    assert_int_equal(stat.rdev, dev_make(MAJOR_PTS, number));
    assert_int_equal(stat.mode, S_IFCHR | 0620);
    assert_int_equal(stat.gid, 5);
    file_put(slave);
}

static void a_name_goes_with_its_master(void **)
{
    struct path path;
    char name[32];
    snprintf(name, sizeof name, "/dev/pts/%u", number);
    assert_int_equal(path_lookup_kernel(name, 0, &path), 0);
    path_put(&path);
    file_put(master);
    assert_int_equal(path_lookup_kernel(name, 0, &path), -ENOENT);
    master = fake_open("/dev/ptmx", O_RDWR | O_NOCTTY, 0);
}

static void numbers_are_the_lowest_free(void **)
{
    unsigned second, third;
    struct file *a = fake_open("/dev/ptmx", O_RDWR, 0), *b = fake_open("/dev/ptmx", O_RDWR, 0);
    control(a, TIOCGPTN, &second);
    control(b, TIOCGPTN, &third);
    assert_int_equal(second, number + 1);
    assert_int_equal(third, number + 2);
    file_put(a);
    a = fake_open("/dev/ptmx", O_RDWR, 0);
    control(a, TIOCGPTN, &second);
    assert_int_equal(second, number + 1);
    file_put(a);
    file_put(b);
}

static void the_master_reads_eio_once_the_slave_is_closed(void **)
{
    char byte;
    assert_int_equal(file_read_kernel(master, &byte, 1, 0), -EAGAIN);
    struct file *slave = slave_open(O_RDWR | O_NOCTTY);
    put(slave, "x");
    file_put(slave);
    assert_true(file_poll(master, nullptr) & EPOLLHUP);
    expect(master, "x");
    assert_int_equal(file_read_kernel(master, &byte, 1, 0), -EIO);
    slave = slave_open(O_RDWR | O_NOCTTY);
    assert_int_equal(file_read_kernel(master, &byte, 1, 0), -EAGAIN);
    file_put(slave);
}

static void closing_the_master_hangs_the_slave_up(void **)
{
    char byte;
    struct file *slave = slave_open(O_RDWR);
    assert_ptr_equal(session.tty->session, &session);
    file_put(master);
    assert_int_equal(shell_signal_count, 2);
    assert_int_equal(shell_signals[0], SIGHUP);
    assert_int_equal(shell_signals[1], SIGCONT);
    assert_null(session.tty);
    assert_int_equal(file_read_kernel(slave, &byte, 1, 0), 0);
    assert_int_equal(file_write_kernel(slave, "x", 1, 0), -EIO);
    assert_int_equal(control(slave, TCGETS, &byte), -EIO);
    assert_true(file_poll(slave, nullptr) & EPOLLHUP);
    file_put(slave);
    assert_int_equal(pty_count(), 0);
    master = fake_open("/dev/ptmx", O_RDWR | O_NOCTTY, 0);
}

static void a_leader_s_open_takes_the_terminal(void **)
{
    int32_t id = 0;
    struct file *slave = slave_open(O_RDWR);
    assert_int_equal(control(slave, TIOCGSID, &id), 0);
    assert_int_equal(id, 10);
    assert_int_equal(control(slave, TIOCGPGRP, &id), 0);
    assert_int_equal(id, 10);
    assert_int_equal(tty_number_of(&session), (int)dev_make(MAJOR_PTS, number));
    file_put(slave);
}

static void without_o_noctty_only_leaders_get_it(void **)
{
    running = &job;
    struct file *slave = slave_open(O_RDWR);
    assert_null(session.tty);
    assert_int_equal(control(slave, TIOCSCTTY, nullptr), -EPERM);
    running = &shell;
    assert_int_equal(control(slave, TIOCSCTTY, nullptr), 0);
    assert_int_equal(control(slave, TIOCSCTTY, nullptr), 0);
    assert_non_null(session.tty);
    assert_int_equal(control(slave, TIOCNOTTY, nullptr), 0);
    assert_null(session.tty);
    assert_int_equal(control(slave, TIOCNOTTY, nullptr), -ENOTTY);
    file_put(slave);
}

static void a_background_reader_is_stopped(void **)
{
    char byte;
    struct file *slave = slave_open(O_RDWR);
    running = &job;
    assert_int_equal(file_read_kernel(slave, &byte, 1, 0), -ERESTARTSYS);
    assert_ptr_equal(group_signalled, &job_group);
    assert_int_equal(group_signals[0], SIGTTIN);
    is_ignored = true;
    assert_int_equal(file_read_kernel(slave, &byte, 1, 0), -EIO);
    is_ignored = false;
    is_orphaned = true;
    assert_int_equal(file_read_kernel(slave, &byte, 1, 0), -EIO);
    file_put(slave);
}

static void a_background_writer_is_stopped_only_if_told(void **)
{
    struct termios t;
    struct file *slave = slave_open(O_RDWR);
    assert_int_equal(control(slave, TCGETS, &t), 0);
    running = &job;
    put(slave, "x");
    running = &shell;
    t.c_lflag |= TOSTOP;
    assert_int_equal(control(slave, TCSETS, &t), 0);
    running = &job;
    assert_int_equal(file_write_kernel(slave, "x", 1, 0), -ERESTARTSYS);
    assert_int_equal(group_signals[0], SIGTTOU);
    is_ignored = true;
    put(slave, "x");
    file_put(slave);
}

static void the_foreground_group_gets_the_keys_signals(void **)
{
    int32_t id = 20;
    struct file *slave = slave_open(O_RDWR);
    assert_int_equal(control(slave, TIOCSPGRP, &id), 0);
    put(master, "\003");
    assert_ptr_equal(group_signalled, &job_group);
    assert_int_equal(group_signals[0], SIGINT);
    id = 99;
    is_ignored = true; /* the shell is in the background now */
    assert_int_equal(control(slave, TIOCSPGRP, &id), -ESRCH);
    id = -1;
    assert_int_equal(control(slave, TIOCSPGRP, &id), -EINVAL);
    file_put(slave);
}

static void a_change_of_size_is_signalled_once(void **)
{
    struct winsize size = {.ws_row = 24, .ws_col = 80}, seen;
    struct file *slave = slave_open(O_RDWR);
    assert_int_equal(control(master, TIOCSWINSZ, &size), 0);
    assert_int_equal(control(master, TIOCSWINSZ, &size), 0);
    assert_int_equal(group_signal_count, 1);
    assert_int_equal(group_signals[0], SIGWINCH);
    assert_int_equal(control(slave, TIOCGWINSZ, &seen), 0);
    assert_int_equal(seen.ws_col, 80);
    file_put(slave);
}

static void packet_mode_tells_of_changes(void **)
{
    int on = 1;
    char bytes[8];
    struct file *slave = slave_open(O_RDWR);
    assert_int_equal(control(master, TIOCPKT, &on), 0);
    put(slave, "a");
    assert_int_equal(file_read_kernel(master, bytes, sizeof bytes, 0), 2);
    assert_int_equal(bytes[0], TIOCPKT_DATA);
    assert_int_equal(bytes[1], 'a');
    assert_int_equal(control(slave, TCFLSH, (void *)TCIFLUSH), 0);
    assert_true(file_poll(master, nullptr) & EPOLLPRI);
    assert_int_equal(file_read_kernel(master, bytes, sizeof bytes, 0), 1);
    assert_int_equal(bytes[0], TIOCPKT_FLUSHREAD);
    assert_int_equal(control(slave, TCXONC, (void *)TCOOFF), 0);
    assert_int_equal(control(slave, TCXONC, (void *)TCOON), 0);
    assert_int_equal(file_read_kernel(master, bytes, sizeof bytes, 0), 1);
    assert_int_equal(bytes[0], TIOCPKT_START);
    file_put(slave);
}

static void a_full_terminal_makes_the_master_wait(void **)
{
    static char bytes[3 * LDISC_BUFFER];
    struct file *slave = slave_open(O_RDWR);
    raw(slave);
    memset(bytes, 'a', sizeof bytes);
    ssize_t taken = file_write_kernel(master, bytes, sizeof bytes, 0);
    assert_int_equal(taken, LDISC_BUFFER - 1);
    assert_int_equal(file_write_kernel(master, bytes, 1, 0), -EAGAIN);
    assert_false(file_poll(master, nullptr) & EPOLLOUT);
    assert_int_equal(file_read_kernel(slave, bytes, sizeof bytes, 0), taken);
    assert_true(file_poll(master, nullptr) & EPOLLOUT);
    file_put(slave);
}

static void a_full_master_makes_the_slave_wait(void **)
{
    static char bytes[2 * PTY_RING];
    struct file *slave = slave_open(O_RDWR | O_NONBLOCK);
    raw(slave);
    memset(bytes, 'a', sizeof bytes);
    assert_int_equal(file_write_kernel(slave, bytes, sizeof bytes, 0), PTY_RING);
    assert_int_equal(file_write_kernel(slave, bytes, 1, 0), -EAGAIN);
    assert_false(file_poll(slave, nullptr) & EPOLLOUT);
    assert_int_equal(file_read_kernel(master, bytes, sizeof bytes, 0), PTY_RING);
    assert_true(file_poll(slave, nullptr) & EPOLLOUT);
    file_put(slave);
}

static int type_while_asleep(void)
{
    put(master, "ab");
    return 0;
}

static int time_out(void)
{
    return -ETIMEDOUT;
}

static int interrupted(void)
{
    return -EINTR;
}

static void vmin_and_vtime_say_how_long_a_read_waits(void **)
{
    char bytes[8];
    struct termios t;
    struct file *slave = slave_open(O_RDWR);
    raw(slave);
    assert_int_equal(control(slave, TCGETS, &t), 0);

    fake_sleep = type_while_asleep; /* VMIN 1, VTIME 0 */
    assert_int_equal(file_read_kernel(slave, bytes, 8, 0), 2);

    t.c_cc[VMIN] = 4;
    assert_int_equal(control(slave, TCSETS, &t), 0);
    assert_int_equal(file_read_kernel(slave, bytes, 8, 0), 4);

    t.c_cc[VTIME] = 1; /* between bytes only */
    assert_int_equal(control(slave, TCSETS, &t), 0);
    put(master, "xyz");
    fake_sleep = time_out;
    assert_int_equal(file_read_kernel(slave, bytes, 8, 0), 3);

    t.c_cc[VMIN] = 0; /* for the first byte */
    assert_int_equal(control(slave, TCSETS, &t), 0);
    assert_int_equal(file_read_kernel(slave, bytes, 8, 0), 0);

    t.c_cc[VTIME] = 0; /* not at all */
    assert_int_equal(control(slave, TCSETS, &t), 0);
    fake_sleep = nullptr;
    assert_int_equal(file_read_kernel(slave, bytes, 8, 0), 0);
    file_put(slave);
}

static void a_signal_interrupts_a_read(void **)
{
    char byte;
    struct file *slave = slave_open(O_RDWR);
    fake_sleep = interrupted;
    assert_int_equal(file_read_kernel(slave, &byte, 1, 0), -ERESTARTSYS);
    fake_sleep = nullptr;
    file_put(slave);
}

static void settings_travel_in_all_three_layouts(void **)
{
    struct termio old;
    struct termios t;
    struct termios2 t2;
    struct file *slave = slave_open(O_RDWR);
    assert_int_equal(control(slave, TCGETA, &old), 0);
    old.c_lflag &= (unsigned short)~ECHO;
    assert_int_equal(control(slave, TCSETAW, &old), 0);
    assert_int_equal(control(slave, TCGETS, &t), 0);
    assert_false(t.c_lflag & ECHO);
    t.c_cflag = (t.c_cflag & ~(tcflag_t)CBAUD) | B9600;
    assert_int_equal(control(slave, TCSETSF, &t), 0);
    assert_int_equal(control(slave, TCGETS2, &t2), 0);
    assert_int_equal(t2.c_ospeed, 9600);
    assert_int_equal(t2.c_ispeed, 9600);
    t2.c_cflag = (t2.c_cflag & ~(tcflag_t)CBAUD) | BOTHER;
    t2.c_ospeed = 12345;
    assert_int_equal(control(slave, TCSETS2, &t2), 0);
    assert_int_equal(control(master, TCGETS2, &t2), 0);
    assert_int_equal(t2.c_ospeed, 12345);
    assert_int_equal(control(slave, TCGETS, (void *)16), -EFAULT);
    file_put(slave);
}

static void an_exclusive_terminal_is_busy_for_users(void **)
{
    struct file *slave = slave_open(O_RDWR | O_NOCTTY);
    assert_int_equal(control(slave, TIOCEXCL, nullptr), 0);
    slave->inode->mode |= 0666;
    fake_be(1000, 1000);
    assert_null(slave_open(O_RDWR));
    assert_int_equal(fake_error, -EBUSY);
    fake_be(0, 0);
    file_put(slave);
}

static void the_peer_needs_no_name(void **)
{
    int fd = (int)control(master, TIOCGPTPEER, (void *)(O_RDWR | O_NOCTTY));
    assert_true(fd >= 0);
    struct file *slave = fd_get(fd);
    put(slave, "p");
    expect(master, "p");
    file_put(slave);
    assert_int_equal(fd_close(fd), 0);
}

static void the_leader_s_end_hangs_the_job_up(void **)
{
    int32_t id = 20;
    struct file *slave = slave_open(O_RDWR);
    assert_int_equal(control(slave, TIOCSPGRP, &id), 0);
    tty_session_leader_exit(&session);
    assert_ptr_equal(group_signalled, &job_group);
    assert_int_equal(group_signals[0], SIGHUP);
    assert_null(session.tty);
    file_put(slave);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(typing_at_the_master_is_a_line_for_the_slave),
        TEST(a_locked_slave_cannot_be_opened),
        TEST(the_slave_has_number_owner_and_mode),
        TEST(a_name_goes_with_its_master),
        TEST(numbers_are_the_lowest_free),
        TEST(the_master_reads_eio_once_the_slave_is_closed),
        TEST(closing_the_master_hangs_the_slave_up),
        TEST(a_leader_s_open_takes_the_terminal),
        TEST(without_o_noctty_only_leaders_get_it),
        TEST(a_background_reader_is_stopped),
        TEST(a_background_writer_is_stopped_only_if_told),
        TEST(the_foreground_group_gets_the_keys_signals),
        TEST(a_change_of_size_is_signalled_once),
        TEST(packet_mode_tells_of_changes),
        TEST(a_full_terminal_makes_the_master_wait),
        TEST(a_full_master_makes_the_slave_wait),
        TEST(vmin_and_vtime_say_how_long_a_read_waits),
        TEST(a_signal_interrupts_a_read),
        TEST(settings_travel_in_all_three_layouts),
        TEST(an_exclusive_terminal_is_busy_for_users),
        TEST(the_peer_needs_no_name),
        TEST(the_leader_s_end_hangs_the_job_up),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
