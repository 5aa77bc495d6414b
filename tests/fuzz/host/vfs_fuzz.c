/* SPDX-License-Identifier: BSD-2-Clause */
/* vfs_fuzz.c - files and names on a tmpfs against a model of them.
 *
 * Input: operations, one byte and what it needs.  Each result, content, size and count of links must
 * be what the model (vfs_model.h) says.
 */
#include <linux/falloc.h>
#include <linux/fs.h>
#include "base/errno.h"
#include "fake_vfs.h"
#include "fuzz.h"
#include "linux-api/abi.h"
#include "tree.h"
#include "vfs/dentry.h"
#include "vfs/file.h"
#include "vfs/fs.h"
#include "vfs/inode.h"
#include "vfs/mount.h"
#include "vfs/vfs.h"
#include "vfs_model.h"

constexpr unsigned SLOTS = 6;

static struct slot {
    struct file *file;
    struct node *node;
    uint32_t flags;
} slots[SLOTS];

static uint8_t buffer[MODEL_BYTES];

static struct slot *slot_any(struct bytes *b)
{
    return &slots[bytes_u8(b) % SLOTS];
}

static bool is_writable(const struct slot *s)
{
    return s->file && (s->flags & O_ACCMODE) != O_RDONLY;
}

static void slot_close(struct slot *s)
{
    file_put(s->file);
    if (s->node) {
        s->node->opens--;
        model_release(s->node);
    }
    *s = (struct slot){};
}

static void stat_check(const struct inode *inode, const struct node *node)
{
    MUST(S_ISDIR(inode->mode) == node->is_dir);
    MUST(inode->nlink == node->nlink);
    MUST(node->is_dir || inode->size == node->size);
}

static void try_open(struct bytes *b)
{
    static const uint32_t modes[] = {O_RDONLY, O_WRONLY, O_RDWR, O_RDWR};
    struct slot *s = slot_any(b);
    uint8_t bits = bytes_u8(b);
    struct model_name name = model_name_make(bytes_u8(b));
    slot_close(s);
    s->flags = modes[bits & 3] | (bits & 4 ? O_CREAT : 0) | (bits & 8 ? O_EXCL : 0) |
               (bits & 16 ? O_TRUNC : 0) | (bits & 32 ? O_APPEND : 0);
    int expected = model_open(&name, s->flags, &s->node);
    s->file = fake_open(name.text, s->flags, 0644);
    MUST((s->file ? 0 : fake_error) == expected);
    if (s->file)
        stat_check(s->file->inode, s->node);
}

static void try_write(struct bytes *b)
{
    struct slot *s = slot_any(b);
    size_t offset = bytes_u16(b) % MODEL_BYTES, n = bytes_u16(b);
    uint8_t fill = bytes_u8(b);
    if (!is_writable(s))
        return;
    if (s->flags & O_APPEND)
        offset = s->node->size;
    n %= MODEL_BYTES - offset + 1;
    for (size_t i = 0; i < n; i++)
        buffer[i] = (uint8_t)(fill + i);
    MUST(file_write_kernel(s->file, buffer, n, (loff_t)offset) == (ssize_t)n);
    model_write(s->node, buffer, offset, n);
    stat_check(s->file->inode, s->node);
}

static void content_check(struct slot *s, size_t offset, size_t n)
{
    size_t expected = offset >= s->node->size ? 0 : s->node->size - offset;
    if ((s->flags & O_ACCMODE) == O_WRONLY)
        return;
    if (expected > n)
        expected = n;
    MUST(file_read_kernel(s->file, buffer, n, (loff_t)offset) == (ssize_t)expected);
    MUST(memcmp(buffer, s->node->data + offset, expected) == 0);
}

static void try_read(struct bytes *b)
{
    struct slot *s = slot_any(b);
    size_t offset = bytes_u16(b) % MODEL_BYTES, n = bytes_u16(b) % MODEL_BYTES;
    if (s->file && !s->node->is_dir)
        content_check(s, offset, n);
}

static void try_truncate(struct bytes *b)
{
    struct slot *s = slot_any(b);
    size_t size = bytes_u16(b) % (MODEL_BYTES + 1);
    if (!is_writable(s))
        return;
    MUST(vfs_truncate(s->file->inode, size) == 0);
    model_truncate(s->node, size);
    content_check(s, 0, MODEL_BYTES);
}

static void try_punch(struct bytes *b)
{
    struct slot *s = slot_any(b);
    size_t offset = bytes_u16(b) % MODEL_BYTES, n = 1 + bytes_u16(b) % MODEL_BYTES;
    int mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
    if (!is_writable(s))
        return;
    MUST(s->file->ops->fallocate(s->file, mode, (loff_t)offset, (loff_t)n) == 0);
    if (n > MODEL_BYTES - offset)
        n = MODEL_BYTES - offset;
    memset(s->node->data + offset, 0, n);
    content_check(s, 0, MODEL_BYTES);
}

static void try_names(struct bytes *b, uint8_t what)
{
    struct model_name a = model_name_make(bytes_u8(b)), to;
    unsigned flags;
    switch (what) {
    case 0: MUST(vfs_mkdir(AT_FDCWD, a.text, 0755) == model_mkdir(&a)); break;
    case 1: MUST(vfs_unlink(AT_FDCWD, a.text) == model_unlink(&a)); break;
    case 2: MUST(vfs_rmdir(AT_FDCWD, a.text) == model_rmdir(&a)); break;
    case 3:
        to = model_name_make(bytes_u8(b));
        MUST(vfs_link(AT_FDCWD, a.text, AT_FDCWD, to.text, 0) == model_link(&a, &to));
        break;
    default:
        to = model_name_make(bytes_u8(b));
        flags = bytes_u8(b) % 3;
        MUST(vfs_rename(AT_FDCWD, a.text, AT_FDCWD, to.text, flags) ==
             model_rename(&a, &to, flags));
    }
}

struct reader {
    struct dir_sink sink;
    unsigned names; /* a bit for each of the model's */
    unsigned room;
};

static bool name_seen(struct dir_sink *sink, const char *name, size_t n, uint64_t, unsigned)
{
    struct reader *r = container_of(sink, struct reader, sink);
    if (r->room-- == 0)
        return false;
    if (name[0] == '.')
        return true;
    unsigned bit = 1u << (name[0] - 'a');
    MUST(n == 1 && bit < 1u << MODEL_NAMES && !(r->names & bit));
    r->names |= bit;
    return true;
}

/* A whole directory at once, or some of it through a file that stays open. */
static void try_read_directory(struct bytes *b)
{
    struct slot *s = slot_any(b);
    unsigned room = bytes_u8(b);
    if (!s->file || !s->node->is_dir)
        return;
    bool is_whole = room >= MODEL_NAMES + 2;
    struct reader r = {.sink = {is_whole ? 0 : s->file->pos, name_seen}, .room = room};
    MUST(s->file->ops->iterate(s->file, &r.sink) == 0);
    s->file->pos = r.sink.pos;
    if (is_whole)
        MUST(r.names == model_names_of(s->node));
}

static void operate(struct bytes *b)
{
    uint8_t what = bytes_u8(b) % 14;
    switch (what) {
    case 5:
    case 6: try_open(b); break;
    case 7:
    case 8: try_write(b); break;
    case 9: try_read(b); break;
    case 10: try_truncate(b); break;
    case 11: try_punch(b); break;
    case 12: try_read_directory(b); break;
    case 13: slot_close(slot_any(b)); break;
    default: try_names(b, what);
    }
}

/* All that DENTRY has below it is what NODE has. */
static void compare(const struct dentry *dentry, const struct node *node)
{
    unsigned names = 0;
    stat_check(dentry->inode, node);
    list_for_each(place, &dentry->children) {
        const struct dentry *d = container_of(place, struct dentry, sibling);
        if (!d->inode)
            continue;
        unsigned which = (unsigned)(d->name[0] - 'a');
        MUST(which < MODEL_NAMES && node->child[which]);
        names |= 1u << which;
        compare(d, node->child[which]);
    }
    MUST(names == model_names_of(node));
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t n)
{
    struct bytes b = {input, n};
    fake_vfs_begin();
    struct node *root = model_begin();
    while (b.left)
        operate(&b);
    compare(root_path.dentry, root);
    for (unsigned i = 0; i < SLOTS; i++)
        slot_close(&slots[i]);
    tree_check();
    tree_empty();
    fake_vfs_end();
    return 0;
}
