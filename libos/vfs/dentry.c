/* SPDX-License-Identifier: BSD-2-Clause */
/* dentry.c - the table of names. */
#include "vfs/dentry.h"

#include "base/assert.h"
#include "base/bits.h"
#include "base/errno.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/string.h"
#include "mm/heap.h"
#include "vfs/fs.h"
#include "vfs/inode.h"
#include "vfs/notify.h"

constexpr uint32_t BUCKETS_FIRST = 256;

static struct {
    struct list_node *buckets;
    uint32_t size;  /* a power of two */
    uint32_t count; /* dentries in it */
} table;

void dentry_init(void)
{
    table.buckets = heap_alloc(BUCKETS_FIRST * sizeof *table.buckets);
    if (!table.buckets)
        panic("vfs: no memory for the table of names");
    table.size = BUCKETS_FIRST;
    for (uint32_t i = 0; i < table.size; i++)
        list_init(&table.buckets[i]);
}

static uint32_t hash_name(const struct dentry *parent, const char *name, size_t n)
{
    return (uint32_t)(hash_bytes(name, n) ^ hash_u64((uint64_t)parent));
}

static struct list_node *bucket(uint32_t hash)
{
    return &table.buckets[hash & (table.size - 1)];
}

/* Twice the buckets, if memory allows: the table works without, only slower. */
static void table_grow(void)
{
    uint32_t old_size = table.size;
    struct list_node *old = table.buckets;
    struct list_node *new = heap_calloc(old_size * 2ul, sizeof *new);
    if (!new)
        return;
    table.buckets = new;
    table.size = old_size * 2;
    for (uint32_t i = 0; i < table.size; i++)
        list_init(&new[i]);
    for (uint32_t i = 0; i < old_size; i++) {
        struct list_node *node;
        while ((node = list_pop_front(&old[i])) != nullptr)
            list_push_front(bucket(container_of(node, struct dentry, hash_node)->hash), node);
    }
    heap_free(old);
}

static void table_add(struct dentry *d)
{
    if (table.count >= table.size)
        table_grow();
    d->hash = hash_name(d->parent, d->name, d->name_bytes);
    list_push_front(bucket(d->hash), &d->hash_node);
    d->flags |= DENTRY_HASHED;
    table.count++;
}

static void table_remove(struct dentry *d)
{
    if (!(d->flags & DENTRY_HASHED))
        return;
    list_remove(&d->hash_node);
    d->flags &= ~DENTRY_HASHED;
    table.count--;
}

/* Put D at the end of its parent's children. */
static void children_add(struct dentry *d)
{
    d->cookie = d->parent->next_cookie++;
    list_push_back(&d->parent->children, &d->sibling);
    if (d->parent->inode)
        d->parent->inode->version++;
}

static void children_remove(struct dentry *d)
{
    list_remove(&d->sibling);
    if (d->parent->inode)
        d->parent->inode->version++;
}

static struct dentry *create(struct super *super, const char *name, size_t n)
{
    struct dentry *d = heap_zalloc(sizeof *d);
    if (!d)
        return nullptr;
    d->name = d->short_name;
    if (n >= sizeof d->short_name && !(d->name = heap_alloc(n + 1))) {
        heap_free(d);
        return nullptr;
    }
    memcpy(d->name, name, n);
    d->name[n] = '\0';
    d->name_bytes = (uint16_t)n;
    d->refs = 1;
    d->super = super;
    d->parent = d;
    d->next_cookie = 2; /* after . and .. */
    list_init(&d->hash_node);
    list_init(&d->sibling);
    list_init(&d->children);
    return d;
}

static struct dentry *create_with_inode(struct super *super, struct inode *inode, const char *name)
{
    struct dentry *d = create(super, name, strlen(name));
    if (d)
        d->inode = inode;
    else
        inode_put(inode);
    return d;
}

struct dentry *dentry_create_root(struct super *super, struct inode *inode)
{
    return create_with_inode(super, inode, "/");
}

struct dentry *dentry_create_anonymous(struct super *super, struct inode *inode, const char *name)
{
    struct dentry *d = create_with_inode(super, inode, name);
    if (d)
        d->flags |= DENTRY_ANONYMOUS;
    return d;
}

struct dentry *dentry_create(struct dentry *parent, const char *name, size_t n)
{
    struct dentry *d = create(parent->super, name, n);
    if (!d)
        return nullptr;
    d->parent = dentry_get(parent);
    table_add(d);
    children_add(d);
    return d;
}

void dentry_put(struct dentry *d)
{
    /* A child holds its parent, so the last put may end a chain of them. */
    while (d && --d->refs == 0) {
        struct dentry *parent = d->parent == d ? nullptr : d->parent;
        assert(list_is_empty(&d->children));
        table_remove(d);
        if (parent && list_is_linked(&d->sibling))
            children_remove(d);
        if (d->inode && d->inode->nlink == 0)
            notify_inode_gone(d->inode);
        inode_put(d->inode);
        if (d->name != d->short_name)
            heap_free(d->name);
        heap_free(d);
        d = parent;
    }
}

struct dentry *dentry_find(struct dentry *parent, const char *name, size_t n)
{
    uint32_t hash = hash_name(parent, name, n);
    list_for_each(node, bucket(hash)) {
        struct dentry *d = container_of(node, struct dentry, hash_node);
        if (d->hash == hash && d->parent == parent && d->name_bytes == n &&
            memcmp(d->name, name, n) == 0)
            return dentry_get(d);
    }
    return nullptr;
}

int dentry_lookup(struct dentry *parent, const char *name, size_t n, struct dentry **out)
{
    struct inode *dir = parent->inode;
    struct dentry *d = dentry_find(parent, name, n);
    if (d && d->inode && dir->ops->revalidate && !dir->ops->revalidate(dir, d)) {
        dentry_drop(d);
        dentry_put(d);
        d = nullptr;
    }
    bool is_new = !d;
    if (is_new && !(d = dentry_create(parent, name, n)))
        return -ENOMEM;
    if (!d->inode && dir->ops->lookup) {
        int err = dir->ops->lookup(dir, d);
        if (err < 0 && err != -ENOENT) {
            dentry_put(d);
            return err;
        }
    }
    *out = d;
    return 0;
}

void dentry_set_inode(struct dentry *d, struct inode *inode)
{
    assert(!d->inode);
    d->inode = inode;
    if (d->parent->inode)
        d->parent->inode->version++;
}

void dentry_pin(struct dentry *d)
{
    assert(!(d->flags & DENTRY_PINNED));
    d->flags |= DENTRY_PINNED;
    dentry_get(d);
}

void dentry_drop(struct dentry *d)
{
    table_remove(d);
    if (list_is_linked(&d->sibling))
        children_remove(d);
    if (d->flags & DENTRY_PINNED) {
        d->flags &= ~DENTRY_PINNED;
        dentry_put(d);
    }
}

void dentry_drop_tree(struct dentry *root)
{
    struct dentry *at = root;
    for (;;) {
        struct list_node *first = list_first(&at->children);
        if (first) {
            at = container_of(first, struct dentry, sibling);
            continue;
        }
        if (at == root)
            return;
        struct dentry *parent = at->parent;
        dentry_drop(at);
        at = parent;
    }
}

/* Swap the names, wherever they are stored. */
static void name_swap(struct dentry *a, struct dentry *b)
{
    char text[sizeof a->short_name];
    bool a_short = a->name == a->short_name, b_short = b->name == b->short_name;
    char *a_name = a->name;
    memcpy(text, a->short_name, sizeof text);
    memcpy(a->short_name, b->short_name, sizeof text);
    memcpy(b->short_name, text, sizeof text);
    a->name = b_short ? a->short_name : b->name;
    b->name = a_short ? b->short_name : a_name;
    uint16_t n = a->name_bytes;
    a->name_bytes = b->name_bytes;
    b->name_bytes = n;
}

/* Give D the name of FROM, which keeps it for those who still stand there; without memory for a
 * long name they swap. */
static void name_copy(struct dentry *d, struct dentry *from)
{
    char *copy = d->short_name;
    if (from->name != from->short_name &&
        !(copy = heap_memdup(from->name, from->name_bytes + 1ul))) {
        name_swap(d, from);
        return;
    }
    if (d->name != d->short_name)
        heap_free(d->name);
    if (copy == d->short_name)
        memcpy(d->short_name, from->short_name, sizeof d->short_name);
    d->name = copy;
    d->name_bytes = from->name_bytes;
}

/* D goes on under PARENT (its reference on the old one is given back). */
static void parent_change(struct dentry *d, struct dentry *parent)
{
    struct dentry *old = d->parent;
    children_remove(d);
    d->parent = dentry_get(parent);
    children_add(d);
    dentry_put(old);
}

void dentry_move(struct dentry *d, struct dentry *target)
{
    table_remove(d);
    table_remove(target);
    name_copy(d, target);
    if (d->parent != target->parent)
        parent_change(d, target->parent);
    table_add(d);
    dentry_drop(target);
    if (d->parent->inode)
        d->parent->inode->version++;
}

void dentry_exchange(struct dentry *a, struct dentry *b)
{
    struct dentry *a_parent = dentry_get(a->parent);
    table_remove(a);
    table_remove(b);
    name_swap(a, b);
    if (a->parent != b->parent) {
        parent_change(a, b->parent);
        parent_change(b, a_parent);
    }
    table_add(a);
    table_add(b);
    dentry_put(a_parent);
}

bool dentry_is_below(const struct dentry *a, const struct dentry *b)
{
    while (a != b) {
        if (a->parent == a)
            return false;
        a = a->parent;
    }
    return true;
}

bool dentry_has_children(const struct dentry *dir)
{
    list_for_each(node, &dir->children) {
        if (container_of(node, struct dentry, sibling)->inode)
            return true;
    }
    return false;
}
