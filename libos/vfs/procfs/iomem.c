/* SPDX-License-Identifier: BSD-2-Clause */
/* iomem.c - /proc/iomem: what lies where in physical memory, as far as the kernel tells.
 *
 * "System RAM" is what this domain held at boot, its own image and file tree within; the rest of RAM
 * is the kernel's.
 */
#include <exo/info.h>
#include "vfs/procfs/procfs.h"

struct area {
    uint64_t begin, end; /* the last byte */
    const char *name;
};

static struct area area_of(exo_frame first, uint32_t count, const char *name)
{
    uint64_t begin = (uint64_t)first << EXO_FRAME_SHIFT;
    return (struct area){begin, begin + ((uint64_t)count << EXO_FRAME_SHIFT) - 1, name};
}

static const char *device_name(enum exo_device_kind kind)
{
    switch (kind) {
    case EXO_DEVICE_FRAMEBUFFER: return "Video RAM";
    case EXO_DEVICE_TEXT: return "Video RAM area";
    case EXO_DEVICE_SHARED: return "Shared memory";
    default: return "Device";
    }
}

constexpr uint32_t AREAS_MOST = EXO_MAX_RANGES + EXO_MAX_DEVICES + 2;

static uint32_t areas_collect(struct area *areas)
{
    const struct exo_info *info = (const struct exo_info *)EXO_INFO_VA;
    uint32_t n = 0;
    for (uint32_t i = 0; i < info->range_count; i++)
        areas[n++] = area_of(info->ranges[i].first, info->ranges[i].count, "System RAM");
    for (uint32_t i = 0; i < info->device_count; i++)
        areas[n++] = area_of(info->devices[i].first, info->devices[i].count,
                             device_name(info->devices[i].kind));
    if (info->module.count)
        areas[n++] = area_of(info->module.first, info->module.count, "Initial file tree");
    if (info->boot_objects.count)
        areas[n++] = area_of(info->boot_objects.first, info->boot_objects.count, "Kernel objects");
    return n;
}

/* By address, and what contains another before it. */
static bool comes_before(const struct area *a, const struct area *b)
{
    return a->begin != b->begin ? a->begin < b->begin : a->end > b->end;
}

int proc_show_iomem(struct text *text, const struct proc_node *)
{
    struct area areas[AREAS_MOST];
    uint32_t n = areas_collect(areas);
    uint64_t outer_end = 0;
    for (uint32_t i = 1; i < n; i++) {
        struct area area = areas[i];
        uint32_t at = i;
        for (; at > 0 && comes_before(&area, &areas[at - 1]); at--)
            areas[at] = areas[at - 1];
        areas[at] = area;
    }
    for (uint32_t i = 0; i < n; i++) {
        bool is_inner = i > 0 && areas[i].end <= outer_end;
        text_add(text, "%s%08lx-%08lx : %s\n", is_inner ? "  " : "", areas[i].begin, areas[i].end,
                 areas[i].name);
        if (!is_inner)
            outer_end = areas[i].end;
    }
    return 0;
}
