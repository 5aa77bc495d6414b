/* SPDX-License-Identifier: BSD-2-Clause */
/* pipe_test.c - pipes and FIFOs.
 * Links: as fake_vfs.h says. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <signal.h>
#include <cmocka.h>
#include <string.h>
#include "base/errno.h"
#include "fake_vfs.h"
#include "linux-api/abi.h"
#include "vfs/file.h"
#include "vfs/inode.h"
#include "vfs/pipe.h"
#include "vfs/splice.h"
#include "vfs/vfs.h"

static struct file *end[2];
static char big[1 << 17], in[1 << 17];

static ssize_t take(size_t n)
{
    struct iter it;
    loff_t pos = 0;
    iter_init_kbuf(&it, in, n);
    return file_read_iter(end[0], &it, &pos);
}

static ssize_t give(const void *data, size_t n)
{
    struct iter it;
    loff_t pos = 0;
    iter_init_kbuf(&it, (void *)data, n);
    return file_write_iter(end[1], &it, &pos);
}

static int setup(void **)
{
    fake_vfs_begin();
    assert_int_equal(pipe_create_files(O_NONBLOCK, end), 0);
    for (size_t i = 0; i < sizeof big; i++)
        big[i] = (char)(i * 13 + i / 256);
    return 0;
}

static int teardown(void **)
{
    file_put(end[0]);
    file_put(end[1]);
    fake_vfs_end();
    return 0;
}

static void bytes_come_out_in_order(void **)
{
    assert_int_equal(give("hello ", 6), 6);
    assert_int_equal(give("world", 5), 5);
    assert_int_equal(take(8), 8);
    assert_memory_equal(in, "hello wo", 8);
    assert_int_equal(take(100), 3);
    assert_memory_equal(in, "rld", 3);
    assert_int_equal(take(1), -EAGAIN);
}

static void it_holds_64_kib_and_then_only_what_fits(void **)
{
    assert_int_equal(give(big, sizeof big), 65536);
    assert_int_equal(give("x", 1), -EAGAIN);
    assert_int_equal(take(4095), 4095);
    assert_int_equal(give("x", 1), -EAGAIN);
    assert_int_equal(take(1), 1);
    assert_int_equal(give(big, 4096), 4096);
    assert_int_equal(take(sizeof in), 65536);
    assert_memory_equal(in, big + 4096, 65536 - 4096);
    assert_memory_equal(in + 65536 - 4096, big, 4096);
}

static void small_writes_are_whole_or_not_at_all(void **)
{
    assert_int_equal(give(big, 65536 - 100), 65536 - 100);
    assert_int_equal(give(big, 200), -EAGAIN);
    assert_int_equal(give(big, 100), 100);
}

static void no_reader_means_sigpipe_and_no_writer_the_end(void **)
{
    assert_int_equal(give("x", 1), 1);
    file_put(end[0]);
    end[0] = nullptr;
    assert_int_equal(give("x", 1), -EPIPE);
    assert_int_equal(fake_last_signal, SIGPIPE);
    assert_int_equal(file_poll(end[1], nullptr) & EPOLLERR, EPOLLERR);
    file_put(end[1]);
    assert_int_equal(pipe_create_files(0, end), 0);
    assert_int_equal(give("x", 1), 1);
    file_put(end[1]);
    end[1] = nullptr;
    assert_int_equal(take(5), 1);
    assert_int_equal(take(5), 0);
    assert_int_equal(file_poll(end[0], nullptr), EPOLLHUP);
}

static int writer_comes(void)
{
    fake_sleep = nullptr;
    assert_int_equal(give("late", 4), 4);
    return 0;
}

static int signal_comes(void)
{
    return -EINTR;
}

static void an_empty_pipe_lets_its_reader_sleep(void **)
{
    end[0]->flags &= ~(uint32_t)O_NONBLOCK;
    fake_sleep = writer_comes;
    assert_int_equal(take(10), 4);
    fake_sleep = signal_comes;
    assert_int_equal(take(10), -ERESTARTSYS);
}

static int reader_comes(void)
{
    assert_true(take(5000) > 0);
    return 0;
}

static void a_full_pipe_lets_its_writer_sleep(void **)
{
    end[1]->flags &= ~(uint32_t)O_NONBLOCK;
    fake_sleep = reader_comes;
    assert_int_equal(give(big, sizeof big), sizeof big);
}

static void packets_stay_apart(void **)
{
    file_put(end[0]);
    file_put(end[1]);
    assert_int_equal(pipe_create_files(O_DIRECT | O_NONBLOCK, end), 0);
    assert_int_equal(give("abc", 3), 3);
    assert_int_equal(give("defg", 4), 4);
    assert_int_equal(take(2), 2);
    assert_memory_equal(in, "ab", 2);
    assert_int_equal(take(10), 4);
    assert_memory_equal(in, "defg", 4);
}

static void the_size_can_be_changed(void **)
{
    struct pipe *p = file_pipe(end[0]);
    assert_int_equal(give(big, 8192), 8192);
    assert_int_equal(pipe_resize(p, 4096), -EBUSY);
    assert_int_equal(pipe_resize(p, 5000), 8192);
    assert_int_equal(give("x", 1), -EAGAIN);
    assert_int_equal(pipe_resize(p, 100000), 131072);
    assert_int_equal(give(big, sizeof big), 131072 - 8192);
    assert_int_equal(take(8192), 8192);
    assert_memory_equal(in, big, 8192);
    fake_be(1, 1);
    assert_int_equal(pipe_resize(p, 2 << 20), -EPERM);
    fake_be(0, 0);
}

static void poll_tells_what_is_possible(void **)
{
    assert_int_equal(file_poll(end[0], nullptr), 0);
    assert_int_equal(file_poll(end[1], nullptr), EPOLLOUT | EPOLLWRNORM);
    assert_int_equal(give(big, 65536), 65536);
    assert_int_equal(file_poll(end[0], nullptr), EPOLLIN | EPOLLRDNORM);
    assert_int_equal(file_poll(end[1], nullptr), 0);
}

static void a_bad_address_moves_nothing(void **)
{
    struct iter it;
    loff_t pos = 0;
    iter_init_ubuf(&it, 8, 10);
    assert_int_equal(file_write_iter(end[1], &it, &pos), -EFAULT);
    assert_int_equal(take(10), -EAGAIN);
    assert_int_equal(give("x", 1), 1);
    iter_init_ubuf(&it, 8, 10);
    assert_int_equal(file_read_iter(end[0], &it, &pos), -EFAULT);
    assert_int_equal(take(10), 1);
}

static struct file *fifo_end;

static int other_end_opens(void)
{
    fake_sleep = nullptr;
    fifo_end = fake_open("/fifo", O_WRONLY, 0);
    assert_non_null(fifo_end);
    return 0;
}

static void opening_a_fifo_waits_for_the_other_end(void **)
{
    assert_int_equal(vfs_mknod(AT_FDCWD, "/fifo", S_IFIFO | 0600, 0), 0);
    assert_null(fake_open("/fifo", O_WRONLY | O_NONBLOCK, 0));
    assert_int_equal(fake_error, -ENXIO);
    fake_sleep = signal_comes;
    assert_null(fake_open("/fifo", O_RDONLY, 0));
    assert_int_equal(fake_error, -ERESTARTSYS);
    fake_sleep = other_end_opens;
    struct file *f = fake_open("/fifo", O_RDONLY, 0);
    assert_non_null(f);
    file_put(f);
    file_put(fifo_end);
    f = fake_open("/fifo", O_RDONLY | O_NONBLOCK, 0);
    assert_int_equal(file_poll(f, nullptr), 0); /* nobody has hung up: nobody was there */
    struct file *w = fake_open("/fifo", O_RDWR, 0);
    file_put(w);
    assert_int_equal(file_poll(f, nullptr), EPOLLHUP);
    file_put(f);
    assert_int_equal(vfs_unlink(AT_FDCWD, "/fifo"), 0);
}

static void splice_moves_pages_without_copying(void **)
{
    struct file *f = fake_open("/s", O_RDWR | O_CREAT, 0600), *g;
    assert_int_equal(file_write_kernel(f, big, 10000, 0), 10000);
    loff_t pos = 100;
    struct pipe *p = file_pipe(end[0]);
    assert_int_equal(splice_to_pipe(f, &pos, p, 20000, true), 9900);
    assert_int_equal(pos, 10000);
    assert_ptr_equal(pipe_slot_at(p, p->tail)->page, pagecache_find(f->inode, 0));
    g = fake_open("/g", O_RDWR | O_CREAT, 0600);
    pos = 0;
    assert_int_equal(splice_from_pipe(p, g, &pos, 5000, true), 5000);
    assert_int_equal(splice_from_pipe(p, g, &pos, 50000, true), 4900);
    assert_int_equal(file_read_kernel(g, in, sizeof in, 0), 9900);
    assert_memory_equal(in, big + 100, 9900);
    /* Written after a splice, the pipe must not write into the file's page. */
    pos = 0;
    assert_int_equal(splice_to_pipe(f, &pos, p, 10, true), 10);
    assert_int_equal(give("zzz", 3), 3);
    assert_int_equal(file_read_kernel(f, in, 13, 0), 13);
    assert_memory_equal(in, big, 13);
    file_put(f);
    file_put(g);
    assert_int_equal(vfs_unlink(AT_FDCWD, "/s"), 0);
    assert_int_equal(vfs_unlink(AT_FDCWD, "/g"), 0);
}

static void tee_leaves_what_it_copies(void **)
{
    struct file *other[2];
    assert_int_equal(pipe_create_files(O_NONBLOCK, other), 0);
    assert_int_equal(give(big, 5000), 5000);
    assert_int_equal(splice_pipes(file_pipe(end[0]), file_pipe(other[0]), 4500, true, SPLICE_TEE),
                     4500);
    assert_int_equal(give("+", 1), 1);
    assert_int_equal(take(sizeof in), 5001);
    assert_memory_equal(in, big, 5000);
    struct file *first = end[0];
    end[0] = other[0];
    assert_int_equal(take(sizeof in), 4500);
    assert_memory_equal(in, big, 4500);
    end[0] = first;
    file_put(other[0]);
    file_put(other[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(bytes_come_out_in_order),
        T(it_holds_64_kib_and_then_only_what_fits),
        T(small_writes_are_whole_or_not_at_all),
        T(no_reader_means_sigpipe_and_no_writer_the_end),
        T(an_empty_pipe_lets_its_reader_sleep),
        T(a_full_pipe_lets_its_writer_sleep),
        T(packets_stay_apart),
        T(the_size_can_be_changed),
        T(poll_tells_what_is_possible),
        T(a_bad_address_moves_nothing),
        T(opening_a_fifo_waits_for_the_other_end),
        T(splice_moves_pages_without_copying),
        T(tee_leaves_what_it_copies),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
