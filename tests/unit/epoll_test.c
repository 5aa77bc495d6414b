/* SPDX-License-Identifier: BSD-2-Clause */
/* epoll_test.c - epoll sets over pipes and event counters; inotify.
 * Links: as fake_vfs.h says. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include "base/errno.h"
#include "fake_vfs.h"
#include "linux-api/abi.h"
#include "vfs/epoll.h"
#include "vfs/eventfd.h"
#include "vfs/file.h"
#include "vfs/notify.h"
#include "vfs/pipe.h"
#include "vfs/vfs.h"

static struct file *ep, *pipe[2];
static struct epoll_event got[8];
static int got_count;

static int setup(void **)
{
    fake_vfs_begin();
    assert_int_equal(epoll_create_file(&ep), 0);
    assert_int_equal(pipe_create_files(O_NONBLOCK, pipe), 0);
    return 0;
}

static int teardown(void **)
{
    file_put(ep);
    file_put(pipe[0]);
    file_put(pipe[1]);
    fake_vfs_end();
    return 0;
}

static int take(void *, const struct epoll_event *event)
{
    got[got_count++] = *event;
    return 0;
}

static long ready_in(struct file *set)
{
    got_count = 0;
    return epoll_wait_events(set, 8, 0, take, nullptr);
}

static long ready(void)
{
    return ready_in(ep);
}

static int change(int op, int fd, struct file *file, uint32_t events)
{
    return epoll_change(ep, op, fd, file, &(struct epoll_event){events, (uint64_t)fd * 100});
}

static void give(void)
{
    assert_int_equal(file_write_kernel(pipe[1], "x", 1, 0), 1);
}

static void drain(void)
{
    char in[100];
    assert_true(file_read_kernel(pipe[0], in, sizeof in, 0) > 0);
}

static void a_level_is_told_again_and_again(void **)
{
    assert_int_equal(change(EPOLL_CTL_ADD, 3, pipe[0], EPOLLIN), 0);
    assert_int_equal(ready(), 0);
    give();
    assert_int_equal(ready(), 1);
    assert_int_equal(got[0].events, EPOLLIN);
    assert_int_equal(got[0].data, 300);
    assert_int_equal(ready(), 1);
    drain();
    assert_int_equal(ready(), 0);
}

static void an_edge_is_told_once(void **)
{
    assert_int_equal(change(EPOLL_CTL_ADD, 3, pipe[0], EPOLLIN | EPOLLET), 0);
    give();
    assert_int_equal(ready(), 1);
    assert_int_equal(ready(), 0);
    give();
    assert_int_equal(ready(), 1);
    assert_int_equal(ready(), 0);
}

static void one_shot_must_be_armed_again(void **)
{
    assert_int_equal(change(EPOLL_CTL_ADD, 3, pipe[0], EPOLLIN | EPOLLONESHOT), 0);
    give();
    assert_int_equal(ready(), 1);
    give();
    assert_int_equal(ready(), 0);
    assert_int_equal(change(EPOLL_CTL_MOD, 3, pipe[0], EPOLLIN | EPOLLONESHOT), 0);
    assert_int_equal(ready(), 1);
}

static void control_has_its_errors(void **)
{
    struct file *f = fake_open("/f", O_RDWR | O_CREAT, 0600);
    assert_int_equal(change(EPOLL_CTL_ADD, 9, f, EPOLLIN), -EPERM);
    file_put(f);
    assert_int_equal(vfs_unlink(AT_FDCWD, "/f"), 0);
    assert_int_equal(change(EPOLL_CTL_ADD, 3, pipe[0], EPOLLIN), 0);
    assert_int_equal(change(EPOLL_CTL_ADD, 3, pipe[0], EPOLLIN), -EEXIST);
    assert_int_equal(change(EPOLL_CTL_ADD, 4, pipe[0], EPOLLIN), 0);
    assert_int_equal(change(EPOLL_CTL_MOD, 5, pipe[0], EPOLLIN), -ENOENT);
    assert_int_equal(change(EPOLL_CTL_DEL, 3, pipe[0], 0), 0);
    assert_int_equal(change(EPOLL_CTL_DEL, 3, pipe[0], 0), -ENOENT);
    assert_int_equal(change(EPOLL_CTL_ADD, 6, ep, EPOLLIN), -EINVAL);
    assert_int_equal(change(77, 4, pipe[0], EPOLLIN), -EINVAL);
    assert_int_equal(change(EPOLL_CTL_MOD, 4, pipe[0], EPOLLIN | EPOLLEXCLUSIVE), -EINVAL);
}

static void closed_files_leave_the_set(void **)
{
    assert_int_equal(change(EPOLL_CTL_ADD, 3, pipe[0], EPOLLIN), 0);
    give();
    file_put(pipe[0]);
    pipe[0] = nullptr;
    assert_int_equal(ready(), 0);
}

static void hanging_up_is_told_unasked(void **)
{
    assert_int_equal(change(EPOLL_CTL_ADD, 3, pipe[0], 0), 0);
    file_put(pipe[1]);
    pipe[1] = nullptr;
    assert_int_equal(ready(), 1);
    assert_int_equal(got[0].events, EPOLLHUP);
}

static void sets_can_be_watched_by_sets_but_not_in_circles(void **)
{
    struct file *set[5];
    for (int i = 0; i < 5; i++)
        assert_int_equal(epoll_create_file(&set[i]), 0);
    struct epoll_event in = {EPOLLIN, 7};
    assert_int_equal(epoll_change(set[0], EPOLL_CTL_ADD, 3, pipe[0], &in), 0);
    for (int i = 1; i < 5; i++)
        assert_int_equal(epoll_change(set[i], EPOLL_CTL_ADD, 3, set[i - 1], &in), 0);
    assert_int_equal(epoll_change(set[0], EPOLL_CTL_ADD, 4, set[4], &in), -ELOOP);
    assert_int_equal(epoll_change(ep, EPOLL_CTL_ADD, 4, set[4], &in), -ELOOP);
    assert_int_equal(ready_in(set[4]), 0);
    give();
    assert_int_equal(ready_in(set[4]), 1);
    assert_int_equal(ready_in(set[0]), 1);
    drain();
    assert_int_equal(ready_in(set[4]), 0);
    for (int i = 0; i < 5; i++)
        file_put(set[i]);
}

static int give_asleep(void)
{
    fake_sleep = nullptr;
    give();
    return 0;
}

static void a_sleeper_is_woken(void **)
{
    assert_int_equal(change(EPOLL_CTL_ADD, 3, pipe[0], EPOLLIN), 0);
    got_count = 0;
    fake_sleep = give_asleep;
    assert_int_equal(epoll_wait_events(ep, 8, WAIT_FOREVER, take, nullptr), 1);
}

static void many_files_and_few_ready(void **)
{
    struct file *e[200];
    uint64_t one = 1;
    for (int i = 0; i < 200; i++) {
        assert_int_equal(eventfd_create_file(0, O_NONBLOCK, &e[i]), 0);
        assert_int_equal(change(EPOLL_CTL_ADD, i + 10, e[i], EPOLLIN), 0);
    }
    assert_int_equal(file_write_kernel(e[77], &one, 8, 0), 8);
    assert_int_equal(file_write_kernel(e[150], &one, 8, 0), 8);
    assert_int_equal(ready(), 2);
    assert_int_equal(got[0].data, 8700);
    assert_int_equal(got[1].data, 16000);
    for (int i = 0; i < 200; i++)
        file_put(e[i]);
    assert_int_equal(ready(), 0);
}

static void an_event_counter_counts(void **)
{
    struct file *e;
    uint64_t value = 5;
    assert_int_equal(eventfd_create_file(2, O_NONBLOCK, &e), 0);
    assert_int_equal(file_write_kernel(e, &value, 8, 0), 8);
    value = UINT64_MAX;
    assert_int_equal(file_write_kernel(e, &value, 8, 0), -EINVAL);
    value = UINT64_MAX - 7;
    assert_int_equal(file_write_kernel(e, &value, 8, 0), -EAGAIN);
    assert_int_equal(file_read_kernel(e, &value, 7, 0), -EINVAL);
    assert_int_equal(file_read_kernel(e, &value, 8, 0), 8);
    assert_int_equal(value, 7);
    assert_int_equal(file_read_kernel(e, &value, 8, 0), -EAGAIN);
    file_put(e);
}

static void watchers_hear_of_names_and_of_the_end(void **)
{
    struct file *n;
    struct path p;
    alignas(8) char buffer[500] = {};
    struct inotify_event *e = (struct inotify_event *)buffer;
    assert_int_equal(notify_create_file(O_NONBLOCK, &n), 0);
    assert_int_equal(vfs_mkdir(AT_FDCWD, "/w", 0755), 0);
    assert_int_equal(path_lookup(AT_FDCWD, "/w", 0, &p), 0);
    assert_int_equal(notify_watch_add(n, path_inode(&p), IN_CREATE | IN_DELETE_SELF), 1);
    path_put(&p);
    assert_int_equal(vfs_mknod(AT_FDCWD, "/w/f", S_IFREG, 0), 0);
    assert_int_equal(file_read_kernel(n, buffer, 8, 0), -EINVAL);
    assert_int_equal(file_read_kernel(n, buffer, sizeof buffer, 0), 32);
    assert_int_equal(e->mask, IN_CREATE);
    assert_int_equal(e->len, 16);
    assert_string_equal(e->name, "f");
    assert_int_equal(vfs_unlink(AT_FDCWD, "/w/f"), 0);
    assert_int_equal(file_read_kernel(n, buffer, sizeof buffer, 0), -EAGAIN);
    assert_int_equal(vfs_rmdir(AT_FDCWD, "/w"), 0);
    assert_int_equal(file_read_kernel(n, buffer, sizeof buffer, 0), 32);
    assert_int_equal(e->mask & ~IN_ISDIR, IN_DELETE_SELF);
    assert_int_equal(e[1].mask, IN_IGNORED);
    assert_int_equal(notify_watch_remove(n, 1), -EINVAL);
    file_put(n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(a_level_is_told_again_and_again),
        T(an_edge_is_told_once),
        T(one_shot_must_be_armed_again),
        T(control_has_its_errors),
        T(closed_files_leave_the_set),
        T(hanging_up_is_told_unasked),
        T(sets_can_be_watched_by_sets_but_not_in_circles),
        T(a_sleeper_is_woken),
        T(many_files_and_few_ready),
        T(an_event_counter_counts),
        T(watchers_hear_of_names_and_of_the_end),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
