/* SPDX-License-Identifier: BSD-2-Clause */
/* ipc_sysv_sem.c - System V semaphores: semget(2), semop(2), semctl(2). */
#include "test.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

union semun {
    int val;
    struct semid_ds *buf;
    unsigned short *array;
    struct seminfo *info;
};

static int set_make(int count)
{
    return (int)OK(semget(IPC_PRIVATE, count, IPC_CREAT | 0600));
}

static int op(int id, int number, int change, int flags)
{
    struct sembuf one = {(unsigned short)number, (short)change, (short)flags};
    return semop(id, &one, 1);
}

static int value(int id, int number)
{
    return (int)OK(semctl(id, number, GETVAL));
}

static void drop(int id)
{
    OK(semctl(id, 0, IPC_RMID));
}

static void waiters_await(int id, int command, int count)
{
    while (semctl(id, 0, command) != count)
        sleep_ms(1);
}

TEST(sem_values_begin_at_zero)
{
    int id = set_make(3);
    for (int i = 0; i < 3; i++)
        CHECK_EQ(value(id, i), 0);
    CHECK_EQ(semctl(id, 0, GETPID), 0);
    drop(id);
}

TEST(sem_op_adds_and_takes)
{
    int id = set_make(1);
    OK(op(id, 0, 5, 0));
    OK(op(id, 0, -3, 0));
    CHECK_EQ(value(id, 0), 2);
    CHECK_EQ(semctl(id, 0, GETPID), getpid());
    CHECK_ERRNO(op(id, 0, -3, IPC_NOWAIT), EAGAIN);
    CHECK_ERRNO(op(id, 0, 0, IPC_NOWAIT), EAGAIN);
    OK(op(id, 0, -2, 0));
    OK(op(id, 0, 0, 0));
    drop(id);
}

TEST(sem_ops_are_all_or_nothing)
{
    int id = set_make(2);
    struct sembuf two[] = {{0, 1, IPC_NOWAIT}, {1, -1, IPC_NOWAIT}};
    CHECK_ERRNO(semop(id, two, 2), EAGAIN);
    CHECK_EQ(value(id, 0), 0);
    OK(op(id, 1, 1, 0));
    OK(semop(id, two, 2));
    CHECK_EQ(value(id, 0), 1);
    CHECK_EQ(value(id, 1), 0);
    drop(id);
}

TEST(sem_op_waits_for_increase)
{
    int id = set_make(1);
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        OK(op(id, 0, -2, 0));
        _exit(0);
    }
    waiters_await(id, GETNCNT, 1);
    OK(op(id, 0, 1, 0));
    CHECK_EQ(semctl(id, 0, GETNCNT), 1);
    OK(op(id, 0, 1, 0));
    child_wait_ok(pid);
    CHECK_EQ(value(id, 0), 0);
    CHECK_EQ(semctl(id, 0, GETPID), pid);
    drop(id);
}

TEST(sem_op_waits_for_zero)
{
    int id = set_make(1);
    OK(op(id, 0, 1, 0));
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        OK(op(id, 0, 0, 0));
        _exit(0);
    }
    waiters_await(id, GETZCNT, 1);
    CHECK_EQ(semctl(id, 0, GETNCNT), 0);
    OK(op(id, 0, -1, 0));
    child_wait_ok(pid);
    drop(id);
}

TEST(sem_removal_wakes_waiters_with_eidrm)
{
    int id = set_make(1);
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        CHECK_ERRNO(op(id, 0, -1, 0), EIDRM);
        _exit(0);
    }
    waiters_await(id, GETNCNT, 1);
    drop(id);
    child_wait_ok(pid);
}

static void nothing(int) {}

TEST(sem_op_is_interrupted_despite_sa_restart)
{
    int id = set_make(1);
    struct sigaction action = {.sa_handler = nothing, .sa_flags = SA_RESTART};
    OK(sigaction(SIGALRM, &action, nullptr));
    alarm_every_ms(20);
    CHECK_ERRNO(op(id, 0, -1, 0), EINTR);
    alarm_every_ms(0);
    CHECK_EQ(semctl(id, 0, GETNCNT), 0);
    drop(id);
}

TEST(semtimedop_times_out)
{
    int id = set_make(1);
    struct sembuf take = {0, -1, 0};
    struct timespec some = {0, 15000000}, bad = {0, 1000000000};
    int64_t start = clock_now_ns();
    CHECK_ERRNO(semtimedop(id, &take, 1, &some), EAGAIN);
    CHECK(clock_now_ns() - start >= 15000000);
    CHECK_ERRNO(semtimedop(id, &take, 1, &bad), EINVAL);
    OK(op(id, 0, 1, 0));
    OK(semtimedop(id, &take, 1, &some));
    drop(id);
}

TEST(sem_undo_happens_at_exit)
{
    int id = set_make(2);
    OK(op(id, 1, 4, 0));
    IN_CHILD
    {
        OK(op(id, 0, 3, SEM_UNDO));
        OK(op(id, 1, -1, SEM_UNDO));
        OK(op(id, 1, -1, 0));
        CHECK_EQ(value(id, 0), 3);
    }
    CHECK_EQ(value(id, 0), 0);
    CHECK_EQ(value(id, 1), 3);
    drop(id);
}

TEST(sem_undo_wakes_waiters)
{
    int id = set_make(1);
    OK(op(id, 0, 1, 0));
    struct gate taken = gate_make();
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        OK(op(id, 0, -1, SEM_UNDO));
        gate_open(&taken);
        waiters_await(id, GETNCNT, 1);
        kill(getpid(), SIGKILL);
    }
    gate_wait(&taken);
    OK(op(id, 0, -1, 0));
    child_wait(pid);
    drop(id);
}

TEST(sem_setval_forgets_undo)
{
    int id = set_make(1);
    IN_CHILD
    {
        OK(op(id, 0, 3, SEM_UNDO));
        OK(semctl(id, 0, SETVAL, (union semun){.val = 9}));
    }
    CHECK_EQ(value(id, 0), 9);
    drop(id);
}

TEST(sem_setall_and_getall)
{
    int id = set_make(3);
    unsigned short in[3] = {4, 5, 6}, out[3] = {};
    OK(semctl(id, 0, SETALL, (union semun){.array = in}));
    OK(semctl(id, 0, GETALL, (union semun){.array = out}));
    CHECK(memcmp(in, out, sizeof in) == 0);
    in[1] = 40000;
    CHECK_ERRNO(semctl(id, 0, SETALL, (union semun){.array = in}), ERANGE);
    CHECK_EQ(value(id, 0), 4);
    drop(id);
}

TEST(sem_ranges_and_numbers)
{
    int id = set_make(2);
    CHECK_ERRNO(op(id, 2, 1, 0), EFBIG);
    CHECK_ERRNO(semctl(id, 2, GETVAL), EINVAL);
    CHECK_ERRNO(semctl(id, -1, GETVAL), EINVAL);
    CHECK_ERRNO(semctl(id, 0, SETVAL, (union semun){.val = 32768}), ERANGE);
    CHECK_ERRNO(semctl(id, 0, SETVAL, (union semun){.val = -1}), ERANGE);
    OK(semctl(id, 0, SETVAL, (union semun){.val = 32767}));
    CHECK_ERRNO(op(id, 0, 1, 0), ERANGE);
    struct sembuf many[501] = {};
    CHECK_ERRNO(semop(id, many, 501), E2BIG);
    CHECK_ERRNO(semop(id, many, 0), EINVAL);
    CHECK_ERRNO(semop(id, (void *)16, 1), EFAULT);
    CHECK_ERRNO(semop(-1, many, 1), EINVAL);
    CHECK_ERRNO(semctl(id, 0, 7777), EINVAL);
    drop(id);
    CHECK(op(id, 0, 1, 0) == -1 && (errno == EINVAL || errno == EIDRM));
}

TEST(sem_get_by_key)
{
    key_t key = (key_t)(0x5eb00000 | (getpid() & 0xffff));
    CHECK_ERRNO(semget(key, 2, 0600), ENOENT);
    CHECK_ERRNO(semget(key, 0, IPC_CREAT | 0600), EINVAL);
    CHECK_ERRNO(semget(key, -1, IPC_CREAT | 0600), EINVAL);
    CHECK_ERRNO(semget(key, 1 << 20, IPC_CREAT | 0600), EINVAL);
    int id = (int)OK(semget(key, 2, IPC_CREAT | 0600));
    CHECK_EQ(semget(key, 0, 0), id);
    CHECK_EQ(semget(key, 2, 0600), id);
    CHECK_ERRNO(semget(key, 3, 0600), EINVAL);
    CHECK_ERRNO(semget(key, 2, IPC_CREAT | IPC_EXCL | 0600), EEXIST);
    IN_CHILD_AS(99, 99)
    {
        CHECK_ERRNO(semget(key, 2, 0600), EACCES);
        CHECK_ERRNO(op(id, 0, 1, 0), EACCES);
        CHECK_ERRNO(semctl(id, 0, GETVAL), EACCES);
        CHECK_ERRNO(semctl(id, 0, IPC_RMID), EPERM);
    }
    drop(id);
}

TEST(sem_stat_and_set)
{
    time_t before = time(nullptr);
    int id = set_make(7);
    struct semid_ds ds;
    OK(semctl(id, 0, IPC_STAT, (union semun){.buf = &ds}));
    CHECK_EQ(ds.sem_nsems, 7);
    CHECK_EQ(ds.sem_otime, 0);
    CHECK(ds.sem_ctime >= before);
    OK(op(id, 0, 1, 0));
    OK(semctl(id, 0, IPC_STAT, (union semun){.buf = &ds}));
    CHECK(ds.sem_otime >= before);
    ds.sem_perm.uid = 77;
    ds.sem_perm.mode = 0400;
    OK(semctl(id, 0, IPC_SET, (union semun){.buf = &ds}));
    IN_CHILD_AS(77, 77)
    {
        CHECK_EQ(value(id, 0), 1);
        CHECK_ERRNO(op(id, 0, 1, 0), EACCES);
        CHECK_ERRNO(semctl(id, 0, SETVAL, (union semun){.val = 1}), EACCES);
    }
    drop(id);
}

TEST(sem_info_and_proc)
{
    int id = set_make(5);
    struct seminfo info;
    char text[16384], want[64];
    OK(semctl(0, 0, IPC_INFO, (union semun){.info = &info}));
    CHECK_EQ(info.semvmx, 32767);
    OK(semctl(0, 0, SEM_INFO, (union semun){.info = &info}));
    CHECK(info.semusz >= 1 && info.semaem >= 5);
    file_read("/proc/sysvipc/sem", text, sizeof text);
    snprintf(want, sizeof want, " %10d   600          5 ", id);
    CHECK(strstr(text, want));
    drop(id);
}

/* Wait until COUNT processes wait at semaphore NUMBER of ID: for a higher value, or for zero. */
static void await_waiters(int id, int number, int command, int count)
{
    while (OK(semctl(id, number, command)) != count)
        sleep_ms(1);
}

TEST(sem_waiters_stand_where_they_are_blocked)
{
    struct sembuf both[] = {{.sem_num = 0, .sem_op = -1}, {.sem_num = 1, .sem_op = -1}};
    int id = (int)OK(semget(IPC_PRIVATE, 2, 0600));
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0)
        _exit(semop(id, both, 2) != 0);
    await_waiters(id, 0, GETNCNT, 1);
    CHECK_EQ(OK(semctl(id, 1, GETNCNT)), 0);
    OK(semctl(id, 0, SETVAL, 1)); /* now the second one is in its way */
    await_waiters(id, 1, GETNCNT, 1);
    CHECK_EQ(OK(semctl(id, 0, GETNCNT)), 0);
    OK(semctl(id, 0, SETVAL, 0));
    OK(semctl(id, 1, SETVAL, 1));
    await_waiters(id, 0, GETNCNT, 1);
    OK(semctl(id, 0, SETVAL, 1));
    child_wait_ok(pid);
    CHECK_EQ(OK(semctl(id, 0, GETVAL)), 0);
    CHECK_EQ(OK(semctl(id, 1, GETVAL)), 0);
    OK(semctl(id, 0, IPC_RMID));
}

TEST(sem_one_operation_lets_the_next_be_done)
{
    enum {
        CHAIN = 20
    };
    int id = (int)OK(semget(IPC_PRIVATE, CHAIN, 0600));
    pid_t pid[CHAIN - 1];
    for (short i = 0; i < CHAIN - 1; i++) {
        struct sembuf pass_on[] = {{.sem_num = (unsigned short)i, .sem_op = -1},
                                   {.sem_num = (unsigned short)(i + 1), .sem_op = 1}};
        pid[i] = (pid_t)OK(fork());
        if (pid[i] == 0)
            _exit(semop(id, pass_on, 2) != 0);
        await_waiters(id, i, GETNCNT, 1);
    }
    OK(semctl(id, 0, SETVAL, 1));
    for (int i = 0; i < CHAIN - 1; i++)
        child_wait_ok(pid[i]);
    CHECK_EQ(OK(semctl(id, CHAIN - 1, GETVAL)), 1);
    OK(semctl(id, 0, IPC_RMID));
}

TEST(sem_zero_may_come_of_ones_own_operations)
{
    struct sembuf down_to_zero[] = {{.sem_num = 0, .sem_op = -1}, {.sem_num = 0, .sem_op = 0}};
    int id = (int)OK(semget(IPC_PRIVATE, 1, 0600));
    OK(semctl(id, 0, SETVAL, 3));
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0)
        _exit(semop(id, down_to_zero, 2) != 0);
    await_waiters(id, 0, GETZCNT, 1);
    OK(semctl(id, 0, SETVAL, 2));
    CHECK_EQ(OK(semctl(id, 0, GETZCNT)), 1);
    OK(semctl(id, 0, SETVAL, 1));
    child_wait_ok(pid);
    CHECK_EQ(OK(semctl(id, 0, GETVAL)), 0);
    OK(semctl(id, 0, IPC_RMID));
}
