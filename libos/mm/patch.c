/* SPDX-License-Identifier: BSD-2-Clause */
/* patch.c - twins: pages of files in which call sites are jumps.
 *
 * A twin is for one page of a file at one address, since jumps are relative.  With one vcpu nobody
 * runs in it while it is changed; with several it gets a new frame for each site, so that nobody
 * ever executes bytes that change (SDM vol. 3A, 8.1.3).  Who maps the old frame goes on with that
 * until he traps at the new site.
 */
#include "mm/patch.h"

#include "arch/pte.h"
#include "arch/regs.h"
#include "base/hash.h"
#include "base/string.h"
#include "mm/heap.h"
#include "mm/patch_internal.h"
#include "mm/range.h"
#include "mm/usermem.h"
#include "proc/process.h"
#include "sched/sched.h"
#include "sched/thread.h"
#include "start/options.h"
#include "vfs/file.h"
#include "vfs/inode.h"
#include "vfs/pagecache.h"

constexpr uint64_t SYSCALL_BYTES = 2;
constexpr uint32_t CHAINS = 256;

struct twin {
    struct list_node node;  /* in inode->twins */
    struct list_node chain; /* among those with its hash */
    struct inode *inode;
    uint64_t index, va;
    struct page *page; /* one reference; its owner and index say what it is the twin of */
};

struct patch_counts patch_counts;

/* ------------------------------------------------------------------ twins */

static struct list_node chains[CHAINS];

static struct list_node *chain_of(const struct inode *inode, uint64_t index, uint64_t va)
{
    uint64_t hash = hash_u64((uint64_t)inode ^ index << 40 ^ va);
    struct list_node *chain = &chains[hash % CHAINS];
    if (!chain->next)
        list_init(chain);
    return chain;
}

static struct twin *twin_find(const struct inode *inode, uint64_t index, uint64_t va)
{
    list_for_each(node, chain_of(inode, index, va)) {
        struct twin *twin = container_of(node, struct twin, chain);
        if (twin->inode == inode && twin->index == index && twin->va == va)
            return twin;
    }
    return nullptr;
}

/* A copy of FROM that is the twin of page INDEX of INODE. */
static struct page *twin_page(const struct page *from, struct inode *inode, uint64_t index)
{
    struct page *page = page_alloc(0);
    if (!page)
        return nullptr;
    memcpy(page_address(page), page_address(from), PAGE_SIZE);
    page->owner = inode;
    page->index = index;
    page->flags |= PAGE_TWIN;
    return page;
}

static struct twin *twin_make(const struct page *from, struct inode *inode, uint64_t index,
                              uint64_t va)
{
    struct twin *twin = heap_zalloc(sizeof *twin);
    if (!twin)
        return nullptr;
    *twin = (struct twin){
        .inode = inode, .index = index, .va = va, .page = twin_page(from, inode, index)};
    if (!twin->page) {
        heap_free(twin);
        return nullptr;
    }
    list_push_front(&inode->twins, &twin->node);
    list_push_front(chain_of(inode, index, va), &twin->chain);
    return twin;
}

static bool twin_write(struct twin *twin, uint64_t at, const uint8_t jump[SITE_JUMP_BYTES])
{
    if (vcpu_count() > 1) {
        struct page *page = twin_page(twin->page, twin->page->owner, twin->index);
        if (!page)
            return false;
        page_put(twin->page);
        twin->page = page;
    }
    memcpy((uint8_t *)page_address(twin->page) + at, jump, SITE_JUMP_BYTES);
    return true;
}

struct page *patch_page(const struct vma *vma, uint64_t address)
{
    const struct inode *inode = vma->file->inode;
    if (list_is_empty(&inode->twins) || !(vma->flags & VMA_EXEC) || vma->flags & VMA_SHARED ||
        vma->mm->unpatched)
        return nullptr;
    const struct twin *twin = twin_find(inode, vma_index(vma, address), address);
    return twin ? twin->page : nullptr;
}

struct page *patch_original(struct page *page)
{
    if (!(page->flags & PAGE_TWIN))
        return page;
    struct page *original = pagecache_find(page->owner, page->index);
    return original ? original : page;
}

void patch_file_changes(struct inode *inode)
{
    list_for_each_safe(node, &inode->twins) {
        struct twin *twin = container_of(node, struct twin, node);
        mm_unmap_file(inode, twin->index, 1);
        list_remove(node);
        list_remove(&twin->chain);
        page_put(twin->page);
        heap_free(twin);
    }
}

/* ------------------------------------------------------------------ sites */

/* Where a trap in MM's code at RIP may be patched: only a page of a file that nobody writes to, as
 * the file has it. */
static struct vma *code_of(const struct mm *mm, uint64_t va)
{
    struct vma *vma = vma_tree_find(&mm->vmas, va);
    if (!vma || va < vma->start || !vma->file || !(vma->flags & VMA_EXEC) ||
        vma->flags & (VMA_SHARED | VMA_WRITE | VMA_SPECIAL))
        return nullptr;
    const struct inode *inode = vma->file->inode;
    return S_ISREG(inode->mode) && inode->writers <= 0 ? vma : nullptr;
}

/* TWIN takes the place of what VMA shows at its address. */
static void twin_show(struct vma *vma, const struct twin *twin)
{
    uint64_t pte = pte_read(vma->mm->root, twin->va);
    struct page *before = page_of_frame(pte_frame(pte));
    if (before == twin->page || mm_install(vma, twin->va, page_get(twin->page), false) != 0)
        return;
    mm_count_page(vma, before, -1);
    page_put(before);
}

static bool site_patch(struct vma *vma, uint64_t va, uint32_t at, uint64_t number)
{
    struct inode *inode = vma->file->inode;
    uint64_t index = vma_index(vma, va), pte = pte_read(vma->mm->root, va);
    struct page *original = pagecache_find(inode, index);
    struct call_site site;
    if (!original || !(pte & PTE_PRESENT) || !site_decode(page_address(original), at, va, &site) ||
        (site.kind == SITE_MOVE && site.number != number))
        return false;
    const struct page *shown = page_of_frame(pte_frame(pte));
    if (shown != original && !(shown->flags & PAGE_TWIN))
        return false; /* the program has changed its own copy */
    const struct stub *stub = stub_for(&site);
    struct twin *twin = stub ? twin_find(inode, index, va) : nullptr;
    if (stub && !twin)
        twin = twin_make(original, inode, index, va);
    if (!twin)
        return false;
    uint8_t jump[SITE_JUMP_BYTES];
    uint64_t in_page = site.address - va;
    const uint8_t *now = (uint8_t *)page_address(twin->page) + in_page;
    const uint8_t *file = (uint8_t *)page_address(original) + in_page;
    site_jump(&site, stub->at, jump);
    if (memcmp(now, jump, sizeof jump) != 0) {
        /* Another site's jump may reach into this one. */
        if (memcmp(now, file, sizeof jump) != 0 || !twin_write(twin, in_page, jump))
            return false;
        patch_counts.sites++;
    }
    twin_show(vma, twin);
    return true;
}

void patch_call(const struct regs *regs)
{
    struct thread *t = current;
    struct mm *mm = t->process->mm;
    uint64_t at = regs->rip - SYSCALL_BYTES;
    uint64_t *refused = &mm->refused[hash_u64(at) % (sizeof mm->refused / sizeof mm->refused[0])];
    if (mm->unpatched || *refused == at)
        return;
    struct vma *vma = code_of(mm, at);
    if (vma &&
        site_patch(vma, at & ~(uint64_t)PAGE_MASK, (uint32_t)(at & PAGE_MASK), regs->orig_rax))
        return;
    *refused = at;
    patch_counts.refused++;
}

/* ------------------------------------------------------------------ hiding */

void patch_hide(struct vma *vma, uint64_t start, uint64_t end)
{
    struct pte_walk walk = pte_walk_begin(vma->mm->root, start, end);
    if (!vma->file || list_is_empty(&vma->file->inode->twins))
        return;
    while (pte_walk_step(&walk))
        if (page_of_frame(pte_frame(walk.pte))->flags & PAGE_TWIN)
            mm_zap(vma, walk.va, walk.va + PAGE_SIZE);
}

/* Who is in a call goes on in the program, not in the stub. */
static void leave_stub(struct thread *t, void *mm)
{
    if (t->user && t->process && t->process->mm == mm)
        thread_regs(t)->rip = patch_origin(thread_regs(t)->rip);
}

void patch_disable(struct mm *mm)
{
    if (mm->unpatched)
        return;
    mm->unpatched = true;
    mm_for_each_vma(vma, mm)
        patch_hide(vma, vma->start, vma->end);
    thread_for_each(leave_stub, mm);
}

void patch_range_changes(const struct vma *first, uint64_t end)
{
    struct mm *mm = first->mm;
    for (const struct vma *vma = first; vma && vma->start < end; vma = vma_next(&mm->vmas, vma))
        if (vma->flags & VMA_STUBS) {
            patch_disable(mm);
            return;
        }
}

/* ------------------------------------------------------------------ strange ways to a site */

bool patch_trap(struct regs *regs)
{
    /* The breakpoint is the jump's third byte, and RIP points behind it. */
    uint64_t address = regs->rip - 3;
    uint8_t code[SITE_JUMP_BYTES];
    if (copy_from_user(code, address, sizeof code))
        return false;
    const struct stub *stub = stub_at(site_target(code, address));
    if (!stub || stub->site.kind != SITE_SYSCALL || stub->site.address != address)
        return false;
    regs->rip = stub_return(&stub->site, stub->at);
    return true;
}

bool patch_step(struct regs *regs)
{
    const struct stub *stub = stub_at(regs->rip);
    if (!stub || regs->rip != stub->at)
        return false;
    if (stub->site.kind == SITE_MOVE)
        regs->rax = stub->site.number;
    regs->orig_rax = regs->rax;
    regs->rip = regs->rcx = stub_return(&stub->site, stub->at);
    regs->r11 = regs->rflags;
    return true;
}
