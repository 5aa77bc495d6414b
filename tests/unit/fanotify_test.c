/* SPDX-License-Identifier: BSD-2-Clause */
/* fanotify_test.c - a queue of events when memory is short (fanotify_init(2)).
 * Links: as fake_vfs.h says */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <linux/fanotify.h>
#include "base/errno.h"
#include "fake_vcpu.h"
#include "fake_vfs.h"
#include "mm/page.h"
#include "proc/process.h"
#include "sched/thread.h"
#include "vfs/fanotify.h"
#include "vfs/fanotify_group.h"
#include "vfs/file.h"
#include "vfs/iter.h"

static int setup(void **)
{
    static struct process process = {.pid = 7};
    static struct thread thread = {.process = &process};
    fake_vfs_begin();
    fake_vcpu_init();
    fake_vcpu_run(&thread);
    return 0;
}

static int teardown(void **)
{
    fake_vfs_end();
    return 0;
}

static struct fanotify_event_metadata event_read(struct file *group)
{
    struct fanotify_event_metadata e = {};
    struct iter to;
    loff_t pos = 0;
    iter_init_kbuf(&to, &e, sizeof e);
    assert_int_equal(group->ops->read(group, &to, &pos), sizeof e);
    return e;
}

static void an_unlimited_queue_leaves_the_last_memory_alone(void **)
{
    struct file *group, *file = fake_open("f", O_CREAT | O_RDWR, 0600);
    assert_int_equal(fanotify_create_file(FAN_UNLIMITED_QUEUE | FAN_NONBLOCK, O_RDONLY, &group), 0);
    uint64_t left = fake_pages_left;
    fake_pages_left = page_total() / 16 - 1;
    fanotify_queue(group->private, &file->path, FAN_OPEN);
    fanotify_queue(group->private, &file->path, FAN_OPEN);
    fake_pages_left = left;
    fanotify_queue(group->private, &file->path, FAN_ACCESS);
    struct fanotify_event_metadata e = event_read(group);
    assert_int_equal(e.mask, FAN_Q_OVERFLOW);
    assert_int_equal(e.fd, FAN_NOFD);
    assert_int_equal(event_read(group).mask, FAN_ACCESS);
    file_put(group);
    file_put(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_unlimited_queue_leaves_the_last_memory_alone, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
