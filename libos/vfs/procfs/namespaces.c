/* SPDX-License-Identifier: BSD-2-Clause */
/* namespaces.c - /proc/PID/ns (namespaces(7)). */
#include "base/bits.h"
#include "base/errno.h"
#include "base/format.h"
#include "base/string.h"
#include "proc/namespace.h"
#include "proc/pid_namespace.h"
#include "sched/thread.h"
#include "vfs/procfs/procfs.h"

static struct namespace *find(const struct proc_node *node, enum namespace_kind kind)
{
    const struct thread *t = proc_thread(node);
    if (!t || !t->fs)
        return nullptr;
    return kind == NAMESPACE_PID ? namespace_of_pids(node->process->pids)
                                 : namespaces_of(t)->of[kind];
}

static ssize_t text_of(const char *name, uint64_t ino, char *to, size_t size)
{
    char text[40];
    int n = snprintf(text, sizeof text, "%s:[%llu]", name, (unsigned long long)ino);
    memcpy(to, text, MIN((size_t)n, size));
    return (ssize_t)MIN((size_t)n, size);
}

static ssize_t read_kind(const struct proc_node *node, enum namespace_kind kind, char *to,
                         size_t size)
{
    const struct namespace *ns = find(node, kind);
    return ns ? text_of(namespace_name(kind), ns->ino, to, size) : -ENOENT;
}

static int follow_kind(const struct proc_node *node, enum namespace_kind kind, struct path *to)
{
    struct namespace *ns = find(node, kind);
    return ns ? namespace_place(ns, to) : -ENOENT;
}

#define OWN_KIND(name, kind)                                                                       \
    static ssize_t read_##name(const struct proc_node *node, char *to, size_t size)                \
    {                                                                                              \
        return read_kind(node, kind, to, size);                                                    \
    }                                                                                              \
    static int follow_##name(const struct proc_node *node, struct path *to)                        \
    {                                                                                              \
        return follow_kind(node, kind, to);                                                        \
    }
OWN_KIND(ipc, NAMESPACE_IPC)
OWN_KIND(mnt, NAMESPACE_MOUNT)
OWN_KIND(pid, NAMESPACE_PID)
OWN_KIND(uts, NAMESPACE_UTS)

/* There is nothing to enter before the first child is born. */
static struct namespace *find_for_children(const struct proc_node *node)
{
    const struct thread *t = proc_thread(node);
    struct namespace *ns = t && t->fs ? namespaces_of(t)->of[NAMESPACE_PID] : nullptr;
    return ns && ns->pids->init ? ns : nullptr;
}

static ssize_t read_pid_for_children(const struct proc_node *node, char *to, size_t size)
{
    const struct namespace *ns = find_for_children(node);
    return ns ? text_of(namespace_name(NAMESPACE_PID), ns->ino, to, size) : -ENOENT;
}

static int follow_pid_for_children(const struct proc_node *node, struct path *to)
{
    struct namespace *ns = find_for_children(node);
    return ns ? namespace_place(ns, to) : -ENOENT;
}

/* Those of which there is one, with the numbers of Linux's first. */
#define ONLY_KIND(name, kind, ino)                                                                 \
    static ssize_t read_##name(const struct proc_node *, char *to, size_t size)                    \
    {                                                                                              \
        return text_of(kind, ino, to, size);                                                       \
    }
ONLY_KIND(cgroup, "cgroup", 4026531835)
ONLY_KIND(net, "net", 4026531840)
ONLY_KIND(time, "time", 4026531834)
ONLY_KIND(user, "user", 4026531837)

#define LINK(name) S_IFLNK | 0777, .restricted = true, .readlink = read_##name
static const struct proc_entry entries[] = {
    {"cgroup", LINK(cgroup)},
    {"ipc", LINK(ipc), .follow = follow_ipc},
    {"mnt", LINK(mnt), .follow = follow_mnt},
    {"net", LINK(net)},
    {"pid", LINK(pid), .follow = follow_pid},
    {"pid_for_children", LINK(pid_for_children), .follow = follow_pid_for_children},
    {"time", LINK(time)},
    {"time_for_children", LINK(time)},
    {"user", LINK(user)},
    {"uts", LINK(uts), .follow = follow_uts},
};
const struct proc_directory proc_namespace_directory = {
    .id = 32, .entries = entries, .count = ARRAY_COUNT(entries)};
