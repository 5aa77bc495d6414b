/* SPDX-License-Identifier: BSD-2-Clause */
/* space.c - a hardware address space of a domain: mapping, and the calls for it. */
#include "space.h"
#include "calls.h"
#include "cpu.h"
#include "device.h"
#include "mem.h"
#include "mmu.h"
#include "usercopy.h"
#include "vcpu.h"
#include "walk.h"

constexpr uint32_t MAP_RUN_MAX = 4096;   /* pages a call */
constexpr uint32_t MAP_BATCH_MAX = 1024; /* entries a call */
constexpr uint32_t BATCH_COPY = 32;      /* entries read at a time */
constexpr uint32_t LARGE_SHIFT = 21;
static_assert(1 << LARGE_SHIFT == EXO_LARGE_BYTES);
/* Below it, all pages of a stretch of `near` may be mapped. */
constexpr uint64_t NEAR_TOP = EXO_USER_TOP & ~(uint64_t)(EXO_LARGE_BYTES - 1);

/* The bits besides the frame of a leaf for one page, by its rights (mmu_leaf); 0: not one of the
 * frequent kinds. */
constexpr uint32_t LEAF_KINDS = EXO_RWX + 1;
static const mmu_entry leaf_bits[LEAF_KINDS] = {
    [EXO_READ] = MMU_PRESENT | MMU_USER | MMU_NO_EXEC,
    [EXO_READ | EXO_WRITE] = MMU_PRESENT | MMU_USER | MMU_WRITE | MMU_NO_EXEC,
    [EXO_READ | EXO_EXEC] = MMU_PRESENT | MMU_USER,
};

enum exo_status space_create(struct domain *dom, exo_frame object, struct space **out)
{
    exo_frame root = pool_take(dom);
    if (root == 0)
        return EXO_NOTABLE;
    enum exo_status status = frame_make_object(dom, object);
    if (status != EXO_OK) {
        pool_put(dom, root);
        return status;
    }
    if (dom->region == 0) {
        dom->region = pool_take(dom);
        if (dom->region == 0) {
            frame_end_object(object);
            pool_put(dom, root);
            return EXO_NOTABLE;
        }
    }
    struct space *space = frame_ptr(object);
    space->dom = dom;
    space->object = object;
    space->root = root;
    space->near.stretch = NEAR_NONE;
    mmu_entry *table = frame_ptr(root);
    mmu_root_init(table);
    table[mmu_index(EXO_REGION_BASE, MMU_LEVELS)] = mmu_table_entry(dom->region);
    space->next = dom->spaces;
    dom->spaces = space;
    *out = space;
    return EXO_OK;
}

void space_free(struct space *space)
{
    struct domain *dom = space->dom;
    struct flush flush = {.space = space, .dom = dom, .evict = space, .count = FLUSH_PAGES + 1};
    flush_finish(&flush);
    for (struct space **link = &dom->spaces; *link; link = &(*link)->next) {
        if (*link == space) {
            *link = space->next;
            break;
        }
    }
    cap_forget(space->name, space);
    mem_clear_frame(frame_ptr(space->root));
    pool_put(dom, space->root);
    frame_end_object(space->object);
}

static enum exo_status check_perms(uint32_t perms)
{
    if (perms & ~(EXO_RWX | EXO_LARGE | EXO_WX) || !(perms & EXO_READ))
        return EXO_INVAL;
    if ((perms & EXO_WRITE) && (perms & EXO_EXEC) && !(perms & EXO_WX))
        return EXO_INVAL;
    return EXO_OK;
}

/* What is to be mapped, and how far that has come. */
struct run {
    uint64_t va;
    exo_frame frame;
    uint32_t left, perms;
};

static enum exo_status run_check(const struct run *run, uint64_t bytes)
{
    enum exo_status status = check_perms(run->perms);
    if (status != EXO_OK)
        return status;
    if (run->left == 0 || run->left > MAP_RUN_MAX || !range_is_user(run->va, bytes * run->left))
        return EXO_RANGE;
    return run->va % bytes || run->frame % (bytes >> EXO_FRAME_SHIFT) ? EXO_ALIGN : EXO_OK;
}

/* What ENTRY showed is replaced, or it was empty. */
static void entry_replaced(mmu_entry old, uint32_t span, uint64_t va, struct flush *flush)
    REQUIRES(exo_lock)
{
    leaf_uncount(old, span);
    flush_add(flush, va);
}

/* Own plain frames from FRAME on into the empty entries from ENTRY on, at most N, up to the first one
 * that needs a closer look.  Returns how many. */
static uint32_t map_fresh(const struct domain *dom, exo_frame first, mmu_entry *entry,
                          mmu_entry leaf, uint32_t n) REQUIRES(exo_lock)
{
    if (first >= frame_count)
        return 0;
    struct frame *begin = &frames[first], *frame = begin;
    const struct frame *end = begin + (n < frame_count - first ? n : frame_count - first);
    const uint16_t holder = dom->number;
    for (; frame < end && frame->holder == holder && frame->type == EXO_FRAME_PLAIN &&
           !(*entry & MMU_PRESENT);
         frame++, entry++, leaf += EXO_FRAME_BYTES) {
        frame->maps++;
        *entry = leaf;
    }
    return (uint32_t)(frame - begin);
}

/* As many pages as there is room for in the lowest table that covers RUN's first.  That table is
 * made for a frame that can be mapped only: an empty one would not go away again. */
static enum exo_status map_in_table(struct walk *walk, struct run *run, struct flush *flush)
    REQUIRES(exo_lock)
{
    const struct domain *dom = walk->space->dom;
    enum exo_status status = frame_check_map(dom, run->frame, run->perms & EXO_RWX);
    if (status == EXO_OK)
        status = walk_to(walk, run->va, 1, WALK_CREATE);
    if (status != EXO_OK)
        return status;
    uint32_t room = MMU_ENTRIES - mmu_index(run->va, 1), n = run->left < room ? run->left : room;
    mmu_entry *entry = walk->entry, leaf = mmu_leaf(run->frame, run->perms, false);
    uint32_t fresh = map_fresh(dom, run->frame, entry, leaf, n), done = fresh;
    for (; done < n; done++) {
        exo_frame frame = run->frame + done;
        uint64_t offset = (uint64_t)done * EXO_FRAME_BYTES;
        if (done > 0 && !frame_is_own(dom, frame)) {
            status = frame_check_map(dom, frame, run->perms & EXO_RWX);
            if (status != EXO_OK)
                break;
        }
        frames[frame].maps++;
        mmu_entry old = entry[done];
        entry[done] = leaf + offset;
        if (old & MMU_PRESENT)
            entry_replaced(old, 1, run->va + offset, flush);
        else
            fresh++;
    }
    frames[walk->table].used += fresh;
    run->va += (uint64_t)done * EXO_FRAME_BYTES;
    run->frame += done;
    run->left -= done;
    return status;
}

static enum exo_status map_large(struct walk *walk, struct run *run, struct flush *flush)
    REQUIRES(exo_lock)
{
    enum exo_status status = EXO_OK;
    for (uint32_t i = 0; i < EXO_LARGE_FRAMES && status == EXO_OK; i++)
        if (!frame_is_own(walk->space->dom, run->frame + i))
            status = frame_check_map(walk->space->dom, run->frame + i, run->perms & EXO_RWX);
    if (status == EXO_OK)
        status = walk_to(walk, run->va, 2, WALK_CREATE);
    if (status != EXO_OK)
        return status;
    for (uint32_t i = 0; i < EXO_LARGE_FRAMES; i++)
        frames[run->frame + i].maps++;
    mmu_entry old = *walk->entry;
    *walk->entry = mmu_leaf(run->frame, run->perms, true);
    if (old & MMU_PRESENT)
        entry_replaced(old, EXO_LARGE_FRAMES, run->va, flush);
    else
        frames[walk->table].used++;
    run->va += EXO_LARGE_BYTES;
    run->frame += EXO_LARGE_FRAMES;
    run->left--;
    return EXO_OK;
}

/* Frames outside RAM: checked as one range, then mapped page by page. */
static enum exo_status map_device(struct walk *walk, struct run *run, struct flush *flush)
    REQUIRES(exo_lock)
{
    enum exo_device_kind kind;
    enum exo_status status =
        device_check_map(walk->space->dom, run->frame, run->left, run->perms, &kind);
    while (run->left > 0 && status == EXO_OK) {
        status = walk_to(walk, run->va, 1, WALK_CREATE);
        if (status != EXO_OK)
            break;
        device_mapped(run->frame);
        mmu_entry old = *walk->entry;
        *walk->entry = mmu_device_leaf(run->frame, run->perms, kind);
        if (old & MMU_PRESENT)
            entry_replaced(old, 1, run->va, flush);
        else
            frames[walk->table].used++;
        run->va += EXO_FRAME_BYTES;
        run->frame++;
        run->left--;
    }
    return status;
}

/* One page of the space's own memory, in a table that is there: what a page fault asks for.  False:
 * the general way has to look at it. */
static bool map_one(struct walk *walk, uint64_t va_perms, exo_frame frame, struct flush *flush)
    REQUIRES(exo_lock)
{
    uint32_t perms = va_perms & EXO_PERM_MASK;
    uint64_t va = va_perms & ~(uint64_t)EXO_PERM_MASK;
    if (perms >= LEAF_KINDS || leaf_bits[perms] == 0 || va >= EXO_USER_TOP ||
        !frame_is_own(walk->space->dom, frame) || !walk_lowest(walk, va))
        return false;
    if (va - EXO_REGION_BASE >= EXO_REGION_BYTES && va < NEAR_TOP)
        walk->space->near = (struct near){.stretch = va >> LARGE_SHIFT,
                                          .entries = frame_ptr(walk->table),
                                          .table = &frames[walk->table]};
    frames[frame].maps++;
    mmu_entry old = *walk->entry;
    *walk->entry = (mmu_entry)frame << EXO_FRAME_SHIFT | leaf_bits[perms];
    if (old & MMU_PRESENT)
        entry_replaced(old, 1, va, flush);
    else
        frames[walk->table].used++;
    return true;
}

/* A page into an empty entry of the table that the last one went to: the most frequent of all, and
 * nothing has to be flushed.  False: the other ways have to look at it. */
static bool map_near(const struct space *space, uint64_t va_perms, exo_frame frame)
    REQUIRES(exo_lock)
{
    uint64_t perms = va_perms & EXO_PERM_MASK;
    if (space->near.stretch != va_perms >> LARGE_SHIFT || perms >= LEAF_KINDS ||
        leaf_bits[perms] == 0 || !frame_is_own(space->dom, frame))
        return false;
    mmu_entry *entry = &space->near.entries[mmu_index(va_perms, 1)];
    if (*entry & MMU_PRESENT)
        return false;
    frames[frame].maps++;
    space->near.table->used++;
    *entry = (mmu_entry)frame << EXO_FRAME_SHIFT | leaf_bits[perms];
    return true;
}

/* WALK may come from a neighbouring run. */
static enum exo_status map_run(struct walk *walk, uint64_t va_perms, exo_frame first,
                               uint32_t count, uint32_t *done, struct flush *flush)
    REQUIRES(exo_lock)
{
    struct run run = {.va = va_perms & ~(uint64_t)EXO_PERM_MASK,
                      .frame = first,
                      .left = count,
                      .perms = va_perms & EXO_PERM_MASK};
    bool is_large = run.perms & EXO_LARGE;
    *done = 0;
    enum exo_status status = run_check(&run, is_large ? EXO_LARGE_BYTES : EXO_FRAME_BYTES);
    if (status != EXO_OK)
        return status;
    if (!frame_is_ram(run.frame))
        status = map_device(walk, &run, flush);
    while (run.left > 0 && status == EXO_OK)
        status = is_large ? map_large(walk, &run, flush) : map_in_table(walk, &run, flush);
    *done = count - run.left;
    return status;
}

enum exo_status space_map_run(struct space *space, uint64_t va_perms, exo_frame first,
                              uint32_t count, uint32_t *done, struct flush *flush)
{
    struct walk walk = {.space = space};
    return map_run(&walk, va_perms, first, count, done, flush);
}

static struct space *find(struct caller *c, exo_cap cap) REQUIRES(exo_lock)
{
    return cap_object(c->dom, cap, EXO_CAP_SPACE);
}

/* What a batch answers when it stopped in the middle: it did change something. */
static enum exo_status batch_status(enum exo_status status, uint64_t done)
{
    if (status == EXO_OK || status == EXO_NOTABLE || done == 0)
        return status;
    return EXO_AGAIN;
}

[[gnu::noinline]] static enum exo_status map_any(struct space *space, uint64_t va_perms,
                                                 exo_frame frame, uint32_t count, struct caller *c)
    REQUIRES(exo_lock)
{
    struct flush flush;
    struct walk walk = {.space = space};
    uint32_t done = 1;
    enum exo_status status = EXO_OK;
    flush_begin(&flush, space);
    if (count != 1 || !map_one(&walk, va_perms, frame, &flush))
        status = map_run(&walk, va_perms, frame, count, &done, &flush);
    flush_finish(&flush);
    c->second = done;
    return batch_status(status, done);
}

enum exo_status call_space_map(struct caller *c, exo_cap cap, uint64_t va_perms, exo_frame frame,
                               uint32_t count)
{
    struct space *space = find(c, cap);
    if (!space)
        return EXO_CAP;
    if (count != 1 || !map_near(space, va_perms, frame))
        return map_any(space, va_perms, frame, count, c);
    c->second = 1;
    return EXO_OK;
}

enum exo_status call_space_map_batch(struct caller *c, exo_cap cap, exo_uaddr entries,
                                     uint32_t count)
{
    struct space *space = find(c, cap);
    struct exo_map batch[BATCH_COPY];
    struct flush flush;
    enum exo_status status = EXO_OK;
    uint32_t at = 0;
    uint64_t pages = 0;
    if (!space)
        return EXO_CAP;
    if (count == 0 || count > MAP_BATCH_MAX)
        return EXO_RANGE;
    struct walk walk = {.space = space};
    flush_begin(&flush, space);
    while (at < count && status == EXO_OK) {
        uint32_t n = count - at < BATCH_COPY ? count - at : BATCH_COPY;
        status = copy_in(batch, entries + at * sizeof batch[0], n * sizeof batch[0]);
        for (uint32_t i = 0; i < n && status == EXO_OK; i++) {
            uint32_t done = 1;
            if (batch[i].count != 1 || (!map_near(space, batch[i].va_perms, batch[i].frame) &&
                                        !map_one(&walk, batch[i].va_perms, batch[i].frame, &flush)))
                status = map_run(&walk, batch[i].va_perms, batch[i].frame, batch[i].count, &done,
                                 &flush);
            pages += done;
            at += status == EXO_OK;
            if (status == EXO_OK && pages > MAP_RUN_MAX && at < count)
                status = EXO_AGAIN;
        }
    }
    flush_finish(&flush);
    c->second = at; /* whole entries done; a partly done one may be repeated */
    return batch_status(status, at);
}

enum exo_status call_space_unmap(struct caller *c, exo_cap cap, uint64_t va, uint64_t pages)
{
    struct space *space = find(c, cap);
    if (!space)
        return EXO_CAP;
    if (va % EXO_FRAME_BYTES)
        return EXO_ALIGN;
    if (pages == 0 || pages > EXO_USER_TOP / EXO_FRAME_BYTES ||
        !range_is_user(va, pages * EXO_FRAME_BYTES))
        return EXO_RANGE;
    struct flush flush;
    flush_begin(&flush, space);
    uint64_t end = walk_unmap(space, va, va + pages * EXO_FRAME_BYTES, &flush);
    flush_finish(&flush);
    c->second = (end - va) / EXO_FRAME_BYTES;
    if (c->second == pages)
        return EXO_OK;
    return c->second == 0 ? EXO_ALIGN : EXO_AGAIN; /* no progress: a part of a large page */
}

enum exo_status call_space_protect(struct caller *c, exo_cap cap, uint64_t va_perms, uint64_t pages,
                                   uint32_t flags)
{
    struct space *space = find(c, cap);
    uint32_t perms = va_perms & EXO_PERM_MASK;
    uint64_t va = va_perms & ~(uint64_t)EXO_PERM_MASK;
    if (!space)
        return EXO_CAP;
    if (check_perms(perms) != EXO_OK || (perms & EXO_LARGE) || (flags & ~EXO_PROTECT_NO_FLUSH))
        return EXO_INVAL;
    if (pages == 0 || pages > EXO_USER_TOP / EXO_FRAME_BYTES ||
        !range_is_user(va, pages * EXO_FRAME_BYTES))
        return EXO_RANGE;
    struct flush flush;
    flush_begin(&flush, space);
    uint64_t end = va + pages * EXO_FRAME_BYTES;
    enum exo_status status = walk_protect(space, &va, end, perms, &flush);
    if (!(flags & EXO_PROTECT_NO_FLUSH))
        flush_finish(&flush);
    c->second = pages - (end - va) / EXO_FRAME_BYTES;
    return batch_status(status, c->second);
}

enum exo_status call_space_read_ad(struct caller *c, exo_cap cap, uint64_t va, uint32_t pages,
                                   exo_uaddr bits)
{
    constexpr uint32_t PAGES_MAX = 512;
    uint8_t answer[PAGES_MAX];
    struct space *space = find(c, cap);
    if (!space)
        return EXO_CAP;
    if (va % EXO_FRAME_BYTES)
        return EXO_ALIGN;
    if (pages == 0 || pages > PAGES_MAX || !range_is_user(va, pages * EXO_FRAME_BYTES))
        return EXO_RANGE;
    /* Whether the answer can be written is found out before a bit is cleared. */
    memset(answer, 0, sizeof(answer));
    if (copy_out(bits, answer, pages) != EXO_OK)
        return EXO_FAULT;
    struct flush flush;
    flush_begin(&flush, space);
    for (uint32_t i = 0; i < pages; i++)
        answer[i] = walk_read_ad(space, va + i * EXO_FRAME_BYTES, &flush);
    flush_finish(&flush);
    c->second = pages;
    return copy_out(bits, answer, pages);
}

enum exo_status call_space_create(struct caller *c, exo_cap dom_cap, exo_frame object)
{
    struct domain *dom = cap_domain(c->dom, dom_cap);
    struct space *space;
    if (!dom)
        return EXO_CAP;
    exo_cap cap = cap_add(c->dom, (struct cap){.kind = EXO_CAP_SPACE});
    if (cap == 0)
        return EXO_NOSLOT;
    enum exo_status status = space_create(dom, object, &space);
    if (status != EXO_OK) {
        cap_remove(c->dom, cap);
        return status;
    }
    c->dom->caps[cap].object = space;
    space->name = (struct cap_place){c->dom->number, cap};
    c->second = cap;
    return EXO_OK;
}

enum exo_status call_space_destroy(struct caller *c, exo_cap cap)
{
    struct space *space = find(c, cap);
    if (!space)
        return EXO_CAP;
    if (space->vcpus != 0)
        return EXO_INUSE;
    if (!space->next && space->dom->spaces == space)
        return EXO_STATE; /* a domain keeps one space: its libOS region hangs on it */
    if (!space_teardown_step(space))
        return EXO_AGAIN;
    space_free(space);
    return EXO_OK;
}

void space_load(struct space *space)
{
    struct cpu *cpu = cpu_here();
    if (cpu->loaded == space)
        return;
    uint32_t bit = 1u << cpu->number;
    struct space *before = cpu->loaded;
    if (space)
        atomic_fetch_or_explicit(&space->cpu_mask, bit, memory_order_relaxed);
    cpu->loaded = space;
    if (space)
        mmu_load(space->root);
    else
        mmu_load_kernel();
    /* The load forgot everything of the space before (no PCID, no global user pages). */
    if (before)
        atomic_fetch_and_explicit(&before->cpu_mask, ~bit, memory_order_relaxed);
}

enum exo_status call_space_switch(struct caller *c, exo_cap cap)
{
    struct space *space = find(c, cap);
    if (!space)
        return EXO_CAP;
    if (space->dom != c->dom)
        return EXO_OWNER;
    c->vcpu->space->vcpus--;
    space->vcpus++;
    c->vcpu->space = space;
    space_load(space);
    return EXO_OK;
}
