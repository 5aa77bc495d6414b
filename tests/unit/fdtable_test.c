/* SPDX-License-Identifier: BSD-2-Clause */
/* fdtable_test.c - descriptors, and locks that go by them.
 * Links: as fake_vfs.h says. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <linux/fcntl.h>
#include "base/errno.h"
#include "fake_vfs.h"
#include "linux-api/abi.h"
#include "vfs/context.h"
#include "vfs/fdtable.h"
#include "vfs/file.h"
#include "vfs/lock.h"
#include "vfs/vfs.h"

static struct file *file;

static int setup(void **)
{
    fake_vfs_begin();
    file = fake_open("/f", O_RDWR | O_CREAT, 0600);
    return 0;
}

static int teardown(void **)
{
    file_put(file);
    assert_int_equal(vfs_unlink(AT_FDCWD, "/f"), 0);
    fake_vfs_end();
    return 0;
}

static void the_lowest_free_number_is_taken(void **)
{
    for (int i = 0; i < 5; i++)
        assert_int_equal(fd_open(file_get(file), 0), i);
    assert_int_equal(fd_close(3), 0);
    assert_int_equal(fd_close(1), 0);
    assert_int_equal(fd_close(1), -EBADF);
    assert_int_equal(fd_open(file_get(file), 0), 1);
    assert_int_equal(fd_open(file_get(file), 0), 3);
    assert_int_equal(fd_open(file_get(file), 0), 5);
    assert_int_equal(fd_alloc(10, 0), 10);
    assert_null(fd_get(10)); /* reserved is not open */
    assert_int_equal(fd_alloc(10, 0), 11);
    fd_free(10);
    fd_free(11);
    assert_int_equal(fd_alloc(10, 0), 10);
    fd_free(10);
    assert_null(fd_get(-1));
    assert_int_equal(fd_close(1 << 30), -EBADF);
}

static void thousands_fit_up_to_the_limit(void **)
{
    fake_limit_files = 3000;
    for (int i = 0; i < 3000; i++)
        assert_int_equal(fd_open(file_get(file), 0), i);
    assert_int_equal(fd_open(file_get(file), 0), -EMFILE);
    assert_int_equal(fd_close(1234), 0);
    assert_int_equal(fd_open(file_get(file), 0), 1234);
    struct fd_table *copy = fd_table_clone(context_files());
    assert_ptr_equal(fd_table_file(copy, 2999), file);
    fd_table_put(copy);
}

static void exec_closes_what_is_marked(void **)
{
    assert_int_equal(fd_open(file_get(file), O_CLOEXEC), 0);
    assert_int_equal(fd_open(file_get(file), 0), 1);
    assert_int_equal(fd_open(file_get(file), O_CLOEXEC), 2);
    fd_table_set_cloexec(context_files(), 2, false);
    fd_close_on_exec(context_files());
    assert_null(fd_table_file(context_files(), 0));
    assert_non_null(fd_table_file(context_files(), 1));
    assert_non_null(fd_table_file(context_files(), 2));
    assert_int_equal(fd_table_next(context_files(), 0), 1);
}

static void dup2_replaces_what_was_there(void **)
{
    struct file *other = fake_open("/f", O_RDONLY, 0);
    assert_int_equal(fd_open(file_get(file), 0), 0);
    assert_int_equal(fd_replace(context_files(), 0, other, 0), 0);
    assert_ptr_equal(fd_table_file(context_files(), 0), other);
    assert_int_equal(other->refs, 2);
    assert_int_equal(fd_replace(context_files(), 500, other, O_CLOEXEC), 500);
    assert_true(fd_table_is_cloexec(context_files(), 500));
    assert_int_equal(fd_replace(context_files(), 1024, other, 0), -EBADF);
    assert_int_equal(fd_replace(context_files(), -1, other, 0), -EBADF);
    file_put(other);
}

static struct flock range(short type, int64_t start, int64_t n)
{
    return (struct flock){.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = n};
}

static int set_lock(int command, short type, int64_t start, int64_t n)
{
    struct flock f = range(type, start, n);
    return lock_record(file, command, &f);
}

/* What a lock of another owner would meet. */
static struct flock met(short type, int64_t start, int64_t n)
{
    struct file *other = fake_open("/f", O_RDWR, 0);
    struct flock f = range(type, start, n);
    assert_int_equal(lock_record(other, F_OFD_GETLK, &f), 0);
    file_put(other);
    return f;
}

static void record_locks_split_and_join(void **)
{
    assert_int_equal(set_lock(F_SETLK, F_WRLCK, 0, 100), 0);
    assert_int_equal(set_lock(F_SETLK, F_UNLCK, 40, 20), 0);
    assert_int_equal(met(F_WRLCK, 40, 20).l_type, F_UNLCK);
    struct flock f = met(F_WRLCK, 0, 0);
    assert_int_equal(f.l_start, 0);
    assert_int_equal(f.l_len, 40);
    assert_int_equal(f.l_pid, 1);
    f = met(F_WRLCK, 50, 0);
    assert_int_equal(f.l_start, 60);
    assert_int_equal(f.l_len, 40);
    assert_int_equal(set_lock(F_SETLK, F_WRLCK, 40, 20), 0);
    f = met(F_WRLCK, 0, 0);
    assert_int_equal(f.l_len, 100);
    assert_int_equal(set_lock(F_SETLK, F_RDLCK, 0, 0), 0);
    assert_int_equal(met(F_RDLCK, 0, 0).l_type, F_UNLCK);
    f = met(F_WRLCK, 1 << 20, 1);
    assert_int_equal(f.l_type, F_RDLCK);
    assert_int_equal(f.l_len, 0);
    assert_int_equal(set_lock(F_SETLK, F_UNLCK, 0, 0), 0);
}

static void other_owners_are_kept_out(void **)
{
    struct file *other = fake_open("/f", O_RDWR, 0);
    struct flock f = range(F_WRLCK, 10, 10);
    assert_int_equal(lock_record(other, F_OFD_SETLK, &f), 0);
    assert_int_equal(set_lock(F_SETLK, F_WRLCK, 15, 1), -EAGAIN);
    assert_int_equal(set_lock(F_SETLK, F_RDLCK, 15, 1), -EAGAIN);
    assert_int_equal(set_lock(F_SETLK, F_WRLCK, 20, 1), 0);
    file_put(other);
    assert_int_equal(set_lock(F_SETLK, F_WRLCK, 15, 1), 0);
    assert_int_equal(set_lock(F_SETLK, 77, 15, 1), -EINVAL);
    assert_int_equal(set_lock(F_SETLK, F_WRLCK, -5, 1), -EINVAL);
}

static struct file *holder;

static int holder_goes(void)
{
    file_put(holder);
    holder = nullptr;
    return 0;
}

static void a_lock_can_be_waited_for(void **)
{
    holder = fake_open("/f", O_RDWR, 0);
    struct flock f = range(F_WRLCK, 0, 0);
    assert_int_equal(lock_record(holder, F_OFD_SETLK, &f), 0);
    fake_sleep = holder_goes;
    assert_int_equal(set_lock(F_SETLKW, F_WRLCK, 0, 0), 0);
}

static void closing_any_descriptor_drops_record_locks(void **)
{
    struct file *other = fake_open("/f", O_RDWR, 0);
    int fd = fd_open(other, 0);
    assert_int_equal(set_lock(F_SETLK, F_WRLCK, 0, 0), 0);
    assert_int_equal(met(F_WRLCK, 0, 0).l_type, F_WRLCK);
    assert_int_equal(fd_close(fd), 0);
    assert_int_equal(met(F_WRLCK, 0, 0).l_type, F_UNLCK);
}

static void flock_belongs_to_the_open_file(void **)
{
    struct file *other = fake_open("/f", O_RDONLY, 0);
    assert_int_equal(lock_whole(file, LOCK_SH), 0);
    assert_int_equal(lock_whole(other, LOCK_SH | LOCK_NB), 0);
    assert_int_equal(lock_whole(file, LOCK_EX | LOCK_NB), -EAGAIN);
    assert_int_equal(lock_whole(other, LOCK_UN), 0);
    assert_int_equal(lock_whole(file, LOCK_EX | LOCK_NB), 0);
    assert_int_equal(lock_whole(other, LOCK_SH | LOCK_NB), -EAGAIN);
    assert_int_equal(lock_whole(other, 0), -EINVAL);
    file_put(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(the_lowest_free_number_is_taken), T(thousands_fit_up_to_the_limit),
        T(exec_closes_what_is_marked),      T(dup2_replaces_what_was_there),
        T(record_locks_split_and_join),     T(other_owners_are_kept_out),
        T(a_lock_can_be_waited_for),        T(closing_any_descriptor_drops_record_locks),
        T(flock_belongs_to_the_open_file),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
