/* SPDX-License-Identifier: BSD-2-Clause */
/* register.c - io_uring_register(2): buffers, an eventfd, and what there is. */
#include <linux/uio.h>

#include "base/bits.h"
#include "base/errno.h"
#include "linux-api/call.h"
#include "linux-api/uring/uring.h"
#include "mm/heap.h"
#include "mm/usermem.h"
#include "sched/sched.h"
#include "sched/thread.h"
#include "vfs/eventfd.h"
#include "vfs/fdtable.h"
#include "vfs/file.h"

constexpr uint32_t BUFFERS_MOST = 1 << 14;
constexpr uint64_t BUFFER_BYTES_MOST = 1 << 30;

static int buffers_register(struct uring *ring, uaddr_t user, uint32_t count)
{
    if (ring->buffers)
        return -EBUSY;
    if (count == 0 || count > BUFFERS_MOST)
        return -EINVAL;
    struct uring_buffer *buffers = heap_calloc(count, sizeof *buffers);
    int err = buffers ? 0 : -ENOMEM;
    for (uint32_t i = 0; !err && i < count; i++) {
        struct iovec part;
        err = copy_from_user(&part, user + i * sizeof part, sizeof part);
        if (!err && ((!part.iov_base && part.iov_len) || part.iov_len > BUFFER_BYTES_MOST ||
                     !usermem_is_valid((uaddr_t)part.iov_base, part.iov_len)))
            err = -EFAULT;
        if (!err)
            buffers[i] = (struct uring_buffer){(uint64_t)part.iov_base, part.iov_len};
    }
    if (err < 0) {
        heap_free(buffers);
        return err;
    }
    ring->buffers = buffers;
    ring->buffer_count = count;
    return 0;
}

static int buffers_unregister(struct uring *ring)
{
    if (!ring->buffers)
        return -ENXIO;
    heap_free(ring->buffers);
    ring->buffers = nullptr;
    ring->buffer_count = 0;
    return 0;
}

static int eventfd_register(struct uring *ring, uaddr_t user, uint32_t count)
{
    uint32_t fd;
    if (count != 1)
        return -EINVAL;
    if (ring->eventfd)
        return -EBUSY;
    if (get_user_u32(&fd, user))
        return -EFAULT;
    struct file *file = fd_get((int)fd);
    if (!file)
        return -EBADF;
    if (!file_is_eventfd(file)) {
        file_put(file);
        return -EINVAL;
    }
    ring->eventfd = file;
    return 0;
}

static int eventfd_unregister(struct uring *ring)
{
    struct file *file = ring->eventfd;
    ring->eventfd = nullptr;
    file_put(file);
    return file ? 0 : -ENXIO;
}

static int probe(uaddr_t user, uint32_t count)
{
    struct io_uring_probe head;
    if (copy_from_user(&head, user, sizeof head))
        return -EFAULT;
    static const struct io_uring_probe zero;
    if (count > 256 || __builtin_memcmp(&head, &zero, sizeof head) != 0)
        return -EINVAL;
    count = MIN(count, (uint32_t)IORING_OP_LAST);
    head.last_op = IORING_OP_LAST - 1;
    head.ops_len = (uint8_t)count;
    if (copy_to_user(user, &head, sizeof head))
        return -EFAULT;
    for (uint32_t i = 0; i < count; i++) {
        struct io_uring_probe_op op = {.op = (uint8_t)i};
        op.flags = uring_op_find(op.op) ? IO_URING_OP_SUPPORTED : 0;
        if (copy_to_user(user + sizeof head + i * sizeof op, &op, sizeof op))
            return -EFAULT;
    }
    return 0;
}

static int enable(struct uring *ring)
{
    if (!ring->is_disabled)
        return -EBADFD;
    uring_enable(ring);
    return 0;
}

static int64_t do_register(struct uring *ring, unsigned opcode, uaddr_t arg, uint32_t count)
{
    bool is_bare = !arg && !count;
    switch (opcode) {
    case IORING_REGISTER_BUFFERS: return arg ? buffers_register(ring, arg, count) : -EFAULT;
    case IORING_UNREGISTER_BUFFERS: return is_bare ? buffers_unregister(ring) : -EINVAL;
    case IORING_REGISTER_FILES: return arg ? uring_files_register(ring, arg, count) : -EFAULT;
    case IORING_REGISTER_FILES2: return uring_files_register2(ring, arg, count);
    case IORING_UNREGISTER_FILES: return is_bare ? uring_files_unregister(ring) : -EINVAL;
    case IORING_REGISTER_FILES_UPDATE: return uring_files_update_many(ring, arg, count);
    case IORING_REGISTER_FILES_UPDATE2: return uring_files_update2(ring, arg, count);
    case IORING_REGISTER_FILE_ALLOC_RANGE:
        return arg && !count ? uring_files_range(ring, arg) : -EINVAL;
    case IORING_REGISTER_EVENTFD:
    case IORING_REGISTER_EVENTFD_ASYNC: return eventfd_register(ring, arg, count);
    case IORING_UNREGISTER_EVENTFD: return is_bare ? eventfd_unregister(ring) : -EINVAL;
    case IORING_REGISTER_PROBE: return arg ? probe(arg, count) : -EINVAL;
    case IORING_REGISTER_PERSONALITY: return is_bare ? uring_personality_register(ring) : -EINVAL;
    case IORING_UNREGISTER_PERSONALITY:
        return arg ? -EINVAL : uring_personality_unregister(ring, count);
    case IORING_REGISTER_SYNC_CANCEL: return uring_cancel_now(ring, arg, count);
    case IORING_REGISTER_ENABLE_RINGS: return is_bare ? enable(ring) : -EINVAL;
    case IORING_REGISTER_PBUF_RING: return uring_buffer_ring_register(ring, arg, count);
    case IORING_UNREGISTER_PBUF_RING: return uring_buffer_ring_unregister(ring, arg, count);
    default: return -EINVAL;
    }
}

long sys_io_uring_register(const struct call *c)
{
    struct file *file = fd_get((int)c->arg[0]);
    if (!file)
        return -EBADF;
    struct uring *ring = file_uring(file);
    long result = !ring ? -EOPNOTSUPP : ring->issuer && ring->issuer != current ? -EEXIST : 0;
    if (!result)
        result = do_register(ring, (unsigned)c->arg[1], c->arg[2], (uint32_t)c->arg[3]);
    file_put(file);
    return result;
}

void uring_resources_free(struct uring *ring)
{
    (void)buffers_unregister(ring);
    (void)uring_files_unregister(ring);
    (void)eventfd_unregister(ring);
    uring_buffers_free(ring);
    uring_personalities_free(ring);
}
