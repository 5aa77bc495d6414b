/* SPDX-License-Identifier: BSD-2-Clause */
/* mqueue.c - POSIX message queues: names and life. */
#include "ipc/mqueue.h"

#include <asm-generic/siginfo.h>
#include <linux/capability.h>
#include <linux/fcntl.h>
#include "base/bits.h"
#include "base/errno.h"
#include "base/format.h"
#include "base/string.h"
#include "ipc/ipc.h"
#include "ipc/mqueue_file.h"
#include "mm/heap.h"
#include "proc/process.h"
#include "sched/thread.h"
#include "vfs/anon.h"
#include "vfs/dentry.h"
#include "vfs/fdtable.h"
#include "vfs/file.h"
#include "vfs/fs_context.h"
#include "vfs/inode.h"

/* What one message costs beside its text, as getrlimit(2) describes RLIMIT_MSGQUEUE. */
constexpr uint64_t MESSAGE_COST = 48, MESSAGE_POINTER = 8;

static struct list_node all = LIST_INIT(all);

static struct mq *find(const char *name)
{
    list_for_each(node, &ipc_current()->queues) {
        struct mq *q = container_of(node, struct mq, node);
        if (strcmp(q->name, name) == 0)
            return q;
    }
    return nullptr;
}

static uint64_t cost_of_user(uint32_t uid)
{
    uint64_t cost = 0;
    list_for_each(node, &all) {
        const struct mq *q = container_of(node, struct mq, owner_node);
        if (q->creator == uid)
            cost += q->cost;
    }
    return cost;
}

void mq_put(struct mq *q)
{
    if (--q->refs > 0)
        return;
    for (struct list_node *node; (node = list_pop_front(&q->messages));)
        heap_free(container_of(node, struct mq_message, node));
    list_remove(&q->owner_node);
    path_put(&q->path);
    heap_free(q->name);
    heap_free(q);
}

static int attr_check(const struct mq_attr *attr)
{
    bool is_privileged = capable(CAP_SYS_RESOURCE);
    const struct ipc_limits *limits = ipc_limits();
    int64_t count = is_privileged ? MQ_MESSAGES_HARD : (int64_t)limits->mq_messages.value;
    int64_t bytes = is_privileged ? MQ_BYTES_HARD : (int64_t)limits->mq_bytes.value;
    if (attr->mq_maxmsg <= 0 || attr->mq_msgsize <= 0)
        return -EINVAL;
    return attr->mq_maxmsg > count || attr->mq_msgsize > bytes ? -EINVAL : 0;
}

static int create(const char *name, uint32_t mode, const struct mq_attr *attr, struct mq **out)
{
    struct ipc_namespace *ns = ipc_current();
    char shown[260];
    struct mq *q = heap_zalloc(sizeof *q);
    if (!q)
        return -ENOMEM;
    const struct ipc_limits *limits = &ns->limits;
    q->messages_most =
        attr ? attr->mq_maxmsg
             : (int64_t)MIN(limits->mq_messages.value, limits->mq_messages_default.value);
    q->message_bytes = attr ? attr->mq_msgsize
                            : (int64_t)MIN(limits->mq_bytes.value, limits->mq_bytes_default.value);
    q->creator = current->cred->uid;
    q->cost =
        (uint64_t)q->messages_most * ((uint64_t)q->message_bytes + MESSAGE_COST + MESSAGE_POINTER);
    int error = -ENOSPC;
    if (ns->queue_count >= limits->mq_queues.value && !capable(CAP_SYS_RESOURCE))
        goto free_queue;
    error = -EMFILE;
    if (cost_of_user(q->creator) + q->cost > process_rlimit(current->process, RLIMIT_MSGQUEUE))
        goto free_queue;
    error = -ENOMEM;
    q->name = heap_strdup(name);
    if (!q->name)
        goto free_queue;
    snprintf(shown, sizeof shown, "/%s", name);
    error =
        anon_create(ANON_INODE, shown, S_IFREG | (mode & S_RWXALL & ~current->fs->umask), &q->path);
    if (error)
        goto free_name;
    list_init(&q->messages);
    wait_queue_init(&q->readers);
    wait_queue_init(&q->writers);
    q->refs = 1;
    list_push_back(&ns->queues, &q->node);
    list_push_back(&all, &q->owner_node);
    ns->queue_count++;
    *out = q;
    return 0;

free_name:
    heap_free(q->name);
free_queue:
    heap_free(q);
    return error;
}

static struct mq *name_drop(struct mq *q)
{
    list_remove(&q->node);
    ipc_current()->queue_count--;
    mq_put(q);
    return nullptr;
}

int mq_open_name(const char *name, uint32_t flags, uint32_t mode, const struct mq_attr *attr)
{
    static const unsigned wanted[] = {MAY_READ, MAY_WRITE, MAY_READ | MAY_WRITE};
    struct mq *q = find(name);
    bool is_new = false;
    if ((flags & O_ACCMODE) == O_ACCMODE)
        return -EINVAL;
    if (!q && !(flags & O_CREAT))
        return -ENOENT;
    if (q && (flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL))
        return -EEXIST;
    int error = 0;
    if (!q) {
        error = attr ? attr_check(attr) : 0;
        if (!error)
            error = create(name, mode, attr, &q);
        is_new = !error;
    } else {
        error = inode_permission(q->path.dentry->inode, wanted[flags & O_ACCMODE]);
    }
    if (error)
        return error;
    struct file *file = file_create(&q->path, flags & (O_ACCMODE | O_NONBLOCK), &mq_file_ops);
    if (!file) {
        if (is_new)
            name_drop(q);
        return -ENOMEM;
    }
    file->private = q;
    q->refs++;
    error = fd_open(file, flags & O_CLOEXEC);
    if (error < 0 && is_new)
        name_drop(q);
    return error;
}

void mq_forget_names(struct list_node *queues)
{
    for (struct list_node *node; (node = list_pop_front(queues));)
        mq_put(container_of(node, struct mq, node));
}

int mq_unlink_name(const char *name)
{
    struct mq *q = find(name);
    if (!q)
        return -ENOENT;
    const struct inode *inode = q->path.dentry->inode;
    /* The directory of queues is sticky and writable for all. */
    if (!inode_is_owner(inode))
        return -EACCES;
    name_drop(q);
    return 0;
}
