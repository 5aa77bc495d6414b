/* SPDX-License-Identifier: BSD-2-Clause */
/* info.c - the read-only page of facts. */
#include "info.h"
#include "arch.h"
#include "boot.h"
#include "boot_frames.h"
#include "cpu.h"
#include "mem.h"
#include "slice.h"

struct exo_info *info;
exo_frame info_first_frame;
uint32_t info_frame_count;

void info_init(const struct boot_facts *facts)
{
    uint32_t cmdline_bytes = (uint32_t)mem_string_length(facts->cmdline) + 1;
    uint32_t offset = (sizeof *info + 63) & ~63u;
    info_frame_count =
        (uint32_t)((offset + cmdline_bytes + EXO_FRAME_BYTES - 1) >> EXO_FRAME_SHIFT);
    info_first_frame = boot_frames_take(info_frame_count);
    info = arch_frame_ptr(info_first_frame);
    memset(info, 0, info_frame_count * EXO_FRAME_BYTES);
    info->magic = EXO_INFO_MAGIC;
    info->abi_version = EXO_ABI_VERSION;
    info->tsc_hz = arch_tsc_hz();
    info->boot_unix_ns = arch_wall_clock_ns();
    info->boot_tsc = arch_cycles();
    info->xsave_bytes = arch_xstate_bytes();
    info->xsave_mask = arch_xstate_mask();
    info->slot_cycles = info->tsc_hz / 1000 * SLOT_MS;
    info->cmdline_offset = offset;
    info->cmdline_bytes = cmdline_bytes - 1;
    memcpy((char *)info + offset, facts->cmdline, cmdline_bytes);
    for (uint32_t i = 0; i < facts->ram_count; i++)
        info->ram_frames += (uint32_t)(facts->ram[i].bytes >> EXO_FRAME_SHIFT);
}

void info_change_begin(void)
{
    __atomic_store_n(&info->generation, info->generation + 1, __ATOMIC_RELEASE);
}

void info_change_end(void)
{
    __atomic_store_n(&info->generation, info->generation + 1, __ATOMIC_RELEASE);
}
