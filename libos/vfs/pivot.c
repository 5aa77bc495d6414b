/* SPDX-License-Identifier: BSD-2-Clause */
/* pivot.c - pivot_root(2): another mount becomes the root of all. */
#include "base/errno.h"
#include "proc/namespace.h"
#include "sched/thread.h"
#include "vfs/dentry.h"
#include "vfs/fs_context.h"
#include "vfs/mount.h"

struct pivot {
    struct path old, new;
};

/* Whoever stood at the old root stands at the new one. */
static void move_thread(struct thread *t, void *arg)
{
    const struct pivot *p = arg;
    if (!t->fs)
        return;
    if (path_is_same(&t->fs->root, &p->old))
        fs_context_set_root(t->fs, &p->new);
    if (path_is_same(&t->fs->cwd, &p->old))
        fs_context_set_cwd(t->fs, &p->new);
}

int mount_pivot(const struct path *new_root, const struct path *put_old)
{
    struct mount *new = new_root->mount, *old = current->fs->root.mount;
    const struct path *root = &current->fs->root;
    if (new == old || put_old->mount == old)
        return -EBUSY;
    if (new_root->dentry != new->root || root->dentry != old->root || !new->parent)
        return -EINVAL;
    if (put_old->mount != new || !dentry_is_below(put_old->dentry, new->root))
        return -EINVAL;
    struct pivot p = {*root, *new_root};
    path_get(&p.old);
    path_get(&p.new);
    mount_swap_root(old, new, put_old);
    namespace_root_changed(old, new);
    thread_for_each(move_thread, &p);
    path_put(&p.old);
    path_put(&p.new);
    return 0;
}
