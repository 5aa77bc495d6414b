/* SPDX-License-Identifier: BSD-2-Clause */
/* ipc_sysv_shm.c - System V shared memory: shmget(2), shmop(2), shmctl(2). */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int segment(size_t bytes)
{
    return (int)OK(shmget(IPC_PRIVATE, bytes, IPC_CREAT | 0600));
}

static unsigned long attaches(int id)
{
    struct shmid_ds ds;
    OK(shmctl(id, IPC_STAT, &ds));
    return ds.shm_nattch;
}

static void *attach(int id, int flags)
{
    void *at = shmat(id, nullptr, flags);
    CHECK(at != (void *)-1);
    return at;
}

/* A key that no other test uses. */
static key_t key_make(void)
{
    return (key_t)(0x5ea00000 | (getpid() & 0xffff));
}

TEST(shm_is_shared_with_a_child)
{
    int id = segment(10000);
    int *word = attach(id, 0);
    CHECK_EQ(*word, 0);
    IN_CHILD
    {
        word[5] = 77;
    }
    CHECK_EQ(word[5], 77);
    OK(shmdt(word));
    word = attach(id, 0);
    CHECK_EQ(word[5], 77);
    OK(shmctl(id, IPC_RMID, nullptr));
    OK(shmdt(word));
}

TEST(shm_counts_attaches_over_fork_and_exit)
{
    int id = segment(4096);
    CHECK_EQ(attaches(id), 0);
    void *a = attach(id, 0), *b = attach(id, 0);
    CHECK(a != b);
    CHECK_EQ(attaches(id), 2);
    struct gate ready = gate_make(), go = gate_make();
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        gate_open(&ready);
        gate_wait(&go);
        _exit(0);
    }
    gate_wait(&ready);
    CHECK_EQ(attaches(id), 4);
    gate_open(&go);
    child_wait_ok(pid);
    CHECK_EQ(attaches(id), 2);
    OK(shmdt(a));
    OK(shmdt(b));
    CHECK_EQ(attaches(id), 0);
    OK(shmctl(id, IPC_RMID, nullptr));
}

HELPER(shm_nothing)
{
    return (int)attaches(atoi(argv[2]));
}

TEST(shm_exec_detaches)
{
    int id = segment(4096);
    char text[16];
    attach(id, 0);
    snprintf(text, sizeof text, "%d", id);
    int status = helper_run("shm_nothing", text, nullptr, nullptr);
    CHECK(WIFEXITED(status));
    CHECK_EQ(WEXITSTATUS(status), 1);
    OK(shmctl(id, IPC_RMID, nullptr));
}

TEST(shm_removed_segment_lives_while_attached)
{
    int id = segment(4096);
    char *at = attach(id, 0);
    strcpy(at, "still here");
    OK(shmctl(id, IPC_RMID, nullptr));
    struct shmid_ds ds;
    OK(shmctl(id, IPC_STAT, &ds));
    CHECK_EQ(ds.shm_perm.mode & 01000, 01000);
    CHECK_EQ(ds.shm_perm.__key, IPC_PRIVATE);
    CHECK_STR(at, "still here");
    /* Linux lets a segment that is to go be attached once more. */
    char *again = attach(id, 0);
    CHECK_STR(again, "still here");
    OK(shmdt(at));
    OK(shmdt(again));
    long result = shmctl(id, IPC_STAT, &ds);
    CHECK(result == -1 && (errno == EINVAL || errno == EIDRM));
}

TEST(shm_key_finds_the_segment)
{
    key_t key = key_make();
    CHECK_ERRNO(shmget(key, 4096, 0600), ENOENT);
    int id = (int)OK(shmget(key, 4096, IPC_CREAT | 0600));
    CHECK_EQ(shmget(key, 4096, 0600), id);
    CHECK_EQ(shmget(key, 100, IPC_CREAT | 0600), id);
    CHECK_EQ(shmget(key, 0, 0), id);
    CHECK_ERRNO(shmget(key, 4096, IPC_CREAT | IPC_EXCL | 0600), EEXIST);
    CHECK_ERRNO(shmget(key, 4097, 0600), EINVAL);
    OK(shmctl(id, IPC_RMID, nullptr));
    CHECK_ERRNO(shmget(key, 4096, 0600), ENOENT);
}

TEST(shm_get_rejects_bad_sizes)
{
    CHECK_ERRNO(shmget(IPC_PRIVATE, 0, IPC_CREAT | 0600), EINVAL);
    CHECK_ERRNO(shmget(IPC_PRIVATE, SIZE_MAX, IPC_CREAT | 0600), EINVAL);
}

TEST(shm_stat_tells_everything)
{
    time_t before = time(nullptr);
    int id = segment(5000);
    struct shmid_ds ds;
    OK(shmctl(id, IPC_STAT, &ds));
    CHECK_EQ(ds.shm_segsz, 5000);
    CHECK_EQ(ds.shm_cpid, getpid());
    CHECK_EQ(ds.shm_lpid, 0);
    CHECK_EQ(ds.shm_atime, 0);
    CHECK_EQ(ds.shm_dtime, 0);
    CHECK(ds.shm_ctime >= before);
    CHECK_EQ(ds.shm_perm.mode, 0600);
    CHECK_EQ(ds.shm_perm.uid, 0);
    CHECK_EQ(ds.shm_perm.cuid, 0);
    void *at = attach(id, 0);
    OK(shmdt(at));
    OK(shmctl(id, IPC_STAT, &ds));
    CHECK_EQ(ds.shm_lpid, getpid());
    CHECK(ds.shm_atime >= before);
    CHECK(ds.shm_dtime >= before);
    OK(shmctl(id, IPC_RMID, nullptr));
}

TEST(shm_set_changes_owner_and_mode)
{
    int id = segment(4096);
    struct shmid_ds ds;
    OK(shmctl(id, IPC_STAT, &ds));
    ds.shm_perm.uid = 1234;
    ds.shm_perm.gid = 4321;
    ds.shm_perm.mode = 0640;
    OK(shmctl(id, IPC_SET, &ds));
    OK(shmctl(id, IPC_STAT, &ds));
    CHECK_EQ(ds.shm_perm.uid, 1234);
    CHECK_EQ(ds.shm_perm.gid, 4321);
    CHECK_EQ(ds.shm_perm.mode, 0640);
    CHECK_EQ(ds.shm_perm.cuid, 0);
    IN_CHILD_AS(1234, 99)
    {
        void *at = attach(id, 0);
        OK(shmdt(at));
    }
    IN_CHILD_AS(99, 4321)
    {
        CHECK_ERRNO((long)shmat(id, nullptr, 0), EACCES);
        void *at = attach(id, SHM_RDONLY);
        OK(shmdt(at));
        CHECK_ERRNO(shmctl(id, IPC_RMID, nullptr), EPERM);
        CHECK_ERRNO(shmctl(id, IPC_SET, &ds), EPERM);
    }
    IN_CHILD_AS(99, 99)
    {
        CHECK_ERRNO((long)shmat(id, nullptr, SHM_RDONLY), EACCES);
        CHECK_ERRNO(shmctl(id, IPC_STAT, &ds), EACCES);
    }
    IN_CHILD_AS(1234, 99)
    {
        OK(shmctl(id, IPC_RMID, nullptr));
    }
}

TEST(shm_read_only_attach_faults_on_write)
{
    int id = segment(4096);
    char *at = attach(id, SHM_RDONLY);
    CHECK_EQ(*at, 0);
    CHECK_ERRNO(mprotect(at, 4096, PROT_READ | PROT_WRITE), EACCES);
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        *(volatile char *)at = 1;
        _exit(0);
    }
    int status = child_wait(pid);
    CHECK(WIFSIGNALED(status));
    OK(shmdt(at));
    OK(shmctl(id, IPC_RMID, nullptr));
}

TEST(shm_attach_at_an_address)
{
    int id = segment(8192);
    char *hole = mmap(nullptr, 65536, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(hole != MAP_FAILED);
    CHECK_ERRNO((long)shmat(id, hole, 0), EINVAL);
    CHECK_ERRNO((long)shmat(id, hole + 1, SHM_REMAP), EINVAL);
    CHECK_ERRNO((long)shmat(id, nullptr, SHM_REMAP), EINVAL);
    CHECK(shmat(id, hole + 4096, SHM_REMAP) == hole + 4096);
    CHECK(shmat(id, hole + 20480 + 5, SHM_REMAP | SHM_RND) == hole + 20480);
    hole[4096] = 9;
    CHECK_EQ(hole[20480], 9);
    OK(munmap(hole + 40960, 8192));
    CHECK(shmat(id, hole + 40960, 0) == hole + 40960);
    CHECK_EQ(hole[40960], 9);
    CHECK_EQ(attaches(id), 3);
    OK(shmdt(hole + 4096));
    OK(shmdt(hole + 20480));
    OK(shmdt(hole + 40960));
    OK(shmctl(id, IPC_RMID, nullptr));
}

TEST(shm_detach_wants_an_attachment)
{
    char *page = mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK_ERRNO(shmdt(page), EINVAL);
    CHECK_ERRNO(shmdt(page + 1), EINVAL);
    int id = segment(8192);
    char *at = attach(id, 0);
    CHECK_ERRNO(shmdt(at + 4096), EINVAL);
    OK(shmdt(at));
    CHECK_ERRNO(shmdt(at), EINVAL);
    OK(shmctl(id, IPC_RMID, nullptr));
}

TEST(shm_partly_unmapped_is_detached_whole)
{
    int id = segment(3 * 4096);
    char *at = attach(id, 0);
    OK(munmap(at + 4096, 4096));
    CHECK_EQ(attaches(id), 2);
    OK(shmdt(at));
    CHECK_EQ(attaches(id), 0);
    OK(shmctl(id, IPC_RMID, nullptr));
}

TEST(shm_bad_ids_and_commands)
{
    struct shmid_ds ds;
    CHECK_ERRNO((long)shmat(-1, nullptr, 0), EINVAL);
    CHECK_ERRNO(shmctl(-1, IPC_STAT, &ds), EINVAL);
    int id = segment(4096);
    CHECK_ERRNO(shmctl(id, 9999, &ds), EINVAL);
    CHECK_ERRNO(shmctl(id, IPC_STAT, (void *)16), EFAULT);
    OK(shmctl(id, IPC_RMID, nullptr));
    CHECK(shmctl(id, IPC_RMID, nullptr) == -1 && (errno == EINVAL || errno == EIDRM));
}

TEST(shm_lock_shows_in_the_mode)
{
    int id = segment(4096);
    struct shmid_ds ds;
    OK(shmctl(id, SHM_LOCK, nullptr));
    OK(shmctl(id, IPC_STAT, &ds));
    CHECK_EQ(ds.shm_perm.mode, 0600 | 02000);
    OK(shmctl(id, SHM_UNLOCK, nullptr));
    OK(shmctl(id, IPC_STAT, &ds));
    CHECK_EQ(ds.shm_perm.mode, 0600);
    OK(shmctl(id, IPC_RMID, nullptr));
}

TEST(shm_info_and_stat_by_index)
{
    int id = segment(4096);
    struct shminfo limits;
    struct shm_info used;
    struct shmid_ds ds;
    int top = (int)OK(shmctl(0, IPC_INFO, (void *)&limits));
    CHECK_EQ(limits.shmmin, 1);
    CHECK(OK(shmctl(0, SHM_INFO, (void *)&used)) == top);
    CHECK(used.used_ids >= 1);
    bool found = false;
    for (int i = 0; i <= top; i++)
        found |= shmctl(i, SHM_STAT, &ds) == id;
    CHECK(found);
    OK(shmctl(id, IPC_RMID, nullptr));
}

TEST(shm_shows_in_proc_sysvipc)
{
    int id = segment(12345);
    char text[16384], want[64];
    file_read("/proc/sysvipc/shm", text, sizeof text);
    CHECK(strncmp(text, "       key      shmid perms                  size  cpid  lpid nattch",
                  67) == 0);
    snprintf(want, sizeof want, " %10d   600                 12345 ", id);
    CHECK(strstr(text, want));
    OK(shmctl(id, IPC_RMID, nullptr));
}

TEST(shm_shows_in_maps)
{
    int id = segment(4096);
    char *text = malloc(65536);
    attach(id, 0);
    file_read("/proc/self/maps", text, 65536);
    CHECK(strstr(text, "/SYSV00000000 (deleted)"));
    free(text);
    OK(shmctl(id, IPC_RMID, nullptr));
}
