/* SPDX-License-Identifier: BSD-2-Clause */
/* process_id.c - credentials: the setuid(2) family, groups, what they forbid. */
#include "test.h"

#include <grp.h>
#include <signal.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static void uids_expect(uid_t real, uid_t effective, uid_t saved)
{
    uid_t r, e, s;
    OK(getresuid(&r, &e, &s));
    CHECK_EQ(r, real);
    CHECK_EQ(e, effective);
    CHECK_EQ(s, saved);
    CHECK_EQ(getuid(), real);
    CHECK_EQ(geteuid(), effective);
}

static void gids_expect(gid_t real, gid_t effective, gid_t saved)
{
    gid_t r, e, s;
    OK(getresgid(&r, &e, &s));
    CHECK_EQ(r, real);
    CHECK_EQ(e, effective);
    CHECK_EQ(s, saved);
}

TEST(setuid_as_root_sets_all_three)
{
    uids_expect(0, 0, 0);
    OK(setuid(1000));
    uids_expect(1000, 1000, 1000);
    CHECK_ERRNO(setuid(0), EPERM);
    CHECK_ERRNO(setuid(1001), EPERM);
    OK(setuid(1000));
}

TEST(seteuid_can_come_back)
{
    OK(seteuid(1000));
    uids_expect(0, 1000, 0);
    CHECK_ERRNO(seteuid(2000), EPERM);
    OK(seteuid(0));
    uids_expect(0, 0, 0);
}

TEST(setuid_without_privilege_sets_only_the_effective)
{
    OK(setresuid(1000, 2000, 3000));
    OK(setuid(3000));
    uids_expect(1000, 3000, 3000);
    OK(setuid(1000));
    uids_expect(1000, 1000, 3000);
    CHECK_ERRNO(setuid(2000), EPERM);
}

TEST(setreuid_rules)
{
    OK(setreuid(1000, 2000));
    uids_expect(1000, 2000, 2000);
    OK(setreuid((uid_t)-1, 1000));
    uids_expect(1000, 1000, 2000);
    OK(setreuid(1000, 2000));
    uids_expect(1000, 2000, 2000);
    CHECK_ERRNO(setreuid(3000, (uid_t)-1), EPERM);
    CHECK_ERRNO(setreuid((uid_t)-1, 0), EPERM);
}

TEST(setresuid_rules)
{
    OK(setresuid(1, 2, 3));
    uids_expect(1, 2, 3);
    OK(setresuid(3, 1, 2));
    uids_expect(3, 1, 2);
    OK(setresuid((uid_t)-1, (uid_t)-1, (uid_t)-1));
    CHECK_ERRNO(setresuid(4, (uid_t)-1, (uid_t)-1), EPERM);
    uids_expect(3, 1, 2);
}

TEST(setgid_rules)
{
    OK(setresgid(1, 2, 3));
    gids_expect(1, 2, 3);
    OK(setgid(7));
    gids_expect(7, 7, 7);
    OK(setregid(5, 6));
    gids_expect(5, 6, 6);
    OK(setegid(8));
    CHECK_EQ(getegid(), 8);
    OK(setresgid(1000, 1000, 1000));
    OK(setuid(1000));
    CHECK_ERRNO(setgid(0), EPERM);
    CHECK_ERRNO(setresgid(0, 0, 0), EPERM);
    CHECK_ERRNO(setregid(5, 5), EPERM);
}

TEST(getresuid_bad_pointer)
{
    uid_t id;
    CHECK_ERRNO(syscall(SYS_getresuid, &id, &id, nullptr), EFAULT);
    CHECK_ERRNO(syscall(SYS_getresgid, 8L, &id, &id), EFAULT);
}

TEST(setgroups_and_getgroups)
{
    gid_t want[3] = {10, 20, 30}, got[8];
    OK(setgroups(3, want));
    CHECK_EQ(getgroups(0, nullptr), 3);
    CHECK_EQ(getgroups(8, got), 3);
    CHECK(!memcmp(want, got, sizeof want));
    CHECK_ERRNO(getgroups(2, got), EINVAL);
    CHECK_ERRNO(getgroups(-1, got), EINVAL);
    IN_CHILD
    {
        CHECK_EQ(getgroups(8, got), 3);
    }
    OK(setgroups(0, nullptr));
    CHECK_EQ(getgroups(8, got), 0);
    CHECK_ERRNO(setgroups(65537, want), EINVAL);
    OK(setuid(1000));
    CHECK_ERRNO(setgroups(3, want), EPERM);
}

TEST(setfsuid_returns_the_old_one)
{
    CHECK_EQ(setfsuid(1000), 0);
    CHECK_EQ(setfsuid((uid_t)-1), 1000);
    CHECK_EQ(setfsuid(0), 1000);
    CHECK_EQ(setfsgid(5), 0);
    CHECK_EQ(setfsgid(0), 5);
}

TEST(setuid_in_a_child_stays_there)
{
    IN_CHILD
    {
        OK(setuid(1000));
    }
    uids_expect(0, 0, 0);
}

TEST(kill_needs_the_same_user)
{
    pid_t root = getpid();
    struct gate gate = gate_make(), done = gate_make();
    pid_t mine = (pid_t)OK(fork());
    if (mine == 0) {
        OK(setuid(2000));
        gate_open(&gate);
        gate_wait(&done);
        _exit(0);
    }
    gate_wait(&gate);
    IN_CHILD_AS(1000, 1000)
    {
        CHECK_ERRNO(kill(root, 0), EPERM);
        CHECK_ERRNO(kill(root, SIGTERM), EPERM);
        CHECK_ERRNO(kill(mine, SIGTERM), EPERM);
        OK(kill(getpid(), 0));
    }
    IN_CHILD_AS(2000, 2000)
    {
        OK(kill(mine, 0));
    }
    gate_open(&done);
    child_wait_ok(mine);
}

TEST(kill_judges_real_and_saved_id_of_the_target)
{
    struct gate gate = gate_make(), done = gate_make();
    pid_t target = (pid_t)OK(fork());
    if (target == 0) {
        OK(setresuid(1000, 2000, 3000));
        gate_open(&gate);
        gate_wait(&done);
        _exit(0);
    }
    gate_wait(&gate);
    IN_CHILD_AS(1000, 1000)
    {
        OK(kill(target, 0));
    }
    IN_CHILD_AS(3000, 3000)
    {
        OK(kill(target, 0));
    }
    IN_CHILD_AS(2000, 2000)
    {
        CHECK_ERRNO(kill(target, 0), EPERM);
    }
    gate_open(&done);
    child_wait_ok(target);
}

TEST(setuid_clears_capabilities_of_root)
{
    OK(seteuid(1000));
    CHECK_ERRNO(chroot("."), EPERM);
    OK(seteuid(0));
    OK(chroot("."));
    OK(setresuid(1000, 1000, 1000));
    CHECK_ERRNO(chroot("."), EPERM);
}
