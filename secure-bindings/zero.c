/* SPDX-License-Identifier: BSD-2-Clause */
/* zero.c - demand-zero bindings: first touches served without an upcall.
 *
 * The libOS binds a region to a ring of its own zeroed frames (struct exo_zero_ring).
 * The kernel takes a frame from it at the first touch of a page there and maps it; the
 * libOS later finds it by reading its page tables.  When the ring is empty, or holds a
 * frame that cannot be mapped, the fault goes to the libOS like any other.
 */
#include "calls.h"
#include "mem.h"
#include "mmu.h"
#include "space.h"
#include "vcpu.h"
#include "walk.h"

static uint32_t ring_slots(void)
{
    return sizeof(((struct exo_zero_ring *)nullptr)->frames) / sizeof(uint32_t);
}

/* Index of the first binding that ends above VA. */
static uint32_t binding_find(const struct space *space, uint64_t va)
{
    uint32_t low = 0, high = space->zero_count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        const struct zero_binding *z = &space->zero[middle];
        if (z->first_va + z->pages * EXO_FRAME_BYTES <= va)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void binding_remove(struct space *space, uint32_t at) REQUIRES(exo_lock)
{
    frame_unpin(space->zero[at].ring);
    for (uint32_t i = at + 1; i < space->zero_count; i++)
        space->zero[i - 1] = space->zero[i];
    space->zero_count--;
}

/* Cut [va, end) out of the bindings; a binding with a hole in it becomes two. */
static enum exo_status binding_cut(struct space *space, uint64_t va, uint64_t end)
    REQUIRES(exo_lock)
{
    uint32_t at = binding_find(space, va);
    while (at < space->zero_count && space->zero[at].first_va < end) {
        struct zero_binding *z = &space->zero[at];
        uint64_t z_end = z->first_va + z->pages * EXO_FRAME_BYTES;
        if (z->first_va < va && z_end > end) {
            if (space->zero_count == ZERO_BINDINGS)
                return EXO_NOSLOT;
            for (uint32_t i = space->zero_count; i > at; i--)
                space->zero[i] = space->zero[i - 1];
            space->zero_count++;
            frame_pin(z->ring);
            z->pages = (va - z->first_va) / EXO_FRAME_BYTES;
            z[1].first_va = end;
            z[1].pages = (z_end - end) / EXO_FRAME_BYTES;
            return EXO_OK;
        }
        if (z->first_va < va) {
            z->pages = (va - z->first_va) / EXO_FRAME_BYTES;
            at++;
        } else if (z_end > end) {
            z->pages = (z_end - end) / EXO_FRAME_BYTES;
            z->first_va = end;
            return EXO_OK;
        } else {
            binding_remove(space, at);
        }
    }
    return EXO_OK;
}

static enum exo_status ring_frame(const struct space *space, uint64_t ring, exo_frame *frame)
    REQUIRES(exo_lock)
{
    bool is_large;
    uint64_t entry = space_lookup(space, ring, &is_large);
    if (ring % EXO_FRAME_BYTES)
        return EXO_ALIGN;
    if (!(entry & MMU_PRESENT) || !(entry & MMU_WRITE))
        return EXO_FAULT;
    if (entry & MMU_DEVICE)
        return EXO_TYPE;
    *frame = mmu_frame(entry) + (is_large ? mmu_index(ring, 1) : 0);
    if (frames[*frame].holder != space->dom->number)
        return EXO_OWNER;
    return frames[*frame].type == EXO_FRAME_PLAIN ? EXO_OK : EXO_TYPE;
}

/* RING 0 ends the bindings of the region. */
enum exo_status call_space_bind_zero(struct caller *c, exo_cap cap, uint64_t va_perms,
                                     uint64_t pages, exo_uaddr ring)
{
    struct cap *found = cap_find(c->dom, cap, EXO_CAP_SPACE);
    uint32_t perms = va_perms & EXO_PERM_MASK;
    uint64_t va = va_perms & ~(uint64_t)EXO_PERM_MASK;
    exo_frame frame = 0;
    if (!found)
        return EXO_CAP;
    struct space *space = found->object;
    if (pages == 0 || pages > EXO_USER_TOP / EXO_FRAME_BYTES ||
        va > EXO_USER_TOP - pages * EXO_FRAME_BYTES)
        return EXO_RANGE;
    if (ring && (perms & ~EXO_WX) != (EXO_READ | EXO_WRITE) && perms != (EXO_RWX | EXO_WX))
        return EXO_INVAL;
    enum exo_status status = ring ? ring_frame(space, ring, &frame) : EXO_OK;
    if (status == EXO_OK)
        status = binding_cut(space, va, va + pages * EXO_FRAME_BYTES);
    if (status != EXO_OK || ring == 0)
        return status;
    if (space->zero_count == ZERO_BINDINGS)
        return EXO_NOSLOT;
    uint32_t at = binding_find(space, va);
    for (uint32_t i = space->zero_count; i > at; i--)
        space->zero[i] = space->zero[i - 1];
    space->zero[at] = (struct zero_binding){va, pages, perms, frame};
    space->zero_count++;
    frame_pin(frame); /* while the binding stands */
    return EXO_OK;
}

bool space_serve_zero(struct space *space, uint64_t va, uint64_t error)
{
    constexpr uint64_t PRESENT = 1;
    uint32_t at = binding_find(space, va);
    if ((error & PRESENT) || at == space->zero_count || va < space->zero[at].first_va)
        return false;
    const struct zero_binding *z = &space->zero[at];
    struct exo_zero_ring *ring = frame_ptr(z->ring);
    uint32_t taken = __atomic_load_n(&ring->taken, __ATOMIC_RELAXED);
    /* Acquire: the frame number was written before `given` moved past it. */
    if (taken == __atomic_load_n(&ring->given, __ATOMIC_ACQUIRE))
        return false;
    exo_frame frame = ring->frames[taken % ring_slots()];
    struct flush flush;
    uint32_t done;
    bool is_large;
    va &= ~(EXO_FRAME_BYTES - 1);
    if (space_lookup(space, va, &is_large) & MMU_PRESENT)
        return true; /* another CPU was first */
    if (frame >= frame_count || frames[frame].holder != space->dom->number)
        return false;
    flush_begin(&flush, space);
    if (space_map_run(space, va | z->perms, frame, 1, &done, &flush) != EXO_OK)
        return false;
    __atomic_store_n(&ring->taken, taken + 1, __ATOMIC_RELEASE);
    return true;
}
