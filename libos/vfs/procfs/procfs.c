/* SPDX-License-Identifier: BSD-2-Clause */
/* procfs.c - the file system as such: inodes, names, directories, links. */
#include "vfs/procfs/procfs.h"

#include <linux/magic.h>
#include <linux/mount.h>
#include "base/bits.h"
#include "base/errno.h"
#include "base/format.h"
#include "base/string.h"
#include "mm/heap.h"
#include "mm/mm.h"
#include "proc/pid_namespace.h"
#include "proc/process.h"
#include "sched/thread.h"
#include "vfs/dentry.h"
#include "vfs/file.h"
#include "vfs/fs.h"
#include "vfs/inode.h"
#include "vfs/mount.h"
#include "vfs/procfs/files.h"
#include "vfs/vfs.h"

static void proc_evict(struct inode *inode);
static void proc_destroy(struct super *super);
static int proc_lookup(struct inode *dir, struct dentry *dentry);
static bool proc_revalidate(struct inode *dir, struct dentry *dentry);
static int proc_iterate(struct file *file, struct dir_sink *sink);
static int proc_dir_open(struct inode *inode, struct file *file);
static ssize_t proc_readlink(struct inode *inode, char *to, size_t size);
static int proc_follow(struct inode *inode, struct path *to);
static int proc_setattr(struct inode *inode, const struct attr *attr);
static int proc_permission(struct inode *inode, unsigned may);
static struct inode *inode_make(struct super *super, const struct proc_node *node, uint64_t ino);
static void owner_set(struct inode *inode, const struct proc_node *node);
static void node_release(struct proc_node *node);
static uint64_t ino_of_entry(const struct proc_node *dir, unsigned index);
static uint64_t ino_of_number(const struct proc_node *dir, int32_t number);

static const struct super_ops super_ops = {.evict = proc_evict, .destroy = proc_destroy};
static const struct inode_ops dir_ops = {
    .lookup = proc_lookup, .revalidate = proc_revalidate, .setattr = proc_setattr};
static const struct inode_ops link_ops = {.readlink = proc_readlink, .setattr = proc_setattr};
static const struct inode_ops magic_ops = {
    .readlink = proc_readlink, .follow = proc_follow, .setattr = proc_setattr};
static const struct inode_ops file_inode_ops = {.permission = proc_permission,
                                                .setattr = proc_setattr};
static const struct file_ops dir_file_ops = {
    .open = proc_dir_open, .iterate = proc_iterate, .llseek = file_seek_generic};

static const struct proc_entry root_entry = PROC_DIR("/", 0555, proc_root_directory);
static struct proc_tree proc_tree = {.fs = {.name = "proc", .mount = proc_tree_mount},
                                     .root = &root_entry,
                                     .shows_processes = true,
                                     .magic = PROC_SUPER_MAGIC};

int procfs_init(void)
{
    return proc_tree_init(&proc_tree, "/proc");
}

int proc_tree_init(struct proc_tree *tree, const char *path)
{
    filesystem_register(&tree->fs);
    int err = vfs_make_node(path, S_IFDIR | 0555, 0, 0, 0);
    if (err && err != -EEXIST)
        return err;
    return vfs_mount(tree->fs.name, path, tree->fs.name, MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr);
}

static struct super *instance_make(const struct proc_tree *tree, struct pid_namespace *pids)
{
    struct super *super = super_create(&tree->fs, &super_ops, tree->magic);
    if (!super)
        return nullptr;
    super->private = pid_namespace_get(pids);
    struct proc_node node = {.entry = tree->root, .number = -1, .pids = pids};
    struct inode *root = inode_make(super, &node, 1);
    if (root)
        super->root = dentry_create_root(super, root);
    if (!super->root) {
        super_put(super);
        return nullptr;
    }
    return super;
}

static void proc_destroy(struct super *super)
{
    pid_namespace_put(super->private);
}

static struct pid_namespace *pids_of_mounter(void)
{
    return current && current->process ? current->process->pids : &pid_namespace_first;
}

int proc_tree_mount(const struct filesystem *fs, const char *, unsigned, const char *,
                    struct super **super)
{
    struct proc_tree *tree = container_of(fs, struct proc_tree, fs);
    struct pid_namespace *pids = pids_of_mounter();
    if (tree->shows_processes && pids != &pid_namespace_first) {
        *super = instance_make(tree, pids);
        return *super ? 0 : -ENOMEM;
    }
    if (!tree->instance)
        tree->instance = instance_make(tree, &pid_namespace_first);
    if (!tree->instance)
        return -ENOMEM;
    *super = super_get(tree->instance);
    return 0;
}

static struct proc_node *node_of(const struct inode *inode)
{
    return inode->private;
}

struct process *procfs_process_of(const struct file *file)
{
    if (file->inode->super->fs != &proc_tree.fs)
        return nullptr;
    const struct proc_node *node = node_of(file->inode);
    return node->entry->directory == &proc_process_directory ? node->process : nullptr;
}

static void proc_evict(struct inode *inode)
{
    node_release(inode->private);
    heap_free(inode->private);
}

/* The number in NAME, which is a prefix and a number, or -1. */
static int32_t number_in(const struct proc_numbers *numbers, const char *name, size_t n)
{
    size_t prefix = strlen(numbers->entry->name);
    if (n <= prefix || memcmp(name, numbers->entry->name, prefix) != 0)
        return -1;
    return proc_number_of(name + prefix, n - prefix);
}

/* Find NAME in DIR: CHILD with its references, and its inode number; false: there is none. */
static bool find(const struct proc_node *dir, const char *name, size_t n, struct proc_node *child,
                 uint64_t *ino)
{
    const struct proc_directory *d = dir->entry->directory;
    for (unsigned i = 0; i < d->count; i++) {
        if (strlen(d->entries[i].name) != n || memcmp(d->entries[i].name, name, n) != 0)
            continue;
        *child = (struct proc_node){.entry = &d->entries[i],
                                    .number = dir->number,
                                    .by_mode_alone = d->by_mode_alone,
                                    .pids = dir->pids};
        if (dir->process)
            proc_node_set(child, dir->process, dir->thread);
        *ino = ino_of_entry(dir, i);
        return true;
    }
    int32_t number = d->numbers ? number_in(d->numbers, name, n) : -1;
    if (number < 0)
        return false;
    *child = (struct proc_node){.entry = d->numbers->entry, .number = number, .pids = dir->pids};
    *ino = ino_of_number(dir, number);
    return d->numbers->find(dir, number, child);
}

static int proc_lookup(struct inode *inode, struct dentry *dentry)
{
    const struct proc_node *dir = node_of(inode);
    struct proc_node child;
    uint64_t ino;
    if (proc_is_gone(dir) || !find(dir, dentry->name, dentry->name_bytes, &child, &ino))
        return 0;
    struct inode *made = inode_make(inode->super, &child, ino);
    if (!made) {
        node_release(&child);
        return -ENOMEM;
    }
    dentry_set_inode(dentry, made);
    return 0;
}

/* The dentry lives on while somebody uses it; what it names may have ended, or be something else
 * under the same number. */
static bool proc_revalidate(struct inode *inode, struct dentry *dentry)
{
    const struct proc_node *dir = node_of(inode);
    struct proc_node *known = node_of(dentry->inode), found;
    uint64_t ino;
    if (!known->process)
        return true;
    if (proc_is_gone(dir) || proc_is_gone(known) ||
        !find(dir, dentry->name, dentry->name_bytes, &found, &ino))
        return false;
    bool same = found.process == known->process && found.thread == known->thread;
    node_release(&found);
    owner_set(dentry->inode, known);
    return same;
}

static int proc_dir_open(struct inode *inode, struct file *)
{
    const struct proc_node *node = node_of(inode);
    return node->entry->restricted ? proc_may_trace(node) : 0;
}

/* Positions: 0 and 1 for . and .., then the table, then the numbers. */
static int proc_iterate(struct file *file, struct dir_sink *sink)
{
    const struct proc_node *dir = node_of(file->inode);
    const struct proc_directory *d = dir->entry->directory;
    if (proc_is_gone(dir))
        return -ENOENT;
    if (!dir_emit_dots(file, sink))
        return 0;
    for (; sink->pos < 2 + (loff_t)d->count; sink->pos++) {
        unsigned i = (unsigned)(sink->pos - 2);
        const struct proc_entry *e = &d->entries[i];
        if (!sink->emit(sink, e->name, strlen(e->name), ino_of_entry(dir, i), DT_OF_MODE(e->mode)))
            return 0;
    }
    if (!d->numbers)
        return 0;
    loff_t first = 2 + (loff_t)d->count;
    int64_t number;
    while ((number = d->numbers->next(dir, sink->pos - first)) >= 0) {
        char name[32];
        int n = snprintf(name, sizeof name, "%s%d", d->numbers->entry->name, (int)number);
        if (!sink->emit(sink, name, (size_t)n, ino_of_number(dir, (int32_t)number),
                        DT_OF_MODE(d->numbers->entry->mode)))
            return 0;
        sink->pos = first + number + 1;
    }
    return 0;
}

static ssize_t proc_readlink(struct inode *inode, char *to, size_t size)
{
    const struct proc_node *node = node_of(inode);
    if (node->entry->restricted) {
        int err = proc_may_trace(node);
        if (err)
            return err;
    }
    if (node->entry->target) {
        size_t n = MIN(strlen(node->entry->target), size);
        memcpy(to, node->entry->target, n);
        return (ssize_t)n;
    }
    if (node->entry->readlink)
        return node->entry->readlink(node, to, size);

    struct path path;
    int err = node->entry->follow(node, &path);
    if (err)
        return err;
    struct text text = {};
    err = proc_add_path(&text, &path, "");
    path_put(&path);
    size_t n = MIN(text.length, size);
    if (!err && text.failed)
        err = -ENOMEM;
    if (!err)
        memcpy(to, text.data, n);
    text_release(&text);
    return err ? err : (ssize_t)n;
}

static int proc_follow(struct inode *inode, struct path *to)
{
    const struct proc_node *node = node_of(inode);
    int err = node->entry->restricted ? proc_may_trace(node) : 0;
    return err ? err : node->entry->follow(node, to);
}

/* Owners and modes are facts here, not attributes. */
static int proc_setattr(struct inode *, const struct attr *attr)
{
    return attr->valid & (ATTR_MODE | ATTR_UID | ATTR_GID) ? -EPERM : 0;
}

static int proc_permission(struct inode *inode, unsigned may)
{
    uint32_t any = inode->mode >> 6 | inode->mode >> 3 | inode->mode;
    if (node_of(inode)->by_mode_alone && may & ~any & (MAY_READ | MAY_WRITE | MAY_EXEC))
        return -EACCES;
    return inode_permission_generic(inode, may);
}

/* Takes over NODE's references. */
static struct inode *inode_make(struct super *super, const struct proc_node *node, uint64_t ino)
{
    struct proc_node *private = heap_memdup(node, sizeof *node);
    if (!private)
        return nullptr;
    const struct proc_entry *e = node->entry;
    struct inode *inode = inode_create(super, e->mode);
    if (!inode) {
        heap_free(private);
        return nullptr;
    }
    inode->ino = ino;
    inode->private = private;
    if (S_ISDIR(e->mode)) {
        inode->nlink = 2;
        inode->ops = &dir_ops;
        inode->fops = &dir_file_ops;
    } else if (S_ISLNK(e->mode)) {
        inode->ops = e->follow ? &magic_ops : &link_ops;
    } else {
        inode->ops = &file_inode_ops;
        inode->fops = e->fops ? e->fops : &proc_file_ops;
    }
    owner_set(inode, node);
    return inode;
}

/* A process's files belong to its user, unless it must not be dumped (prctl(2), PR_SET_DUMPABLE). */
static void owner_set(struct inode *inode, const struct proc_node *node)
{
    const struct thread *t = proc_thread(node);
    const struct process *p = node->process;
    bool is_root = !t || !t->cred || !p || (p->mm && !p->mm->dumpable);
    inode->uid = is_root ? 0 : t->cred->euid;
    inode->gid = is_root ? 0 : t->cred->egid;
}

static void node_release(struct proc_node *node)
{
    if (node->process)
        process_put(node->process);
    thread_put(node->thread);
    node->process = nullptr;
    node->thread = nullptr;
}

/* High half: pid, tid or number plus one.  Low half: which kind of thing, and which of these. */
static uint64_t ino_base(const struct proc_node *dir)
{
    uint64_t owner = dir->thread    ? (uint64_t)dir->thread->tid + 1
                     : dir->process ? (uint64_t)dir->process->pid + 1
                                    : (uint64_t)(dir->number + 1);
    return owner << 32 | (dir->thread ? 1u << 31 : 0);
}

static uint64_t ino_of_entry(const struct proc_node *dir, unsigned index)
{
    return ino_base(dir) | (uint64_t)dir->entry->directory->id << 20 | (index + 2);
}

static uint64_t ino_of_number(const struct proc_node *dir, int32_t number)
{
    if (dir->process) /* a thread, a descriptor */
        return ino_base(dir) | 1u << 30 | (uint64_t)dir->entry->directory->id << 20 |
               (uint32_t)number;
    return ((uint64_t)number + 1) << 32 | (uint64_t)dir->entry->directory->id << 20 | 1;
}
