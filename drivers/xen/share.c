/* SPDX-License-Identifier: BSD-2-Clause */
/* share.c - pages shared with another guest of Xen. */
#include "drivers/xen/share.h"

#include <exo/stubs.h>
#include "mm/device.h"

static const struct exo_device *share_find(exo_frame frame)
{
    const struct exo_device *device;
    for (unsigned i = 0; (device = device_find(EXO_DEVICE_SHARED, i)); i++)
        if (device->first == frame)
            return device;
    return nullptr;
}

void *xen_share_open(exo_frame frame, uint32_t line, const char *name, event_fn *fn, void *arg)
{
    const struct exo_device *device = frame && line ? share_find(frame) : nullptr;
    void *page = device ? device_map(device) : nullptr;
    int bit = page ? event_alloc(line, name) : -1;
    if (bit < 0)
        return nullptr;
    event_register((unsigned)bit, fn, arg);
    return exo_irq_bind(line, EXO_CAP_BOOT_VCPU, (uint32_t)bit) == EXO_OK ? page : nullptr;
}

void xen_share_signal(uint32_t line)
{
    (void)exo_irq_signal(line);
}
