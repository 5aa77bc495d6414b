/* SPDX-License-Identifier: BSD-2-Clause */
/* grant.c - frames that other guests may map (Xen's public/grant_table.h, version 1).
 *
 * An entry is the kernel's until its flags permit access; from then on it is Xen's, which sets
 * bits in the flags while the other guest maps the frame.  It becomes the kernel's again when one
 * atomic step finds none of these bits and clears the flags.  Nothing but this file writes to the
 * table, and the frame of an entry is pinned: it keeps its holder and stays plain memory.
 */
#include "frame.h"
#include "xen/shared.h"
#include "xen/xen.h"

struct entry {
    uint16_t flags, guest;
    uint32_t frame;
};
static_assert(sizeof(struct entry) == 8);

constexpr uint16_t PERMIT = 1;         /* GTF_permit_access */
constexpr uint16_t READ_ONLY = 1 << 2; /* GTF_readonly */
constexpr uint16_t IN_USE = 3 << 3;    /* GTF_reading, GTF_writing */
constexpr uint32_t FIRST_FREE = 8;     /* those below are the toolstack's */
constexpr uint32_t ENTRIES = EXO_FRAME_BYTES / sizeof(struct entry);

alignas(EXO_FRAME_BYTES) static struct entry table[ENTRIES];
/* Free entries, a list; an entry that was given out is not in it. */
static uint16_t next[ENTRIES] GUARDED_BY(exo_lock);
static uint32_t first_free GUARDED_BY(exo_lock);

bool xen_grants_init(void) NO_LOCK_ANALYSIS
{
    first_free = 0;
    if (!xen_memory_add(XEN_SPACE_GRANTS, 0, table))
        return false;
    for (uint32_t i = FIRST_FREE; i < ENTRIES; i++)
        next[i] = (uint16_t)(i + 1 < ENTRIES ? i + 1 : 0);
    first_free = FIRST_FREE;
    return true;
}

uint32_t xen_grant(uint16_t guest, exo_frame frame, uint32_t perms)
{
    uint32_t grant = first_free;
    if (grant == 0)
        return XEN_GRANT_NONE;
    first_free = next[grant];
    frame_pin(frame);
    table[grant].guest = guest;
    table[grant].frame = frame;
    uint16_t flags = PERMIT | (perms & EXO_WRITE ? 0 : READ_ONLY);
    /* Release: who sees the permission sees what it is for. */
    __atomic_store_n(&table[grant].flags, flags, __ATOMIC_RELEASE);
    return grant;
}

bool xen_grant_end(uint32_t grant)
{
    uint16_t flags = __atomic_load_n(&table[grant].flags, __ATOMIC_RELAXED);
    do {
        if (flags & IN_USE)
            return false;
    } while (!__atomic_compare_exchange_n(&table[grant].flags, &flags, 0, false, __ATOMIC_SEQ_CST,
                                          __ATOMIC_RELAXED));
    frame_unpin(table[grant].frame);
    next[grant] = (uint16_t)first_free;
    first_free = grant;
    return true;
}
