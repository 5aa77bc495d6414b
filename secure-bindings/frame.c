/* SPDX-License-Identifier: BSD-2-Clause */
/* frame.c - who holds each physical page: the table and its simple calls. */
#include "frame.h"
#include "boot_frames.h"
#include "calls.h"
#include "captable.h"
#include "device.h"
#include "domain.h"
#include "mem.h"
#include "space.h"
#include "usercopy.h"
#include "vcpu.h"

struct frame *frames;
exo_frame frame_count;

constexpr uint32_t GRANT_MAX = 4096; /* frames a call: the bound of its time */
constexpr uint32_t RETURN_MAX = 64;  /* frames zeroed a call */
constexpr uint64_t REVOKE_GRACE_MS = 5;

void frame_table_init(exo_frame end) NO_LOCK_ANALYSIS
{
    uint64_t bytes = (uint64_t)end * sizeof(struct frame);
    uint32_t table_frames = (uint32_t)((bytes + EXO_FRAME_BYTES - 1) >> EXO_FRAME_SHIFT);
    frames = arch_frame_ptr(boot_frames_take(table_frames));
    for (exo_frame f = 0; f < end; f++)
        frames[f] =
            (struct frame){.holder = DOMAIN_NONE, .giver = DOMAIN_NONE, .type = EXO_FRAME_NONE};
    frame_count = end;
}

void frame_set_range(exo_frame first, uint32_t count, enum exo_frame_type type,
                     uint16_t holder) NO_LOCK_ANALYSIS
{
    for (exo_frame f = first; f < first + count && f < frame_count; f++) {
        frames[f].type = type;
        frames[f].holder = holder;
    }
}

bool frame_is_own(const struct domain *dom, exo_frame frame)
{
    return frame < frame_count && frames[frame].holder == dom->number &&
           frames[frame].type == EXO_FRAME_PLAIN;
}

enum exo_status frame_check_map(const struct domain *dom, exo_frame frame, uint32_t perms)
{
    if (frame >= frame_count)
        return EXO_RANGE;
    const struct frame *f = &frames[frame];
    if (f->type != EXO_FRAME_PLAIN && f->type != EXO_FRAME_TABLE)
        return f->holder == dom->number ? EXO_TYPE : EXO_OWNER;
    if (f->holder == dom->number) {
        if (f->type == EXO_FRAME_TABLE && perms != EXO_READ)
            return EXO_TYPE;
        return EXO_OK;
    }
    if (f->type == EXO_FRAME_PLAIN && cap_find_share(dom, frame, perms))
        return EXO_OK;
    return cap_find_share(dom, frame, 0) ? EXO_RIGHTS : EXO_OWNER;
}

static enum exo_status check_own_plain(const struct domain *dom, exo_frame frame) REQUIRES(exo_lock)
{
    if (frame >= frame_count)
        return EXO_RANGE;
    if (frames[frame].holder != dom->number)
        return EXO_OWNER;
    if (frames[frame].type != EXO_FRAME_PLAIN)
        return EXO_TYPE;
    if (frames[frame].maps != 0)
        return EXO_INUSE;
    return EXO_OK;
}

enum exo_status frame_make_object(struct domain *dom, exo_frame frame)
{
    enum exo_status status = check_own_plain(dom, frame);
    if (status != EXO_OK)
        return status;
    frames[frame].type = EXO_FRAME_OBJECT;
    mem_clear_frame(frame_ptr(frame));
    return EXO_OK;
}

void frame_end_object(exo_frame frame)
{
    assert(frames[frame].type == EXO_FRAME_OBJECT);
    mem_clear_frame(frame_ptr(frame));
    frames[frame].type = EXO_FRAME_PLAIN;
}

enum exo_status call_frame_query(struct caller *c, exo_frame frame, exo_uaddr answer)
{
    struct exo_frame_answer a;
    if (!frame_is_ram(frame) && device_query(c->dom, frame, &a) == EXO_OK)
        return copy_out(answer, &a, sizeof a);
    if (frame >= frame_count)
        return EXO_RANGE;
    const struct frame *f = &frames[frame];
    bool is_mine = f->holder == c->dom->number;
    a = (struct exo_frame_answer){.type = f->type, .mine = is_mine, .maps = is_mine ? f->maps : 0};
    for (uint32_t right = EXO_READ; right <= EXO_EXEC; right <<= 1)
        if (frame_check_map(c->dom, frame, right) == EXO_OK)
            a.rights |= right;
    return copy_out(answer, &a, sizeof a);
}

enum exo_status call_frame_grant(struct caller *c, exo_frame first, uint32_t count, exo_cap dom,
                                 uint32_t rights)
{
    struct domain *to = cap_domain(c->dom, dom);
    if (!frame_range_exists(first, count) || count > GRANT_MAX)
        return EXO_RANGE;
    if (!to)
        return EXO_CAP;
    if (to == c->dom || rights != EXO_RWX)
        return EXO_INVAL;
    for (exo_frame f = first; f < first + count; f++) {
        enum exo_status status = check_own_plain(c->dom, f);
        if (status != EXO_OK)
            return status;
        /* One giver at a time: what was itself granted can be shared, not granted on. */
        if (frames[f].giver != DOMAIN_NONE)
            return EXO_STATE;
    }
    for (exo_frame f = first; f < first + count; f++) {
        frames[f].holder = to->number;
        frames[f].giver = c->dom->number;
        frames[f].is_asked = false;
    }
    return EXO_OK;
}

enum exo_status call_frame_share(struct caller *c, exo_frame first, uint32_t count, exo_cap dom,
                                 uint32_t rights)
{
    struct domain *to = cap_domain(c->dom, dom);
    if (!frame_range_exists(first, count) || count > GRANT_MAX)
        return EXO_RANGE;
    if (!to)
        return EXO_CAP;
    if (to == c->dom || rights == 0 || (rights & ~EXO_RWX))
        return EXO_INVAL;
    for (exo_frame f = first; f < first + count; f++) {
        if (frames[f].holder != c->dom->number)
            return EXO_OWNER;
        if (frames[f].type != EXO_FRAME_PLAIN)
            return EXO_TYPE;
    }
    exo_cap index = cap_add(to, (struct cap){.kind = EXO_CAP_FRAMES,
                                             .rights = (uint8_t)rights,
                                             .owner = c->dom->number,
                                             .first = first,
                                             .count = count});
    if (index == 0)
        return EXO_NOSLOT;
    c->second = index;
    return EXO_OK;
}

/* Frame F, plain and unmapped, goes back to who gave it, zeroed before anyone can see it. */
static void give_back(struct frame *f, exo_frame no) REQUIRES(exo_lock)
{
    mem_clear_frame(frame_ptr(no));
    f->holder = f->giver;
    f->giver = DOMAIN_NONE;
    f->is_asked = false;
}

enum exo_status call_frame_drop(struct caller *c, exo_frame first, uint32_t count)
{
    if (!frame_range_exists(first, count) || count > RETURN_MAX)
        return EXO_RANGE;
    for (exo_frame f = first; f < first + count; f++) {
        enum exo_status status = check_own_plain(c->dom, f);
        if (status != EXO_OK)
            return status;
        if (frames[f].giver == DOMAIN_NONE)
            return EXO_STATE;
    }
    for (exo_frame f = first; f < first + count; f++)
        give_back(&frames[f], f);
    return EXO_OK;
}

/* Shares of this range from C's domain to DOM end now: the frames were never DOM's. */
static uint32_t end_shares(const struct domain *owner, struct domain *dom, exo_frame first,
                           uint32_t count) REQUIRES(exo_lock)
{
    uint32_t ended = 0;
    for (uint32_t i = 1; i < dom->cap_slots && dom->shares > 0; i++) {
        struct cap *cap = &dom->caps[i];
        if (cap->kind != EXO_CAP_FRAMES || cap->owner != owner->number)
            continue;
        if (cap->first < first + count && first < cap->first + cap->count) {
            exo_frame from = cap->first;
            uint32_t n = cap->count;
            cap_remove(dom, i);
            space_unmap_frames(dom, from, n);
            ended++;
        }
    }
    return ended;
}

static enum exo_status revoke_ask(const struct domain *giver, struct domain *dom, exo_frame first,
                                  uint32_t count) REQUIRES(exo_lock)
{
    for (exo_frame f = first; f < first + count; f++)
        if (frames[f].giver != giver->number || frames[f].holder != dom->number)
            return EXO_OWNER;
    for (exo_frame f = first; f < first + count; f++)
        frames[f].is_asked = true;
    dom->asked_tsc = arch_cycles();
    struct vcpu *vcpu = dom->vcpus[0];
    if (vcpu) {
        vcpu->page->revoke_first = first;
        vcpu->page->revoke_count = count;
        vcpu_notify(vcpu, EXO_EVENT_REVOKE);
    }
    return EXO_OK;
}

/* Visible first, forced after: the holder must have been asked, and had time. */
static enum exo_status revoke_check_force(const struct domain *giver, const struct domain *dom,
                                          exo_frame first, uint32_t count) REQUIRES(exo_lock)
{
    for (exo_frame f = first; f < first + count; f++) {
        if (frames[f].giver != giver->number || frames[f].holder != dom->number)
            return EXO_OWNER;
        if (!frames[f].is_asked)
            return EXO_STATE;
        if (frames[f].type != EXO_FRAME_PLAIN)
            return EXO_TYPE; /* tables and objects come back with domain_destroy */
        if (frames[f].used != 0)
            return EXO_INUSE; /* pinned as a vcpu page or a ring: likewise */
    }
    if (arch_cycles() - dom->asked_tsc < arch_tsc_hz() / 1000 * REVOKE_GRACE_MS)
        return EXO_STATE;
    return EXO_OK;
}

enum exo_status call_frame_revoke(struct caller *c, exo_frame first, uint32_t count, exo_cap dom,
                                  uint32_t flags)
{
    struct domain *from = cap_domain(c->dom, dom);
    if (!frame_range_exists(first, count) || count > RETURN_MAX)
        return EXO_RANGE;
    if (!from || from == c->dom)
        return EXO_CAP;
    if (flags != EXO_REVOKE_ASK && flags != EXO_REVOKE_FORCE)
        return EXO_INVAL;
    if (end_shares(c->dom, from, first, count) > 0)
        return EXO_OK;
    if (flags == EXO_REVOKE_ASK)
        return revoke_ask(c->dom, from, first, count);
    enum exo_status status = revoke_check_force(c->dom, from, first, count);
    if (status != EXO_OK)
        return status;
    space_unmap_frames(from, first, count);
    for (uint32_t i = 0; i < DOMAIN_MAX; i++)
        if (domains[i] && domains[i] != from)
            end_shares(from, domains[i], first, count);
    for (exo_frame f = first; f < first + count; f++) {
        assert(frames[f].maps == 0);
        give_back(&frames[f], f);
    }
    if (from->vcpus[0]) {
        from->vcpus[0]->page->taken_first = first;
        from->vcpus[0]->page->taken_count = count;
    }
    return EXO_OK;
}

constexpr uint32_t POOL_BATCH = 64;

/* DOM must hold the frames: a creator feeds the pool of a domain that does not run yet. */
enum exo_status call_table_give(struct caller *c, exo_cap cap, exo_uaddr list, uint32_t count)
{
    exo_frame batch[POOL_BATCH];
    struct domain *dom = cap_domain(c->dom, cap);
    if (!dom)
        return EXO_CAP;
    if (count == 0 || count > POOL_BATCH)
        return EXO_RANGE;
    if (copy_in(batch, list, count * sizeof batch[0]) != EXO_OK)
        return EXO_FAULT;
    for (uint32_t i = 0; i < count; i++) {
        enum exo_status status = check_own_plain(dom, batch[i]);
        if (status != EXO_OK) {
            c->second = i;
            return i == 0 ? status : EXO_AGAIN;
        }
        frames[batch[i]].type = EXO_FRAME_TABLE;
        mem_clear_frame(frame_ptr(batch[i]));
        pool_put(dom, batch[i]);
    }
    c->second = count;
    return EXO_OK;
}

/* Frames that are mapped (read-only, by the owner's window) stay in the pool. */
enum exo_status call_table_take(struct caller *c, exo_uaddr list, uint32_t count)
{
    exo_frame batch[POOL_BATCH];
    uint32_t taken = 0, looked = c->dom->pool_count;
    if (count == 0 || count > POOL_BATCH)
        return EXO_RANGE;
    /* Whether the answer can be written is found out before anything changes. */
    memset(batch, 0, sizeof(batch));
    if (copy_out(list, batch, count * sizeof batch[0]) != EXO_OK)
        return EXO_FAULT;
    exo_frame *link = &c->dom->pool;
    while (*link && taken < count && looked-- > 0) {
        exo_frame no = *link;
        if (frames[no].maps != 0) {
            link = &frames[no].next;
            continue;
        }
        *link = frames[no].next;
        frames[no].next = 0;
        frames[no].type = EXO_FRAME_PLAIN;
        c->dom->pool_count--;
        batch[taken++] = no;
    }
    c->second = taken;
    return copy_out(list, batch, taken * sizeof batch[0]);
}
