/* SPDX-License-Identifier: BSD-2-Clause */
/* device.c - ranges of frames outside RAM: the list, who holds them, and the call. */
#include "device.h"
#include "arch.h"
#include "boot.h"
#include "calls.h"
#include "domain.h"
#include "info.h"
#include "mem.h"

static struct {
    uint16_t holder;
    uint32_t maps;
} held[EXO_MAX_DEVICES] GUARDED_BY(exo_lock);

static bool ranges_meet(uint64_t a, uint64_t a_count, uint64_t b, uint64_t b_count)
{
    return a < b + b_count && b < a + a_count;
}

static bool is_free_range(const struct boot_facts *facts, exo_frame first, uint32_t count)
{
    for (uint32_t i = 0; i < facts->ram_count; i++)
        if (ranges_meet(first, count, facts->ram[i].base >> EXO_FRAME_SHIFT,
                        facts->ram[i].bytes >> EXO_FRAME_SHIFT))
            return false;
    for (uint32_t i = 0; i < info->device_count; i++)
        if (ranges_meet(first, count, info->devices[i].first, info->devices[i].count))
            return false;
    return !arch_owns_frames(first, count);
}

bool device_add(const struct boot_facts *facts, const struct exo_device *device) NO_LOCK_ANALYSIS
{
    uint32_t i = info->device_count;
    if (i == EXO_MAX_DEVICES || device->count == 0 || device->first > UINT32_MAX - device->count ||
        device->kind == EXO_DEVICE_NONE || device->kind >= EXO_DEVICE_KINDS ||
        !is_free_range(facts, device->first, device->count))
        return false;
    info->devices[i] = *device;
    held[i].holder = DOMAIN_NONE;
    held[i].maps = 0;
    info->device_count = i + 1;
    return true;
}

/* The index of FRAME's device, device_count if it is of none. */
static uint32_t device_find(exo_frame frame)
{
    uint32_t i = 0;
    while (i < info->device_count && frame - info->devices[i].first >= info->devices[i].count)
        i++;
    return i;
}

enum exo_status device_check_map(const struct domain *dom, exo_frame first, uint32_t count,
                                 uint32_t perms, enum exo_device_kind *kind)
{
    uint32_t i = device_find(first);
    if (i == info->device_count)
        return first < frame_count ? EXO_OWNER : EXO_RANGE;
    if (count > info->devices[i].count - (first - info->devices[i].first))
        return EXO_RANGE;
    if (held[i].holder != dom->number)
        return EXO_OWNER;
    if (perms & (EXO_EXEC | EXO_LARGE))
        return EXO_TYPE;
    *kind = info->devices[i].kind;
    return EXO_OK;
}

void device_mapped(exo_frame frame)
{
    held[device_find(frame)].maps++;
}

void device_unmapped(exo_frame frame)
{
    held[device_find(frame)].maps--;
}

enum exo_status device_query(const struct domain *dom, exo_frame frame,
                             struct exo_frame_answer *answer)
{
    uint32_t i = device_find(frame);
    if (i == info->device_count)
        return EXO_RANGE;
    bool is_mine = held[i].holder == dom->number;
    *answer = (struct exo_frame_answer){.type = EXO_FRAME_DEVICE,
                                        .mine = is_mine,
                                        .maps = is_mine ? held[i].maps : 0,
                                        .rights = is_mine ? EXO_READ | EXO_WRITE : 0};
    return EXO_OK;
}

void device_return_all(const struct domain *dom)
{
    for (uint32_t i = 0; i < info->device_count; i++) {
        if (held[i].holder == dom->number) {
            assert(held[i].maps == 0);
            held[i].holder = DOMAIN_NONE;
        }
    }
}

enum exo_status call_device_claim(struct caller *c, exo_frame first, uint32_t count)
{
    uint32_t i = device_find(first);
    if (i == info->device_count || info->devices[i].first != first ||
        info->devices[i].count != count)
        return EXO_RANGE;
    if (held[i].holder != DOMAIN_NONE && held[i].holder != c->dom->number)
        return EXO_INUSE;
    held[i].holder = c->dom->number;
    return EXO_OK;
}
