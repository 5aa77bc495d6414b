/* SPDX-License-Identifier: BSD-2-Clause */
/* vma.h - the ranges of a program's address space: what each holds and allows.
 *
 * A struct mm keeps its ranges in a balanced tree by address, and threaded in order.
 * Ranges never overlap and are never empty.
 */
#pragma once

#include <stdint.h>
#include "base/list.h"
#include "base/types.h"

struct file;
struct mm;

constexpr uint32_t VMA_READ = 1 << 0;
constexpr uint32_t VMA_WRITE = 1 << 1;
constexpr uint32_t VMA_EXEC = 1 << 2;
constexpr uint32_t VMA_ACCESS = VMA_READ | VMA_WRITE | VMA_EXEC;
constexpr uint32_t VMA_SHARED = 1 << 3;
constexpr uint32_t VMA_MAY_READ = 1 << 4; /* mprotect may grant it; exactly 4 above the right */
constexpr uint32_t VMA_MAY_WRITE = 1 << 5;
constexpr uint32_t VMA_MAY_EXEC = 1 << 6;
constexpr uint32_t VMA_MAY_SHIFT = 4;
constexpr uint32_t VMA_GROWSDOWN = 1 << 7;
constexpr uint32_t VMA_LOCKED = 1 << 8;
constexpr uint32_t VMA_NORESERVE = 1 << 9;
constexpr uint32_t VMA_DONTFORK = 1 << 10;
constexpr uint32_t VMA_WIPEONFORK = 1 << 11;
constexpr uint32_t VMA_DONTDUMP = 1 << 12;
constexpr uint32_t VMA_SPECIAL = 1 << 13; /* the libOS's own pages, present from the start */
constexpr uint32_t VMA_SEQUENTIAL = 1 << 14;
constexpr uint32_t VMA_RANDOM = 1 << 15;
constexpr uint32_t VMA_STUBS = 1 << 17; /* with SPECIAL: a window of stubs (mm/patch.h) */
constexpr uint32_t VMA_STACK = 1 << 16; /* the first thread's stack, "[stack]" */

struct vma {
    uint64_t start, end; /* page-aligned, end excluded */
    uint32_t flags;
    int8_t height;            /* of the subtree */
    uint64_t gap, widest_gap; /* free space directly below; the most in the subtree */
    struct vma *parent, *left, *right;
    struct list_node node; /* in mm->vmas, by address */
    struct list_node rmap; /* in the inode's mappings, if FILE */
    struct mm *mm;
    struct file *file;    /* one reference; NULL: anonymous */
    uint64_t page_offset; /* of START in the file, in pages; anonymous: START / 4096 */
    const char *name;     /* VMA_SPECIAL: as /proc/PID/maps shows it */
};

/* The tree alone (vma_tree.c). */
struct vma_tree {
    struct vma *root;
    struct list_node list;
    uint32_t count;
};

void vma_tree_init(struct vma_tree *tree);
void vma_tree_insert(struct vma_tree *tree, struct vma *vma);
void vma_tree_remove(struct vma_tree *tree, struct vma *vma);
/* VMA's start or end is another now; its order among the others is not. */
void vma_tree_changed(struct vma_tree *tree, struct vma *vma);
/* The range that ADDRESS lies in, or the next above it, or NULL. */
struct vma *vma_tree_find(const struct vma_tree *tree, uint64_t address);
struct vma *vma_tree_last(const struct vma_tree *tree);
/* The highest place for LENGTH bytes between LOW and HIGH.  false: there is none. */
bool vma_tree_find_gap(const struct vma_tree *tree, uint64_t length, uint64_t low, uint64_t high,
                       uint64_t *start);
bool vma_tree_is_sane(const struct vma_tree *tree);

struct vma *vma_next(const struct vma_tree *tree, const struct vma *vma);
struct vma *vma_previous(const struct vma_tree *tree, const struct vma *vma);

static inline uint64_t vma_pages(const struct vma *vma)
{
    return (vma->end - vma->start) >> 12;
}

/* The index in the file of the page at ADDRESS, which lies in VMA. */
static inline uint64_t vma_index(const struct vma *vma, uint64_t address)
{
    return vma->page_offset + ((address - vma->start) >> 12);
}
