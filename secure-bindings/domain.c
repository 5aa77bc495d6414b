/* SPDX-License-Identifier: BSD-2-Clause */
/* domain.c - domains: creation, end, and the way all their frames come back. */
#include "domain.h"
#include "calls.h"
#include "cpu.h"
#include "device.h"
#include "info.h"
#include "irq.h"
#include "mem.h"
#include "slice.h"
#include "space.h"
#include "vcpu.h"

struct domain *domains[DOMAIN_MAX];

constexpr uint32_t TEARDOWN_FRAMES = 64;    /* zeroed a call */
constexpr uint32_t TEARDOWN_LOOKED = 65536; /* looked at a call */

static void domain_init(struct domain *dom, uint16_t number, uint16_t creator, exo_frame object,
                        exo_frame captable, uint32_t captable_frames) REQUIRES(exo_lock)
{
    *dom = (struct domain){.number = number,
                           .creator = creator,
                           .state = DOMAIN_RUNS,
                           .object = object,
                           .captable = captable,
                           .captable_frames = captable_frames,
                           .caps = frame_ptr(captable),
                           .cap_free = 1,
                           .cap_slots = captable_frames * (EXO_FRAME_BYTES / CAP_BYTES)};
    domains[number] = dom;
}

struct domain *domain_create_first(exo_frame object, exo_frame captable,
                                   uint32_t captable_frames) NO_LOCK_ANALYSIS
{
    struct domain *dom = frame_ptr(object);
    mem_clear_frame(dom);
    for (uint32_t i = 0; i < captable_frames; i++)
        mem_clear_frame(frame_ptr(captable + i));
    domain_init(dom, 0, DOMAIN_NONE, object, captable, captable_frames);
    return dom;
}

void domain_share_info(struct domain *dom)
{
    dom->shares++;
    dom->caps[EXO_CAP_INFO] = (struct cap){.kind = EXO_CAP_FRAMES,
                                           .rights = EXO_READ,
                                           .owner = DOMAIN_NONE,
                                           .first = info_first_frame,
                                           .count = info_frame_count};
}

static void end_objects(exo_frame first, uint32_t count) REQUIRES(exo_lock)
{
    for (uint32_t i = 0; i < count; i++)
        frame_end_object(first + i);
}

static enum exo_status make_objects(struct domain *dom, exo_frame first, uint32_t count)
    REQUIRES(exo_lock)
{
    for (uint32_t i = 0; i < count; i++) {
        enum exo_status status = frame_make_object(dom, first + i);
        if (status != EXO_OK) {
            end_objects(first, i);
            return status;
        }
    }
    return EXO_OK;
}

enum exo_status call_domain_create(struct caller *c, exo_frame object, exo_frame captable,
                                   uint32_t captable_frames)
{
    uint16_t number = 0;
    while (number < DOMAIN_MAX && domains[number])
        number++;
    if (captable_frames == 0 || captable_frames > CAP_TABLE_FRAMES_MAX)
        return EXO_RANGE;
    if (number == DOMAIN_MAX)
        return EXO_NOSLOT;
    exo_cap cap = cap_add(c->dom, (struct cap){.kind = EXO_CAP_DOMAIN});
    if (cap == 0)
        return EXO_NOSLOT;
    enum exo_status status = make_objects(c->dom, captable, captable_frames);
    if (status == EXO_OK) {
        status = frame_make_object(c->dom, object);
        if (status != EXO_OK)
            end_objects(captable, captable_frames);
    }
    if (status != EXO_OK) {
        cap_remove(c->dom, cap);
        return status;
    }
    domain_init(frame_ptr(object), number, c->dom->number, object, captable, captable_frames);
    domain_share_info(domains[number]);
    domains[number]->name = (struct cap_place){c->dom->number, cap};
    c->dom->caps[cap].object = domains[number];
    c->second = cap;
    return EXO_OK;
}

void domain_end(struct domain *dom, const char *why)
{
    if (dom->state == DOMAIN_ENDED)
        return;
    log_line("domain %u ends: %s", (uint32_t)dom->number, why);
    if (dom->number == 0)
        panic(nullptr, "domain 0 is gone");
    dom->state = DOMAIN_ENDED;
    slice_return_all(dom->number, dom->creator);
    irq_unbind_all(dom);
    for (uint32_t i = 0; i < DOMAIN_VCPUS; i++)
        if (dom->vcpus[i])
            slice_unbind_all(dom->vcpus[i]);
}

exo_frame pool_take(struct domain *dom)
{
    exo_frame no = dom->pool;
    if (no) {
        dom->pool = frames[no].next;
        frames[no].next = 0;
        dom->pool_count--;
    }
    return no;
}

void pool_put(struct domain *dom, exo_frame no)
{
    frames[no].used = 0;
    frames[no].next = dom->pool;
    dom->pool = no;
    dom->pool_count++;
}

/* What DOM shared to others ends before its frames change hands. */
static void end_shares_of(const struct domain *dom) REQUIRES(exo_lock)
{
    for (uint32_t d = 0; d < DOMAIN_MAX; d++) {
        struct domain *other = domains[d];
        if (!other || other == dom)
            continue;
        for (uint32_t i = 1; i < other->cap_slots && other->shares > 0; i++) {
            struct cap cap = other->caps[i];
            if (cap.kind != EXO_CAP_FRAMES || cap.owner != dom->number)
                continue;
            cap_remove(other, i);
            space_unmap_frames(other, cap.first, cap.count);
        }
    }
}

/* One bounded step; true when every frame of DOM has gone back to its giver. */
static bool frames_return_step(struct domain *dom, uint16_t heir) REQUIRES(exo_lock)
{
    uint32_t zeroed = 0, looked = 0;
    for (; dom->teardown < frame_count; dom->teardown++) {
        struct frame *f = &frames[dom->teardown];
        if (zeroed == TEARDOWN_FRAMES || looked++ == TEARDOWN_LOOKED)
            return false;
        /* What DOM gave to others is its heir's to take back. */
        if (f->giver == dom->number)
            f->giver = heir;
        if (f->holder != dom->number)
            continue;
        mem_clear_frame(frame_ptr(dom->teardown));
        *f = (struct frame){.holder = f->giver == DOMAIN_NONE ? heir : f->giver,
                            .giver = DOMAIN_NONE,
                            .type = EXO_FRAME_PLAIN};
        zeroed++;
    }
    return true;
}

static bool domain_teardown_step(struct domain *dom) REQUIRES(exo_lock)
{
    for (uint32_t i = 0; i < DOMAIN_VCPUS; i++) {
        if (!dom->vcpus[i])
            continue;
        if (dom->vcpus[i]->state == VCPU_RUNNING)
            return false; /* its CPU has been told; it lets go of it outside the lock */
        vcpu_free(dom->vcpus[i]);
    }
    while (dom->spaces) {
        if (!space_teardown_step(dom->spaces))
            return false;
        if (!dom->spaces->next && !space_teardown_region_step(dom))
            return false;
        space_free(dom->spaces);
    }
    device_return_all(dom);
    end_shares_of(dom);
    return frames_return_step(dom, dom->creator);
}

enum exo_status call_domain_destroy(struct caller *c, exo_cap cap)
{
    struct domain *dom = cap_domain(c->dom, cap);
    if (!dom || dom == c->dom)
        return EXO_CAP;
    if (dom->creator != c->dom->number)
        return EXO_OWNER;
    domain_end(dom, "destroyed by its creator");
    /* Domains that DOM created lose their creator; the heir of everything is C's domain. */
    if (!domain_teardown_step(dom))
        return EXO_AGAIN;
    cap_forget(dom->name, dom);
    for (uint32_t d = 0; d < DOMAIN_MAX; d++)
        if (domains[d] && domains[d]->creator == dom->number)
            domains[d]->creator = c->dom->number;
    exo_frame object = dom->object;
    domains[dom->number] = nullptr;
    for (uint32_t i = 0; i < cpu_count; i++)
        if (cpus[i].ports == dom)
            cpus[i].ports = nullptr;
    end_objects(dom->captable, dom->captable_frames);
    frame_end_object(object);
    return EXO_OK;
}
