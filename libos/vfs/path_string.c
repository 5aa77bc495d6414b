/* SPDX-License-Identifier: BSD-2-Clause */
/* path_string.c - from a place back to its name, and buffers for names. */
#include <linux/limits.h>
#include "base/errno.h"
#include "base/string.h"
#include "mm/heap.h"
#include "mm/usermem.h"
#include "vfs/dentry.h"
#include "vfs/mount.h"
#include "vfs/path.h"

constexpr unsigned BUFFERS_KEPT = 8;

static struct {
    char *free[BUFFERS_KEPT];
    unsigned count;
} buffers;

char *path_buffer_get(void)
{
    return buffers.count ? buffers.free[--buffers.count] : heap_alloc(PATH_MAX);
}

void path_buffer_put(char *buffer)
{
    if (buffer && buffers.count < BUFFERS_KEPT)
        buffers.free[buffers.count++] = buffer;
    else
        heap_free(buffer);
}

int path_from_user(uaddr_t name, unsigned flags, char **buffer)
{
    char *to = path_buffer_get();
    if (!to)
        return -ENOMEM;
    ssize_t n = strncpy_from_user(to, name, PATH_MAX);
    int err = n < 0                               ? (int)n
              : n == PATH_MAX                     ? -ENAMETOOLONG
              : n == 0 && !(flags & LOOKUP_EMPTY) ? -ENOENT
                                                  : 0;
    if (err < 0)
        path_buffer_put(to);
    else
        *buffer = to;
    return err;
}

/* Text that grows towards the front of a buffer. */
struct text {
    char *start, *at;
};

static bool prepend(struct text *t, const char *s, size_t n)
{
    if ((size_t)(t->at - t->start) < n)
        return false;
    t->at -= n;
    memcpy(t->at, s, n);
    return true;
}

/* Prepend the names from PATH up to ROOT, or to the very top: *REACHED tells. */
static bool prepend_names(struct text *t, struct path at, const struct path *root, bool *reached)
{
    *reached = true;
    while (!path_is_same(&at, root)) {
        if (at.dentry == at.mount->root) {
            if (!at.mount->parent) {
                *reached = at.mount == root_path.mount && !root->mount;
                return true;
            }
            at = (struct path){at.mount->parent, at.mount->mountpoint};
            continue;
        }
        if (dentry_is_root(at.dentry)) {
            *reached = false; /* outside of what its mount shows */
            return true;
        }
        if (!prepend(t, at.dentry->name, at.dentry->name_bytes) || !prepend(t, "/", 1))
            return false;
        at.dentry = at.dentry->parent;
    }
    return true;
}

int path_to_string(const struct path *path, const struct path *root, char *buffer, size_t size,
                   char **text)
{
    struct text t = {buffer, buffer + size};
    bool reached = true;
    bool fits = prepend(&t, "", 1);
    if (dentry_is_deleted(path->dentry))
        fits = fits && prepend(&t, " (deleted)", 10);
    if (path->dentry->flags & DENTRY_ANONYMOUS) {
        fits = fits && prepend(&t, path->dentry->name, path->dentry->name_bytes);
    } else {
        char *end = t.at;
        fits = fits && prepend_names(&t, *path, root, &reached);
        if (fits && t.at == end)
            fits = prepend(&t, "/", 1);
        if (fits && !reached)
            fits = prepend(&t, "(unreachable)", 13);
    }
    *text = t.at;
    return fits ? 0 : -ENAMETOOLONG;
}
