/* SPDX-License-Identifier: BSD-2-Clause */
/* namespace_file.c - namespaces as files: /proc/PID/ns (namespaces(7), ioctl_ns(2)). */
#include "base/errno.h"
#include "base/format.h"
#include "proc/namespace.h"
#include "proc/pid_namespace.h"
#include "vfs/anon.h"
#include "vfs/dentry.h"
#include "vfs/fdtable.h"
#include "vfs/file.h"
#include "vfs/inode.h"

constexpr unsigned NS_GET_USERNS = 0xb701, NS_GET_PARENT = 0xb702, NS_GET_NSTYPE = 0xb703;

static const struct {
    const char *name;
    uint64_t flag;
} kinds[NAMESPACE_KINDS] = {
    [NAMESPACE_UTS] = {"uts", CLONE_NEWUTS},
    [NAMESPACE_IPC] = {"ipc", CLONE_NEWIPC},
    [NAMESPACE_MOUNT] = {"mnt", CLONE_NEWNS},
    [NAMESPACE_PID] = {"pid", CLONE_NEWPID},
};

const char *namespace_name(enum namespace_kind kind)
{
    return kinds[kind].name;
}

uint64_t namespace_flag(enum namespace_kind kind)
{
    return kinds[kind].flag;
}

static int open(struct inode *inode, struct file *file)
{
    struct namespace *ns = namespace_find(inode->ino);
    if (!ns)
        return -ENOENT; /* only its name was still held */
    file->private = namespace_get(ns);
    return 0;
}

static void release(struct file *file)
{
    namespace_put(file->private);
}

/* Only what the caller can see from its own namespace is a parent (ioctl_ns(2)). */
static long parent_open(const struct namespace *ns)
{
    const struct pid_namespace *above = ns->pids->above;
    struct path place;
    struct file *file;
    if (!above || !pid_namespace_is_in(above, current->process->pids))
        return -EPERM;
    int error = namespace_place(namespace_of_pids(above), &place);
    if (error)
        return error;
    error = file_open_path(&place, O_RDONLY, &file);
    path_put(&place);
    return error ? error : fd_open(file, O_CLOEXEC);
}

static long control(struct file *file, unsigned command, uaddr_t)
{
    const struct namespace *ns = file->private;
    switch (command) {
    case NS_GET_NSTYPE: return (long)namespace_flag(ns->kind);
    case NS_GET_PARENT: return ns->kind == NAMESPACE_PID ? parent_open(ns) : -EINVAL;
    case NS_GET_USERNS: return -EPERM; /* it lies outside of what can be seen */
    default: return -ENOTTY;
    }
}

static const struct file_ops file_ops = {.open = open, .release = release, .ioctl = control};

struct namespace *namespace_of_file(const struct file *file)
{
    return file->ops == &file_ops ? file->private : nullptr;
}

/* The inode knows NS by number only: an open file keeps it, a name does not. */
int namespace_place(struct namespace *ns, struct path *to)
{
    char name[32];
    snprintf(name, sizeof name, "%s:[%llu]", kinds[ns->kind].name, (unsigned long long)ns->ino);
    int error = anon_create(ANON_INODE, name, S_IFREG | S_IRUSR | S_IRGRP | S_IROTH, to);
    if (error)
        return error;
    struct inode *inode = to->dentry->inode;
    inode->ino = ns->ino;
    inode->fops = &file_ops;
    return 0;
}
