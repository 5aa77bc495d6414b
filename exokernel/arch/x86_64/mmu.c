/* SPDX-License-Identifier: BSD-2-Clause */
/* mmu.c - the kernel's own page tables. */
#include "mmu.h"
#include "boot.h"
#include "boot_frames.h"
#include "cpu.h"
#include "io.h"
#include "log.h"
#include "mem.h"

extern char text_start[], text_end[], rodata_end[], kernel_end[], image_start[];
extern char domain0_start[], domain0_end[], first_stack_guard[];

static mmu_entry *kernel_root;
static exo_frame kernel_root_frame;

static mmu_entry *table_below(mmu_entry *table, uint32_t index)
{
    if (!(table[index] & MMU_PRESENT)) {
        exo_frame frame = boot_frames_take(1);
        mem_clear_frame(arch_frame_ptr(frame));
        table[index] = (mmu_entry)frame << EXO_FRAME_SHIFT | MMU_PRESENT | MMU_WRITE;
    }
    return arch_frame_ptr(mmu_frame(table[index]));
}

/* Map one page of LEVEL's size for the kernel alone. */
static void map_kernel(uint64_t va, uint64_t physical, mmu_entry flags, uint32_t level)
{
    mmu_entry *table = kernel_root;
    for (uint32_t l = MMU_LEVELS; l > level; l--)
        table = table_below(table, mmu_index(va, l));
    table[mmu_index(va, level)] =
        physical | flags | MMU_PRESENT | MMU_GLOBAL | (level > 1 ? MMU_LARGE : 0);
}

static uint64_t image_physical(const char *symbol)
{
    return (uint64_t)symbol - KERNEL_BASE;
}

/* Kernel code must have no writable alias, so its image is left out of the direct
 * map, but for the part that becomes domain 0's memory. */
static bool direct_map_skips(uint64_t physical)
{
    return physical >= (uint64_t)image_start && physical < image_physical(kernel_end) &&
           !(physical >= image_physical(domain0_start) && physical < image_physical(domain0_end));
}

static void map_direct_chunk(uint64_t chunk)
{
    uint64_t first = (uint64_t)image_start & ~(EXO_LARGE_BYTES - 1);
    if (chunk < first || chunk >= image_physical(kernel_end)) {
        map_kernel(DIRECT_BASE + chunk, chunk, MMU_WRITE | MMU_NO_EXEC, 2);
        return;
    }
    for (uint64_t at = chunk; at < chunk + EXO_LARGE_BYTES; at += EXO_FRAME_BYTES)
        if (!direct_map_skips(at))
            map_kernel(DIRECT_BASE + at, at, MMU_WRITE | MMU_NO_EXEC, 1);
}

static void map_image(const char *start, const char *end, mmu_entry flags)
{
    for (uint64_t va = (uint64_t)start; va < (uint64_t)end; va += EXO_FRAME_BYTES)
        map_kernel(va, va - KERNEL_BASE, flags, 1);
}

void arch_mmu_init(struct boot_facts *facts)
{
    kernel_root_frame = boot_frames_take(1);
    kernel_root = arch_frame_ptr(kernel_root_frame);
    mem_clear_frame(kernel_root);
    for (uint32_t i = 0; i < facts->ram_count; i++) {
        uint64_t end = facts->ram[i].base + facts->ram[i].bytes;
        for (uint64_t at = facts->ram[i].base & ~(EXO_LARGE_BYTES - 1); at < end;
             at += EXO_LARGE_BYTES)
            map_direct_chunk(at);
    }
    map_image(text_start, text_end, 0);
    map_image(text_end, rodata_end, MMU_NO_EXEC);
    map_image(rodata_end, kernel_end, MMU_WRITE | MMU_NO_EXEC);
    /* Devices are mapped later, when copies of the root exist: their table must be there. */
    table_below(table_below(kernel_root, 511), 511);
    mmu_load_kernel();
}

void mmu_guard_page(void *page)
{
    uint64_t va = (uint64_t)page;
    mmu_entry *table = kernel_root;
    for (uint32_t l = MMU_LEVELS; l > 1; l--)
        table = table_below(table, mmu_index(va, l));
    table[mmu_index(va, 1)] = 0;
    page_invalidate(va);
}

static struct exo_range own_devices[8];
static uint32_t own_device_count;

bool arch_owns_frames(exo_frame first, uint32_t count)
{
    for (uint32_t i = 0; i < own_device_count; i++)
        if (first < own_devices[i].first + own_devices[i].count &&
            own_devices[i].first < first + count)
            return true;
    return false;
}

void *mmu_map_device(uint64_t physical, uint64_t bytes)
{
    static uint64_t next = MMIO_BASE;
    uint64_t offset = physical & (EXO_FRAME_BYTES - 1);
    uint64_t va = next;
    assert(own_device_count < sizeof own_devices / sizeof own_devices[0]);
    own_devices[own_device_count++] =
        (struct exo_range){(exo_frame)(physical >> EXO_FRAME_SHIFT),
                           (uint32_t)((offset + bytes + EXO_FRAME_BYTES - 1) >> EXO_FRAME_SHIFT)};
    for (uint64_t at = physical - offset; at < physical + bytes; at += EXO_FRAME_BYTES) {
        map_kernel(next, at, MMU_WRITE | MMU_NO_EXEC | MMU_UNCACHED, 1);
        next += EXO_FRAME_BYTES;
    }
    return (void *)(va + offset);
}

void mmu_root_init(mmu_entry *root)
{
    mem_clear_frame(root);
    for (uint32_t i = MMU_USER_ENTRIES; i < MMU_ENTRIES; i++)
        root[i] = kernel_root[i];
}

void mmu_load(exo_frame root)
{
    cr3_write((uint64_t)root << EXO_FRAME_SHIFT);
}

void mmu_load_kernel(void)
{
    mmu_load(kernel_root_frame);
}

void mmu_flush_page(uint64_t va)
{
    page_invalidate(va);
}

void mmu_flush_all(void)
{
    cr3_write(cr3_read());
}
