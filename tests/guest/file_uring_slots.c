/* SPDX-License-Identifier: BSD-2-Clause */
/* file_uring_slots.c - registered files of io_uring(7): sparse tables, files that requests open into
 * slots ("direct descriptors"), slots that are chosen. */
#include "test.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "socket.h"
#include "uring.h"

static struct ring ring;

static long reg(unsigned op, void *arg, unsigned count)
{
    return syscall(SYS_io_uring_register, ring.fd, op, arg, count);
}

static void sparse(unsigned count)
{
    struct io_uring_rsrc_register r = {.nr = count, .flags = IORING_RSRC_REGISTER_SPARSE};
    OK(reg(IORING_REGISTER_FILES2, &r, sizeof r));
}

static void open_sparse(unsigned count)
{
    ring_open(&ring, 16, 0, 0);
    sparse(count);
}

/* Open NAME into SLOT, counted from 1. */
static int open_direct(const char *name, unsigned flags, unsigned slot)
{
    struct io_uring_sqe *sqe = ring_entry(&ring, IORING_OP_OPENAT, AT_FDCWD, 1);
    sqe->addr = (uintptr_t)name;
    sqe->open_flags = flags;
    sqe->file_index = slot;
    return ring_run(&ring, 1);
}

static int close_direct(unsigned slot)
{
    ring_entry(&ring, IORING_OP_CLOSE, 0, 2)->file_index = slot;
    return ring_run(&ring, 2);
}

static void slot_expect(int slot, const char *text)
{
    char got[16] = "";
    struct io_uring_sqe *sqe = ring_entry(&ring, IORING_OP_READ, slot, 3);
    sqe->addr = (uintptr_t)got;
    sqe->len = sizeof got - 1;
    sqe->flags = IOSQE_FIXED_FILE;
    CHECK_EQ(ring_run(&ring, 3), strlen(text));
    CHECK_STR(got, text);
}

TEST(uring_slots_are_opened)
{
    file_make("a", "first");
    file_make("b", "second");
    ring_open(&ring, 16, 0, 0);
    CHECK_EQ(open_direct("a", 0, 1), -ENXIO);
    CHECK_EQ(open_direct("a", 0, IORING_FILE_INDEX_ALLOC), -ENFILE);
    CHECK_EQ(close_direct(1), -ENXIO);
    sparse(4);
    int lowest = (int)OK(dup(0));
    OK(close(lowest));
    CHECK_EQ(open_direct("a", 0, 1), 0);
    slot_expect(0, "first");
    CHECK_EQ(open_direct("b", 0, 1), 0);
    slot_expect(0, "second");
    CHECK_EQ(open_direct("a", 0, 5), -EINVAL);
    CHECK_EQ(open_direct("none", 0, 2), -ENOENT);
    CHECK_EQ(open_direct("a", O_CLOEXEC, 2), -EINVAL);
    CHECK_EQ(close_direct(1), 0);
    CHECK_EQ(close_direct(1), -EBADF);
    CHECK_EQ(close_direct(5), -EINVAL);
    CHECK_EQ(OK(dup(0)), lowest); /* no descriptor was used */
}

TEST(uring_slots_in_a_chain)
{
    char got[8] = "";
    struct open_how how = {.flags = O_RDONLY};
    file_make("a", "first");
    open_sparse(2);
    struct io_uring_sqe *sqe = ring_entry(&ring, IORING_OP_OPENAT2, AT_FDCWD, 1);
    sqe->addr = (uintptr_t)"a";
    sqe->addr2 = (uintptr_t)&how;
    sqe->len = sizeof how;
    sqe->file_index = 2;
    sqe->flags = IOSQE_IO_LINK;
    sqe = ring_entry(&ring, IORING_OP_READ, 1, 2);
    sqe->addr = (uintptr_t)got;
    sqe->len = 5;
    sqe->flags = IOSQE_FIXED_FILE | IOSQE_IO_LINK;
    ring_entry(&ring, IORING_OP_CLOSE, 0, 3)->file_index = 2;
    CHECK_EQ(ring_submit(&ring, 3), 3);
    CHECK_EQ(ring_result(&ring, 1), 0);
    CHECK_EQ(ring_result(&ring, 2), 5);
    CHECK_EQ(ring_result(&ring, 3), 0);
    CHECK_STR(got, "first");
}

TEST(uring_slots_are_chosen)
{
    struct io_uring_file_index_range range = {.off = 2, .len = 3};
    file_make("a", "first");
    open_sparse(6);
    for (int i = 0; i < 6; i++)
        CHECK_EQ(open_direct("a", 0, IORING_FILE_INDEX_ALLOC), i);
    CHECK_EQ(open_direct("a", 0, IORING_FILE_INDEX_ALLOC), -ENFILE);
    CHECK_EQ(close_direct(4), 0);
    CHECK_EQ(open_direct("a", 0, IORING_FILE_INDEX_ALLOC), 3);
    /* Of a range only. */
    for (unsigned i = 1; i <= 6; i++)
        CHECK_EQ(close_direct(i), 0);
    OK(reg(IORING_REGISTER_FILE_ALLOC_RANGE, &range, 0));
    for (int i = 2; i < 5; i++)
        CHECK_EQ(open_direct("a", 0, IORING_FILE_INDEX_ALLOC), i);
    CHECK_EQ(open_direct("a", 0, IORING_FILE_INDEX_ALLOC), -ENFILE);
    CHECK_EQ(open_direct("a", 0, 1), 0);
    range.len = 5;
    CHECK_ERRNO(reg(IORING_REGISTER_FILE_ALLOC_RANGE, &range, 0), EINVAL);
    range.len = UINT32_MAX;
    CHECK_ERRNO(reg(IORING_REGISTER_FILE_ALLOC_RANGE, &range, 0), EOVERFLOW);
    range = (struct io_uring_file_index_range){.len = 1, .resv = 1};
    CHECK_ERRNO(reg(IORING_REGISTER_FILE_ALLOC_RANGE, &range, 0), EINVAL);
    CHECK_ERRNO(reg(IORING_REGISTER_FILE_ALLOC_RANGE, &range, 1), EINVAL);
}

TEST(uring_slots_of_sockets)
{
    int server = unix_listener(SOCK_STREAM, "s");
    struct name name = name_of("s");
    char got[4] = "";
    open_sparse(4);
    /* A socket in a slot connects; its other end is accepted into another. */
    struct io_uring_sqe *sqe = ring_entry(&ring, IORING_OP_SOCKET, AF_UNIX, 1);
    sqe->off = SOCK_STREAM | SOCK_CLOEXEC;
    sqe->file_index = 1;
    CHECK_EQ(ring_run(&ring, 1), -EINVAL);
    sqe = ring_entry(&ring, IORING_OP_SOCKET, AF_UNIX, 1);
    sqe->off = SOCK_STREAM;
    sqe->file_index = 1;
    CHECK_EQ(ring_run(&ring, 1), 0);
    sqe = ring_entry(&ring, IORING_OP_ACCEPT, server, 2);
    sqe->file_index = 3;
    sqe->accept_flags = SOCK_CLOEXEC;
    CHECK_EQ(ring_run(&ring, 2), -EINVAL);
    ring_entry(&ring, IORING_OP_ACCEPT, server, 2)->file_index = 3;
    sqe = ring_entry(&ring, IORING_OP_CONNECT, 0, 3);
    sqe->addr = (uintptr_t)&name.address;
    sqe->off = name.bytes;
    sqe->flags = IOSQE_FIXED_FILE;
    CHECK_EQ(ring_submit(&ring, 2), 2);
    CHECK_EQ(ring_among(&ring, 2, 2), 0);
    CHECK_EQ(ring_among(&ring, 2, 3), 0);
    (void)ring_expect(&ring, ring.cqes[*ring.cq_head & (ring.params.cq_entries - 1)].user_data);
    (void)ring_expect(&ring, ring.cqes[*ring.cq_head & (ring.params.cq_entries - 1)].user_data);
    sqe = ring_entry(&ring, IORING_OP_SEND, 0, 4);
    sqe->addr = (uintptr_t)"abc";
    sqe->len = 3;
    sqe->flags = IOSQE_FIXED_FILE;
    CHECK_EQ(ring_run(&ring, 4), 3);
    sqe = ring_entry(&ring, IORING_OP_RECV, 2, 5);
    sqe->addr = (uintptr_t)got;
    sqe->len = 3;
    sqe->flags = IOSQE_FIXED_FILE;
    CHECK_EQ(ring_run(&ring, 5), 3);
    CHECK_STR(got, "abc");
}

TEST(uring_slots_accept_multishot)
{
    int server = unix_listener(SOCK_STREAM, "s");
    struct name name = name_of("s");
    open_sparse(2);
    struct io_uring_sqe *sqe = ring_entry(&ring, IORING_OP_ACCEPT, server, 1);
    sqe->ioprio = IORING_ACCEPT_MULTISHOT;
    sqe->file_index = 1;
    CHECK_EQ(ring_run(&ring, 1), -EINVAL);
    sqe = ring_entry(&ring, IORING_OP_ACCEPT, server, 1);
    sqe->ioprio = IORING_ACCEPT_MULTISHOT;
    sqe->file_index = IORING_FILE_INDEX_ALLOC;
    CHECK_EQ(ring_submit(&ring, 0), 1);
    for (int i = 0; i < 3; i++) {
        int fd = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0));
        OK(unix_connect(fd, &name));
        struct io_uring_cqe cqe = ring_expect(&ring, 1);
        CHECK_EQ(cqe.res, i < 2 ? i : -ENFILE);
        CHECK_EQ(cqe.flags & IORING_CQE_F_MORE, i < 2 ? IORING_CQE_F_MORE : 0);
    }
}

TEST(uring_slots_are_updated)
{
    file_make("a", "first");
    int fd = (int)OK(open("a", O_RDONLY)), fds[3] = {fd, fd, 1000};
    struct io_uring_rsrc_update2 update = {.offset = 1, .data = (uintptr_t)fds, .nr = 2};
    open_sparse(3);
    CHECK_EQ(OK(reg(IORING_REGISTER_FILES_UPDATE2, &update, sizeof update)), 2);
    slot_expect(1, "first");
    CHECK_ERRNO(reg(IORING_REGISTER_FILES_UPDATE2, &update, 8), EINVAL);
    update.nr = 3;
    CHECK_ERRNO(reg(IORING_REGISTER_FILES_UPDATE2, &update, sizeof update), EINVAL);
    update.offset = UINT32_MAX;
    CHECK_ERRNO(reg(IORING_REGISTER_FILES_UPDATE2, &update, sizeof update), EOVERFLOW);
    /* A request chooses slots, and tells them. */
    struct io_uring_sqe *sqe = ring_entry(&ring, IORING_OP_FILES_UPDATE, -1, 4);
    sqe->addr = (uintptr_t)fds;
    sqe->len = 1;
    sqe->off = IORING_FILE_INDEX_ALLOC;
    CHECK_EQ(ring_run(&ring, 4), 1);
    CHECK_EQ(fds[0], 0);
    CHECK_EQ(close_direct(2), 0);
    sqe = ring_entry(&ring, IORING_OP_FILES_UPDATE, -1, 4);
    sqe->addr = (uintptr_t)(fds + 1);
    sqe->len = 2;
    sqe->off = IORING_FILE_INDEX_ALLOC;
    CHECK_EQ(ring_run(&ring, 4), 1); /* the second is no descriptor */
    CHECK_EQ(fds[1], 1);
}

TEST(uring_slots_wrong_tables)
{
    struct io_uring_rsrc_register r = {.nr = 2, .flags = IORING_RSRC_REGISTER_SPARSE};
    int fds[2] = {-1, -1};
    ring_open(&ring, 8, 0, 0);
    CHECK_ERRNO(reg(IORING_REGISTER_FILES2, &r, 4), EINVAL);
    r.data = (uintptr_t)fds;
    CHECK_ERRNO(reg(IORING_REGISTER_FILES2, &r, sizeof r), EINVAL);
    r.flags = 0;
    OK(reg(IORING_REGISTER_FILES2, &r, sizeof r));
    CHECK_ERRNO(reg(IORING_REGISTER_FILES2, &r, sizeof r), EBUSY);
    OK(reg(IORING_UNREGISTER_FILES, nullptr, 0));
    r.nr = 0;
    CHECK_ERRNO(reg(IORING_REGISTER_FILES2, &r, sizeof r), EINVAL);
    r = (struct io_uring_rsrc_register){.nr = 1 << 30, .flags = IORING_RSRC_REGISTER_SPARSE};
    CHECK_ERRNO(reg(IORING_REGISTER_FILES2, &r, sizeof r), EMFILE);
}

TEST(uring_slot_to_another_ring)
{
    static struct ring other;
    file_make("a", "first");
    ring_open(&other, 8, 0, 0);
    open_sparse(2);
    CHECK_EQ(open_direct("a", 0, 2), 0);
    for (int i = 0; i < 2; i++) { /* without a table there; with one */
        struct io_uring_sqe *sqe = ring_entry(&ring, IORING_OP_MSG_RING, other.fd, 5);
        sqe->addr = IORING_MSG_SEND_FD;
        sqe->addr3 = 1;
        sqe->off = 77;
        sqe->file_index = 1;
        CHECK_EQ(ring_run(&ring, 5), i ? 0 : -ENXIO);
        if (i == 0) {
            struct io_uring_rsrc_register r = {.nr = 1, .flags = IORING_RSRC_REGISTER_SPARSE};
            OK(syscall(SYS_io_uring_register, other.fd, IORING_REGISTER_FILES2, &r, sizeof r));
        }
    }
    CHECK_EQ(ring_result(&other, 77), 0);
    CHECK_EQ(close_direct(2), 0);
    ring = other;
    slot_expect(0, "first");
}
