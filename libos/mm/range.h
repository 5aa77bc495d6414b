/* SPDX-License-Identifier: BSD-2-Clause */
/* range.h - what the files of mm/ share: making, splitting and emptying ranges. */
#pragma once

#include <exo/abi.h>
#include <stdint.h>
#include "mm/mm.h"
#include "mm/page.h"
#include "mm/vma.h"

constexpr uint64_t MM_LOWEST = 65536;        /* mmap_min_addr */
constexpr uint32_t MM_RANGES_MOST = 65530;   /* max_map_count */
constexpr uint64_t MM_STACK_GAP = 256 << 12; /* free space kept below a range that grows down */

/* A new range of MM with a reference on FILE (or NULL), in all books.  NULL: no memory. */
struct vma *vma_create(struct mm *mm, uint64_t start, uint64_t end, uint32_t flags,
                       struct file *file, uint64_t page_offset);
/* Out of all books.  Its pages have been unmapped. */
void vma_destroy(struct vma *vma);
/* Make ADDRESS a border between ranges.  -ENOMEM: no memory, or too many ranges. */
int vma_split(struct mm *mm, uint64_t address);
/* Join VMA with its neighbours where they fit together.  The range that it is part of then. */
struct vma *vma_merge(struct vma *vma);
/* New bounds: pages outside have been unmapped. */
void vma_resize(struct vma *vma, uint64_t start, uint64_t end);
/* NAME is that of a range of the libOS's own (VMA_SPECIAL), or NULL; not copied. */
void vma_set_name(struct vma *vma, const char *name);
/* New rights, with the figures that depend on them. */
void vma_set_flags(struct vma *vma, uint32_t flags);

/* EXO_* rights for pages of VMA. */
uint64_t vma_perms(const struct vma *vma, bool writable);

/* Unmap what is present in [start, end) of VMA and let go of the pages. */
void mm_zap(struct vma *vma, uint64_t start, uint64_t end);
/* The same for all of MM, whose space is about to be destroyed and runs nowhere. */
void mm_drop_all(struct mm *mm);

/* Pages of a range that allows no access at all leave the page table, which cannot hold
 * them without a right: private copies are parked on a list until access comes back. */
int mm_park(struct vma *vma, uint64_t start, uint64_t end);   /* -ENOMEM: nothing changed */
int mm_unpark(struct vma *vma, uint64_t start, uint64_t end); /* -ENOMEM: some are still parked */
void mm_parked_drop(struct mm *mm, uint64_t start, uint64_t end);
void mm_parked_move(struct mm *mm, uint64_t start, uint64_t end, uint64_t to);
int mm_parked_copy(struct mm *to, struct mm *from);

/* Count PAGE, mapped by VMA, in or out. */
void mm_count_page(const struct vma *vma, const struct page *page, int delta);

/* Let PAGE, whose reference passes to the mapping, appear at ADDRESS of VMA.  -ENOMEM: the
 * reference is gone too. */
int mm_install(struct vma *vma, uint64_t address, struct page *page, bool writable);

/* Make ADDRESS, which lies in VMA, present for reading or (FAULT_WRITE in ERROR) writing; the
 * range's rights are not asked.  0; -ENOMEM; -EFAULT: beyond the file's end or no room for it. */
int mm_touch(struct vma *vma, uint64_t address, uint64_t error);

/* What all programs have asked for and may yet write to, for Committed_AS. */
void mm_commit(uint32_t flags, int64_t pages);
/* May ranges with FLAGS have so many PAGES more (proc(5), vm.overcommit_memory)? */
bool mm_may_commit(uint32_t flags, uint64_t pages);

/* Would COUNT more pages of FLAGS exceed RLIMIT_AS, RLIMIT_DATA or what the machine has? */
bool mm_may_grow(const struct mm *mm, uint32_t flags, uint64_t pages);

/* May a program have memory in [start, start + length)? */
bool mm_is_mappable(uint64_t start, uint64_t length);

/* Let the range grow down to ADDRESS (a stack).  -ENOMEM: it may not. */
int mm_grow_stack(struct vma *vma, uint64_t address);

/* Where a mapping of LENGTH bytes goes (MAP_* in FLAGS), or a negative errno. */
int64_t mm_place(const struct mm *mm, uint64_t address, uint64_t length, int flags);
