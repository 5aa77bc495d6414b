/* SPDX-License-Identifier: BSD-2-Clause */
/* fault.c - making pages present: first touches, copies on write, growing stacks.
 *
 * A private page may be written in place when its only reference is the mapping itself; the
 * page cache's own and shared ones are copied first.  A shared mapping is entered read-only
 * until the first write, which sets the file's time of modification.
 */
#include <asm-generic/siginfo.h>
#include <asm/signal.h>
#include <exo/abi.h>

#include "arch/arch.h"
#include "arch/pte.h"
#include "base/errno.h"
#include "base/string.h"
#include "mm/patch.h"
#include "mm/range.h"
#include "mm/table.h"
#include "proc/process.h"
#include "sched/thread.h"
#include "trace/record.h"
#include "vfs/file.h"
#include "vfs/inode.h"
#include "vfs/pagecache.h"

constexpr uint64_t AROUND_PAGES = 16; /* of a file, aligned; must divide a last-level table */
constexpr unsigned AHEAD_PAGES = 7;   /* of anonymous memory touched in order */

uint64_t mm_faults;

static int touch_anonymous(struct vma *vma, uint64_t address, bool write);
static int touch_stub(struct vma *vma, uint64_t address);
static int touch_file(struct vma *vma, uint64_t address, bool write);
static int write_present(struct vma *vma, uint64_t address, uint64_t pte);

static bool is_access_allowed(const struct vma *vma, uint64_t error)
{
    if (error & FAULT_WRITE)
        return vma->flags & VMA_WRITE;
    if (error & FAULT_FETCH)
        return vma->flags & VMA_EXEC;
    return vma->flags & VMA_ACCESS;
}

static int fault_failed(struct mm_fault_info *info, int signal, int code)
{
    if (info)
        *info = (struct mm_fault_info){signal, code};
    return -EFAULT;
}

/* Somebody has to go.  If it is another process, the access is tried again with its pages, or
 * once it had the chance to end; a copy inside the libOS cannot wait for the latter. */
static int fault_no_memory(struct mm_fault_info *info)
{
    if (table_reclaim() > 0)
        return 0;
    process_oom_kill();
    if (signal_fatal_pending(current) || (!info && page_free_count() == 0))
        return fault_failed(info, SIGKILL, SI_KERNEL);
    vcpu_local()->need_resched = 1;
    return 0;
}

int mm_fault(struct mm *mm, uaddr_t address, uint64_t error, struct mm_fault_info *info)
{
    struct vma *vma = vma_tree_find(&mm->vmas, address);

    if (!vma || !mm_is_mappable(page_round_down(address), PAGE_SIZE))
        return fault_failed(info, SIGSEGV, SEGV_MAPERR);
    if (address < vma->start && (!(vma->flags & VMA_GROWSDOWN) || mm_grow_stack(vma, address) != 0))
        return fault_failed(info, SIGSEGV, SEGV_MAPERR);
    if (!is_access_allowed(vma, error))
        return fault_failed(info, SIGSEGV, SEGV_ACCERR);
    mm->faults_minor++;
    mm_faults++;
    if (current) {
        current->faults_minor++;
        if (record_events())
            record_add(RECORD_FAULT, 0, current->tid, address, error,
                       info ? thread_regs(current)->rip : 0);
    }
    switch (mm_touch(vma, address, error)) {
    case 0: return 0;
    case -ENOMEM: return fault_no_memory(info);
    default: return fault_failed(info, SIGBUS, BUS_ADRERR);
    }
}

int mm_touch(struct vma *vma, uint64_t address, uint64_t error)
{
    bool write = error & FAULT_WRITE;

    address = page_round_down(address);
    uint64_t pte = pte_read(vma->mm->root, address);
    if (pte & PTE_PRESENT) {
        /* Another thread was faster, or the processor remembered less than there is. */
        if (!write || pte & PTE_WRITE)
            return 0;
        return write_present(vma, address, pte);
    }
    if (vma->flags & VMA_STUBS)
        return touch_stub(vma, address);
    if (vma->flags & VMA_SPECIAL)
        return -EFAULT;
    if (vma->file)
        return touch_file(vma, address, write);
    return touch_anonymous(vma, address, write);
}

int mm_install(struct vma *vma, uint64_t address, struct page *page, bool writable)
{
    bool counted = !(page->flags & PAGE_RESERVED);

    if (table_map(vma->mm->space, address | vma_perms(vma, writable), page_frame(page), 1) != 0) {
        if (counted)
            page_put(page);
        return -ENOMEM;
    }
    mm_count_page(vma, page, 1);
    return 0;
}

static struct page *page_copy(const struct page *from)
{
    struct page *copy = page_alloc(0);
    if (copy)
        memcpy(page_address(copy), page_address(from), PAGE_SIZE);
    return copy;
}

static int write_present(struct vma *vma, uint64_t address, uint64_t pte)
{
    struct page *page = page_of_frame(pte_frame(pte)), *copy;
    bool is_own = !page->owner && !(page->flags & PAGE_RESERVED) && page->refs == 1;
    int error;

    if (vma->flags & VMA_SPECIAL)
        return -EFAULT;
    if (vma->flags & VMA_SHARED || is_own) {
        if (vma->flags & VMA_SHARED)
            inode_touch_mtime(vma->file->inode);
        table_protect(vma->mm->space, address | vma_perms(vma, true), 1, EXO_PROTECT_NO_FLUSH);
        return 0;
    }
    copy = page_copy(patch_original(page));
    if (!copy)
        return -ENOMEM;
    error = mm_install(vma, address, copy, true); /* replaces the entry */
    if (error)
        return error;
    mm_count_page(vma, page, -1);
    if (!(page->flags & PAGE_RESERVED))
        page_put(page);
    return 0;
}

/* Enter PAGES, of which each has a reference for this, as MAP says.  Failing here is no error: they
 * will be touched for themselves. */
static void enter_ahead(struct vma *vma, const struct exo_map map[], struct page *pages[],
                        uint32_t count)
{
    uint32_t done = 0;

    if (count > 0)
        (void)table_map_batch(vma->mm->space, map, count, &done);
    for (uint32_t i = 0; i < done; i++)
        mm_count_page(vma, pages[i], 1);
    for (uint32_t i = done; i < count; i++)
        page_put(pages[i]);
}

/* Memory that is written in order gets its next pages with the same call. */
static void anonymous_ahead(struct vma *vma, uint64_t address)
{
    struct mm *mm = vma->mm;
    struct exo_map map[AHEAD_PAGES];
    struct page *pages[AHEAD_PAGES];
    uint64_t skip, end = MIN(vma->end, address + (AHEAD_PAGES + 1) * PAGE_SIZE);
    uint32_t count = 0;

    if (address % PTE_TABLE_SPAN == 0 || page_free_count() < page_total() / 8)
        return;
    const volatile uint64_t *table = pte_last_table(mm->root, address, &skip);
    uint64_t index = address >> PAGE_SHIFT & (PTE_TABLE_ENTRIES - 1);
    if (!table || address - PAGE_SIZE < vma->start || !(table[index - 1] & PTE_WRITE))
        return;
    while ((address += PAGE_SIZE) < end && ++index < PTE_TABLE_ENTRIES &&
           !(table[index] & PTE_PRESENT)) {
        pages[count] = page_alloc(PAGE_ZEROED);
        if (!pages[count])
            break;
        map[count] = (struct exo_map){address | vma_perms(vma, true), page_frame(pages[count]), 1};
        count++;
    }
    enter_ahead(vma, map, pages, count);
}

static int touch_stub(struct vma *vma, uint64_t address)
{
    struct page *page = patch_window_page(vma, address);
    return page ? mm_install(vma, address, page, false) : -EFAULT;
}

static int touch_anonymous(struct vma *vma, uint64_t address, bool write)
{
    struct page *page;
    int error;

    if (!write)
        return mm_install(vma, address, page_zero, false);
    page = page_alloc(PAGE_ZEROED);
    if (!page)
        return -ENOMEM;
    error = mm_install(vma, address, page, true);
    if (error == 0)
        anonymous_ahead(vma, address);
    return error;
}

/* Enter what the page cache has of the neighbourhood: programs that read one page of a file
 * soon read the next. */
static void file_around(struct vma *vma, uint64_t address)
{
    struct mm *mm = vma->mm;
    const struct inode *inode = vma->file->inode;
    const bool has_twins = !list_is_empty(&inode->twins);
    uint64_t span = AROUND_PAGES * PAGE_SIZE, skip;
    uint64_t va = MAX(vma->start, address & ~(span - 1));
    uint64_t end = MIN(vma->end, (address & ~(span - 1)) + span);
    uint64_t index = vma_index(vma, va), file_end = page_round_up(inode->size) / PAGE_SIZE;
    uint64_t perms = vma_perms(vma, false);
    const volatile uint64_t *table = pte_last_table(mm->root, address, &skip);
    struct exo_map map[AROUND_PAGES];
    struct page *found[AROUND_PAGES], *pages[AROUND_PAGES];
    uint32_t count = 0, look = (uint32_t)((end - va) / PAGE_SIZE);

    if (!table || index >= file_end)
        return;
    look = (uint32_t)MIN(look, file_end - index);
    pagecache_find_run(inode, index, look, found);
    for (uint32_t i = 0; i < look; i++, va += PAGE_SIZE) {
        if (!found[i] || table[va >> PAGE_SHIFT & (PTE_TABLE_ENTRIES - 1)] & PTE_PRESENT)
            continue;
        struct page *twin = has_twins ? patch_page(vma, va) : nullptr;
        pages[count] = page_get(twin ? twin : found[i]);
        map[count] = (struct exo_map){va | perms, page_frame(pages[count]), 1};
        count++;
    }
    enter_ahead(vma, map, pages, count);
}

static int touch_file(struct vma *vma, uint64_t address, bool write)
{
    struct inode *inode = vma->file->inode;
    bool is_shared = vma->flags & VMA_SHARED;
    struct page *page, *copy;
    int error = pagecache_get(inode, vma_index(vma, address), PAGECACHE_CREATE, &page);

    if (error)
        return error == -ENOMEM ? -ENOMEM : -EFAULT;
    if (write && !is_shared) {
        copy = page_copy(page);
        page_put(page);
        return copy ? mm_install(vma, address, copy, true) : -ENOMEM;
    }
    if (write)
        inode_touch_mtime(inode);
    struct page *twin = patch_page(vma, address);
    if (twin && !write) {
        page_put(page);
        page = page_get(twin);
    }
    error = mm_install(vma, address, page, write);
    if (error == 0 && !write && !(vma->flags & VMA_RANDOM))
        file_around(vma, address);
    return error;
}

int mm_grow_stack(struct vma *vma, uint64_t address)
{
    uint64_t start = page_round_down(address);
    const struct vma *below = vma_previous(&vma->mm->vmas, vma);
    uint64_t limit = process_rlimit(process_current(), RLIMIT_STACK);

    if (start < MM_LOWEST || !mm_is_mappable(start, vma->end - start))
        return -ENOMEM;
    if (below && below->flags & VMA_ACCESS && !(below->flags & VMA_GROWSDOWN) &&
        (start < below->end || start - below->end < MM_STACK_GAP))
        return -ENOMEM;
    if (below && start < below->end)
        return -ENOMEM;
    if (vma->end - start > limit)
        return -ENOMEM;
    if (!mm_may_grow(vma->mm, vma->flags, (vma->start - start) / PAGE_SIZE))
        return -ENOMEM;
    vma_resize(vma, start, vma->end);
    return 0;
}
