/* SPDX-License-Identifier: BSD-2-Clause */
/* identity.c - who a new program runs as (execve(2), capabilities(7)). */
#include <linux/capability.h>
#include <linux/mount.h>
#include <linux/securebits.h>

#include "base/errno.h"
#include "exec/program.h"
#include "proc/cred.h"
#include "proc/process.h"
#include "sched/thread.h"
#include "vfs/file.h"
#include "vfs/inode.h"
#include "vfs/mount.h"

/* Set-user-ID and set-group-ID of the file that is really run. */
static void apply_mode(struct cred *cred, const struct file *file)
{
    const struct inode *inode = file->inode;

    /* A tracer could take over what the program may do. */
    if (current->trace && !capable(CAP_SYS_PTRACE))
        return;
    if (current->process->no_new_privs || file->path.mount->flags & MS_NOSUID)
        return;
    if (inode->mode & S_ISUID)
        cred->euid = inode->uid;
    /* Without the right to execute the bit means something else (mandatory locking). */
    if ((inode->mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP))
        cred->egid = inode->gid;
}

/* Transformation of capabilities during execve(); files have none here. */
static void apply_capabilities(struct cred *cred, bool is_setid)
{
    bool is_root =
        (cred->euid == 0 || cred->uid == 0) && !(cred->securebits & (1u << SECURE_NOROOT));

    if (is_setid)
        cred->cap_ambient = 0;
    cred->cap_permitted = cred->cap_ambient;
    cred->cap_effective = cred->cap_ambient;
    if (is_root) {
        cred->cap_permitted = cred->cap_inheritable | cred->cap_bounding;
        cred->cap_effective = cred->euid == 0 ? cred->cap_permitted : cred->cap_ambient;
    }
    cred->securebits &= ~(1u << SECURE_KEEP_CAPS);
}

int program_identify(struct program *p)
{
    const struct cred *old = current->cred;
    struct cred *cred = cred_clone(old);
    bool is_setid;

    if (!cred)
        return -ENOMEM;
    apply_mode(cred, p->file);
    is_setid = cred->euid != old->euid || cred->egid != old->egid;
    apply_capabilities(cred, is_setid);
    cred->suid = cred->fsuid = cred->euid;
    cred->sgid = cred->fsgid = cred->egid;
    p->is_secure = is_setid || (cred->uid != 0 && cred->cap_effective & ~cred->cap_ambient);
    p->cred = cred;
    return 0;
}
