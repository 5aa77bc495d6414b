/* SPDX-License-Identifier: BSD-2-Clause */
/* vma_tree.c - ranges by address: an AVL tree, augmented with the free gaps.
 *
 * Each node knows the free space directly below its range (`gap`) and the largest gap in its
 * subtree, so that the highest gap of a given size is found without looking at all ranges.
 * After the bounds of a range have changed, vma_tree_changed brings both up to date.
 */
#include "base/assert.h"
#include "base/bits.h"
#include "mm/vma.h"

static int height(const struct vma *v)
{
    return v ? v->height : 0;
}

static uint64_t widest(const struct vma *v)
{
    return v ? v->widest_gap : 0;
}

static void node_update(struct vma *v)
{
    v->height = (int8_t)(MAX(height(v->left), height(v->right)) + 1);
    v->widest_gap = MAX(v->gap, MAX(widest(v->left), widest(v->right)));
}

/* Put NEW in OLD's place below PARENT. */
static void child_replace(struct vma_tree *tree, struct vma *parent, struct vma *old,
                          struct vma *new)
{
    if (!parent)
        tree->root = new;
    else if (parent->left == old)
        parent->left = new;
    else
        parent->right = new;
    if (new)
        new->parent = parent;
}

static struct vma *rotate_left(struct vma_tree *tree, struct vma *v)
{
    struct vma *r = v->right;

    child_replace(tree, v->parent, v, r);
    v->right = r->left;
    if (v->right)
        v->right->parent = v;
    r->left = v;
    v->parent = r;
    node_update(v);
    node_update(r);
    return r;
}

static struct vma *rotate_right(struct vma_tree *tree, struct vma *v)
{
    struct vma *l = v->left;

    child_replace(tree, v->parent, v, l);
    v->left = l->right;
    if (v->left)
        v->left->parent = v;
    l->right = v;
    v->parent = l;
    node_update(v);
    node_update(l);
    return l;
}

/* From V towards the root: heights, gaps and balance, up to where a subtree is to its parent what it
 * was before. */
static void path_fix(struct vma_tree *tree, struct vma *v)
{
    while (v) {
        int8_t height_before = v->height;
        uint64_t widest_before = v->widest_gap;
        node_update(v);
        int balance = height(v->left) - height(v->right);
        if (balance > 1) {
            if (height(v->left->left) < height(v->left->right))
                rotate_left(tree, v->left);
            v = rotate_right(tree, v);
        } else if (balance < -1) {
            if (height(v->right->right) < height(v->right->left))
                rotate_right(tree, v->right);
            v = rotate_left(tree, v);
        }
        if (v->height == height_before && v->widest_gap == widest_before)
            return;
        v = v->parent;
    }
}

static void gap_update(struct vma_tree *tree, struct vma *v)
{
    const struct vma *below = vma_previous(tree, v);
    v->gap = v->start - (below ? below->end : 0);
}

void vma_tree_init(struct vma_tree *tree)
{
    tree->root = nullptr;
    tree->count = 0;
    list_init(&tree->list);
}

void vma_tree_insert(struct vma_tree *tree, struct vma *vma)
{
    struct vma **link = &tree->root, *parent = nullptr;
    struct list_node *above = &tree->list;

    while (*link) {
        parent = *link;
        if (vma->start < parent->start) {
            above = &parent->node;
            link = &parent->left;
        } else {
            link = &parent->right;
        }
    }
    vma->parent = parent;
    vma->left = vma->right = nullptr;
    vma->height = 0;
    *link = vma;
    list_insert_before(above, &vma->node);
    tree->count++;
    gap_update(tree, vma);
    path_fix(tree, vma);
    struct vma *next = vma_next(tree, vma);
    if (next) {
        gap_update(tree, next);
        path_fix(tree, next);
    }
}

void vma_tree_remove(struct vma_tree *tree, struct vma *vma)
{
    struct vma *next = vma_next(tree, vma), *fix;

    if (vma->left && vma->right) {
        /* NEXT is the leftmost of the right subtree: it takes VMA's place. */
        fix = next->parent == vma ? next : next->parent;
        if (next->parent != vma) {
            child_replace(tree, next->parent, next, next->right);
            next->right = vma->right;
            next->right->parent = next;
        }
        next->left = vma->left;
        next->left->parent = next;
        child_replace(tree, vma->parent, vma, next);
        next->height = vma->height;
        next->widest_gap = vma->widest_gap;
    } else {
        fix = vma->parent;
        child_replace(tree, vma->parent, vma, vma->left ? vma->left : vma->right);
    }
    list_remove(&vma->node);
    tree->count--;
    if (next)
        gap_update(tree, next);
    path_fix(tree, fix);
    if (next)
        path_fix(tree, next);
}

void vma_tree_changed(struct vma_tree *tree, struct vma *vma)
{
    struct vma *next = vma_next(tree, vma);

    gap_update(tree, vma);
    path_fix(tree, vma);
    if (next) {
        gap_update(tree, next);
        path_fix(tree, next);
    }
}

struct vma *vma_tree_find(const struct vma_tree *tree, uint64_t address)
{
    struct vma *v = tree->root, *found = nullptr;

    while (v) {
        if (address < v->end) {
            found = v;
            v = v->left;
        } else {
            v = v->right;
        }
    }
    return found;
}

struct vma *vma_next(const struct vma_tree *tree, const struct vma *vma)
{
    return vma->node.next == &tree->list ? nullptr : container_of(vma->node.next, struct vma, node);
}

struct vma *vma_previous(const struct vma_tree *tree, const struct vma *vma)
{
    return vma->node.prev == &tree->list ? nullptr : container_of(vma->node.prev, struct vma, node);
}

struct vma *vma_tree_last(const struct vma_tree *tree)
{
    const struct list_node *node = list_last(&tree->list);
    return node ? container_of(node, struct vma, node) : nullptr;
}

/* Is there room for LENGTH in [LOW, HIGH)?  The highest place. */
static bool gap_fits(uint64_t gap_start, uint64_t gap_end, uint64_t length, uint64_t low,
                     uint64_t high, uint64_t *start)
{
    uint64_t from = MAX(gap_start, low), to = MIN(gap_end, high);

    if (to < from || to - from < length)
        return false;
    *start = to - length;
    return true;
}

bool vma_tree_find_gap(const struct vma_tree *tree, uint64_t length, uint64_t low, uint64_t high,
                       uint64_t *start)
{
    const struct vma *last = vma_tree_last(tree), *v = tree->root;

    if (gap_fits(last ? last->end : 0, UINT64_MAX, length, low, high, start))
        return true;
    /* Down the tree, the right side first.  A subtree is entered only if it has a gap that is
     * wide enough; whether that lies in [low, high) turns out at the node. */
    while (v) {
        if (v->right && v->start < high && widest(v->right) >= length) {
            v = v->right;
            continue;
        }
        for (;;) {
            if (v->gap >= length && gap_fits(v->start - v->gap, v->start, length, low, high, start))
                return true;
            if (v->start > low && widest(v->left) >= length) {
                v = v->left;
                break;
            }
            /* Up, until a node whose right side is done. */
            while (v->parent && v->parent->left == v)
                v = v->parent;
            v = v->parent;
            if (!v)
                return false;
        }
    }
    return false;
}

bool vma_tree_is_sane(const struct vma_tree *tree)
{
    uint64_t end = 0;
    uint32_t count = 0;

    list_for_each(node, &tree->list) {
        const struct vma *v = container_of(node, struct vma, node);
        int balance = height(v->left) - height(v->right);
        if (v->start >= v->end || v->start < end || v->gap != v->start - end)
            return false;
        if (v->widest_gap != MAX(v->gap, MAX(widest(v->left), widest(v->right))))
            return false;
        if (balance < -1 || balance > 1 || vma_tree_find(tree, v->start) != v)
            return false;
        end = v->end;
        count++;
    }
    return count == tree->count;
}
