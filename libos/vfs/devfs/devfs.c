/* SPDX-License-Identifier: BSD-2-Clause */
/* devfs.c - what /dev holds at the start.
 *
 * The file system "devtmpfs" has one instance, as on Linux: each mount of it shows the same tree.
 */
#include "vfs/devfs/devfs.h"

#include <linux/mount.h>
#include "base/bits.h"
#include "base/errno.h"
#include "linux-api/abi.h"
#include "tty/pty.h"
#include "vfs/devfs/devices.h"
#include "vfs/fs.h"
#include "vfs/mount.h"
#include "vfs/vfs.h"

constexpr uint32_t GID_TTY = 5; /* /etc/group of Debian */

static int devtmpfs_mount(const struct filesystem *fs, const char *source, unsigned flags,
                          const char *data, struct super **super);
static int directory_make(const char *path, uint32_t mode);
static int nodes_make(void);
static int links_make(void);

const struct device_major device_majors[] = {
    {MAJOR_MEMORY, "mem"},          {MAJOR_SERIAL, "ttyS"},      {MAJOR_TTYAUX, "/dev/tty"},
    {MAJOR_TTYAUX, "/dev/console"}, {MAJOR_TTYAUX, "/dev/ptmx"}, {MAJOR_PTS, "pts"},
};
const unsigned device_major_count = ARRAY_COUNT(device_majors);

static const struct {
    const char *path;
    uint32_t permissions, major, minor, gid;
} nodes[] = {
    {"/dev/null", 0666, MAJOR_MEMORY, MEMORY_NULL, 0},
    {"/dev/zero", 0666, MAJOR_MEMORY, MEMORY_ZERO, 0},
    {"/dev/full", 0666, MAJOR_MEMORY, MEMORY_FULL, 0},
    {"/dev/random", 0666, MAJOR_MEMORY, MEMORY_RANDOM, 0},
    {"/dev/urandom", 0666, MAJOR_MEMORY, MEMORY_URANDOM, 0},
    {"/dev/kmsg", 0644, MAJOR_MEMORY, MEMORY_KMSG, 0},
    {"/dev/tty", 0666, MAJOR_TTYAUX, TTYAUX_TTY, GID_TTY},
    {"/dev/console", 0600, MAJOR_TTYAUX, TTYAUX_CONSOLE, 0},
    {"/dev/ptmx", 0666, MAJOR_TTYAUX, TTYAUX_PTMX, GID_TTY},
    {"/dev/ttyS0", 0600, MAJOR_SERIAL, SERIAL_FIRST, GID_TTY},
};

static const struct {
    const char *path, *target;
} links[] = {
    {"/dev/fd", "/proc/self/fd"},
    {"/dev/stdin", "/proc/self/fd/0"},
    {"/dev/stdout", "/proc/self/fd/1"},
    {"/dev/stderr", "/proc/self/fd/2"},
};

static struct filesystem devtmpfs = {.name = "devtmpfs", .mount = devtmpfs_mount};
static struct super *instance;

int devfs_init(void)
{
    filesystem_register(&devtmpfs);
    int err = memory_devices_init();
    if (!err)
        err = pty_init();
    if (!err)
        err = directory_make("/dev", 0755);
    if (!err)
        err = vfs_mount("devtmpfs", "/dev", "devtmpfs", MS_NOSUID, "mode=0755");
    if (!err)
        err = nodes_make();
    if (!err)
        err = links_make();
    if (!err)
        err = directory_make("/dev/pts", 0755);
    if (!err)
        err = vfs_mount("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
                        "gid=5,mode=620,ptmxmode=666");
    if (!err)
        err = directory_make("/dev/shm", 01777);
    return err ? err : vfs_mount("tmpfs", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777");
}

static int devtmpfs_mount(const struct filesystem *, const char *source, unsigned flags,
                          const char *data, struct super **super)
{
    if (!instance) {
        const struct filesystem *tmpfs = filesystem_find("tmpfs");
        int err = tmpfs->mount(&devtmpfs, source, flags, data, &instance);
        if (err)
            return err;
    }
    *super = super_get(instance);
    return 0;
}

static int directory_make(const char *path, uint32_t mode)
{
    int err = vfs_make_node(path, S_IFDIR | mode, 0, 0, 0);
    return err == -EEXIST ? 0 : err;
}

static int nodes_make(void)
{
    for (unsigned i = 0; i < ARRAY_COUNT(nodes); i++) {
        int err = vfs_make_node(nodes[i].path, S_IFCHR | nodes[i].permissions,
                                dev_make(nodes[i].major, nodes[i].minor), 0, nodes[i].gid);
        if (err)
            return err;
    }
    return 0;
}

static int links_make(void)
{
    for (unsigned i = 0; i < ARRAY_COUNT(links); i++) {
        int err = vfs_symlink(links[i].target, AT_FDCWD, links[i].path);
        if (err)
            return err;
    }
    return 0;
}
