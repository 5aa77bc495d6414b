/* SPDX-License-Identifier: BSD-2-Clause */
/* mmap.h - making, changing and ending ranges: what mmap(2) and its kin do.
 *
 * All act on one mm; none needs it to be active.  Results are 0 or an address, or a
 * negative errno.  PROT_* and MAP_* are Linux's.
 */
#pragma once

#include <stdint.h>
#include "base/types.h"

struct file;
struct mm;
struct page;
struct vma;

/* mmap(2).  FILE gets a reference of its own.  PAGE_OFFSET counts pages. */
int64_t mm_map(struct mm *mm, uint64_t address, uint64_t length, int prot, int flags,
               struct file *file, uint64_t page_offset);
int mm_unmap(struct mm *mm, uint64_t address, uint64_t length);
int mm_protect(struct mm *mm, uint64_t address, uint64_t length, int prot);
int64_t mm_remap(struct mm *mm, uint64_t address, uint64_t old_length, uint64_t new_length,
                 int flags, uint64_t new_address);
int mm_advise(struct mm *mm, uint64_t address, uint64_t length, int advice);

/* brk(2): the break afterwards, unchanged if it can't be had. */
uint64_t mm_brk(struct mm *mm, uint64_t address);

/* Map the libOS's own PAGES for programs to read (PROT_*), at ADDRESS or, if that is 0, anywhere.
 * NAME, which is kept, shows in /proc/PID/maps. */
int64_t mm_map_special(struct mm *mm, uint64_t address, struct page **pages, uint32_t count,
                       int prot, const char *name);

/* For the mmap operation of a file: let VMA show FILE instead (reference taken), or, if that is
 * NULL, anonymous memory: /dev/zero. */
void vma_set_file(struct vma *vma, struct file *file);

/* Make all pages of the range present (MAP_POPULATE, mlock).  0, -ENOMEM or -EFAULT. */
int mm_populate(struct mm *mm, uint64_t address, uint64_t length);

enum lock_how {
    LOCK_NOT, /* munlock(2) */
    LOCK_PRESENT,
    LOCK_ON_FAULT, /* mlock2(2), MLOCK_ONFAULT */
};
int mm_lock(struct mm *mm, uint64_t address, uint64_t length, enum lock_how how);
int mm_lock_all(struct mm *mm, int flags);
int mm_unlock_all(struct mm *mm);

/* mincore(2): a byte per page into OUT. */
int mm_incore(struct mm *mm, uint64_t address, uint64_t pages, uint8_t *out);
int mm_sync(struct mm *mm, uint64_t address, uint64_t length, int flags);
