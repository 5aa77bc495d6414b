/* SPDX-License-Identifier: BSD-2-Clause */
/* namespace.c - namespaces: making, entering, ending. */
#include "proc/namespace.h"

#include <linux/capability.h>
#include "base/errno.h"
#include "base/string.h"
#include "ipc/ipc.h"
#include "ipc/sem.h"
#include "linux-api/misc/uts.h"
#include "mm/heap.h"
#include "proc/pid_namespace.h"
#include "proc/process.h"
#include "sched/thread.h"
#include "vfs/fs_context.h"
#include "vfs/mount.h"

/* As Linux numbers its first ones. */
static struct namespace first[NAMESPACE_KINDS] = {
    [NAMESPACE_UTS] = {.refs = 1, .kind = NAMESPACE_UTS, .ino = 0xeffffffe, .uts = &uts},
    [NAMESPACE_IPC] = {.refs = 1,
                       .kind = NAMESPACE_IPC,
                       .ino = 0xefffffff,
                       .ipc = &ipc_namespace_first},
    [NAMESPACE_MOUNT] = {.refs = 1, .kind = NAMESPACE_MOUNT, .ino = 0xf0000000},
    [NAMESPACE_PID] = {.refs = 1,
                       .kind = NAMESPACE_PID,
                       .ino = 0xeffffffc,
                       .pids = &pid_namespace_first},
};
static struct namespaces first_set = {
    .refs = 1,
    .of = {&first[NAMESPACE_UTS], &first[NAMESPACE_IPC], &first[NAMESPACE_MOUNT],
           &first[NAMESPACE_PID]},
};
static uint64_t next_ino = 0xf0000080;
static struct list_node others = LIST_INIT(others);

const struct namespaces *namespaces_of(const struct thread *t)
{
    return t->namespaces ? t->namespaces : &first_set;
}

struct new_utsname *uts_current(void)
{
    return namespaces_of(current)->of[NAMESPACE_UTS]->uts;
}

struct ipc_namespace *ipc_current(void)
{
    return namespaces_of(current)->of[NAMESPACE_IPC]->ipc;
}

/* ------------------------------------------------------------------ one namespace */

struct namespace *namespace_find(uint64_t ino)
{
    for (unsigned i = 0; i < NAMESPACE_KINDS; i++)
        if (first[i].ino == ino)
            return &first[i];
    list_for_each(node, &others) {
        struct namespace *ns = container_of(node, struct namespace, node);
        if (ns->ino == ino)
            return ns;
    }
    return nullptr;
}

void namespace_root_changed(const struct mount *old, struct mount *new)
{
    list_for_each(node, &others) {
        struct namespace *ns = container_of(node, struct namespace, node);
        if (ns->kind != NAMESPACE_MOUNT || ns->mount != old)
            continue;
        struct mount *was = ns->mount;
        ns->mount = mount_get(new);
        mount_put(was);
    }
}

void namespace_put(struct namespace *ns)
{
    if (--ns->refs > 0)
        return;
    list_remove(&ns->node);
    switch (ns->kind) {
    case NAMESPACE_UTS: heap_free(ns->uts); break;
    case NAMESPACE_IPC: ipc_namespace_destroy(ns->ipc); break;
    case NAMESPACE_PID: pid_namespace_destroy(ns->pids); break;
    default: mount_tree_drop(ns->mount);
    }
    heap_free(ns);
}

/* A new one of KIND, like OLD; a new tree of mounts becomes that of FS. */
static int copy_make(const struct namespace *old, struct fs_context *fs, struct namespace **out)
{
    struct namespace *ns = heap_zalloc(sizeof *ns);
    int error = 0;
    if (!ns)
        return -ENOMEM;
    ns->refs = 1;
    ns->kind = old->kind;
    ns->ino = next_ino++;
    switch (old->kind) {
    case NAMESPACE_UTS:
        ns->uts = heap_memdup(old->uts, sizeof *old->uts);
        error = ns->uts ? 0 : -ENOMEM;
        break;
    case NAMESPACE_IPC:
        ns->ipc = ipc_namespace_create();
        error = ns->ipc ? 0 : -ENOMEM;
        break;
    case NAMESPACE_PID: error = pid_namespace_create(old->pids, ns, &ns->pids); break;
    default: error = mount_tree_copy(&fs->root, &fs->cwd, &ns->mount);
    }
    if (error) {
        heap_free(ns);
        return error;
    }
    list_push_back(&others, &ns->node);
    *out = ns;
    return 0;
}

/* ------------------------------------------------------------------ sets */

static void set_put(struct namespaces *set)
{
    if (!set || --set->refs > 0)
        return;
    for (unsigned i = 0; i < NAMESPACE_KINDS; i++)
        if (set->of[i])
            namespace_put(set->of[i]);
    heap_free(set);
}

/* OLD with new ones of the kinds that FLAGS name, and PIDS. */
static int set_make(const struct namespaces *old, uint64_t flags, struct fs_context *fs,
                    struct namespace *pids, struct namespaces **out)
{
    struct namespaces *set = heap_zalloc(sizeof *set);
    int error = 0;
    if (!set)
        return -ENOMEM;
    set->refs = 1;
    /* The tree of mounts is the last: nothing fails once FS has changed. */
    for (unsigned i = 0; i < NAMESPACE_KINDS && !error; i++) {
        if (i == NAMESPACE_PID)
            set->of[i] = namespace_get(pids);
        else if (flags & namespace_flag((enum namespace_kind)i))
            error = copy_make(old->of[i], fs, &set->of[i]);
        else
            set->of[i] = namespace_get(old->of[i]);
    }
    if (error)
        set_put(set);
    else
        *out = set;
    return error;
}

int namespaces_check(uint64_t flags)
{
    if (!(flags & NAMESPACES_ALL))
        return 0;
    if (!capable(CAP_SYS_ADMIN))
        return -EPERM;
    return flags & NAMESPACES_ALL & ~NAMESPACES_OWN ? -EINVAL : 0;
}

struct namespace *namespace_of_pids(const struct pid_namespace *pids)
{
    return pids->holder ? pids->holder : &first[NAMESPACE_PID];
}

int namespaces_birthplace(uint64_t flags, struct namespace **out)
{
    struct namespace *mine = namespaces_of(current)->of[NAMESPACE_PID];
    bool has_left = mine->pids != current->process->pids;
    if (!(flags & CLONE_NEWPID)) {
        if (flags & CLONE_THREAD && has_left)
            return -EINVAL;
        *out = namespace_get(mine);
        return 0;
    }
    return has_left || flags & CLONE_THREAD ? -EINVAL : copy_make(mine, nullptr, out);
}

int namespaces_clone(struct thread *t, uint64_t flags, struct namespace *pids)
{
    struct namespaces *mine = current->namespaces;
    if (flags & NAMESPACES_OWN)
        return set_make(namespaces_of(current), flags, t->fs, pids, &t->namespaces);
    if (mine)
        mine->refs++;
    t->namespaces = mine;
    return 0;
}

void namespaces_release(struct thread *t)
{
    set_put(t->namespaces);
    t->namespaces = nullptr;
}

int namespaces_unshare(uint64_t flags)
{
    struct thread *t = current;
    struct namespaces *set;
    struct namespace *pids;
    if (!(flags & NAMESPACES_OWN))
        return 0;
    int error = namespaces_birthplace(flags, &pids);
    if (error)
        return error;
    if (flags & CLONE_NEWIPC)
        sem_process_exit(t->process);
    error = set_make(namespaces_of(t), flags, t->fs, pids, &set);
    namespace_put(pids);
    if (error)
        return error;
    namespaces_release(t);
    t->namespaces = set;
    return 0;
}

static void tree_enter(const struct namespace *ns)
{
    struct path root;
    mount_tree_root(ns->mount, &root);
    fs_context_set_root(current->fs, &root);
    fs_context_set_cwd(current->fs, &root);
    path_put(&root);
}

int namespace_enter(struct namespace *ns)
{
    struct thread *t = current;
    const struct namespaces *mine = namespaces_of(t);
    struct namespaces *set;
    if (!capable(CAP_SYS_ADMIN))
        return -EPERM;
    if (ns->kind == NAMESPACE_MOUNT && (t->fs->refs > 1 || !capable(CAP_SYS_CHROOT)))
        return t->fs->refs > 1 ? -EINVAL : -EPERM;
    if (ns->kind == NAMESPACE_PID && !pid_namespace_is_in(ns->pids, t->process->pids))
        return -EINVAL;
    int error = set_make(mine, 0, nullptr, mine->of[NAMESPACE_PID], &set);
    if (error)
        return error;
    namespace_put(set->of[ns->kind]);
    set->of[ns->kind] = namespace_get(ns);
    if (ns->kind == NAMESPACE_IPC)
        sem_process_exit(t->process);
    if (ns->kind == NAMESPACE_MOUNT)
        tree_enter(ns);
    namespaces_release(t);
    t->namespaces = set;
    return 0;
}
