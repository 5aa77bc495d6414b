/* SPDX-License-Identifier: BSD-2-Clause */
/* mm.c - the life of an address space, and looking into one from outside. */
#include "mm/mm.h"

#include <exo/stubs.h>

#include "arch/arch.h"
#include "arch/pte.h"
#include "base/assert.h"
#include "base/errno.h"
#include "base/log.h"
#include "base/string.h"
#include "mm/heap.h"
#include "mm/patch.h"
#include "mm/range.h"
#include "mm/table.h"
#include "proc/process.h"
#include "sched/policy.h"
#include "trace/record.h"
#include "vfs/aio.h"
#include "vfs/file.h"
#include "vfs/inode.h"

/* Whose space each vcpu has active; NULL: the boot space. */
static struct mm *active[SCHED_VCPUS_MAX];
static struct list_node all = LIST_INIT(all);

static bool space_make(struct mm *mm);
static void mm_finish(struct mm *mm);

struct mm *mm_create(void)
{
    struct mm *mm = heap_zalloc(sizeof *mm);

    if (!mm)
        return nullptr;
    mm->refs = 1;
    mm->dumpable = true;
    vma_tree_init(&mm->vmas);
    list_init(&mm->parked);
    if (!space_make(mm)) {
        heap_free(mm);
        return nullptr;
    }
    list_push_back(&all, &mm->all);
    if (record_maps())
        record_add_space(mm);
    return mm;
}

void mm_for_each(void (*fn)(const struct mm *mm))
{
    list_for_each(node, &all)
        fn(container_of(node, struct mm, all));
}

static bool space_make(struct mm *mm)
{
    struct exo_cap_answer answer = {0};
    uint64_t cap;
    enum exo_status status;

    if (!frame_for_object(&mm->object))
        return false;
    do
        status = exo_space_create(EXO_CAP_SELF, mm->object, &cap);
    while (status == EXO_NOTABLE && table_reserve(1) == 0);
    if (status != EXO_OK) {
        frame_of_object_free(mm->object);
        return false;
    }
    mm->space = (exo_cap)cap;
    status = exo_cap_query(mm->space, (exo_uaddr)&answer);
    if (status != EXO_OK)
        panic("the new space %u does not answer: status %d", mm->space, status);
    mm->root = answer.first;
    table_make_readable(mm->root);
    return true;
}

struct mm *mm_get(struct mm *mm)
{
    mm->refs++;
    return mm;
}

/* Nothing is present in the ranges any more: let go of them, of their files, of the program. */
static void ranges_release(struct mm *mm)
{
    for (struct vma *vma; (vma = vma_tree_find(&mm->vmas, 0));)
        vma_destroy(vma);
    mm_set_exe(mm, nullptr);
}

void mm_put(struct mm *mm)
{
    if (!mm || --mm->refs > 0)
        return;
    bool is_elsewhere = mm->active & ~(1u << vcpu_local()->number);
    /* A vcpu that idles in it keeps the space, but neither the memory nor the files: whoever waits
     * for the process must find them free. */
    if (is_elsewhere) {
        aio_mm_gone(mm);
        mm_for_each_vma(vma, mm)
            mm_zap(vma, vma->start, vma->end);
        ranges_release(mm);
    }
    if (active[vcpu_local()->number] == mm)
        mm_activate(nullptr);
    else if (!is_elsewhere)
        mm_finish(mm);
}

/* No vcpu walks MM's tables any more, and none will. */
static void mm_finish(struct mm *mm)
{
    enum exo_status status;

    aio_mm_gone(mm);
    mm_drop_all(mm);
    do
        status = exo_space_destroy(mm->space);
    while (status == EXO_AGAIN);
    if (status != EXO_OK)
        panic("space_destroy: status %d", status);
    frame_of_object_free(mm->object);
    ranges_release(mm);
    list_remove(&mm->all);
    heap_free(mm);
}

void mm_set_exe(struct mm *mm, struct file *file)
{
    struct file *before = mm->exe;

    /* Nobody writes to it now, or execve would have failed. */
    mm->exe = file && inode_deny_write(file->inode) == 0 ? file_get(file) : nullptr;
    if (before)
        inode_allow_write(before->inode);
    file_put(before);
}

/* A vcpu without work keeps its last space active.  If that lost its last reference
 * meanwhile, it is taken down here, when the vcpu leaves it. */
void mm_activate(struct mm *mm)
{
    unsigned vcpu = vcpu_local()->number;
    struct mm *before = active[vcpu];
    exo_cap space = mm ? mm->space : EXO_CAP_BOOT_SPACE;

    if (before == mm)
        return;
    enum exo_status status = exo_space_switch(space);
    if (status != EXO_OK)
        panic("space_switch: status %d", status);
    vcpu_local()->space = space;
    active[vcpu] = mm;
    if (mm)
        mm->active |= 1u << vcpu;
    if (before) {
        before->active &= ~(1u << vcpu);
        if (before->refs == 0 && before->active == 0)
            mm_finish(before);
    }
}

bool mm_is_mappable(uint64_t start, uint64_t length)
{
    if (length > ARCH_USER_TOP || start > ARCH_USER_TOP - length)
        return false;
    return start + length <= EXO_REGION_BASE || start >= EXO_REGION_BASE + EXO_REGION_BYTES;
}

bool mm_may_grow(const struct mm *mm, uint32_t flags, uint64_t pages)
{
    const struct process *process = process_current();

    if (mm->total + pages > process_rlimit(process, RLIMIT_AS) / PAGE_SIZE)
        return false;
    if ((flags & (VMA_WRITE | VMA_SHARED | VMA_GROWSDOWN)) == VMA_WRITE &&
        mm->data + pages > process_rlimit(process, RLIMIT_DATA) / PAGE_SIZE)
        return false;
    return mm_may_commit(flags, pages);
}

struct vma *mm_vma_from(struct mm *mm, uint64_t address)
{
    return vma_tree_find(&mm->vmas, address);
}

const char *mm_vma_name(const struct vma *vma)
{
    const struct mm *mm = vma->mm;

    if (vma->name)
        return vma->name;
    if (vma->file)
        return "";
    if (vma->start <= mm->brk && vma->end >= mm->brk_start && mm->brk > mm->brk_start)
        return "[heap]";
    if (vma->start <= mm->stack_start && vma->end > mm->stack_start)
        return "[stack]";
    return "";
}

uint64_t mm_resident_in(struct mm *mm, uint64_t start, uint64_t end)
{
    struct pte_walk walk = pte_walk_begin(mm->root, start, end);
    uint64_t pages = 0;

    while (pte_walk_step(&walk))
        pages++;
    return pages;
}

/* How an access from outside is judged. */
enum access {
    ACCESS_PROGRAM, /* as the program itself */
    ACCESS_FORCED,  /* as a debugger: rights do not matter, but shared files are not written */
};

static size_t mm_access(struct mm *mm, uint64_t address, char *buffer, size_t n, bool write,
                        enum access how)
{
    size_t done = 0;

    while (done < n) {
        struct vma *vma = vma_tree_find(&mm->vmas, address + done);
        uint64_t at = address + done;
        size_t part = MIN(n - done, PAGE_SIZE - (at & PAGE_MASK));
        uint32_t right = write ? VMA_WRITE : VMA_READ;
        if (!vma || at < vma->start || !(vma->flags & VMA_ACCESS))
            break;
        if (!(vma->flags & right) &&
            (how == ACCESS_PROGRAM || !(vma->flags & right << VMA_MAY_SHIFT) ||
             (write && vma->flags & VMA_SHARED)))
            break;
        if (mm_touch(vma, at, write ? FAULT_WRITE : 0) != 0)
            break;
        uint64_t pte = pte_read(mm->root, page_round_down(at));
        if (!(pte & PTE_PRESENT))
            break;
        struct page *shown = patch_original(page_of_frame(pte_frame(pte)));
        char *page = (char *)page_address(shown) + (at & PAGE_MASK);
        if (write)
            memcpy(page, buffer + done, part);
        else
            memcpy(buffer + done, page, part);
        done += part;
    }
    return done;
}

size_t mm_read(struct mm *mm, uaddr_t address, void *to, size_t n)
{
    return mm_access(mm, address, to, n, false, ACCESS_FORCED);
}

size_t mm_write(struct mm *mm, uaddr_t address, const void *from, size_t n)
{
    return mm_access(mm, address, (char *)from, n, true, ACCESS_FORCED);
}

size_t mm_copy(struct mm *mm, uaddr_t address, void *buffer, size_t n, bool write)
{
    return mm_access(mm, address, buffer, n, write, ACCESS_PROGRAM);
}

int mm_futex_key(struct mm *mm, uaddr_t address, bool shared, struct mm_futex_key *key)
{
    *key = (struct mm_futex_key){mm, address};
    if (!mm_is_mappable(page_round_down(address), PAGE_SIZE))
        return -EFAULT;
    if (!shared)
        return 0;
    const struct vma *vma = vma_tree_find(&mm->vmas, address);
    if (!vma || address < vma->start || !(vma->flags & VMA_ACCESS))
        return -EFAULT;
    if (vma->flags & VMA_SHARED)
        *key = (struct mm_futex_key){vma->file->inode,
                                     vma_index(vma, address) * PAGE_SIZE + (address & PAGE_MASK)};
    return 0;
}
