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

/* capabilities(7), "Transformation of capabilities during execve()".  -EPERM: the file's program
 * counts on capabilities that it cannot get. */
static int apply_capabilities(struct cred *cred, const struct file *file, bool is_setid)
{
    struct file_capabilities of_file = {};
    bool has_caps = file_capabilities_get(file, &of_file);
    bool is_effective = of_file.effective;
    bool is_root =
        (cred->euid == 0 || cred->uid == 0) && !(cred->securebits & (1u << SECURE_NOROOT));
    uint64_t permitted =
        (of_file.permitted & cred->cap_bounding) | (of_file.inheritable & cred->cap_inheritable);

    if (is_effective && of_file.permitted & ~permitted)
        return -EPERM;
    if (has_caps && cred->uid != 0 && cred->euid == 0)
        is_root = false; /* a set-user-ID-root program gets what its file says, no more */
    if (is_root) {
        permitted = cred->cap_inheritable | cred->cap_bounding;
        is_effective |= cred->euid == 0;
    }
    if (is_setid || has_caps)
        cred->cap_ambient = 0;
    cred->cap_permitted = permitted | cred->cap_ambient;
    cred->cap_effective = is_effective ? cred->cap_permitted : cred->cap_ambient;
    cred->securebits &= ~(1u << SECURE_KEEP_CAPS);
    return 0;
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
    int error = apply_capabilities(cred, p->file, is_setid);
    if (error) {
        cred_put(cred);
        return error;
    }
    cred->suid = cred->fsuid = cred->euid;
    cred->sgid = cred->fsgid = cred->egid;
    p->is_secure = is_setid || (cred->uid != 0 && cred->cap_effective & ~cred->cap_ambient);
    p->cred = cred;
    return 0;
}
