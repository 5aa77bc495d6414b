/* SPDX-License-Identifier: BSD-2-Clause */
/* ipc_sysv_msg.c - System V messages: msgget(2), msgop(2), msgctl(2). */
#include "test.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct message {
    long type;
    char text[9000];
};

static int queue_make(void)
{
    return (int)OK(msgget(IPC_PRIVATE, IPC_CREAT | 0600));
}

static int send(int id, long type, const char *text, int flags)
{
    static struct message m;
    m.type = type;
    strcpy(m.text, text);
    return msgsnd(id, &m, strlen(text) + 1, flags);
}

/* The text that comes, or "" and errno. */
static const char *take(int id, long type, int flags)
{
    static struct message m;
    if (msgrcv(id, &m, sizeof m.text, type, flags) == -1)
        return "";
    return m.text;
}

static void drop(int id)
{
    OK(msgctl(id, IPC_RMID, nullptr));
}

TEST(msg_come_in_order)
{
    int id = queue_make();
    OK(send(id, 1, "one", 0));
    OK(send(id, 2, "two", 0));
    OK(send(id, 1, "three", 0));
    CHECK_STR(take(id, 0, 0), "one");
    CHECK_STR(take(id, 0, 0), "two");
    CHECK_STR(take(id, 0, 0), "three");
    CHECK_STR(take(id, 0, IPC_NOWAIT), "");
    CHECK_EQ(errno, ENOMSG);
    drop(id);
}

TEST(msg_are_chosen_by_type)
{
    int id = queue_make();
    OK(send(id, 5, "five", 0));
    OK(send(id, 3, "three", 0));
    OK(send(id, 4, "four", 0));
    CHECK_STR(take(id, 4, 0), "four");
    CHECK_STR(take(id, -4, 0), "three");
    CHECK_STR(take(id, -4, IPC_NOWAIT), "");
    OK(send(id, 6, "six", 0));
    CHECK_STR(take(id, 5, MSG_EXCEPT), "six");
    CHECK_STR(take(id, 5, MSG_EXCEPT | IPC_NOWAIT), "");
    CHECK_STR(take(id, -9, 0), "five");
    drop(id);
}

TEST(msg_too_long_stays_or_is_cut)
{
    int id = queue_make();
    struct message m;
    OK(send(id, 1, "long text", 0));
    CHECK_ERRNO(msgrcv(id, &m, 4, 0, 0), E2BIG);
    CHECK_EQ(msgrcv(id, &m, 4, 0, MSG_NOERROR), 4);
    CHECK(memcmp(m.text, "long", 4) == 0);
    CHECK_ERRNO(msgrcv(id, &m, 4, 0, IPC_NOWAIT), ENOMSG);
    drop(id);
}

TEST(msg_full_queue_refuses_or_waits)
{
    int id = queue_make();
    static struct message m = {.type = 1};
    OK(msgsnd(id, &m, 8192, 0));
    OK(msgsnd(id, &m, 8192, 0));
    CHECK_ERRNO(msgsnd(id, &m, 1, IPC_NOWAIT), EAGAIN);
    OK(msgsnd(id, &m, 0, IPC_NOWAIT));
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        m.type = 7;
        OK(msgsnd(id, &m, 100, 0));
        _exit(0);
    }
    process_await_state(pid, "S");
    CHECK_EQ(msgrcv(id, &m, 8192, 0, 0), 8192);
    child_wait_ok(pid);
    CHECK_EQ(msgrcv(id, &m, 8192, 7, 0), 100);
    drop(id);
}

TEST(msg_receiver_waits)
{
    int id = queue_make();
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        CHECK_STR(take(id, 2, 0), "for you");
        _exit(0);
    }
    process_await_state(pid, "S");
    OK(send(id, 1, "not you", 0));
    OK(send(id, 2, "for you", 0));
    child_wait_ok(pid);
    CHECK_STR(take(id, 0, IPC_NOWAIT), "not you");
    drop(id);
}

TEST(msg_removal_wakes_waiters)
{
    int id = queue_make();
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        struct message m;
        CHECK_ERRNO(msgrcv(id, &m, 8, 0, 0), EIDRM);
        _exit(0);
    }
    process_await_state(pid, "S");
    drop(id);
    child_wait_ok(pid);
}

static void nothing(int) {}

TEST(msg_receive_is_interrupted)
{
    int id = queue_make();
    struct message m;
    struct sigaction action = {.sa_handler = nothing, .sa_flags = SA_RESTART};
    OK(sigaction(SIGALRM, &action, nullptr));
    alarm_every_ms(20);
    CHECK_ERRNO(msgrcv(id, &m, 8, 0, 0), EINTR);
    alarm_every_ms(0);
    drop(id);
}

TEST(msg_bad_arguments)
{
    int id = queue_make();
    static struct message m = {.type = 1};
    CHECK_ERRNO(msgsnd(id, &m, 8193, 0), EINVAL);
    m.type = 0;
    CHECK_ERRNO(msgsnd(id, &m, 1, 0), EINVAL);
    m.type = -1;
    CHECK_ERRNO(msgsnd(id, &m, 1, 0), EINVAL);
    CHECK_ERRNO(msgsnd(id, (void *)16, 1, 0), EFAULT);
    CHECK_ERRNO(msgsnd(-1, &m, 1, 0), EINVAL);
    CHECK_ERRNO(msgrcv(-1, &m, 1, 0, 0), EINVAL);
    CHECK_ERRNO(msgrcv(id, &m, (size_t)-1, 0, IPC_NOWAIT), EINVAL);
    CHECK_ERRNO(msgctl(id, 7777, nullptr), EINVAL);
    drop(id);
    CHECK(send(id, 1, "x", 0) == -1 && (errno == EINVAL || errno == EIDRM));
}

TEST(msg_get_by_key)
{
    key_t key = (key_t)(0x5ec00000 | (getpid() & 0xffff));
    CHECK_ERRNO(msgget(key, 0600), ENOENT);
    int id = (int)OK(msgget(key, IPC_CREAT | 0620));
    CHECK_EQ(msgget(key, 0600), id);
    CHECK_ERRNO(msgget(key, IPC_CREAT | IPC_EXCL | 0600), EEXIST);
    IN_CHILD_AS(99, 99)
    {
        CHECK_ERRNO(msgget(key, 0600), EACCES);
        CHECK_ERRNO(send(id, 1, "x", 0), EACCES);
        CHECK_ERRNO(msgctl(id, IPC_RMID, nullptr), EPERM);
    }
    IN_CHILD_AS(99, 0)
    {
        OK(send(id, 1, "x", 0));
        struct message m;
        CHECK_ERRNO(msgrcv(id, &m, 8, 0, IPC_NOWAIT), EACCES);
    }
    drop(id);
}

TEST(msg_stat_and_set)
{
    time_t before = time(nullptr);
    int id = queue_make();
    struct msqid_ds ds;
    OK(send(id, 1, "abc", 0));
    OK(msgctl(id, IPC_STAT, &ds));
    CHECK_EQ(ds.msg_qnum, 1);
    CHECK_EQ(ds.__msg_cbytes, 4);
    CHECK_EQ(ds.msg_qbytes, 16384);
    CHECK_EQ(ds.msg_lspid, getpid());
    CHECK_EQ(ds.msg_lrpid, 0);
    CHECK_EQ(ds.msg_rtime, 0);
    CHECK(ds.msg_stime >= before && ds.msg_ctime >= before);
    ds.msg_qbytes = 8;
    OK(msgctl(id, IPC_SET, &ds));
    OK(send(id, 1, "def", 0));
    CHECK_ERRNO(send(id, 1, "g", IPC_NOWAIT), EAGAIN);
    CHECK_STR(take(id, 0, 0), "abc");
    OK(msgctl(id, IPC_STAT, &ds));
    CHECK_EQ(ds.msg_lrpid, getpid());
    drop(id);
}

TEST(msg_copy_leaves_the_message)
{
    constexpr int COPY = 040000;
    int id = queue_make();
    struct message m;
    OK(send(id, 1, "zero", 0));
    OK(send(id, 2, "one", 0));
    CHECK_ERRNO(msgrcv(id, &m, 100, 1, COPY), EINVAL);
    if (msgrcv(id, &m, 100, 1, COPY | IPC_NOWAIT) == -1 && errno == ENOSYS)
        test_skip("this kernel has no MSG_COPY");
    CHECK_STR(m.text, "one");
    CHECK_ERRNO(msgrcv(id, &m, 100, 2, COPY | IPC_NOWAIT), ENOMSG);
    CHECK_STR(take(id, 0, 0), "zero");
    drop(id);
}

TEST(msg_shows_in_proc)
{
    int id = queue_make();
    char text[16384], want[64];
    OK(send(id, 1, "12345", 0));
    file_read("/proc/sysvipc/msg", text, sizeof text);
    snprintf(want, sizeof want, " %10d   600           6          1 ", id);
    CHECK(strstr(text, want));
    drop(id);
}
