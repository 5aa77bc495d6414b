/* SPDX-License-Identifier: BSD-2-Clause */
/* devpts.c - the file system that names the slaves of pseudo-terminals.
 *
 * One instance for the domain.  A name appears with its pair and goes with its master; the inode is
 * the pair's, so that owner and mode, once set, stay.
 */
#include <linux/magic.h>
#include "base/bits.h"
#include "base/errno.h"
#include "base/format.h"
#include "base/string.h"
#include "linux-api/abi.h"
#include "proc/cred.h"
#include "tty/pty.h"
#include "vfs/context.h"
#include "vfs/dentry.h"
#include "vfs/devfs/devices.h"
#include "vfs/fs.h"
#include "vfs/inode.h"

enum {
    INO_ROOT = 1,
    INO_PTMX = 2,
    INO_FIRST = 3
};

static int devpts_mount(const struct filesystem *fs, const char *source, unsigned flags,
                        const char *data, struct super **super);
static int instance_make(void);
static int options_parse(const char *data);
static int root_lookup(struct inode *dir, struct dentry *dentry);
static bool root_revalidate(struct inode *dir, struct dentry *dentry);
static int root_iterate(struct file *file, struct dir_sink *sink);
static int show_options(struct super *super, char *to, size_t size);
static int setattr(struct inode *inode, const struct attr *attr);

static struct {
    struct super *super;
    struct inode *ptmx;
    bool has_uid, has_gid;
    uint32_t uid, gid, mode, ptmx_mode;
} instance = {.mode = 0600};

static struct filesystem devpts = {.name = "devpts", .mount = devpts_mount};
static const struct super_ops super_ops = {.show_options = show_options};
static const struct inode_ops root_ops = {.lookup = root_lookup, .revalidate = root_revalidate};
static const struct inode_ops node_ops = {.setattr = setattr};
static const struct file_ops root_file_ops = {.iterate = root_iterate, .llseek = file_seek_generic};

int devpts_init(void)
{
    filesystem_register(&devpts);
    return 0;
}

int devpts_add(struct pty *pty)
{
    int err = instance.super ? 0 : instance_make();
    if (err)
        return err;
    struct inode *inode = inode_create(instance.super, S_IFCHR | instance.mode);
    if (!inode)
        return -ENOMEM;
    const struct cred *cred = context_cred();
    inode->ino = INO_FIRST + pty->index;
    inode->uid = instance.has_uid ? instance.uid : cred->fsuid;
    inode->gid = instance.has_gid ? instance.gid : cred->fsgid;
    inode->rdev = pty->tty.rdev;
    inode->ops = &node_ops;
    pty->inode = inode;
    return 0;
}

void devpts_remove(struct pty *pty)
{
    inode_put(pty->inode);
    pty->inode = nullptr;
}

static int devpts_mount(const struct filesystem *, const char *, unsigned, const char *data,
                        struct super **super)
{
    int err = instance.super ? 0 : instance_make();
    if (!err && data)
        err = options_parse(data);
    if (err)
        return err;
    instance.ptmx->mode = S_IFCHR | instance.ptmx_mode;
    *super = super_get(instance.super);
    return 0;
}

static int instance_make(void)
{
    struct super *super = super_create(&devpts, &super_ops, DEVPTS_SUPER_MAGIC);
    if (!super)
        return -ENOMEM;
    struct inode *root = inode_create(super, S_IFDIR | 0755);
    struct inode *ptmx = inode_create(super, S_IFCHR | instance.ptmx_mode);
    if (!root || !ptmx)
        goto drop;
    root->ino = INO_ROOT;
    root->nlink = 2;
    root->ops = &root_ops;
    root->fops = &root_file_ops;
    ptmx->ino = INO_PTMX;
    ptmx->rdev = dev_make(MAJOR_TTYAUX, TTYAUX_PTMX);
    ptmx->ops = &node_ops;
    super->root = dentry_create_root(super, root);
    root = nullptr;
    if (!super->root)
        goto drop;
    instance.super = super;
    instance.ptmx = ptmx;
    return 0;
drop:
    inode_put(root);
    inode_put(ptmx);
    super_put(super);
    return -ENOMEM;
}

/* uid= gid= mode= ptmxmode= max= newinstance */
static int options_parse(const char *data)
{
    while (*data) {
        size_t n = 0, name = 0;
        uint64_t value = 0;
        bool ok = true;
        while (data[name] && data[name] != '=' && data[name] != ',')
            name++;
        bool octal = name >= 4 && memcmp(data + name - 4, "mode", 4) == 0;
        n = name;
        if (data[n] == '=') {
            for (n++; data[n] && data[n] != ','; n++) {
                unsigned digit = (unsigned)(data[n] - '0');
                ok = ok && digit < (octal ? 8u : 10u) && value < UINT32_MAX / 10;
                value = value * (octal ? 8 : 10) + digit;
            }
        }
        if (!ok)
            return -EINVAL;
        if (name == 3 && memcmp(data, "uid", 3) == 0) {
            instance.has_uid = true;
            instance.uid = (uint32_t)value;
        } else if (name == 3 && memcmp(data, "gid", 3) == 0) {
            instance.has_gid = true;
            instance.gid = (uint32_t)value;
        } else if (name == 4 && octal) {
            instance.mode = value & 0777;
        } else if (name == 8 && memcmp(data, "ptmxmode", 8) == 0) {
            instance.ptmx_mode = value & 0777;
        } else if (!(name == 11 && memcmp(data, "newinstance", 11) == 0) &&
                   !(name == 3 && memcmp(data, "max", 3) == 0)) {
            return -EINVAL;
        }
        data += n;
        data += *data == ',';
    }
    return 0;
}

/* The number that NAME, N bytes, is; -1: none. */
static int number_of(const char *name, size_t n)
{
    uint32_t number = 0;
    if (n == 0 || n > 4 || (name[0] == '0' && n > 1))
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (name[i] < '0' || name[i] > '9')
            return -1;
        number = number * 10 + (uint32_t)(name[i] - '0');
    }
    return (int)number;
}

static struct inode *inode_of(const struct dentry *d)
{
    if (strcmp(d->name, "ptmx") == 0)
        return instance.ptmx;
    int number = number_of(d->name, d->name_bytes);
    struct pty *pty = number < 0 ? nullptr : pty_find((uint32_t)number);
    return pty ? pty->inode : nullptr;
}

static int root_lookup(struct inode *, struct dentry *dentry)
{
    struct inode *inode = inode_of(dentry);
    if (inode)
        dentry_set_inode(dentry, inode_get(inode));
    return 0;
}

static bool root_revalidate(struct inode *, struct dentry *dentry)
{
    return inode_of(dentry) == dentry->inode;
}

/* Position 2 is ptmx, 3 + N the slave N. */
static int root_iterate(struct file *file, struct dir_sink *sink)
{
    if (!dir_emit_dots(file, sink))
        return 0;
    if (sink->pos == INO_PTMX) {
        if (!sink->emit(sink, "ptmx", 4, INO_PTMX, DT_OF_MODE(S_IFCHR)))
            return 0;
        sink->pos = INO_FIRST;
    }
    int number;
    while ((number = pty_next((uint32_t)(sink->pos - INO_FIRST))) >= 0) {
        char name[8];
        int n = snprintf(name, sizeof name, "%d", number);
        if (!sink->emit(sink, name, (size_t)n, INO_FIRST + (uint64_t)number, DT_OF_MODE(S_IFCHR)))
            return 0;
        sink->pos = INO_FIRST + number + 1;
    }
    return 0;
}

static int show_options(struct super *, char *to, size_t size)
{
    char uid[24] = "", gid[24] = "";
    if (instance.has_uid)
        snprintf(uid, sizeof uid, ",uid=%u", instance.uid);
    if (instance.has_gid)
        snprintf(gid, sizeof gid, ",gid=%u", instance.gid);
    return snprintf(to, size, "%s%s,mode=%03o,ptmxmode=%03o", uid, gid, instance.mode,
                    instance.ptmx_mode);
}

static int setattr(struct inode *inode, const struct attr *attr)
{
    inode_setattr_generic(inode, attr);
    return 0;
}
