/* SPDX-License-Identifier: BSD-2-Clause */
/* loader.c - the two boot protocols: PVH and Multiboot2.
 *
 * Both tables lie below 4 GiB, which boot.S has mapped.  PVH: Xen's
 * include/public/arch-x86/hvm/start_info.h.  Multiboot2: specification 2.0, 3.6.
 */
#include "arch.h"
#include "boot.h"
#include "firmware/screen.h"
#include "mem.h"
#include "xen/xen.h"

/* The loader aligns its tables to no more than four bytes. */
struct [[gnu::packed, gnu::aligned(4)]] pvh_start_info {
    uint32_t magic, version, flags, module_count;
    uint64_t modules, cmdline, rsdp;
    uint64_t memmap; /* from version 1 on */
    uint32_t memmap_entries, reserved;
};
struct [[gnu::packed, gnu::aligned(4)]] pvh_module {
    uint64_t base, bytes, cmdline, reserved;
};
struct [[gnu::packed, gnu::aligned(4)]] pvh_memory {
    uint64_t base, bytes;
    uint32_t type, reserved;
};
constexpr uint32_t PVH_MAGIC = 0x336ec578;
constexpr uint32_t E820_RAM = 1;

static bool pvh_read(uint64_t info, struct boot_facts *facts)
{
    const struct pvh_start_info *start = arch_direct(info);
    if (start->magic != PVH_MAGIC || (start->version < 1 && !xen_is_here()))
        return false;
    boot_set_cmdline(facts, start->cmdline ? arch_direct(start->cmdline) : "");
    facts->rsdp = start->rsdp;
    if (start->module_count > 0) {
        const struct pvh_module *module = arch_direct(start->modules);
        facts->module_base = module->base;
        facts->module_bytes = module->bytes;
    }
    if (start->version < 1) { /* the guest that Xen starts itself */
        xen_memory_read(facts);
        return true;
    }
    const struct pvh_memory *map = arch_direct(start->memmap);
    for (uint32_t i = 0; i < start->memmap_entries; i++)
        if (map[i].type == E820_RAM)
            boot_add_ram(facts, map[i].base, map[i].bytes);
    return true;
}

struct mb2_tag {
    uint32_t type, bytes;
};
struct mb2_module {
    struct mb2_tag tag;
    uint32_t start, end;
    char cmdline[];
};
struct mb2_memory_map {
    struct mb2_tag tag;
    uint32_t entry_bytes, version;
    uint8_t entries[];
};
struct [[gnu::packed, gnu::aligned(4)]] mb2_memory {
    uint64_t base, bytes;
    uint32_t type, reserved;
};
enum mb2_type {
    MB2_END = 0,
    MB2_CMDLINE = 1,
    MB2_MODULE = 3,
    MB2_MEMORY = 6,
    MB2_SCREEN = 8,
    MB2_ACPI_OLD = 14,
    MB2_ACPI_NEW = 15
};

static void mb2_read_memory(const struct mb2_memory_map *map, struct boot_facts *facts)
{
    uint32_t bytes = map->tag.bytes - sizeof *map;
    for (uint32_t at = 0; at + map->entry_bytes <= bytes; at += map->entry_bytes) {
        const struct mb2_memory *m = (const void *)(map->entries + at);
        if (m->type == E820_RAM)
            boot_add_ram(facts, m->base, m->bytes);
    }
}

/* A module whose command line begins with "domain0" is the first domain's image; any
 * other is the initramfs. */
static void mb2_read_module(const struct mb2_module *module, struct boot_facts *facts)
{
    if (mem_compare(module->cmdline, "domain0", 7) == 0) {
        facts->image0_base = module->start;
        facts->image0_bytes = module->end - module->start;
    } else {
        facts->module_base = module->start;
        facts->module_bytes = module->end - module->start;
    }
}

static bool mb2_read(uint64_t info, struct boot_facts *facts)
{
    boot_set_cmdline(facts, "");
    const uint32_t *total = arch_direct(info);
    for (uint32_t at = 8; at < *total;) {
        const struct mb2_tag *tag = arch_direct(info + at);
        switch (tag->type) {
        case MB2_END: return true;
        case MB2_CMDLINE: boot_set_cmdline(facts, (const char *)(tag + 1)); break;
        case MB2_MODULE: mb2_read_module((const void *)tag, facts); break;
        case MB2_MEMORY: mb2_read_memory((const void *)tag, facts); break;
        case MB2_SCREEN: screen_read(tag, facts); break;
        case MB2_ACPI_OLD:
            if (facts->rsdp == 0)
                facts->rsdp = info + at + sizeof *tag;
            break;
        case MB2_ACPI_NEW: facts->rsdp = info + at + sizeof *tag; break;
        default: break;
        }
        if (tag->bytes < sizeof *tag || tag->bytes > *total - at)
            return true; /* no way to the next one */
        at += (tag->bytes + 7) & ~7u;
    }
    return true;
}

bool boot_read(uint32_t magic, uint64_t info, struct boot_facts *facts)
{
    if (magic == BOOT_BY_PVH)
        return pvh_read(info, facts);
    if (magic == BOOT_BY_MB2)
        return mb2_read(info, facts);
    return false;
}
