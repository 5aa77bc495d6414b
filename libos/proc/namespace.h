/* SPDX-License-Identifier: BSD-2-Clause */
/* namespace.h - what processes may have of their own: names of the system, System V IPC and
 * message queues, the tree of mounts, the numbers of processes (namespaces(7)).  There is one of every other kind.
 *
 * A thread refers to a set, which refers to one namespace of each kind.  Sets never change: to
 * enter a namespace is to get another set.  A namespace lives while a set or an open file of
 * /proc/PID/ns refers to it.
 */
#pragma once

#include <linux/sched.h>
#include <linux/utsname.h>
#include <stdint.h>
#include "base/list.h"
#include "vfs/path.h"

struct ipc_namespace;
struct mount;
struct pid_namespace;
struct thread;

constexpr uint64_t NAMESPACES_OWN = CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNS | CLONE_NEWPID;
constexpr uint64_t NAMESPACES_ALL =
    NAMESPACES_OWN | CLONE_NEWCGROUP | CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWTIME;

enum namespace_kind : uint8_t {
    NAMESPACE_UTS,
    NAMESPACE_IPC,
    NAMESPACE_MOUNT,
    NAMESPACE_PID, /* in a set: of the children to come; process->pids is where one is oneself */
    NAMESPACE_KINDS
};

struct namespace
{
    uint32_t refs;
    enum namespace_kind kind;
    uint64_t ino;
    struct list_node node; /* among all but the first */
    union {
        struct new_utsname *uts;
        struct ipc_namespace *ipc;
        struct mount *mount; /* its tree's root, referenced; NULL: the first tree */
        struct pid_namespace *pids;
    };
};

struct namespaces {
    uint32_t refs;
    struct namespace *of[NAMESPACE_KINDS];
};

/* Those of T. */
const struct namespaces *namespaces_of(const struct thread *t);
/* The one that PIDS belongs to; no reference is taken. */
struct namespace *namespace_of_pids(const struct pid_namespace *pids);
/* The pid namespace in which a child made with clone(2)'s FLAGS is born, referenced.
 * -EINVAL, -ENOSPC, -ENOMEM. */
[[nodiscard]] int namespaces_birthplace(uint64_t flags, struct namespace **out);
/* For such a child, born in PIDS: 0, -ENOMEM.  T's fs context is its own if it gets a tree of
 * mounts. */
[[nodiscard]] int namespaces_clone(struct thread *t, uint64_t flags, struct namespace *pids);
void namespaces_release(struct thread *t);
/* unshare(2) for the current thread, which may share nothing that goes with the kinds. */
[[nodiscard]] int namespaces_unshare(uint64_t flags);
/* setns(2): enter NS. */
[[nodiscard]] int namespace_enter(struct namespace *ns);
/* pivot_root(2): NEW is the root of the tree that had OLD. */
void namespace_root_changed(const struct mount *old, struct mount *new);
/* May somebody with these FLAGS of clone(2) or unshare(2) have them?  0, -EPERM or -EINVAL. */
[[nodiscard]] int namespaces_check(uint64_t flags);

/* namespace_file.c */
/* The namespace that a file of /proc/PID/ns stands for, or NULL. */
struct file;
struct namespace *namespace_of_file(const struct file *file);
/* By number; NULL: it has gone.  No reference is taken. */
struct namespace *namespace_find(uint64_t ino);
/* A place for its file, referenced. */
[[nodiscard]] int namespace_place(struct namespace *ns, struct path *to);
const char *namespace_name(enum namespace_kind kind);
uint64_t namespace_flag(enum namespace_kind kind);

static inline struct namespace *namespace_get(struct namespace *ns)
{
    ns->refs++;
    return ns;
}
void namespace_put(struct namespace *ns);
