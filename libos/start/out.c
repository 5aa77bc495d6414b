/* SPDX-License-Identifier: BSD-2-Clause */
/* out.c - writes down which frames hold the files below a directory. */
#include "start/out.h"

#include <linux/limits.h>
#include <linux/magic.h>
#include "base/bits.h"
#include "base/errno.h"
#include "base/format.h"
#include "base/log.h"
#include "base/string.h"
#include "linux-api/abi.h"
#include "mm/page.h"
#include "start/options.h"
#include "vfs/dentry.h"
#include "vfs/fs.h"
#include "vfs/inode.h"
#include "vfs/path.h"
#include "vfs/tmpfs.h"

constexpr size_t ROOM = PAGE_SIZE - sizeof(struct out_page);

struct description {
    struct page *first, *last;
    char *path; /* of the entry being described, relative; a path buffer */
    size_t path_bytes;
    unsigned left_out;
};

static struct out_page *head_of(struct page *page)
{
    return page_address(page);
}

static int page_add(struct description *d)
{
    struct page *page = page_alloc(PAGE_URGENT);
    if (!page)
        return -ENOMEM;
    *head_of(page) = (struct out_page){.magic = OUT_MAGIC};
    if (d->last)
        head_of(d->last)->next = page_frame(page);
    else
        d->first = page;
    d->last = page;
    return 0;
}

/* Append N bytes to the stream. */
static int put(struct description *d, const void *from, size_t n)
{
    const uint8_t *bytes = from;
    while (n) {
        if (!d->last || head_of(d->last)->used == ROOM) {
            int err = page_add(d);
            if (err < 0)
                return err;
        }
        struct out_page *head = head_of(d->last);
        size_t part = MIN(n, ROOM - head->used);
        memcpy((uint8_t *)(head + 1) + head->used, bytes, part);
        head->used += (uint32_t)part;
        bytes += part;
        n -= part;
    }
    return 0;
}

/* The pages of INODE, those with neighbouring frames in one run. */
static int runs_put(struct description *d, const struct inode *inode)
{
    struct out_run run = {};
    uint64_t index = pagecache_next(inode, 0);
    for (; index < UINT32_MAX; index = pagecache_next(inode, index + 1)) {
        exo_frame frame = page_frame(pagecache_find(inode, index));
        if (run.count && index == run.index + run.count && frame == run.frame + run.count) {
            run.count++;
            continue;
        }
        int err = run.count ? put(d, &run, sizeof run) : 0;
        if (err < 0)
            return err;
        run = (struct out_run){(uint32_t)index, (uint32_t)frame, 1};
    }
    int err = run.count ? put(d, &run, sizeof run) : 0;
    static const struct out_run end;
    return err < 0 ? err : put(d, &end, sizeof end);
}

/* Is the content of INODE in memory, where the host finds it? */
static bool is_in_memory(const struct inode *inode)
{
    return inode->fops == &tmpfs_file_ops || inode->fops == &tmpfs_dir_ops ||
           (inode->super->magic == TMPFS_MAGIC && !S_ISREG(inode->mode) && !S_ISDIR(inode->mode));
}

static int entry_put(struct description *d, const struct inode *inode)
{
    struct out_record record = {
        .kind = inode->mode & S_IFMT,
        .permissions = inode->mode & S_PERMISSIONS,
        .uid = inode->uid,
        .gid = inode->gid,
        .path_bytes = (uint32_t)d->path_bytes,
        .nlink = inode->nlink,
        .ino = inode->ino,
        .size = S_ISREG(inode->mode) || S_ISLNK(inode->mode) ? inode->size : 0,
        .mtime_s = inode->mtime.sec,
    };
    int err = put(d, &record, sizeof record);
    if (!err)
        err = put(d, d->path, d->path_bytes);
    if (!err && S_ISLNK(inode->mode))
        err = put(d, inode->link, inode->size);
    if (!err && S_ISREG(inode->mode))
        err = runs_put(d, inode);
    return err;
}

/* Go from the path of a directory to that of its entry E; false: it would be too long. */
static bool path_enter(struct description *d, const struct dentry *e)
{
    size_t slash = d->path_bytes ? 1 : 0;
    if (d->path_bytes + slash + e->name_bytes >= PATH_MAX)
        return false;
    if (slash)
        d->path[d->path_bytes] = '/';
    memcpy(d->path + d->path_bytes + slash, e->name, e->name_bytes);
    d->path_bytes += slash + e->name_bytes;
    return true;
}

static void path_leave(struct description *d, const struct dentry *e)
{
    d->path_bytes -= MIN(d->path_bytes, e->name_bytes + 1ul);
}

/* The first entry of DIR from NODE on that leads to something; NULL: no more. */
static struct dentry *entry_from(struct dentry *dir, struct list_node *node)
{
    for (; node != &dir->children; node = node->next) {
        struct dentry *e = container_of(node, struct dentry, sibling);
        if (e->inode)
            return e;
    }
    return nullptr;
}

/* Everything below TOP: into a directory as soon as it has been described. */
static int tree_put(struct description *d, struct dentry *top)
{
    struct dentry *dir = top;
    struct dentry *e = entry_from(dir, dir->children.next);
    for (;;) {
        if (!e) {
            if (dir == top)
                return 0;
            path_leave(d, dir);
            e = entry_from(dir->parent, dir->sibling.next);
            dir = dir->parent;
            continue;
        }
        if (!is_in_memory(e->inode) || !path_enter(d, e)) {
            d->left_out++;
        } else {
            int err = entry_put(d, e->inode);
            if (err < 0)
                return err;
            /* What is mounted on a directory is not part of it. */
            if (S_ISDIR(e->inode->mode) && !e->mounts) {
                dir = e;
                e = entry_from(dir, dir->children.next);
                continue;
            }
            path_leave(d, e);
        }
        e = entry_from(dir, e->sibling.next);
    }
}

static int directory_put(struct description *d, const char *name)
{
    struct path path;
    int err = path_lookup_kernel(name, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &path);
    if (err < 0)
        return err;
    if (!is_in_memory(path_inode(&path)))
        err = -EOPNOTSUPP;
    if (!err)
        err = entry_put(d, path_inode(&path));
    if (!err)
        err = tree_put(d, path.dentry);
    static const struct out_record end;
    if (!err)
        err = put(d, &end, sizeof end);
    path_put(&path);
    return err;
}

static const char *reason_text(int err)
{
    switch (err) {
    case -ENOENT: return "there is no such directory";
    case -ENOTDIR: return "it is no directory";
    case -ENOMEM: return "memory is exhausted";
    case -EOPNOTSUPP: return "its files are not in the machine's memory";
    default: return "it cannot be reached";
    }
}

static void one_describe(unsigned number, const char *name)
{
    struct description d = {.path = path_buffer_get()};
    int err = d.path ? directory_put(&d, name) : -ENOMEM;
    char line[128];
    int n = err < 0
                ? snprintf(line, sizeof line, "seam: out %u error %s\n", number, reason_text(err))
                : snprintf(line, sizeof line, "seam: out %u %llu\n", number,
                           (unsigned long long)page_frame(d.first));
    log_write(line, (size_t)n);
    if (d.left_out)
        log_warn("out: %u entries of %s are left out", d.left_out, name);
    if (d.path)
        path_buffer_put(d.path);
}

void out_describe(void)
{
    for (unsigned i = 0; i < options.out_count; i++)
        one_describe(i, options.out[i]);
}
