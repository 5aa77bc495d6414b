/* SPDX-License-Identifier: BSD-2-Clause */
/* device.c - the memory of devices outside RAM. */
#include "mm/device.h"

#include <exo/stubs.h>
#include "mm/page.h"
#include "mm/table.h"

static uint64_t next = DEVICE_BASE;

static const struct exo_info *facts(void)
{
    return (const struct exo_info *)EXO_INFO_VA;
}

const struct exo_device *device_find(enum exo_device_kind kind, unsigned n)
{
    const struct exo_info *info = facts();
    for (uint32_t i = 0; i < info->device_count; i++)
        if (info->devices[i].kind == kind && n-- == 0)
            return &info->devices[i];
    return nullptr;
}

void *device_map(const struct exo_device *device)
{
    uint64_t va = next, bytes = (uint64_t)device->count << PAGE_SHIFT;
    if (bytes > PAGE_ARRAY_BASE - va || exo_device_claim(device->first, device->count) != EXO_OK)
        return nullptr;
    if (table_map(EXO_CAP_BOOT_SPACE, va | EXO_READ | EXO_WRITE, device->first, device->count) != 0)
        return nullptr;
    next += bytes + PAGE_SIZE; /* a gap, for who runs past the end */
    return (void *)(va + device->offset);
}
