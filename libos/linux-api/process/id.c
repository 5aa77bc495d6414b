/* SPDX-License-Identifier: BSD-2-Clause */
/* id.c - getuid(2), setuid(2), setresuid(2), setfsuid(2), getgroups(2) and their kin.
 *
 * Ids belong to the calling thread alone; C libraries make the call in all of a process's
 * threads (nptl(7)).
 */
#include <linux/capability.h>

#include "base/errno.h"
#include "linux-api/call.h"
#include "mm/heap.h"
#include "mm/mm.h"
#include "mm/usermem.h"
#include "proc/cred.h"
#include "proc/internal.h"
#include "sched/thread.h"

constexpr uint32_t ID_NONE = UINT32_MAX; /* "leave it as it is" */

long sys_getuid(const struct call *)
{
    return current->cred->uid;
}

long sys_geteuid(const struct call *)
{
    return current->cred->euid;
}

long sys_getgid(const struct call *)
{
    return current->cred->gid;
}

long sys_getegid(const struct call *)
{
    return current->cred->egid;
}

/* Use NEW, made from the caller's credentials, from now on. */
static long ids_install(struct cred *new)
{
    struct thread *t = current;
    const struct cred *old = t->cred;
    bool is_other = new->euid != old->euid || new->egid != old->egid || new->fsuid != old->fsuid ||
                    new->fsgid != old->fsgid;

    if (new->uid != old->uid) {
        if (!user_count_add(new->uid)) {
            cred_put(new);
            return -EAGAIN;
        }
        user_count_remove(old->uid);
    }
    cred_fix_capabilities(new, old);
    if (is_other) {
        /* Memory of a program that has changed sides is nobody else's business (prctl(2)). */
        t->process->mm->dumpable = false;
        t->parent_death_signal = 0;
    }
    cred_install(t, new);
    return 0;
}

/* setresuid(2): UIDs that are not ID_NONE, each one of the three the caller has. */
static bool uid_is_own(const struct cred *cred, uint32_t uid)
{
    return uid == ID_NONE || uid == cred->uid || uid == cred->euid || uid == cred->suid;
}

static bool gid_is_own(const struct cred *cred, uint32_t gid)
{
    return gid == ID_NONE || gid == cred->gid || gid == cred->egid || gid == cred->sgid;
}

long sys_setuid(const struct call *c)
{
    uint32_t uid = (uint32_t)c->arg[0];
    struct cred *new;

    if (uid == ID_NONE)
        return -EINVAL;
    new = cred_clone(current->cred);
    if (!new)
        return -ENOMEM;
    if (capable(CAP_SETUID)) {
        new->uid = new->suid = uid;
    } else if (uid != new->uid && uid != new->suid) {
        cred_put(new);
        return -EPERM;
    }
    new->euid = new->fsuid = uid;
    return ids_install(new);
}

long sys_setgid(const struct call *c)
{
    uint32_t gid = (uint32_t)c->arg[0];
    struct cred *new;

    if (gid == ID_NONE)
        return -EINVAL;
    new = cred_clone(current->cred);
    if (!new)
        return -ENOMEM;
    if (capable(CAP_SETGID)) {
        new->gid = new->sgid = gid;
    } else if (gid != new->gid && gid != new->sgid) {
        cred_put(new);
        return -EPERM;
    }
    new->egid = new->fsgid = gid;
    return ids_install(new);
}

long sys_setreuid(const struct call *c)
{
    uint32_t uid = (uint32_t)c->arg[0], euid = (uint32_t)c->arg[1];
    const struct cred *old = current->cred;
    struct cred *new;

    if (!capable(CAP_SETUID) &&
        ((uid != ID_NONE && uid != old->uid && uid != old->euid) || !uid_is_own(old, euid)))
        return -EPERM;
    new = cred_clone(old);
    if (!new)
        return -ENOMEM;
    if (uid != ID_NONE)
        new->uid = uid;
    if (euid != ID_NONE)
        new->euid = euid;
    if (uid != ID_NONE || (euid != ID_NONE && euid != old->uid))
        new->suid = new->euid;
    new->fsuid = new->euid;
    return ids_install(new);
}

long sys_setregid(const struct call *c)
{
    uint32_t gid = (uint32_t)c->arg[0], egid = (uint32_t)c->arg[1];
    const struct cred *old = current->cred;
    struct cred *new;

    if (!capable(CAP_SETGID) &&
        ((gid != ID_NONE && gid != old->gid && gid != old->egid) || !gid_is_own(old, egid)))
        return -EPERM;
    new = cred_clone(old);
    if (!new)
        return -ENOMEM;
    if (gid != ID_NONE)
        new->gid = gid;
    if (egid != ID_NONE)
        new->egid = egid;
    if (gid != ID_NONE || (egid != ID_NONE && egid != old->gid))
        new->sgid = new->egid;
    new->fsgid = new->egid;
    return ids_install(new);
}

long sys_setresuid(const struct call *c)
{
    uint32_t uid = (uint32_t)c->arg[0], euid = (uint32_t)c->arg[1], suid = (uint32_t)c->arg[2];
    const struct cred *old = current->cred;
    struct cred *new;

    if (!capable(CAP_SETUID) &&
        (!uid_is_own(old, uid) || !uid_is_own(old, euid) || !uid_is_own(old, suid)))
        return -EPERM;
    new = cred_clone(old);
    if (!new)
        return -ENOMEM;
    if (uid != ID_NONE)
        new->uid = uid;
    if (euid != ID_NONE)
        new->euid = euid;
    if (suid != ID_NONE)
        new->suid = suid;
    new->fsuid = new->euid;
    return ids_install(new);
}

long sys_setresgid(const struct call *c)
{
    uint32_t gid = (uint32_t)c->arg[0], egid = (uint32_t)c->arg[1], sgid = (uint32_t)c->arg[2];
    const struct cred *old = current->cred;
    struct cred *new;

    if (!capable(CAP_SETGID) &&
        (!gid_is_own(old, gid) || !gid_is_own(old, egid) || !gid_is_own(old, sgid)))
        return -EPERM;
    new = cred_clone(old);
    if (!new)
        return -ENOMEM;
    if (gid != ID_NONE)
        new->gid = gid;
    if (egid != ID_NONE)
        new->egid = egid;
    if (sgid != ID_NONE)
        new->sgid = sgid;
    new->fsgid = new->egid;
    return ids_install(new);
}

static long three_out(const struct call *c, uint32_t real, uint32_t effective, uint32_t saved)
{
    if (put_user_u32(c->arg[0], real) || put_user_u32(c->arg[1], effective) ||
        put_user_u32(c->arg[2], saved))
        return -EFAULT;
    return 0;
}

long sys_getresuid(const struct call *c)
{
    const struct cred *cred = current->cred;
    return three_out(c, cred->uid, cred->euid, cred->suid);
}

long sys_getresgid(const struct call *c)
{
    const struct cred *cred = current->cred;
    return three_out(c, cred->gid, cred->egid, cred->sgid);
}

/* setfsuid(2) answers the former id, whether it did anything or not. */
long sys_setfsuid(const struct call *c)
{
    uint32_t uid = (uint32_t)c->arg[0];
    const struct cred *old = current->cred;
    long before = old->fsuid;
    struct cred *new;

    if (uid == ID_NONE || (!uid_is_own(old, uid) && uid != old->fsuid && !capable(CAP_SETUID)))
        return before;
    new = uid == old->fsuid ? nullptr : cred_clone(old);
    if (new) {
        new->fsuid = uid;
        cred_fix_fs_capabilities(new, old);
        cred_install(current, new);
    }
    return before;
}

long sys_setfsgid(const struct call *c)
{
    uint32_t gid = (uint32_t)c->arg[0];
    const struct cred *old = current->cred;
    long before = old->fsgid;
    struct cred *new;

    if (gid == ID_NONE || (!gid_is_own(old, gid) && gid != old->fsgid && !capable(CAP_SETGID)))
        return before;
    new = gid == old->fsgid ? nullptr : cred_clone(old);
    if (new) {
        new->fsgid = gid;
        cred_install(current, new);
    }
    return before;
}

long sys_getgroups(const struct call *c)
{
    int size = (int)c->arg[0];
    const struct cred *cred = current->cred;

    if (size < 0)
        return -EINVAL;
    if (size == 0)
        return cred->group_count;
    if ((uint32_t)size < cred->group_count)
        return -EINVAL;
    if (copy_to_user(c->arg[1], cred->groups, cred->group_count * sizeof cred->groups[0]))
        return -EFAULT;
    return cred->group_count;
}

long sys_setgroups(const struct call *c)
{
    uint32_t count = (uint32_t)c->arg[0];
    uint32_t *groups = nullptr;
    struct cred *new;
    int error = 0;

    if (!capable(CAP_SETGID))
        return -EPERM;
    if (count > CRED_GROUPS_MOST)
        return -EINVAL;
    if (count) {
        groups = heap_alloc(count * sizeof groups[0]);
        if (!groups)
            return -ENOMEM;
        error = copy_from_user(groups, c->arg[1], count * sizeof groups[0]);
    }
    new = error ? nullptr : cred_clone(current->cred);
    if (!error)
        error = new ? cred_set_groups(new, groups, count) : -ENOMEM;
    heap_free(groups);
    if (error) {
        cred_put(new);
        return error;
    }
    cred_install(current, new);
    return 0;
}
