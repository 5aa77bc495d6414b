/* SPDX-License-Identifier: BSD-2-Clause */
/* path_fuzz.c - walks through trees of links, mounts and removed directories.
 *
 * Input: operations, each with the names that it needs; a name is a row of words of a table.  Memory
 * runs out during some of them, which may fail then, but must leave nothing behind.
 */
#include <linux/fs.h>
#include "base/errno.h"
#include "fake_heap_malloc.h"
#include "fake_vfs.h"
#include "fuzz.h"
#include "linux-api/abi.h"
#include "tree.h"
#include "vfs/context.h"
#include "vfs/dentry.h"
#include "vfs/fdtable.h"
#include "vfs/file.h"
#include "vfs/fs_context.h"
#include "vfs/inode.h"
#include "vfs/mount.h"
#include "vfs/vfs.h"

constexpr size_t NAME_ROOM = 8192;

static char long_word[300];
static const char *const words[] = {"/",  "/",  "/",   "a",    "b",       "c", "d", "e",
                                    "..", "..", "/..", "/../", "/./",     ".", "m", "m/x",
                                    "l",  "l/", "//",  "up",   long_word, "",  "f", "/f/"};

static void name_make(struct bytes *b, char *to)
{
    size_t at = 0;
    for (unsigned n = bytes_u8(b) % 24; n > 0; n--) {
        const char *word = words[bytes_u8(b) % (sizeof words / sizeof *words)];
        at += (size_t)snprintf(to + at, NAME_ROOM - at, "%s", word);
    }
    to[at] = '\0';
}

/* What PATH is called leads back to it. */
static void name_check(const struct path *path)
{
    struct path again;
    char *text;
    fake_heap_left = FAKE_HEAP_UNLIMITED;
    char *buffer = path_buffer_get();
    if (path_to_string(path, &root_path, buffer, PATH_MAX, &text) == 0 && text[0] == '/' &&
        !dentry_is_deleted(path->dentry)) {
        struct path root = context_fs()->root;
        path_get(&root);
        fs_context_set_root(context_fs(), &root_path);
        int err = path_lookup(AT_FDCWD, text, LOOKUP_NO_SYMLINKS, &again);
        fs_context_set_root(context_fs(), &root);
        path_put(&root);
        /* An ancestor may be deleted, and its name be another's. */
        if (err == 0)
            path_put(&again);
        if (err == 0 && !strstr(text, " (deleted)"))
            MUST(path_is_same(&again, path));
    }
    path_buffer_put(buffer);
}

static bool is_expected(int err)
{
    return err == -ENOENT || err == -ENOTDIR || err == -ELOOP || err == -ENAMETOOLONG ||
           err == -EXDEV || err == -EACCES || err == -EAGAIN || err == -ENOMEM;
}

static void look_up(struct bytes *b, char *name)
{
    unsigned flags = bytes_u8(b);
    struct path start = context_fs()->cwd, p;
    name_make(b, name);
    if ((flags & (LOOKUP_BENEATH | LOOKUP_IN_ROOT)) == (LOOKUP_BENEATH | LOOKUP_IN_ROOT))
        flags &= ~(unsigned)LOOKUP_BENEATH;
    int err = path_lookup(AT_FDCWD, name, flags, &p);
    if (err < 0) {
        MUST(is_expected(err));
        return;
    }
    MUST(path_inode(&p));
    if (flags & LOOKUP_DIRECTORY)
        MUST(S_ISDIR(path_inode(&p)->mode));
    if (flags & LOOKUP_NO_XDEV && name[0] != '/')
        MUST(p.mount == start.mount);
    if (flags & (LOOKUP_BENEATH | LOOKUP_IN_ROOT) && p.mount == start.mount)
        MUST(dentry_is_below(p.dentry, start.dentry));
    if (flags & LOOKUP_FOLLOW)
        MUST(!S_ISLNK(path_inode(&p)->mode));
    name_check(&p);
    path_put(&p);
}

static void open_and_close(struct bytes *b, char *name)
{
    static const uint32_t flags[] = {O_RDONLY,
                                     O_WRONLY | O_CREAT,
                                     O_RDWR | O_CREAT | O_EXCL,
                                     O_RDONLY | O_DIRECTORY,
                                     O_PATH | O_NOFOLLOW,
                                     O_RDWR | O_TMPFILE,
                                     O_WRONLY | O_TRUNC,
                                     O_RDONLY | O_CREAT | O_NOFOLLOW};
    uint32_t how = flags[bytes_u8(b) % 8];
    name_make(b, name);
    struct file *f = fake_open(name, how, 0644);
    if (f && f->ops->write && how & O_ACCMODE) {
        ssize_t written = file_write_kernel(f, name, 20, 4090);
        MUST(written == -ENOMEM || (written > 0 && written <= 20));
    }
    if (f)
        MUST(!(how & O_DIRECTORY) || (how & O_TMPFILE) == O_TMPFILE || S_ISDIR(f->inode->mode));
    file_put(f);
}

/* Chroot, for a while. */
static void root_change(struct bytes *b, char *name)
{
    struct path p;
    name_make(b, name);
    if (path_lookup(AT_FDCWD, name, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &p) != 0)
        return;
    fs_context_set_root(context_fs(), &p);
    path_put(&p);
}

static void operate(struct bytes *b)
{
    static char name[NAME_ROOM], other[NAME_ROOM];
    uint8_t what = bytes_u8(b) % 12;
    if (what < 3) {
        look_up(b, name);
        return;
    }
    if (what == 3)
        return open_and_close(b, name);
    if (what == 4)
        return root_change(b, name);
    if (what == 5)
        return fs_context_set_root(context_fs(), &root_path);
    name_make(b, name);
    switch (what) {
    case 6: (void)tree_enter(name); break;
    case 7: (void)!vfs_mkdir(AT_FDCWD, name, 0755); break;
    case 8: (void)!vfs_unlink(AT_FDCWD, name); break;
    case 9: (void)!vfs_rmdir(AT_FDCWD, name); break;
    case 10:
        name_make(b, other);
        (void)!vfs_symlink(other, AT_FDCWD, name);
        break;
    default:
        name_make(b, other);
        (void)!vfs_rename(AT_FDCWD, other, AT_FDCWD, name, bytes_u8(b) % 3);
    }
}

/* Now and then with few blocks, or no pages. */
static void operate_with_memory(struct bytes *b)
{
    uint8_t memory = bytes_u8(b);
    uint64_t pages = memory == 16 ? fake_pages_left : 0;
    fake_heap_left = memory < 16 ? memory : FAKE_HEAP_UNLIMITED;
    fake_pages_left -= pages;
    operate(b);
    fake_heap_left = FAKE_HEAP_UNLIMITED;
    fake_pages_left += pages;
}

static void world_make(void)
{
    memset(long_word, 'n', sizeof long_word - 1);
    MUST(vfs_mkdir(AT_FDCWD, "/a", 0755) == 0);
    MUST(vfs_mkdir(AT_FDCWD, "/a/b", 0755) == 0);
    MUST(vfs_mkdir(AT_FDCWD, "/a/b/c", 0755) == 0);
    MUST(vfs_mkdir(AT_FDCWD, "/m", 0755) == 0);
    MUST(vfs_mount("none", "/m", "tmpfs", 0, "") == 0);
    MUST(vfs_mkdir(AT_FDCWD, "/m/x", 0755) == 0);
    MUST(vfs_mknod(AT_FDCWD, "/a/f", S_IFREG | 0644, 0) == 0);
    MUST(vfs_symlink("b/c", AT_FDCWD, "/a/l") == 0);
    MUST(vfs_symlink("../..", AT_FDCWD, "/a/b/up") == 0);
}

/* The mount is found again under whatever name its directory has now. */
static void world_end(struct mount *m)
{
    struct path root = {m, m->root};
    fs_context_set_root(context_fs(), &root_path);
    fs_context_set_cwd(context_fs(), &root_path);
    path_get(&root);
    MUST(mount_remove(&root, MNT_DETACH) == 0);
    path_put(&root);
    tree_check();
    tree_empty();
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t n)
{
    struct bytes b = {input, n};
    struct path m;
    fake_vfs_begin();
    world_make();
    MUST(path_lookup(AT_FDCWD, "/m", 0, &m) == 0);
    struct mount *mount = m.mount;
    path_put(&m);
    while (b.left)
        operate_with_memory(&b);
    world_end(mount);
    fake_vfs_end();
    return 0;
}
