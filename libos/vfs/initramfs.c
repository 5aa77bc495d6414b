/* SPDX-License-Identifier: BSD-2-Clause */
/* initramfs.c - the root tree from cpio archives, whose pages become the files' pages.
 *
 * Content that starts on a page boundary is not copied: its whole pages go into the page cache
 * as they are.  Only a last, partial page is copied, since what follows it in the archive is
 * not the file's and must read as zero.  When all is unpacked, the archive's own reference on
 * each page goes, and pages that hold no file's content with it.
 */
#include <linux/limits.h>
#include "base/bits.h"
#include "base/errno.h"
#include "base/format.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/string.h"
#include "linux-api/abi.h"
#include "mm/heap.h"
#include "mm/page.h"
#include "vfs/cpio.h"
#include "vfs/dentry.h"
#include "vfs/fs.h"
#include "vfs/gunzip.h"
#include "vfs/inode.h"
#include "vfs/iter.h"
#include "vfs/mount.h"
#include "vfs/path.h"
#include "vfs/tmpfs.h"
#include "vfs/vfs.h"

/* Files with several names: the archive's inode number leads to ours until the trailer.  The type
 * belongs to the key, lest a link's or a device's second entry bring it the content of a file. */
struct link {
    uint32_t ino, dev_major, dev_minor, type;
    struct inode *inode; /* referenced; NULL: free place */
};

struct unpacking {
    struct link *links; /* an open hash table, a power of two in size */
    uint32_t size, count;
    uint32_t files;
};

static struct link *link_place(struct link *links, uint32_t size, const struct link *key)
{
    uint64_t h =
        hash_u64(key->ino ^ (uint64_t)key->dev_major << 32 ^ (uint64_t)key->dev_minor << 48);
    for (;; h++) {
        struct link *l = &links[h & (size - 1)];
        if (!l->inode || (l->ino == key->ino && l->dev_major == key->dev_major &&
                          l->dev_minor == key->dev_minor && l->type == key->type))
            return l;
    }
}

/* Keep the table at most half full, so that a search ends. */
static int links_grow(struct unpacking *u)
{
    if (u->count * 2 < u->size)
        return 0;
    uint32_t size = MAX(u->size * 2, 64u);
    struct link *links = heap_calloc(size, sizeof *links);
    if (!links)
        return -ENOMEM;
    for (uint32_t i = 0; i < u->size; i++)
        if (u->links[i].inode)
            *link_place(links, size, &u->links[i]) = u->links[i];
    heap_free(u->links);
    u->links = links;
    u->size = size;
    return 0;
}

static void links_forget(struct unpacking *u)
{
    for (uint32_t i = 0; i < u->size; i++)
        inode_put(u->links[i].inode);
    heap_free(u->links);
    u->links = nullptr;
    u->size = u->count = 0;
}

/* Make the directories of NAME that no archive has named, root's.  -ENAMETOOLONG: beyond what
 * vfs_make_node takes. */
static int directories_make(char *name)
{
    for (char *end = strchr(name + 1, '/'); end; end = strchr(end + 1, '/')) {
        *end = '\0';
        int err = vfs_make_node(name, S_IFDIR | 0755, 0, 0, 0);
        *end = '/';
        if (err < 0 && err != -EEXIST)
            return err;
    }
    return 0;
}

static int directory_find(char *name, char *slash, struct path *directory)
{
    *slash = '\0';
    int err =
        path_lookup_kernel(slash == name ? "/" : name, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, directory);
    *slash = '/';
    return err;
}

/* The directory of NAME, which begins with a slash, and its last component.  -EINVAL: a name that
 * leads upwards. */
static int parent_find(char *name, struct path *parent, const char **last)
{
    for (const char *p = name; p; p = strchr(p + 1, '/'))
        if (p[1] == '.' && p[2] == '.' && (p[3] == '/' || !p[3]))
            return -EINVAL;
    char *slash = strrchr(name, '/');
    *last = slash + 1;
    if (strlen(*last) > NAME_MAX)
        return -ENAMETOOLONG;
    int err = directory_find(name, slash, parent);
    if (err != -ENOENT)
        return err;
    err = directories_make(name);
    return err < 0 ? err : directory_find(name, slash, parent);
}

/* Whole pages in place, the rest copied. */
static int content_add(struct inode *inode, const uint8_t *data, size_t n)
{
    size_t at = 0;
    if (((uint64_t)data & PAGE_MASK) == 0) {
        for (; n - at >= PAGE_SIZE; at += PAGE_SIZE) {
            struct page *page = page_of_address(data + at);
            int err = super_charge(inode->super, 1);
            if (!err && (err = pagecache_insert(inode, at >> PAGE_SHIFT, page_get(page))) < 0) {
                page_put(page);
                super_uncharge(inode->super, 1);
            }
            if (err < 0)
                return err;
        }
        inode->size = at;
    }
    struct iter it;
    iter_init_kbuf(&it, (void *)(data + at), n - at);
    ssize_t done = pagecache_write(inode, &it, at);
    return done < 0 ? (int)done : (size_t)done < n - at ? -ENOMEM : 0;
}

static int regular_fill(struct inode *inode, const struct cpio_entry *e)
{
    if (!e->bytes)
        return 0;
    pagecache_truncate(inode, 0);
    return content_add(inode, e->data, e->bytes);
}

/* Another name for a file that the archive has named before: 1; 0: it is the first. */
static int link_known(struct unpacking *u, const struct cpio_entry *e, struct inode *dir,
                      struct dentry *dentry, struct link **place)
{
    *place = nullptr;
    if (e->nlink < 2 || S_ISDIR(e->mode))
        return 0;
    int err = links_grow(u);
    if (err < 0)
        return err;
    struct link key = {e->ino, e->dev_major, e->dev_minor, e->mode & S_IFMT, nullptr};
    *place = link_place(u->links, u->size, &key);
    if (!(*place)->inode)
        return 0;
    err = dir->ops->link((*place)->inode, dir, dentry);
    return err < 0 ? err : 1;
}

/* Make what E describes as DENTRY of DIR. */
static int node_make(const struct cpio_entry *e, struct inode *dir, struct dentry *dentry)
{
    switch (e->mode & S_IFMT) {
    case S_IFDIR: return dir->ops->mkdir(dir, dentry, e->mode);
    case S_IFLNK: {
        if (!e->bytes || e->bytes >= PATH_MAX || memchr(e->data, '\0', e->bytes))
            return -EINVAL;
        char *target = path_buffer_get();
        if (!target)
            return -ENOMEM;
        memcpy(target, e->data, e->bytes);
        target[e->bytes] = '\0';
        int err = dir->ops->symlink(dir, dentry, target);
        path_buffer_put(target);
        return err;
    }
    case S_IFREG:
    case S_IFCHR:
    case S_IFBLK:
    case S_IFIFO:
    case S_IFSOCK:
        return dir->ops->mknod(dir, dentry, e->mode, dev_make(e->rdev_major, e->rdev_minor));
    default: return -EINVAL;
    }
}

static void attributes_set(struct inode *inode, const struct cpio_entry *e)
{
    if (!S_ISLNK(e->mode))
        inode->mode = (e->mode & S_PERMISSIONS) | (inode->mode & S_IFMT);
    inode->uid = e->uid;
    inode->gid = e->gid;
    inode->mtime = inode->atime = inode->ctime = (struct timespec64){e->mtime, 0};
}

/* An older entry of that name, from an archive before, makes room; directories merge. */
static int old_remove(const struct cpio_entry *e, struct inode *dir, struct dentry **dentry,
                      struct dentry *parent, const char *last)
{
    struct inode *old = (*dentry)->inode;
    if (!old || (S_ISDIR(old->mode) && S_ISDIR(e->mode)))
        return 0;
    int err = S_ISDIR(old->mode) ? dir->ops->rmdir(dir, *dentry) : dir->ops->unlink(dir, *dentry);
    if (err < 0)
        return err;
    dentry_put(*dentry);
    *dentry = nullptr;
    return dentry_lookup(parent, last, strlen(last), dentry);
}

static int entry_make(struct unpacking *u, const struct cpio_entry *e, struct path *parent,
                      const char *last)
{
    struct inode *dir = path_inode(parent);
    struct dentry *dentry = nullptr;
    if (dir->super != root_path.mount->super)
        return -EXDEV; /* a link out of the tree, to what is mounted already */
    int err = dentry_lookup(parent->dentry, last, strlen(last), &dentry);
    if (!err)
        err = old_remove(e, dir, &dentry, parent->dentry, last);
    struct link *place = nullptr;
    if (!err && !dentry->inode) {
        err = link_known(u, e, dir, dentry, &place);
        if (err == 0)
            err = node_make(e, dir, dentry);
        if (err == 0 && place) {
            *place = (struct link){e->ino, e->dev_major, e->dev_minor, e->mode & S_IFMT,
                                   inode_get(dentry->inode)};
            u->count++;
        }
    }
    if (err >= 0) {
        err = S_ISREG(e->mode) ? regular_fill(dentry->inode, e) : 0;
        attributes_set(dentry->inode, e);
    }
    dentry_put(dentry);
    return MIN(err, 0);
}

static int named_unpack(struct unpacking *u, const struct cpio_entry *e, char *name)
{
    struct path parent;
    const char *last;
    int err = parent_find(name, &parent, &last);
    if (!err) {
        /* Making entries is no change of a directory that came with a time of its own. */
        struct inode *dir = path_inode(&parent);
        struct timespec64 mtime = dir->mtime, ctime = dir->ctime;
        err = entry_make(u, e, &parent, last);
        dir->mtime = mtime;
        dir->ctime = ctime;
        path_put(&parent);
    }
    u->files++;
    return err;
}

/* FROM with a slash before each component, and without those that lead nowhere ("./d//f/." is
 * "/d/f"), into TO of PATH_MAX bytes.  -ENAMETOOLONG. */
static int name_clean(const char *from, char *to)
{
    size_t at = 0;
    while (*from) {
        const char *end = strchr(from, '/');
        size_t n = end ? (size_t)(end - from) : strlen(from);
        if (n && !(n == 1 && *from == '.')) {
            if (at + n + 2 > PATH_MAX)
                return -ENAMETOOLONG;
            to[at] = '/';
            memcpy(to + at + 1, from, n);
            at += n + 1;
        }
        from += end ? n + 1 : n;
    }
    to[at] = '\0';
    return 0;
}

static int entry_unpack(struct unpacking *u, const struct cpio_entry *e)
{
    char *name = path_buffer_get();
    if (!name)
        return -ENOMEM;
    int err = name_clean(e->name, name);
    if (!err && name[0])
        err = named_unpack(u, e, name);
    else if (!err && S_ISDIR(e->mode))
        attributes_set(path_inode(&root_path), e);
    path_buffer_put(name);
    return err;
}

/* Archives, uncompressed, from AT up to the end or to something compressed: where that is.  What
 * is aligned within an archive is so from the start of DATA. */
static int64_t archives_unpack(struct unpacking *u, const uint8_t *data, size_t at, size_t n)
{
    struct cpio c = {.start = data, .size = n, .at = at};
    while (c.at < c.size) {
        if (data[c.at] == 0) { /* padding after a trailer */
            c.at++;
            continue;
        }
        if (gunzip_is_gzip(data + c.at, n - c.at))
            break;
        struct cpio_entry e;
        at = c.at;
        if (cpio_next(&c, &e) < 0) {
            log_error("initramfs: at byte %zu: %s", at, c.error);
            return -EINVAL;
        }
        if (e.is_trailer) {
            links_forget(u);
            continue;
        }
        int err = entry_unpack(u, &e);
        if (err < 0) {
            log_error("initramfs: at byte %zu: %s: cannot be made (error %d)", at, e.name, -err);
            return err;
        }
    }
    return (int64_t)c.at;
}

static void pages_put(const uint8_t *data, size_t n)
{
    uint64_t first = page_round_down((uint64_t)data), end = page_round_up((uint64_t)data + n);
    for (uint64_t at = first; at < end; at += PAGE_SIZE)
        page_put(page_of_address((void *)at));
}

static int member_unpack(struct unpacking *u, const uint8_t *data, size_t n, size_t *used)
{
    uint8_t *out;
    size_t bytes;
    int err = gunzip_member(data, n, &out, &bytes, used);
    if (err < 0) {
        log_error("initramfs: cannot be inflated (error %d)", -err);
        return err;
    }
    int64_t done = archives_unpack(u, out, 0, bytes);
    pages_put(out, MAX(bytes, 1ul));
    return done < 0 ? (int)done : 0;
}

int initramfs_load(const void *start, uint64_t n)
{
    const uint8_t *data = start;
    struct unpacking u = {};
    int64_t err = 0;
    for (size_t at = 0; at < n && err >= 0;) {
        size_t used = 0;
        if (gunzip_is_gzip(data + at, n - at)) {
            err = member_unpack(&u, data + at, n - at, &used);
            at += used;
        } else {
            err = archives_unpack(&u, data, at, n);
            at = (size_t)MAX(err, (int64_t)0);
        }
    }
    links_forget(&u);
    if (n)
        pages_put(data, n);
    if (err < 0)
        return (int)err;
    tmpfs_limit(root_path.mount->super);
    log_debug("initramfs: %u entries, %llu pages", u.files,
              (unsigned long long)root_path.mount->super->pages);
    return 0;
}
