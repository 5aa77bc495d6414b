/* SPDX-License-Identifier: BSD-2-Clause */
/* domain.h - one libOS with its apps: the unit of trust, accounting and isolation.
 *
 * Life: RUNS from its creation on (its creator gives it frames, a space, a vcpu, slots; the
 * vcpu starts) -> ENDED (it faulted beyond help, or was destroyed: no vcpu of it runs again)
 * -> torn down by domain_destroy in bounded steps -> its number is free again.
 * Who pays: the creator's frames for object and capability table; everything else
 * lives in frames that the domain holds.
 */
#pragma once

#include <exo/abi.h>
#include "arch.h"
#include "captable.h"
#include "frame.h"
#include "lock.h"

constexpr uint32_t DOMAIN_MAX = 64;
constexpr uint32_t DOMAIN_VCPUS = 32;

struct space;
struct vcpu;

enum domain_state : uint8_t {
    DOMAIN_RUNS,
    DOMAIN_ENDED
};

struct domain {
    uint16_t number;
    uint16_t creator; /* domain number; DOMAIN_NONE for domain 0 */
    enum domain_state state;
    exo_frame object, captable;
    uint32_t captable_frames;
    struct cap_place name;
    struct cap *caps;
    uint32_t cap_slots;
    uint32_t cap_free; /* no slot below it is free, slot 0 apart */
    uint32_t shares;   /* slots that hold EXO_CAP_FRAMES */
    exo_frame pool;    /* page-table frames waiting for use, a list through frame.next */
    uint32_t pool_count;
    exo_frame region;     /* level-3 table of the libOS region; 0: none yet */
    struct space *spaces; /* list through space.next */
    struct vcpu *vcpus[DOMAIN_VCPUS];
    uint64_t asked_tsc;            /* when a giver last asked for frames back */
    exo_frame teardown;            /* domain_destroy: next frame to look at */
    uint8_t ports[ARCH_PORTS / 8]; /* I/O ports that it may use, one bit each */
};
static_assert(sizeof(struct domain) <= EXO_FRAME_BYTES);

extern struct domain *domains[DOMAIN_MAX] GUARDED_BY(exo_lock);

/* Boot only: domain 0, in frames that are to be its own. */
struct domain *domain_create_first(exo_frame object, exo_frame captable, uint32_t captable_frames);

/* Let DOM map the kernel's page of facts. */
void domain_share_info(struct domain *dom) REQUIRES(exo_lock);

/* End DOM: none of its vcpus runs again.  Domain 0's end is the machine's.  WHY goes to the log. */
void domain_end(struct domain *dom, const char *why) REQUIRES(exo_lock);

/* A page-table frame from DOM's pool, zeroed; 0 if the pool is empty. */
exo_frame pool_take(struct domain *dom) REQUIRES(exo_lock);
/* An empty page table goes back. */
void pool_put(struct domain *dom, exo_frame frame) REQUIRES(exo_lock);
