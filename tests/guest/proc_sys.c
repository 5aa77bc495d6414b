/* SPDX-License-Identifier: BSD-2-Clause */
/* proc_sys.c - /proc/sys: settings that root changes take effect (proc(5)).
 *
 * Those that are the whole system's are put back at once.  The tests that need another value of
 * them skip where it cannot be written, as in a container.
 */
#include <fcntl.h>
#include <mqueue.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "test.h"

/* write(2)'s result, or that of open(2). */
static long setting_write(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY);
    if (fd < 0)
        return -1;
    long n = write(fd, text, strlen(text));
    int error = errno;
    close(fd);
    errno = error;
    return n;
}

static void setting_set(const char *path, const char *text)
{
    if (setting_write(path, text) < 0) {
        if (errno == EROFS || errno == EACCES || errno == EPERM)
            test_skip("settings cannot be changed here");
        FAIL("%s: %s", path, strerror(errno));
    }
}

/* Run BODY in a child, then put back what stood in PATH, whatever became of it. */
static void with_setting(const char *path, void (*body)(const char *path))
{
    char before[256];
    file_read(path, before, sizeof before);
    setting_set(path, before); /* skips the test where that is not possible */
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        body(path);
        _exit(0);
    }
    int status = child_wait(pid);
    OK(setting_write(path, before));
    CHECK_EQ(status, 0);
}

static void ipc_namespace_enter(void)
{
    if (unshare(CLONE_NEWIPC) < 0)
        test_skip("no IPC namespace of its own");
}

TEST(limits_of_message_queues_are_of_a_namespace_and_can_be_changed)
{
    struct {
        long type;
        char text[101];
    } message = {.type = 1};
    ipc_namespace_enter();
    setting_set("/proc/sys/kernel/msgmax", "100\n");
    file_expect("/proc/sys/kernel/msgmax", "100\n");
    int id = (int)OK(msgget(IPC_PRIVATE, 0600));
    OK(msgsnd(id, &message, 100, 0));
    CHECK_ERRNO(msgsnd(id, &message, 101, 0), EINVAL);
    setting_set("/proc/sys/kernel/msgmnb", " 50");
    int small = (int)OK(msgget(IPC_PRIVATE, 0600));
    OK(msgsnd(small, &message, 50, IPC_NOWAIT));
    CHECK_ERRNO(msgsnd(small, &message, 1, IPC_NOWAIT), EAGAIN);
    setting_set("/proc/sys/kernel/msgmni", "2");
    CHECK_ERRNO(msgget(IPC_PRIVATE, 0600), ENOSPC);
    OK(unshare(CLONE_NEWIPC));
    file_expect("/proc/sys/kernel/msgmax", "8192\n");
}

TEST(limits_of_semaphores_can_be_changed)
{
    struct sembuf ops[3] = {{.sem_op = 1}, {.sem_op = 1}, {.sem_op = 1}};
    ipc_namespace_enter();
    file_expect("/proc/sys/kernel/sem", "32000\t1024000000\t500\t32000\n");
    setting_set("/proc/sys/kernel/sem", "4 10 2 3\n");
    file_expect("/proc/sys/kernel/sem", "4\t10\t2\t3\n");
    CHECK_ERRNO(semget(IPC_PRIVATE, 5, 0600), EINVAL);
    int id = (int)OK(semget(IPC_PRIVATE, 4, 0600));
    CHECK_ERRNO(semop(id, ops, 3), E2BIG);
    OK(semop(id, ops, 2));
    OK(semget(IPC_PRIVATE, 4, 0600));
    CHECK_ERRNO(semget(IPC_PRIVATE, 3, 0600), ENOSPC);
    OK(semget(IPC_PRIVATE, 1, 0600));
    CHECK_ERRNO(semget(IPC_PRIVATE, 1, 0600), ENOSPC);
    setting_set("/proc/sys/kernel/sem", "8"); /* the first of them */
    file_expect("/proc/sys/kernel/sem", "8\t10\t2\t3\n");
}

TEST(limits_of_shared_memory_can_be_changed)
{
    struct shminfo info;
    ipc_namespace_enter();
    setting_set("/proc/sys/kernel/shmmax", "8192");
    CHECK_ERRNO(shmget(IPC_PRIVATE, 8193, 0600), EINVAL);
    setting_set("/proc/sys/kernel/shmall", "3");
    OK(shmget(IPC_PRIVATE, 8192, 0600));
    CHECK_ERRNO(shmget(IPC_PRIVATE, 8192, 0600), ENOSPC);
    int id = (int)OK(shmget(IPC_PRIVATE, 4096, 0600));
    setting_set("/proc/sys/kernel/shmmni", "1");
    OK(shmctl(id, IPC_RMID, NULL));
    CHECK_ERRNO(shmget(IPC_PRIVATE, 4096, 0600), ENOSPC);
    OK(shmctl(0, IPC_INFO, (struct shmid_ds *)&info));
    CHECK_EQ(info.shmmax, 8192);
    CHECK_EQ(info.shmall, 3);
    CHECK_EQ(info.shmmni, 1);
}

/* An mqueue file system of the new namespace, which its settings belong to, is mounted by nobody
 * here: the calls do without. */
TEST(limits_of_posix_queues_can_be_changed)
{
    struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 256}, got;
    ipc_namespace_enter();
    setting_set("/proc/sys/fs/mqueue/msg_default", "3");
    setting_set("/proc/sys/fs/mqueue/msgsize_default", "128");
    mqd_t q = (mqd_t)OK(mq_open("/by-default", O_CREAT | O_RDWR, 0666, NULL));
    OK(mq_getattr(q, &got));
    CHECK_EQ(got.mq_maxmsg, 3);
    CHECK_EQ(got.mq_msgsize, 128);
    setting_set("/proc/sys/fs/mqueue/msg_max", "4");
    setting_set("/proc/sys/fs/mqueue/msgsize_max", "256");
    setting_set("/proc/sys/fs/mqueue/queues_max", "2");
    IN_CHILD_AS(1000, 1000)
    {
        attr.mq_maxmsg = 5;
        CHECK_ERRNO(mq_open("/more", O_CREAT | O_RDWR, 0666, &attr), EINVAL);
        attr.mq_maxmsg = 4;
        attr.mq_msgsize = 257;
        CHECK_ERRNO(mq_open("/more", O_CREAT | O_RDWR, 0666, &attr), EINVAL);
        attr.mq_msgsize = 256;
        OK(mq_open("/more", O_CREAT | O_RDWR, 0666, &attr));
        CHECK_ERRNO(mq_open("/most", O_CREAT | O_RDWR, 0666, &attr), ENOSPC);
    }
}

TEST(what_is_no_number_or_out_of_range_changes_nothing)
{
    static const char path[] = "/proc/sys/kernel/msgmni";
    ipc_namespace_enter();
    setting_set(path, "17");
    CHECK_ERRNO(setting_write(path, "x"), EINVAL);
    CHECK_ERRNO(setting_write(path, "12x"), EINVAL);
    CHECK_ERRNO(setting_write(path, "-1"), EINVAL);
    CHECK_ERRNO(setting_write(path, "32769"), EINVAL);
    CHECK_ERRNO(setting_write(path, "99999999999999999999"), EINVAL);
    CHECK_ERRNO(setting_write(path, "\n"), EINVAL);
    file_expect(path, "17\n");
}

TEST(settings_are_changed_by_root_only)
{
    IN_CHILD_AS(1000, 1000)
    {
        CHECK_ERRNO(open("/proc/sys/kernel/shmmax", O_WRONLY), EACCES);
        CHECK_ERRNO(open("/proc/sys/fs/pipe-max-size", O_RDWR), EACCES);
        CHECK_ERRNO(access("/proc/sys/kernel/sem", W_OK), EACCES);
        OK(access("/proc/sys/kernel/sem", R_OK));
    }
}

TEST(a_fact_cannot_be_opened_for_writing_even_by_root)
{
    CHECK_ERRNO(open("/proc/sys/kernel/ostype", O_WRONLY), EACCES);
    CHECK_ERRNO(open("/proc/sys/kernel/cap_last_cap", O_RDWR), EACCES);
    CHECK_ERRNO(access("/proc/sys/kernel/ostype", W_OK), EACCES);
    CHECK_ERRNO(open("/proc/sys/kernel/new", O_CREAT | O_WRONLY, 0600), ENOENT);
}

static void pipe_grow(const char *path)
{
    int fd[2];
    setting_set(path, "130000"); /* rounded up */
    file_expect(path, "131072\n");
    IN_CHILD_AS(1000, 1000)
    {
        OK(pipe(fd));
        CHECK_EQ(OK(fcntl(fd[0], F_SETPIPE_SZ, 131072)), 131072);
        CHECK_ERRNO(fcntl(fd[0], F_SETPIPE_SZ, 131073), EPERM);
    }
    setting_set(path, "0");
    file_expect(path, "4096\n");
}

TEST(a_pipe_of_a_plain_user_grows_to_pipe_max_size)
{
    with_setting("/proc/sys/fs/pipe-max-size", pipe_grow);
}

static void notifiers_make(const char *path)
{
    setting_set(path, "2");
    IN_CHILD_AS(54322, 54322)
    {
        int first = (int)OK(inotify_init());
        OK(inotify_init());
        CHECK_ERRNO(inotify_init(), EMFILE);
        OK(close(first));
        OK(inotify_init());
    }
}

static void watches_make(const char *path)
{
    setting_set(path, "2");
    IN_CHILD_AS(54322, 54322)
    {
        int fd = (int)OK(inotify_init());
        int first = (int)OK(inotify_add_watch(fd, "/", IN_CREATE));
        OK(inotify_add_watch(fd, "/proc", IN_CREATE));
        CHECK_ERRNO(inotify_add_watch(fd, "/tmp", IN_CREATE), ENOSPC);
        OK(inotify_add_watch(fd, "/proc", IN_DELETE));
        OK(inotify_rm_watch(fd, first));
        OK(inotify_add_watch(fd, "/tmp", IN_CREATE));
    }
}

TEST(inotify_keeps_to_its_limits)
{
    with_setting("/proc/sys/fs/inotify/max_user_instances", notifiers_make);
    with_setting("/proc/sys/fs/inotify/max_user_watches", watches_make);
}

static void events_make(const char *path)
{
    struct inotify_event *e;
    char events[8 * sizeof *e], name[8];
    setting_set(path, "3");
    int fd = (int)OK(inotify_init());
    OK(inotify_add_watch(fd, ".", IN_CREATE));
    for (int i = 0; i < 5; i++) {
        snprintf(name, sizeof name, "f%d", i);
        file_make(name, "");
    }
    long n = OK(read(fd, events, sizeof events));
    int count = 0;
    for (char *p = events; p < events + n; p += sizeof *e + e->len, count++)
        e = (struct inotify_event *)p;
    CHECK_EQ(count, 4);
    CHECK(e->mask & IN_Q_OVERFLOW);
}

TEST(a_new_inotify_queue_is_as_long_as_the_setting_says)
{
    with_setting("/proc/sys/fs/inotify/max_queued_events", events_make);
}

static void memory_promise(const char *path)
{
    size_t much = 4ul << 40;
    int flags = MAP_PRIVATE | MAP_ANONYMOUS;
    setting_set(path, "1");
    OK((long)mmap(NULL, much, PROT_READ | PROT_WRITE, flags, -1, 0));
    setting_set(path, "0");
    CHECK(mmap(NULL, much, PROT_READ | PROT_WRITE, flags, -1, 0) == MAP_FAILED);
    CHECK_EQ(errno, ENOMEM);
    OK((long)mmap(NULL, much, PROT_READ | PROT_WRITE, flags | MAP_NORESERVE, -1, 0));
    OK((long)mmap(NULL, much, PROT_NONE, flags, -1, 0));
    CHECK_ERRNO(setting_write(path, "3"), EINVAL);
}

TEST(overcommit_is_as_the_setting_says)
{
    with_setting("/proc/sys/vm/overcommit_memory", memory_promise);
}

static int listener(const char *name)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    strcpy(a.sun_path, name);
    int fd = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0));
    OK(bind(fd, (struct sockaddr *)&a, sizeof a));
    OK(listen(fd, 100));
    return fd;
}

static int connect_at_once(const char *name)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    strcpy(a.sun_path, name);
    int fd = (int)OK(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0));
    return connect(fd, (struct sockaddr *)&a, sizeof a);
}

static void connections_make(const char *path)
{
    setting_set(path, "1");
    listener("s");
    OK(connect_at_once("s"));
    OK(connect_at_once("s"));
    CHECK_ERRNO(connect_at_once("s"), EAGAIN);
}

/* A network namespace has its own. */
TEST(a_queue_of_connections_is_no_longer_than_somaxconn)
{
    unshare(CLONE_NEWNET);
    with_setting("/proc/sys/net/core/somaxconn", connections_make);
}
