/* SPDX-License-Identifier: BSD-2-Clause */
/* mount_text.c - mounts as /proc/PID/mounts and /proc/PID/mountinfo show them (proc(5)). */
#include <linux/limits.h>
#include <linux/mount.h>
#include "base/bits.h"
#include "base/format.h"
#include "base/string.h"
#include "linux-api/abi.h"
#include "vfs/dentry.h"
#include "vfs/fs.h"
#include "vfs/mount.h"

struct text {
    char *to;
    size_t size, n;
};

static void add(struct text *t, const char *s, size_t n)
{
    for (size_t i = 0; i < n && t->n + 1 < t->size; i++)
        t->to[t->n++] = s[i];
    if (t->size)
        t->to[t->n] = '\0';
}

static void add_string(struct text *t, const char *s)
{
    add(t, s, strlen(s));
}

/* Blanks and the like as octal numbers, since blanks separate the columns. */
static void add_mangled(struct text *t, const char *s)
{
    for (; *s; s++) {
        char octal[8];
        if (!strchr(" \t\n\\#", *s)) {
            add(t, s, 1);
            continue;
        }
        snprintf(octal, sizeof octal, "\\%03o", (unsigned)(unsigned char)*s);
        add_string(t, octal);
    }
}

static void add_mount_flags(struct text *t, const struct mount *mount, bool is_read_only)
{
    static const struct {
        unsigned flag;
        const char *name;
    } names[] = {
        {MS_NOSUID, ",nosuid"},   {MS_NODEV, ",nodev"},           {MS_NOEXEC, ",noexec"},
        {MS_NOATIME, ",noatime"}, {MS_NODIRATIME, ",nodiratime"},
    };
    add_string(t, is_read_only ? "ro" : "rw");
    for (unsigned i = 0; i < ARRAY_COUNT(names); i++)
        if (mount->flags & names[i].flag)
            add_string(t, names[i].name);
    if (!(mount->flags & (MS_NOATIME | MS_STRICTATIME)))
        add_string(t, ",relatime");
}

static void add_super_options(struct text *t, const struct mount *mount)
{
    struct super *super = mount->super;
    char options[256] = "";
    if (super->ops->show_options)
        super->ops->show_options(super, options, sizeof options);
    add_string(t, options);
}

void mount_options(const struct mount *mount, char *to, size_t size)
{
    struct text t = {to, size, 0};
    add_mount_flags(&t, mount, (mount->flags | mount->super->flags) & MS_RDONLY);
    add_super_options(&t, mount);
}

/* Where MOUNT is seen from ROOT: false if it is not. */
static bool add_place(struct text *t, const struct mount *mount, const struct path *root)
{
    struct path path = {(struct mount *)mount, mount->root};
    char *buffer = path_buffer_get(), *place;
    bool is_seen =
        buffer && path_to_string(&path, root, buffer, PATH_MAX, &place) == 0 && place[0] == '/';
    if (is_seen)
        add_mangled(t, place);
    path_buffer_put(buffer);
    return is_seen;
}

bool mount_line(struct mount *mount, const struct path *root, char *to, size_t size)
{
    struct text t = {to, size, 0};
    add_mangled(&t, mount->source);
    add_string(&t, " ");
    if (!add_place(&t, mount, root))
        return false;
    add_string(&t, " ");
    add_string(&t, mount->super->fs->name);
    add_string(&t, " ");
    add_mount_flags(&t, mount, (mount->flags | mount->super->flags) & MS_RDONLY);
    add_super_options(&t, mount);
    add_string(&t, " 0 0");
    return true;
}

/* The directory of the file system that the mount shows. */
static void add_shown_root(struct text *t, const struct mount *mount)
{
    char *buffer = path_buffer_get();
    size_t at = PATH_MAX - 1;
    const struct dentry *d = mount->root;
    if (!buffer)
        return;
    buffer[at] = '\0';
    for (; !dentry_is_root(d) && at > d->name_bytes + 1ul; d = d->parent) {
        at -= d->name_bytes;
        memcpy(buffer + at, d->name, d->name_bytes);
        buffer[--at] = '/';
    }
    add_mangled(t, buffer[at] ? buffer + at : "/");
    path_buffer_put(buffer);
}

bool mount_info_line(struct mount *mount, const struct path *root, char *to, size_t size)
{
    struct text t = {to, size, 0};
    char head[64];
    snprintf(head, sizeof head, "%u %u %u:%u ", mount->id,
             mount->parent ? mount->parent->id : mount->id, dev_major(mount->super->dev),
             dev_minor(mount->super->dev));
    add_string(&t, head);
    add_shown_root(&t, mount);
    add_string(&t, " ");
    if (!add_place(&t, mount, root))
        return false;
    add_string(&t, " ");
    add_mount_flags(&t, mount, mount->flags & MS_RDONLY);
    add_string(&t, " - ");
    add_string(&t, mount->super->fs->name);
    add_string(&t, " ");
    add_mangled(&t, mount->source);
    add_string(&t, mount->super->flags & MS_RDONLY ? " ro" : " rw");
    add_super_options(&t, mount);
    return true;
}
