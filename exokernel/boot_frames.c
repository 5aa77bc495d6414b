/* SPDX-License-Identifier: BSD-2-Clause */
/* boot_frames.c - frames that the kernel keeps for itself. */
#include "boot_frames.h"
#include "boot.h"
#include "log.h"

static const struct boot_facts *boot;
static uint64_t first, next;

void boot_frames_begin(const struct boot_facts *facts, uint64_t image_end, uint64_t limit)
{
    uint64_t most = 0;
    boot = facts;
    image_end = (image_end + EXO_FRAME_BYTES - 1) & ~(EXO_FRAME_BYTES - 1);
    first = image_end;
    for (uint32_t i = 0; i < facts->ram_count; i++) {
        uint64_t base = facts->ram[i].base, end = base + facts->ram[i].bytes;
        if (base < image_end)
            base = image_end;
        if (end > limit)
            end = limit;
        if (base < end && end - base > most) {
            most = end - base;
            first = base;
        }
    }
    next = first;
}

static bool step_over(uint64_t base, uint64_t bytes, uint64_t wanted)
{
    if (bytes == 0 || next + wanted <= base || next >= base + bytes)
        return false;
    next = (base + bytes + EXO_FRAME_BYTES - 1) & ~(EXO_FRAME_BYTES - 1);
    return true;
}

exo_frame boot_frames_take(uint32_t count)
{
    uint64_t wanted = (uint64_t)count << EXO_FRAME_SHIFT;
    while (step_over(boot->module_base, boot->module_bytes, wanted) ||
           step_over(boot->image0_base, boot->image0_bytes, wanted))
        ;
    for (uint32_t i = 0; i < boot->ram_count; i++) {
        const struct boot_ram *ram = &boot->ram[i];
        if (next >= ram->base && next + wanted <= ram->base + ram->bytes) {
            next += wanted;
            return (exo_frame)((next - wanted) >> EXO_FRAME_SHIFT);
        }
    }
    panic(nullptr, "not enough memory to boot (%u frames wanted at %lx)", count, next);
}

exo_frame boot_frames_first(void)
{
    return (exo_frame)(first >> EXO_FRAME_SHIFT);
}

exo_frame boot_frames_end(void)
{
    return (exo_frame)(next >> EXO_FRAME_SHIFT);
}
