/* SPDX-License-Identifier: BSD-2-Clause */
/* fs_context.c - root, current directory and umask. */
#include "vfs/fs_context.h"

#include "mm/heap.h"
#include "vfs/mount.h"

constexpr uint32_t UMASK_FIRST = 022;

static struct fs_context *create(const struct path *root, const struct path *cwd, uint32_t umask)
{
    struct fs_context *fs = heap_zalloc(sizeof *fs);
    if (!fs)
        return nullptr;
    *fs = (struct fs_context){.refs = 1, .umask = umask, .root = *root, .cwd = *cwd};
    path_get(root);
    path_get(cwd);
    return fs;
}

struct fs_context *fs_context_create(void)
{
    return create(&root_path, &root_path, UMASK_FIRST);
}

struct fs_context *fs_context_clone(const struct fs_context *from)
{
    return create(&from->root, &from->cwd, from->umask);
}

void fs_context_put(struct fs_context *fs)
{
    if (!fs || --fs->refs > 0)
        return;
    path_put(&fs->root);
    path_put(&fs->cwd);
    heap_free(fs);
}

static void place_set(struct path *place, const struct path *path)
{
    struct path old = *place;
    path_get(path);
    *place = *path;
    path_put(&old);
}

void fs_context_set_cwd(struct fs_context *fs, const struct path *path)
{
    place_set(&fs->cwd, path);
}

void fs_context_set_root(struct fs_context *fs, const struct path *path)
{
    place_set(&fs->root, path);
}
