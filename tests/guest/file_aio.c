/* SPDX-License-Identifier: BSD-2-Clause */
/* file_aio.c - io_setup(2), io_submit(2), io_getevents(2), io_cancel(2), io_destroy(2). */
#include "test.h"

#include <fcntl.h>
#include <linux/aio_abi.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static aio_context_t context_make(unsigned most)
{
    aio_context_t context = 0;
    if (syscall(SYS_io_setup, most, &context) == -1 && errno == ENOSYS)
        test_skip("this kernel has no asynchronous I/O");
    CHECK(context != 0);
    return context;
}

static long submit(aio_context_t context, struct iocb *iocb)
{
    return syscall(SYS_io_submit, context, 1, &iocb);
}

/* The next event, which must be about IOCB; its result. */
static int64_t result_of(aio_context_t context, const struct iocb *iocb)
{
    struct io_event event;
    CHECK_EQ(OK(syscall(SYS_io_getevents, context, 1, 1, &event, nullptr)), 1);
    CHECK_EQ(event.obj, (uintptr_t)iocb);
    CHECK_EQ(event.data, iocb->aio_data);
    return event.res;
}

static struct iocb transfer(int op, int fd, void *buffer, size_t n, int64_t offset)
{
    return (struct iocb){.aio_lio_opcode = (uint16_t)op,
                         .aio_fildes = (uint32_t)fd,
                         .aio_buf = (uintptr_t)buffer,
                         .aio_nbytes = n,
                         .aio_offset = offset,
                         .aio_data = 0xabc0 + (unsigned)op};
}

TEST(aio_writes_and_reads)
{
    char text[16] = "";
    struct iovec parts[2] = {{text, 2}, {text + 2, 8}};
    aio_context_t context = context_make(8);
    int fd = (int)OK(open("file", O_CREAT | O_RDWR, 0644));
    struct iocb write = transfer(IOCB_CMD_PWRITE, fd, "abcdef", 6, 2);
    struct iocb read = transfer(IOCB_CMD_PREAD, fd, text, 16, 4);
    struct iocb vector = transfer(IOCB_CMD_PREADV, fd, parts, 2, 3);
    struct iocb sync = transfer(IOCB_CMD_FSYNC, fd, nullptr, 0, 0);
    CHECK_EQ(OK(submit(context, &write)), 1);
    CHECK_EQ(result_of(context, &write), 6);
    CHECK_EQ(OK(submit(context, &read)), 1);
    CHECK_EQ(result_of(context, &read), 4);
    CHECK_STR(text, "cdef");
    CHECK_EQ(OK(submit(context, &vector)), 1);
    CHECK_EQ(result_of(context, &vector), 5);
    CHECK_STR(text, "bcdef");
    CHECK_EQ(OK(submit(context, &sync)), 1);
    CHECK_EQ(result_of(context, &sync), 0);
    CHECK_EQ(OK(lseek(fd, 0, SEEK_CUR)), 0);
    OK(syscall(SYS_io_destroy, context));
}

TEST(aio_several_at_once)
{
    char text[3] = "";
    struct io_event events[4];
    struct timespec zero = {};
    aio_context_t context = context_make(4);
    file_make("file", "xyz");
    int fd = (int)OK(open("file", O_RDONLY));
    struct iocb iocb[3], *list[3];
    for (int i = 0; i < 3; i++) {
        iocb[i] = transfer(IOCB_CMD_PREAD, fd, &text[i], 1, i);
        list[i] = &iocb[i];
    }
    CHECK_EQ(OK(syscall(SYS_io_submit, context, 3, list)), 3);
    CHECK_EQ(OK(syscall(SYS_io_getevents, context, 3, 4, events, &zero)), 3);
    CHECK(memcmp(text, "xyz", 3) == 0);
    CHECK_EQ(OK(syscall(SYS_io_getevents, context, 1, 4, events, &zero)), 0);
    /* What fails ends the list; those before it were taken. */
    iocb[1].aio_fildes = 999;
    CHECK_EQ(OK(syscall(SYS_io_submit, context, 3, list)), 1);
    CHECK_EQ(result_of(context, &iocb[0]), 1);
}

TEST(aio_poll_waits)
{
    struct gate g = gate_make();
    struct io_event event;
    struct timespec zero = {}, little = {0, 5000000};
    aio_context_t context = context_make(4);
    struct iocb iocb = transfer(IOCB_CMD_POLL, g.fd[0], (void *)POLLIN, 0, 0);
    OK(submit(context, &iocb));
    CHECK_EQ(OK(syscall(SYS_io_getevents, context, 0, 1, &event, &zero)), 0);
    CHECK_EQ(OK(syscall(SYS_io_getevents, context, 1, 1, &event, &little)), 0);
    IN_CHILD
    {
        gate_open(&g);
    }
    CHECK_EQ(result_of(context, &iocb) & POLLIN, POLLIN);
    OK(submit(context, &iocb)); /* still readable */
    CHECK_EQ(result_of(context, &iocb) & POLLIN, POLLIN);
}

TEST(aio_poll_cancelled)
{
    struct gate g = gate_make();
    struct io_event event;
    aio_context_t context = context_make(4);
    struct iocb iocb = transfer(IOCB_CMD_POLL, g.fd[0], (void *)POLLIN, 0, 0);
    struct iocb other = iocb;
    OK(submit(context, &iocb));
    CHECK_ERRNO(syscall(SYS_io_cancel, context, &other, &event), EINVAL);
    CHECK_ERRNO(syscall(SYS_io_cancel, context, &iocb, &event), EINPROGRESS);
    CHECK_EQ(result_of(context, &iocb), 0);
    CHECK_ERRNO(syscall(SYS_io_cancel, context, &iocb, &event), EINVAL);
    OK(submit(context, &iocb));
    OK(syscall(SYS_io_destroy, context)); /* with a request under way */
}

TEST(aio_eventfd_is_told)
{
    uint64_t count;
    aio_context_t context = context_make(4);
    int tell = (int)OK(eventfd(0, 0));
    file_make("file", "x");
    int fd = (int)OK(open("file", O_RDONLY));
    struct iocb iocb = transfer(IOCB_CMD_PREAD, fd, &(char[1]){}, 1, 0);
    iocb.aio_flags = IOCB_FLAG_RESFD;
    iocb.aio_resfd = (unsigned)tell;
    OK(submit(context, &iocb));
    OK(submit(context, &iocb));
    CHECK_EQ(OK(read(tell, &count, sizeof count)), 8);
    CHECK_EQ(count, 2);
    iocb.aio_resfd = (unsigned)fd;
    CHECK_ERRNO(submit(context, &iocb), EINVAL);
    iocb.aio_resfd = 999;
    CHECK_ERRNO(submit(context, &iocb), EBADF);
}

static void on_alarm(int) {}

TEST(aio_pgetevents_mask)
{
    struct io_event event;
    struct gate g = gate_make();
    uint64_t mask = 1ull << (SIGALRM - 1), none = 0;
    struct {
        const uint64_t *set;
        size_t size;
    } masked = {&mask, 8}, open = {&none, 8};
    struct timespec little = {0, 30000000};
    struct sigaction action = {.sa_handler = on_alarm};
    aio_context_t context = context_make(4);
    struct iocb iocb = transfer(IOCB_CMD_POLL, g.fd[0], (void *)POLLIN, 0, 0);
    OK(sigaction(SIGALRM, &action, nullptr));
    OK(submit(context, &iocb));
    alarm_every_ms(2);
    CHECK_EQ(OK(syscall(SYS_io_pgetevents, context, 1, 1, &event, &little, &masked)), 0);
    CHECK_ERRNO(syscall(SYS_io_pgetevents, context, 1, 1, &event, nullptr, &open), EINTR);
    CHECK_ERRNO(syscall(SYS_io_getevents, context, 1, 1, &event, nullptr), EINTR);
    alarm_every_ms(0);
    masked.size = 4;
    CHECK_ERRNO(syscall(SYS_io_pgetevents, context, 1, 1, &event, nullptr, &masked), EINVAL);
}

TEST(aio_errors)
{
    aio_context_t context = context_make(1), bad = 1;
    struct io_event event;
    int in = (int)OK(open("file", O_CREAT | O_RDONLY, 0644));
    struct iocb iocb = transfer(IOCB_CMD_PWRITE, in, "x", 1, 0), *list = &iocb;
    CHECK_ERRNO(syscall(SYS_io_setup, 1, &bad), EINVAL);
    bad = 0;
    CHECK_ERRNO(syscall(SYS_io_setup, 0, &bad), EINVAL);
    CHECK_ERRNO(syscall(SYS_io_setup, 1, nullptr), EFAULT);
    CHECK_ERRNO(syscall(SYS_io_destroy, 0), EINVAL);
    CHECK_ERRNO(submit(context, &iocb), EBADF); /* not open for writing */
    iocb.aio_lio_opcode = IOCB_CMD_NOOP;
    CHECK_ERRNO(submit(context, &iocb), EINVAL);
    iocb = transfer(IOCB_CMD_PREAD, in, (void *)-8, 4, 0);
    CHECK_ERRNO(submit(context, &iocb), EFAULT);
    iocb = transfer(IOCB_CMD_PREAD, in, &event, 4, 0);
    iocb.aio_reserved2 = 1;
    CHECK_ERRNO(submit(context, &iocb), EINVAL);
    CHECK_ERRNO(submit(context, nullptr), EFAULT);
    CHECK_ERRNO(syscall(SYS_io_submit, context, -1, &list), EINVAL);
    CHECK_ERRNO(syscall(SYS_io_submit, 0, 1, &list), EINVAL);
    CHECK_EQ(OK(syscall(SYS_io_submit, context, 0, nullptr)), 0);
    CHECK_ERRNO(syscall(SYS_io_getevents, context, 2, 1, &event, nullptr), EINVAL);
    CHECK_ERRNO(syscall(SYS_io_getevents, context, -1, 1, &event, nullptr), EINVAL);
    CHECK_ERRNO(syscall(SYS_io_getevents, 0, 0, 1, &event, nullptr), EINVAL);
    OK(syscall(SYS_io_destroy, context));
    CHECK_ERRNO(syscall(SYS_io_destroy, context), EINVAL);
    CHECK_ERRNO(syscall(SYS_io_getevents, context, 0, 1, &event, nullptr), EINVAL);
}

TEST(aio_child_has_no_contexts)
{
    struct io_event event;
    struct timespec zero = {};
    aio_context_t context = context_make(4);
    IN_CHILD
    {
        CHECK_ERRNO(syscall(SYS_io_getevents, context, 0, 1, &event, &zero), EINVAL);
    }
    CHECK_EQ(OK(syscall(SYS_io_getevents, context, 0, 1, &event, &zero)), 0);
}

static void *destroy_later(void *arg)
{
    process_await_state(getpid(), "S");
    sleep_ms(20);
    OK(syscall(SYS_io_destroy, *(aio_context_t *)arg));
    return nullptr;
}

TEST(aio_destroy_wakes)
{
    struct io_event event;
    pthread_t thread;
    aio_context_t context = context_make(4);
    CHECK_EQ(pthread_create(&thread, nullptr, destroy_later, &context), 0);
    long n = syscall(SYS_io_getevents, context, 1, 1, &event, nullptr);
    CHECK(n == 0 || (n == -1 && errno == EINVAL));
    CHECK_EQ(pthread_join(thread, nullptr), 0);
}

/* What a system allows is bounded (aio-max-nr), over all contexts; what is destroyed counts no
 * more. */
TEST(aio_contexts_are_bounded)
{
    enum {
        CONTEXTS = 64,
        EACH = 30000
    };
    static aio_context_t context[CONTEXTS];
    for (int round = 0; round < 3; round++) {
        int made = 0;
        memset(context, 0, sizeof context);
        while (made < CONTEXTS && syscall(SYS_io_setup, EACH, &context[made]) == 0)
            made++;
        if (made == 0 && errno == ENOSYS)
            test_skip("this kernel has no asynchronous I/O");
        if (made == CONTEXTS || made == 0)
            test_skip("this system allows another number of requests");
        CHECK_EQ(errno, EAGAIN);
        for (int i = 0; i < made; i++)
            OK(syscall(SYS_io_destroy, context[i]));
    }
}

struct late_read {
    aio_context_t context;
    int fd;
    long submitted;
};

static void *read_late(void *arg)
{
    struct late_read *late = arg;
    char byte;
    struct iocb iocb = transfer(IOCB_CMD_PREAD, late->fd, &byte, 1, 0);
    late->submitted = submit(late->context, &iocb);
    return nullptr;
}

/* io_submit(2) may sleep in a transfer from a pipe; its context may be destroyed meanwhile. */
TEST(aio_destroyed_during_a_transfer)
{
    for (int round = 0; round < 10; round++) {
        int fd[2];
        pthread_t reader, destroyer;
        OK(pipe(fd));
        struct late_read late = {context_make(4), fd[0], -1};
        CHECK_EQ(pthread_create(&reader, nullptr, read_late, &late), 0);
        nanosleep(&(struct timespec){0, 2000000}, nullptr);
        CHECK_EQ(pthread_create(&destroyer, nullptr, destroy_later, &late.context), 0);
        nanosleep(&(struct timespec){0, 60000000}, nullptr);
        CHECK_EQ(write(fd[1], "x", 1), 1);
        CHECK_EQ(pthread_join(destroyer, nullptr), 0);
        CHECK_EQ(pthread_join(reader, nullptr), 0);
        CHECK(late.submitted == 1 || late.submitted == -1);
        OK(close(fd[0]));
        OK(close(fd[1]));
    }
}
