/* SPDX-License-Identifier: BSD-2-Clause */
/* mqueue_file.c - POSIX message queues: sending, receiving, notification (mq_notify(3)). */
#include "ipc/mqueue_file.h"

#include <asm-generic/siginfo.h>
#include <linux/eventpoll.h>
#include <linux/fcntl.h>
#include "base/bits.h"
#include "base/errno.h"
#include "base/format.h"
#include "base/string.h"
#include "ipc/mqueue.h"
#include "mm/heap.h"
#include "mm/usermem.h"
#include "proc/pid_namespace.h"
#include "proc/process.h"
#include "sched/thread.h"
#include "sched/time.h"
#include "vfs/file.h"
#include "vfs/inode.h"

struct mq *mq_of(const struct file *file)
{
    return file->ops == &mq_file_ops ? file->private : nullptr;
}

/* ------------------------------------------------------------------ notification */

static void notify_clear(struct mq *q)
{
    if (q->notify.process)
        process_put(q->notify.process);
    q->notify.process = nullptr;
}

/* A message came to an empty queue that nobody reads. */
static void notify_fire(struct mq *q)
{
    struct process *p = q->notify.process;
    if (!p)
        return;
    if (q->notify.kind == SIGEV_SIGNAL && p->state == PROCESS_RUNNING) {
        struct siginfo info;
        memset(&info, 0, sizeof info);
        info.si_signo = q->notify.signal;
        info.si_code = SI_MESGQ;
        info.si_pid = pid_number_in(current->process->pid, p->pids);
        info.si_uid = current->cred->uid;
        info.si_ptr = (void *)q->notify.value;
        (void)signal_send_process(p, q->notify.signal, &info);
    }
    notify_clear(q);
}

int mq_notify_set(struct file *file, const struct sigevent *event)
{
    struct mq *q = mq_of(file);
    if (!event) {
        if (q->notify.process == current->process)
            notify_clear(q);
        return 0;
    }
    if (q->notify.process)
        return -EBUSY;
    q->notify.process = process_get(current->process);
    q->notify.file = file;
    q->notify.kind = event->sigev_notify;
    q->notify.signal = event->sigev_signo;
    q->notify.value = (uint64_t)event->sigev_value.sival_ptr;
    return 0;
}

/* ------------------------------------------------------------------ messages */

static int sleep_for(struct file *file, struct wait_queue *queue, uint64_t deadline_real_ns)
{
    if (file->flags & O_NONBLOCK)
        return -EAGAIN;
    uint64_t deadline =
        deadline_real_ns == WAIT_FOREVER ? WAIT_FOREVER : time_deadline_of_real(deadline_real_ns);
    int error = wait_on_exclusive(queue, deadline, SLEEP_INTERRUPTIBLE);
    if (error == -ETIMEDOUT && time_real_ns() < deadline_real_ns)
        return 0; /* the wall clock was set back */
    return error == -EINTR ? -ERESTARTSYS : error;
}

static void enter(struct mq *q, struct mq_message *m)
{
    struct list_node *at = &q->messages;
    while (at->prev != &q->messages &&
           container_of(at->prev, struct mq_message, node)->priority < m->priority)
        at = at->prev;
    list_insert_before(at, &m->node);
    q->count++;
    q->bytes += m->bytes;
    if (q->count == 1 && q->reading == 0)
        notify_fire(q);
    wait_wake(&q->readers, EPOLLIN | EPOLLRDNORM);
}

int mq_send_message(struct file *file, uaddr_t text, uint64_t bytes, uint32_t priority,
                    uint64_t deadline_real_ns)
{
    struct mq *q = mq_of(file);
    if (bytes > (uint64_t)q->message_bytes)
        return -EMSGSIZE;
    struct mq_message *m = heap_alloc(sizeof *m + bytes);
    if (!m)
        return -ENOMEM;
    list_init(&m->node);
    m->priority = priority;
    m->bytes = bytes;
    int error = copy_from_user(m->text, text, bytes);
    while (!error && q->count >= q->messages_most)
        error = sleep_for(file, &q->writers, deadline_real_ns);
    if (error) {
        heap_free(m);
        return error;
    }
    enter(q, m);
    inode_touch_mtime(file->inode);
    return 0;
}

int64_t mq_receive_message(struct file *file, uaddr_t text, uint64_t bytes, uint32_t *priority,
                           uint64_t deadline_real_ns)
{
    struct mq *q = mq_of(file);
    int error = 0;
    if (bytes < (uint64_t)q->message_bytes)
        return -EMSGSIZE;
    q->reading++;
    while (!error && q->count == 0)
        error = sleep_for(file, &q->readers, deadline_real_ns);
    q->reading--;
    if (error)
        return error;
    struct mq_message *m = container_of(list_pop_front(&q->messages), struct mq_message, node);
    q->count--;
    q->bytes -= m->bytes;
    wait_wake(&q->writers, EPOLLOUT | EPOLLWRNORM);
    /* Whoever else was woken for a message that is still there. */
    if (q->count > 0)
        wait_wake(&q->readers, EPOLLIN | EPOLLRDNORM);
    int64_t result = (int64_t)m->bytes;
    *priority = m->priority;
    if (copy_to_user(text, m->text, m->bytes))
        result = -EFAULT;
    heap_free(m);
    return result;
}

/* ------------------------------------------------------------------ as a file */

static ssize_t read(struct file *file, struct iter *to, loff_t *pos)
{
    const struct mq *q = file->private;
    char line[96];
    bool has = q->notify.process;
    int n = snprintf(line, sizeof line, "QSIZE:%-10llu NOTIFY:%-5d SIGNO:%-5d NOTIFY_PID:%-6d\n",
                     (unsigned long long)q->bytes, has ? q->notify.kind : 0,
                     has && q->notify.kind == SIGEV_SIGNAL ? q->notify.signal : 0,
                     has ? pid_to_user(q->notify.process->pid) : 0);
    if (*pos >= n)
        return 0;
    ssize_t done = iter_copy_to(to, line + *pos, MIN((size_t)(n - *pos), iter_count(to)));
    if (done > 0)
        *pos += done;
    return done;
}

static uint32_t poll(struct file *file, struct poll_table *table)
{
    struct mq *q = file->private;
    uint32_t mask = 0;
    poll_wait(file, &q->readers, table);
    poll_wait(file, &q->writers, table);
    if (q->count > 0)
        mask |= EPOLLIN | EPOLLRDNORM;
    if (q->count < q->messages_most)
        mask |= EPOLLOUT | EPOLLWRNORM;
    return mask;
}

/* Closing any descriptor of the queue ends the process's wish to be notified. */
static int flush(struct file *file)
{
    struct mq *q = file->private;
    if (q->notify.process == current->process)
        notify_clear(q);
    return 0;
}

static void release(struct file *file)
{
    struct mq *q = file->private;
    if (q->notify.process && q->notify.file == file)
        notify_clear(q);
    mq_put(q);
}

const struct file_ops mq_file_ops = {
    .read = read,
    .poll = poll,
    .llseek = file_seek_generic,
    .flush = flush,
    .release = release,
};
