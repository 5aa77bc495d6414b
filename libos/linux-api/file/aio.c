/* SPDX-License-Identifier: BSD-2-Clause */
/* aio.c - io_setup(2), io_submit(2), io_getevents(2), io_cancel(2), io_destroy(2).
 *
 * A transfer is made when it is submitted, as Linux does with files that it buffers; only polling
 * goes on in the background.
 */
#include <linux/aio_abi.h>
#include <linux/mman.h>

#include "base/bits.h"
#include "base/errno.h"
#include "linux-api/abi.h"
#include "linux-api/call.h"
#include "linux-api/file/args.h"
#include "linux-api/file/wait.h"
#include "mm/mm.h"
#include "mm/mmap.h"
#include "mm/page.h"
#include "mm/usermem.h"
#include "proc/process.h"
#include "sched/thread.h"
#include "signal/signal.h"
#include "vfs/aio.h"
#include "vfs/eventfd.h"
#include "vfs/fdtable.h"
#include "vfs/file.h"

static struct mm *own(void)
{
    return current->process->mm;
}

long sys_io_setup(const struct call *c)
{
    unsigned most = (unsigned)c->arg[0];
    uint64_t number;
    if (get_user_u64(&number, c->arg[1]))
        return -EFAULT;
    if (number || most == 0)
        return -EINVAL;
    if (most > INT32_MAX / sizeof(struct io_event))
        return -EINVAL;
    int64_t place = mm_map(own(), 0, PAGE_SIZE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, nullptr, 0);
    if (place < 0)
        return place;
    struct aio_context *context;
    long result = aio_context_create(own(), (uint64_t)place, most, &context);
    if (!result) {
        result = put_user_u64(c->arg[1], context->number);
        if (result < 0)
            aio_context_destroy(own(), context);
    }
    if (result < 0)
        (void)mm_unmap(own(), (uint64_t)place, PAGE_SIZE);
    return result;
}

long sys_io_destroy(const struct call *c)
{
    struct aio_context *context = aio_context_find(own(), c->arg[0]);
    if (!context)
        return -EINVAL;
    (void)mm_unmap(own(), context->number, PAGE_SIZE);
    aio_context_destroy(own(), context);
    return 0;
}

/* ------------------------------------------------------------------ io_submit */

typedef ssize_t transfer_fn(struct file *file, struct iter *it, loff_t *pos);

/* What io_submit(2) itself reports about the iocb, apart from the operation. */
static int iocb_check(const struct iocb *iocb)
{
    if (iocb->aio_reserved2 || iocb->aio_flags & ~(unsigned)(IOCB_FLAG_RESFD | IOCB_FLAG_IOPRIO))
        return -EINVAL;
    return (int64_t)iocb->aio_nbytes < 0 ? -EINVAL : 0;
}

static int transfer(struct file *file, const struct iocb *iocb, bool is_write, int64_t *result)
{
    bool is_vector =
        iocb->aio_lio_opcode == IOCB_CMD_PREADV || iocb->aio_lio_opcode == IOCB_CMD_PWRITEV;
    transfer_fn *run = is_write ? file_write_iter : file_read_iter;
    loff_t pos = iocb->aio_offset;
    struct iovec_arg vec = {.vec = vec.few};
    struct iter it;
    if (!(file->mode & (is_write ? FILE_WRITE : FILE_READ)))
        return -EBADF;
    if (!(is_write ? file->ops->write : file->ops->read) || pos < 0)
        return -EINVAL;
    if (iocb->aio_rw_flags)
        return -EOPNOTSUPP;
    if (is_vector) {
        int err = iovec_arg(&vec, iocb->aio_buf, iocb->aio_nbytes, &it);
        if (err < 0)
            return err;
    } else {
        if (!usermem_is_valid(iocb->aio_buf, iocb->aio_nbytes))
            return -EFAULT;
        iter_init_ubuf(&it, iocb->aio_buf, iocb->aio_nbytes);
    }
    *result = run(file, &it, &pos);
    if (*result == -ERESTARTSYS)
        *result = -EINTR;
    iovec_put(&vec);
    return 0;
}

static int sync_file(struct file *file, const struct iocb *iocb, int64_t *result)
{
    if (iocb->aio_buf || iocb->aio_offset || iocb->aio_nbytes || iocb->aio_rw_flags ||
        !file->ops->fsync)
        return -EINVAL;
    *result = file->ops->fsync(file, iocb->aio_lio_opcode == IOCB_CMD_FDSYNC);
    return 0;
}

static int poll_begin(struct file *file, const struct iocb *iocb, struct aio_request *r)
{
    if ((uint16_t)iocb->aio_buf != iocb->aio_buf || iocb->aio_offset || iocb->aio_nbytes ||
        iocb->aio_rw_flags)
        return -EINVAL;
    return aio_request_poll(r, file, (uint32_t)iocb->aio_buf);
}

/* A negative errno: the request was not taken. */
static int run(struct file *file, const struct iocb *iocb, struct aio_request *r)
{
    int64_t result = 0;
    int err;
    switch (iocb->aio_lio_opcode) {
    case IOCB_CMD_PREAD:
    case IOCB_CMD_PREADV: err = transfer(file, iocb, false, &result); break;
    case IOCB_CMD_PWRITE:
    case IOCB_CMD_PWRITEV: err = transfer(file, iocb, true, &result); break;
    case IOCB_CMD_FSYNC:
    case IOCB_CMD_FDSYNC: err = sync_file(file, iocb, &result); break;
    case IOCB_CMD_POLL: return poll_begin(file, iocb, r);
    default: return -EINVAL;
    }
    if (!err)
        aio_request_done(r, result);
    return err;
}

static int eventfd_of(const struct iocb *iocb, struct file **out)
{
    *out = nullptr;
    if (!(iocb->aio_flags & IOCB_FLAG_RESFD))
        return 0;
    *out = fd_get((int)iocb->aio_resfd);
    if (!*out)
        return -EBADF;
    if (file_is_eventfd(*out))
        return 0;
    file_put(*out);
    return -EINVAL;
}

static int submit_one(struct aio_context *context, uaddr_t user)
{
    struct iocb iocb;
    struct aio_request *r;
    struct file *eventfd;
    if (copy_from_user(&iocb, user, sizeof iocb))
        return -EFAULT;
    int err = iocb_check(&iocb);
    if (err < 0)
        return err;
    struct file *file = fd_get((int)iocb.aio_fildes);
    if (!file)
        return -EBADF;
    err = eventfd_of(&iocb, &eventfd);
    if (!err) {
        err = aio_request_create(context, eventfd, &r);
        if (err < 0)
            file_put(eventfd);
    }
    if (!err) {
        r->event = (struct io_event){.data = iocb.aio_data, .obj = user};
        err = put_user_u32(user + offsetof(struct iocb, aio_key), 0);
        if (!err)
            err = run(file, &iocb, r);
        if (err < 0)
            aio_request_drop(r);
    }
    file_put(file);
    return err;
}

/* A transfer may sleep, and the context may be destroyed meanwhile: it is held. */
long sys_io_submit(const struct call *c)
{
    int64_t count = (int64_t)c->arg[1], done = 0;
    int err = 0;
    if (count < 0)
        return -EINVAL;
    struct aio_context *context = aio_context_find(own(), c->arg[0]);
    if (!context)
        return -EINVAL;
    context->refs++;
    for (; done < count && !context->is_dead; done++) {
        uint64_t user;
        err = get_user_u64(&user, c->arg[2] + (uint64_t)done * sizeof user);
        if (!err)
            err = submit_one(context, user);
        if (err < 0)
            break;
    }
    aio_context_put(context);
    return done ? done : err;
}

long sys_io_cancel(const struct call *c)
{
    uint32_t key;
    if (get_user_u32(&key, c->arg[1] + offsetof(struct iocb, aio_key)))
        return -EFAULT;
    struct aio_context *context = aio_context_find(own(), c->arg[0]);
    if (key || !context)
        return -EINVAL;
    struct aio_request *r = aio_request_find(context, c->arg[1]);
    if (!r)
        return -EINVAL;
    r->watch.table.events = 0;
    aio_request_done(r, 0);
    return -EINPROGRESS; /* it is told as an event */
}

/* ------------------------------------------------------------------ io_getevents */

static long collect(struct aio_context *context, int64_t least, int64_t most, uaddr_t to,
                    uint64_t deadline_ns)
{
    struct io_event event;
    int64_t done = 0;
    for (;;) {
        while (done < most && aio_collect(context, &event)) {
            if (copy_to_user(to + (uint64_t)done * sizeof event, &event, sizeof event))
                return done ? done : -EFAULT;
            done++;
        }
        if (done >= least || deadline_ns == 0 || context->is_dead)
            return done;
        int err = wait_on(&context->wait, deadline_ns, SLEEP_INTERRUPTIBLE);
        if (err == -EINTR)
            return done ? done : -EINTR;
        if (err == -ETIMEDOUT)
            deadline_ns = 0;
    }
}

static long get_events(const struct call *c, uint64_t deadline_ns)
{
    int64_t least = (int64_t)c->arg[1], most = (int64_t)c->arg[2];
    struct aio_context *context = aio_context_find(own(), c->arg[0]);
    if (!context || least < 0 || most < least)
        return -EINVAL;
    context->refs++;
    long result = collect(context, least, most, c->arg[3], deadline_ns);
    aio_context_put(context);
    return result;
}

long sys_io_getevents(const struct call *c)
{
    uint64_t deadline;
    int err = wait_deadline_timespec(c->arg[4], &deadline);
    return err < 0 ? err : get_events(c, deadline);
}

long sys_io_pgetevents(const struct call *c)
{
    uint64_t deadline, mask[2] = {}; /* the set's address and size */
    long result = wait_deadline_timespec(c->arg[4], &deadline);
    if (!result && c->arg[5] && copy_from_user(mask, c->arg[5], sizeof mask))
        result = -EFAULT;
    if (!result && mask[0])
        result = signal_mask_push(mask[0], mask[1]);
    if (result < 0)
        return result;
    result = get_events(c, deadline);
    signal_mask_pop(result == -EINTR);
    return result == -EINTR ? -ERESTARTNOHAND : result;
}
