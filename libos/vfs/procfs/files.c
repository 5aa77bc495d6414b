/* SPDX-License-Identifier: BSD-2-Clause */
/* files.c - reading and writing the files of procfs. */
#include "vfs/procfs/files.h"

#include "base/bits.h"
#include "base/errno.h"
#include "mm/heap.h"
#include "mm/mm.h"
#include "proc/process.h"
#include "vfs/file.h"
#include "vfs/inode.h"
#include "vfs/procfs/procfs.h"

constexpr size_t STORE_MOST = 4096; /* longest text that can be written to a file */
constexpr size_t CHUNK = 512;

static int file_open(struct inode *inode, struct file *file);
static void file_release(struct file *file);
static ssize_t file_read(struct file *file, struct iter *to, loff_t *pos);
static ssize_t file_write(struct file *file, struct iter *from, loff_t *pos);
static int memory_open(struct inode *inode, struct file *file);
static ssize_t memory_read(struct file *file, struct iter *to, loff_t *pos);
static ssize_t memory_write(struct file *file, struct iter *from, loff_t *pos);

const struct file_ops proc_file_ops = {
    .open = file_open,
    .release = file_release,
    .read = file_read,
    .write = file_write,
    .llseek = file_seek_generic,
};

const struct file_ops proc_memory_ops = {
    .open = memory_open,
    .read = memory_read,
    .write = memory_write,
    .llseek = file_seek_generic,
};

static const struct proc_node *node_of(const struct file *file)
{
    return file->inode->private;
}

static int file_open(struct inode *inode, struct file *file)
{
    const struct proc_node *node = inode->private;
    if (proc_is_gone(node))
        return -ESRCH;
    int err = node->entry->restricted ? proc_may_trace(node) : 0;
    if (err)
        return err;
    struct text *text = heap_zalloc(sizeof *text);
    if (!text)
        return -ENOMEM;
    file->private = text;
    return 0;
}

static void file_release(struct file *file)
{
    text_release(file->private);
    heap_free(file->private);
}

static int entry_show(struct text *text, const struct proc_node *node)
{
    if (node->entry->show)
        return node->entry->show(text, node);
    text_add(text, "%s\n", node->entry->line);
    return 0;
}

/* The text is that of the moment when its beginning was read. */
static ssize_t file_read(struct file *file, struct iter *to, loff_t *pos)
{
    const struct proc_node *node = node_of(file);
    struct text *text = file->private;
    const struct proc_entry *entry = node->entry;
    if (!entry->show && !entry->line)
        return -EIO;
    if (*pos == 0 || !text->data) {
        if (proc_is_gone(node))
            return -ESRCH;
        text->length = 0;
        int err = entry_show(text, node);
        if (!err && text->failed)
            err = -ENOMEM;
        if (err) {
            text_release(text);
            return err;
        }
    }
    if ((uint64_t)*pos >= text->length)
        return 0;
    size_t n = MIN(iter_count(to), text->length - (size_t)*pos);
    ssize_t done = iter_copy_to(to, text->data + *pos, n);
    if (done > 0)
        *pos += done;
    return done;
}

static ssize_t file_write(struct file *file, struct iter *from, loff_t *pos)
{
    const struct proc_node *node = node_of(file);
    size_t n = iter_count(from);
    if (!node->entry->store)
        return -EIO;
    if (proc_is_gone(node))
        return -ESRCH;
    if (n >= STORE_MOST)
        return -EINVAL;
    char *bytes = heap_alloc(n + 1);
    if (!bytes)
        return -ENOMEM;
    ssize_t result = iter_copy_from(from, bytes, n);
    if (result >= 0) {
        bytes[result] = '\0';
        result = node->entry->store(node, bytes, (size_t)result);
    }
    heap_free(bytes);
    if (result > 0)
        *pos += result;
    return result;
}

static int memory_open(struct inode *inode, struct file *)
{
    return proc_may_trace(inode->private);
}

static ssize_t memory_read(struct file *file, struct iter *to, loff_t *pos)
{
    struct mm *mm = node_of(file)->process->mm;
    ssize_t done = 0;
    while (mm && iter_count(to) > 0) {
        uint8_t chunk[CHUNK];
        size_t n = mm_read(mm, (uaddr_t)*pos, chunk, MIN(sizeof chunk, iter_count(to)));
        if (n == 0)
            return done > 0 ? done : -EIO;
        ssize_t copied = iter_copy_to(to, chunk, n);
        if (copied <= 0)
            return done > 0 ? done : copied;
        done += copied;
        *pos += copied;
    }
    return done;
}

static ssize_t memory_write(struct file *file, struct iter *from, loff_t *pos)
{
    struct mm *mm = node_of(file)->process->mm;
    ssize_t done = 0;
    while (mm && iter_count(from) > 0) {
        uint8_t chunk[CHUNK];
        ssize_t n = iter_copy_from(from, chunk, MIN(sizeof chunk, iter_count(from)));
        if (n <= 0)
            return done > 0 ? done : n;
        size_t written = mm_write(mm, (uaddr_t)*pos, chunk, (size_t)n);
        done += (ssize_t)written;
        *pos += (loff_t)written;
        if (written < (size_t)n)
            return done > 0 ? done : -EIO;
    }
    return done;
}
