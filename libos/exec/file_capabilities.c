/* SPDX-License-Identifier: BSD-2-Clause */
/* file_capabilities.c - the capabilities that a program's file carries (capabilities(7), "File
 * capabilities"): the attribute security.capability. */
#include <linux/capability.h>
#include <linux/mount.h>
#include <linux/xattr.h>

#include "base/errno.h"
#include "base/string.h"
#include "exec/program.h"
#include "proc/cred.h"
#include "proc/process.h"
#include "sched/thread.h"
#include "vfs/file.h"
#include "vfs/inode.h"
#include "vfs/mount.h"
#include "vfs/xattr.h"

bool file_capabilities_get(const struct file *file, struct file_capabilities *caps)
{
    struct vfs_ns_cap_data data = {};
    size_t size;

    if (current->process->no_new_privs || file->path.mount->flags & MS_NOSUID)
        return false;
    const void *value = xattr_peek(file->inode, XATTR_NAME_CAPS, &size);
    if (!value || size > sizeof data)
        return false;
    memcpy(&data, value, size);
    /* Revision 3 names the user namespace's root; the only namespace's is user 0. */
    if (data.rootid != 0)
        return false;
    caps->permitted = data.data[0].permitted | (uint64_t)data.data[1].permitted << 32;
    caps->inheritable = data.data[0].inheritable | (uint64_t)data.data[1].inheritable << 32;
    caps->permitted &= CRED_CAP_ALL;
    caps->inheritable &= CRED_CAP_ALL;
    caps->effective = data.magic_etc & VFS_CAP_FLAGS_EFFECTIVE;
    return true;
}
