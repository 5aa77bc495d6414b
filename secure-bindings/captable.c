/* SPDX-License-Identifier: BSD-2-Clause */
/* captable.c - a domain's capabilities. */
#include "captable.h"
#include "calls.h"
#include "domain.h"
#include "space.h"
#include "usercopy.h"
#include "vcpu.h"

exo_cap cap_add(struct domain *dom, struct cap cap)
{
    for (uint32_t i = dom->cap_free; i < dom->cap_slots; i++) {
        if (dom->caps[i].kind == EXO_CAP_NONE) {
            dom->caps[i] = cap;
            dom->cap_free = i + 1;
            dom->shares += cap.kind == EXO_CAP_FRAMES;
            return i;
        }
    }
    dom->cap_free = dom->cap_slots;
    return 0;
}

void cap_remove(struct domain *dom, exo_cap index)
{
    dom->shares -= dom->caps[index].kind == EXO_CAP_FRAMES;
    dom->caps[index] = (struct cap){.kind = EXO_CAP_NONE};
    if (index < dom->cap_free)
        dom->cap_free = index;
}

struct cap *cap_find(struct domain *dom, exo_cap index, enum exo_cap_kind kind)
{
    /* Slot 0 is of no kind. */
    if (kind == EXO_CAP_NONE || index >= dom->cap_slots || dom->caps[index].kind != kind)
        return nullptr;
    return &dom->caps[index];
}

void cap_forget(struct cap_place place, const void *object)
{
    struct domain *dom = domains[place.holder];
    if (place.index != 0 && dom && place.index < dom->cap_slots &&
        dom->caps[place.index].object == object)
        cap_remove(dom, place.index);
}

const struct cap *cap_find_share(const struct domain *dom, exo_frame frame, uint32_t rights)
{
    for (uint32_t i = 1, seen = 0; i < dom->cap_slots && seen < dom->shares; i++) {
        const struct cap *cap = &dom->caps[i];
        if (cap->kind != EXO_CAP_FRAMES)
            continue;
        seen++;
        /* A share ends for good when its owner no longer holds the frame. */
        if (frame >= cap->first && frame - cap->first < cap->count &&
            (rights & ~(uint32_t)cap->rights) == 0 && cap->owner == frames[frame].holder)
            return cap;
    }
    return nullptr;
}

struct domain *cap_domain(struct domain *caller, exo_cap index)
{
    if (index == EXO_CAP_SELF)
        return caller;
    return cap_object(caller, index, EXO_CAP_DOMAIN);
}

enum exo_status call_cap_query(struct caller *c, exo_cap index, exo_uaddr answer)
{
    if (index == 0 || index >= c->dom->cap_slots || c->dom->caps[index].kind == EXO_CAP_NONE)
        return EXO_CAP;
    const struct cap *cap = &c->dom->caps[index];
    struct exo_cap_answer a = {
        .kind = cap->kind, .rights = cap->rights, .first = cap->first, .count = cap->count};
    switch (cap->kind) {
    case EXO_CAP_DOMAIN: a.first = ((struct domain *)cap->object)->number; break;
    case EXO_CAP_SPACE: a.first = ((struct space *)cap->object)->root; break;
    case EXO_CAP_VCPU: a.first = ((struct vcpu *)cap->object)->number; break;
    default: break;
    }
    return copy_out(answer, &a, sizeof a);
}

/* Dropping a share takes its mappings along; dropping an object's name leaves the object. */
enum exo_status call_cap_drop(struct caller *c, exo_cap index)
{
    if (index == 0 || index >= c->dom->cap_slots || c->dom->caps[index].kind == EXO_CAP_NONE)
        return EXO_CAP;
    struct cap cap = c->dom->caps[index];
    cap_remove(c->dom, index);
    if (cap.kind == EXO_CAP_FRAMES)
        space_unmap_frames(c->dom, cap.first, cap.count);
    return EXO_OK;
}
