/* SPDX-License-Identifier: BSD-2-Clause */
/* handle.c - name_to_handle_at(2), open_by_handle_at(2): no file system here can find a file by
 * anything but its name, so none gives handles out and every handle is stale. */
#include <linux/capability.h>
#include "base/errno.h"
#include "linux-api/abi.h"
#include "linux-api/call.h"
#include "linux-api/file/args.h"
#include "mm/usermem.h"
#include "proc/cred.h"
#include "vfs/fdtable.h"
#include "vfs/file.h"

constexpr uint32_t HANDLE_BYTES_MOST = 128; /* MAX_HANDLE_SZ */

long sys_name_to_handle_at(const struct call *c)
{
    unsigned flags = (unsigned)c->arg[4];
    uint32_t bytes;
    struct path path;
    if (flags & ~(unsigned)(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
        return -EINVAL;
    int err = path_arg((int)c->arg[0], c->arg[1], lookup_of_at(flags, 0), &path);
    if (err < 0)
        return err;
    path_put(&path);
    if (get_user_u32(&bytes, c->arg[2]))
        return -EFAULT;
    return bytes > HANDLE_BYTES_MOST ? -EINVAL : -EOPNOTSUPP;
}

long sys_open_by_handle_at(const struct call *c)
{
    uint32_t bytes;
    if (!capable(CAP_DAC_READ_SEARCH))
        return -EPERM;
    if ((int)c->arg[0] != AT_FDCWD) {
        struct file *file = fd_get_any((int)c->arg[0]);
        if (!file)
            return -EBADF;
        file_put(file);
    }
    if (get_user_u32(&bytes, c->arg[1]))
        return -EFAULT;
    return bytes == 0 || bytes > HANDLE_BYTES_MOST ? -EINVAL : -ESTALE;
}
