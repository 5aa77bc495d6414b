/* SPDX-License-Identifier: BSD-2-Clause */
/* domain.c - domains: creation, end, and the way all their frames come back. */
#include "domain.h"
#include "calls.h"
#include "cpu.h"
#include "info.h"
#include "irq.h"
#include "mem.h"
#include "slice.h"
#include "space.h"
#include "vcpu.h"

struct domain *domains[DOMAIN_MAX];

constexpr uint32_t TEARDOWN_FRAMES = 64;    /* zeroed a call */
constexpr uint32_t TEARDOWN_LOOKED = 65536; /* looked at a call */

static void domain_init(struct domain *dom, uint16_t number, uint16_t creator, exo_frame object, exo_frame captable)
    REQUIRES(exo_lock)
{
    *dom = (struct domain){.number = number, .creator = creator, .state = DOMAIN_RUNS, .object = object,
                           .captable = captable, .caps = frame_ptr(captable)};
    domains[number] = dom;
}

struct domain *domain_create_first(exo_frame object, exo_frame captable) NO_LOCK_ANALYSIS
{
    struct domain *dom = frame_ptr(object);
    mem_clear_frame(dom);
    mem_clear_frame(frame_ptr(captable));
    domain_init(dom, 0, DOMAIN_NONE, object, captable);
    return dom;
}

void domain_share_info(struct domain *dom)
{
    dom->caps[EXO_CAP_INFO] = (struct cap){.kind = EXO_CAP_FRAMES, .rights = EXO_READ, .owner = DOMAIN_NONE,
                                           .first = info_first_frame, .count = info_frame_count};
}

enum exo_status call_domain_create(struct caller *c, exo_frame object, exo_frame captable, uint32_t flags)
{
    uint16_t number = 0;
    while (number < DOMAIN_MAX && domains[number])
        number++;
    if (flags != 0)
        return EXO_INVAL;
    if (number == DOMAIN_MAX)
        return EXO_NOSLOT;
    exo_cap cap = cap_add(c->dom, (struct cap){.kind = EXO_CAP_DOMAIN});
    if (cap == 0)
        return EXO_NOSLOT;
    enum exo_status status = object == captable ? EXO_INVAL : frame_make_object(c->dom, object);
    if (status == EXO_OK) {
        status = frame_make_object(c->dom, captable);
        if (status != EXO_OK)
            frame_end_object(object);
    }
    if (status != EXO_OK) {
        c->dom->caps[cap].kind = EXO_CAP_NONE;
        return status;
    }
    domain_init(frame_ptr(object), number, c->dom->number, object, captable);
    domain_share_info(domains[number]);
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
        for (uint32_t i = 1; i < CAP_SLOTS; i++) {
            struct cap cap = other->caps[i];
            if (cap.kind != EXO_CAP_FRAMES || cap.owner != dom->number)
                continue;
            other->caps[i] = (struct cap){.kind = EXO_CAP_NONE};
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
        if (f->holder != dom->number)
            continue;
        mem_clear_frame(frame_ptr(dom->teardown));
        *f = (struct frame){.holder = f->giver == DOMAIN_NONE ? heir : f->giver, .giver = DOMAIN_NONE,
                            .type = EXO_FRAME_PLAIN};
        zeroed++;
    }
    return true;
}

static bool domain_teardown_step(struct domain *dom) REQUIRES(exo_lock)
{
    for (uint32_t i = 0; i < DOMAIN_VCPUS; i++)
        if (dom->vcpus[i])
            vcpu_free(dom->vcpus[i]);
    while (dom->spaces) {
        if (!space_teardown_step(dom->spaces))
            return false;
        if (!dom->spaces->next && !space_teardown_region_step(dom))
            return false;
        space_free(dom->spaces);
    }
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
    for (uint32_t d = 0; d < DOMAIN_MAX; d++) {
        if (!domains[d])
            continue;
        cap_forget(domains[d], dom);
        if (domains[d]->creator == dom->number)
            domains[d]->creator = c->dom->number;
    }
    for (exo_frame f = 0; f < frame_count; f++)
        if (frames[f].giver == dom->number)
            frames[f].giver = c->dom->number;
    exo_frame object = dom->object, captable = dom->captable;
    domains[dom->number] = nullptr;
    frame_end_object(captable);
    frame_end_object(object);
    return EXO_OK;
}
