/* SPDX-License-Identifier: BSD-2-Clause */
/* mmap.c - new ranges and the end of ranges: mmap(2), munmap(2), brk(2).
 *
 * Placement goes down from mm->mmap_top, as on Linux, though without randomisation: the
 * same program finds the same addresses each time.
 */
#include "mm/mmap.h"
#include "mm/patch.h"

#include <asm/mman.h>
#include <linux/capability.h>
#include <linux/mman.h>
#include <linux/mount.h>

#include "arch/arch.h"
#include "base/errno.h"
#include "mm/range.h"
#include "proc/process.h"
#include "vfs/file.h"
#include "vfs/inode.h"
#include "vfs/mount.h"
#include "vfs/vfs.h"

static_assert(PROT_READ == VMA_READ && PROT_WRITE == VMA_WRITE && PROT_EXEC == VMA_EXEC);

/* Flags that MAP_SHARED_VALIDATE accepts. */
constexpr int MAP_KNOWN = MAP_TYPE | MAP_FIXED | MAP_ANONYMOUS | MAP_32BIT | MAP_GROWSDOWN |
                          MAP_DENYWRITE | MAP_EXECUTABLE | MAP_LOCKED | MAP_NORESERVE |
                          MAP_POPULATE | MAP_NONBLOCK | MAP_STACK | MAP_HUGETLB |
                          MAP_FIXED_NOREPLACE | MAP_UNINITIALIZED;
constexpr uint64_t MAP_32BIT_TOP = 0x80000000;

/* The highest place below LIMIT that may be mapped: the libOS region splits the space. */
static bool place_below(const struct mm *mm, uint64_t length, uint64_t limit, uint64_t *start)
{
    if (!vma_tree_find_gap(&mm->vmas, length, MM_LOWEST, limit, start))
        return false;
    if (mm_is_mappable(*start, length))
        return true;
    limit = MIN(limit, EXO_REGION_BASE);
    return vma_tree_find_gap(&mm->vmas, length, MM_LOWEST, limit, start);
}

/* A place for LENGTH bytes: at HINT if that is free, else as high as possible. */
static int64_t place_find(const struct mm *mm, uint64_t hint, uint64_t length, int flags)
{
    uint64_t start;

    if (hint >= MM_LOWEST && mm_is_mappable(hint, length)) {
        const struct vma *vma = vma_tree_find(&mm->vmas, hint);
        if (!vma || hint + length <= vma->start)
            return (int64_t)hint;
    }
    if (flags & MAP_32BIT)
        return place_below(mm, length, MAP_32BIT_TOP, &start) ? (int64_t)start : -ENOMEM;
    if (place_below(mm, length, mm->mmap_top, &start) ||
        place_below(mm, length, ARCH_USER_TOP, &start))
        return (int64_t)start;
    return -ENOMEM;
}

int64_t mm_place(const struct mm *mm, uint64_t address, uint64_t length, int flags)
{
    if (!(flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)))
        return place_find(mm, page_round_down(address), length, flags);
    if (address & PAGE_MASK)
        return -EINVAL;
    if (!mm_is_mappable(address, length))
        return -ENOMEM;
    if (address < MM_LOWEST && !capable(CAP_SYS_RAWIO))
        return -EPERM;
    if (flags & MAP_FIXED_NOREPLACE) {
        const struct vma *vma = vma_tree_find(&mm->vmas, address);
        if (vma && vma->start < address + length)
            return -EEXIST;
    }
    return (int64_t)address;
}

/* The range flags that a mapping of FILE gets, or a negative errno. */
static int64_t file_flags(const struct file *file, int prot, int flags)
{
    bool shared = (flags & MAP_TYPE) != MAP_PRIVATE;
    uint32_t vma_flags = VMA_MAY_READ | VMA_MAY_WRITE | VMA_MAY_EXEC;

    if (shared && (prot & PROT_WRITE) && !(file->mode & FILE_WRITE))
        return -EACCES;
    if (!(file->mode & FILE_READ))
        return -EACCES;
    if (shared && !(file->mode & FILE_WRITE))
        vma_flags &= ~VMA_MAY_WRITE;
    if (file->path.mount && file->path.mount->flags & MS_NOEXEC) {
        if (prot & PROT_EXEC)
            return -EPERM;
        vma_flags &= ~VMA_MAY_EXEC;
    }
    if (!file->ops->mmap)
        return -ENODEV;
    return vma_flags;
}

static int64_t range_flags(const struct mm *mm, int prot, int flags, const struct file *file)
{
    int64_t vma_flags = VMA_MAY_READ | VMA_MAY_WRITE | VMA_MAY_EXEC;
    int kind = flags & MAP_TYPE;

    if (kind == MAP_SHARED_VALIDATE && file && flags & ~MAP_KNOWN)
        return -EOPNOTSUPP;
    if (kind != MAP_SHARED && kind != MAP_PRIVATE && (kind != MAP_SHARED_VALIDATE || !file))
        return -EINVAL;
    if (file)
        vma_flags = file_flags(file, prot, flags);
    if (vma_flags < 0)
        return vma_flags;
    vma_flags |= prot & (PROT_READ | PROT_WRITE | PROT_EXEC);
    if (kind != MAP_PRIVATE)
        vma_flags |= VMA_SHARED;
    if (flags & MAP_GROWSDOWN) {
        if (kind != MAP_PRIVATE || file)
            return -EINVAL;
        vma_flags |= VMA_GROWSDOWN;
    }
    if (flags & MAP_NORESERVE && mm_overcommit_mode.value != OVERCOMMIT_NEVER)
        vma_flags |= VMA_NORESERVE;
    if (flags & MAP_LOCKED || mm->lock_future)
        vma_flags |= VMA_LOCKED;
    return vma_flags;
}

/* Pages of ranges that a fixed mapping is going to replace. */
static uint64_t pages_between(const struct mm *mm, uint64_t start, uint64_t end)
{
    uint64_t pages = 0;

    for (const struct vma *v = vma_tree_find(&mm->vmas, start); v && v->start < end;
         v = vma_next(&mm->vmas, v))
        pages += (MIN(v->end, end) - MAX(v->start, start)) / PAGE_SIZE;
    return pages;
}

static int lock_check(const struct mm *mm, uint64_t pages, int flags)
{
    uint64_t limit = process_rlimit(process_current(), RLIMIT_MEMLOCK) / PAGE_SIZE;

    if (capable(CAP_IPC_LOCK))
        return 0;
    if (flags & MAP_LOCKED && limit == 0)
        return -EPERM;
    return mm->locked + pages > limit ? -EAGAIN : 0;
}

/* Everything has been checked but the number of ranges. */
static int64_t range_enter(struct mm *mm, uint64_t start, uint64_t length, uint32_t vma_flags,
                           struct file *file, uint64_t page_offset)
{
    int error = mm_unmap(mm, start, length);
    struct vma *vma;

    if (error)
        return error;
    if (mm->vmas.count >= MM_RANGES_MOST)
        return -ENOMEM;
    vma = vma_create(mm, start, start + length, vma_flags, file, page_offset);
    if (!vma)
        return -ENOMEM;
    error = file ? file->ops->mmap(file, vma) : 0;
    if (error) {
        vma_destroy(vma);
        return error;
    }
    vma_merge(vma);
    return (int64_t)start;
}

int64_t mm_map(struct mm *mm, uint64_t address, uint64_t length, int prot, int flags,
               struct file *file, uint64_t page_offset)
{
    struct file *shared = nullptr;
    int64_t vma_flags, start;

    if (length == 0)
        return -EINVAL;
    if (length > ARCH_USER_TOP)
        return -ENOMEM;
    length = page_round_up(length);
    if (file && page_offset + length / PAGE_SIZE < page_offset)
        return -EOVERFLOW;
    if (flags & MAP_HUGETLB)
        return file ? -EINVAL : -ENOMEM; /* there is no pool of huge pages */
    if (mm->vmas.count >= MM_RANGES_MOST)
        return -ENOMEM;
    start = mm_place(mm, address, length, flags);
    if (start < 0)
        return start;
    vma_flags = range_flags(mm, prot, flags, file);
    if (vma_flags < 0)
        return vma_flags;
    uint64_t pages = length / PAGE_SIZE;
    uint64_t replaced = pages_between(mm, (uint64_t)start, (uint64_t)start + length);
    if (!mm_may_grow(mm, (uint32_t)vma_flags, pages - replaced))
        return -ENOMEM;
    if (vma_flags & VMA_LOCKED) {
        int error = lock_check(mm, pages, flags);
        if (error)
            return error;
    }
    if (!file && vma_flags & VMA_SHARED) {
        int error = tmpfs_create_unlinked("/dev/zero (deleted)", length, &shared);
        if (error)
            return error;
        page_offset = 0;
    } else if (!file) {
        page_offset = (uint64_t)start / PAGE_SIZE;
    }
    start = range_enter(mm, (uint64_t)start, length, (uint32_t)vma_flags, file ? file : shared,
                        page_offset);
    file_put(shared);
    /* As on Linux, a range that cannot be filled at once is no failure. */
    if (start > 0 &&
        ((flags & (MAP_POPULATE | MAP_NONBLOCK)) == MAP_POPULATE || vma_flags & VMA_LOCKED))
        (void)mm_populate(mm, (uint64_t)start, length);
    return start;
}

int64_t mm_map_special(struct mm *mm, uint64_t address, struct page **pages, uint32_t count,
                       int prot, const char *name)
{
    uint64_t length = count * PAGE_SIZE;
    int64_t start = mm_place(mm, address, length, address ? MAP_FIXED_NOREPLACE : 0);
    uint32_t flags = (uint32_t)prot & VMA_ACCESS;
    struct vma *vma;

    if (start < 0)
        return start;
    flags |= VMA_MAY_READ | VMA_MAY_EXEC | VMA_SPECIAL | VMA_DONTDUMP;
    vma = vma_create(mm, (uint64_t)start, (uint64_t)start + length, flags, nullptr, 0);
    if (!vma)
        return -ENOMEM;
    vma_set_name(vma, name);
    for (uint32_t i = 0; i < count; i++) {
        if (!(pages[i]->flags & PAGE_RESERVED))
            page_get(pages[i]);
        if (mm_install(vma, vma->start + i * PAGE_SIZE, pages[i], false) != 0) {
            mm_zap(vma, vma->start, vma->end);
            vma_destroy(vma);
            return -ENOMEM;
        }
    }
    return start;
}

void vma_set_file(struct vma *vma, struct file *file)
{
    struct file *before = vma->file;

    if (before)
        list_remove(&vma->rmap);
    if (file) {
        vma->file = file_get(file);
        list_push_back(&file->inode->mappings, &vma->rmap);
    } else {
        vma->file = nullptr;
        vma->page_offset = vma->start / PAGE_SIZE;
    }
    file_put(before);
}

int mm_unmap(struct mm *mm, uint64_t address, uint64_t length)
{
    struct vma *vma;
    uint64_t end;
    int error;

    if (address & PAGE_MASK || length == 0 || length > ARCH_USER_TOP ||
        address > ARCH_USER_TOP - length)
        return -EINVAL;
    end = address + page_round_up(length);
    vma = vma_tree_find(&mm->vmas, address);
    if (!vma || vma->start >= end)
        return 0;
    patch_range_changes(vma, end);
    if (vma->start < address || vma->end != end) {
        error = vma_split(mm, address);
        if (error == 0)
            error = vma_split(mm, end);
        if (error)
            return error;
        vma = vma_tree_find(&mm->vmas, address);
    }
    for (struct vma *next; vma && vma->start < end; vma = next) {
        next = vma_next(&mm->vmas, vma);
        mm_zap(vma, vma->start, vma->end);
        vma_destroy(vma);
    }
    return 0;
}

/* The heap's range is grown by what lies between OLD and NEW, page-aligned. */
static bool brk_grow(struct mm *mm, uint64_t old, uint64_t new)
{
    constexpr uint32_t flags = VMA_READ | VMA_WRITE | VMA_MAY_READ | VMA_MAY_WRITE | VMA_MAY_EXEC;
    struct vma *vma = vma_tree_find(&mm->vmas, old);

    if (!mm_is_mappable(old, new - old))
        return false;
    if (vma && vma->start < new + (vma->flags & VMA_GROWSDOWN ? MM_STACK_GAP : 0))
        return false;
    if (!mm_may_grow(mm, flags, (new - old) / PAGE_SIZE) || mm->vmas.count >= MM_RANGES_MOST)
        return false;
    vma = vma_create(mm, old, new, flags | (mm->lock_future ? VMA_LOCKED : 0), nullptr,
                     old / PAGE_SIZE);
    if (!vma)
        return false;
    vma_merge(vma);
    if (mm->lock_future)
        (void)mm_populate(mm, old, new - old);
    return true;
}

uint64_t mm_brk(struct mm *mm, uint64_t address)
{
    uint64_t limit = process_rlimit(process_current(), RLIMIT_DATA);
    uint64_t old = page_round_up(mm->brk), new;

    if (address < mm->brk_start || address > ARCH_USER_TOP)
        return mm->brk;
    if (address - mm->brk_start > limit ||
        address - mm->brk_start + (mm->data_end - mm->data_start) > limit)
        return mm->brk;
    new = page_round_up(address);
    if (new < old && mm_unmap(mm, new, old - new) != 0)
        return mm->brk;
    if (new > old && !brk_grow(mm, old, new))
        return mm->brk;
    mm->brk = address;
    return address;
}
