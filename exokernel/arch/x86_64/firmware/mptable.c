/* SPDX-License-Identifier: BSD-2-Clause */
/* mptable.c - CPUs and the interrupt controller of machines without ACPI (MultiProcessor
 * Specification 1.4, chapter 4). */
#include "arch.h"
#include "firmware.h"
#include "log.h"
#include "mem.h"

struct [[gnu::packed]] pointer {
    char signature[4];
    uint32_t table;
    uint8_t length, revision, checksum, features[5]; /* length in 16 bytes */
};
struct [[gnu::packed]] table {
    char signature[4];
    uint16_t length;
    uint8_t revision, checksum;
    char oem[20];
    uint32_t oem_table;
    uint16_t oem_bytes, entries;
    uint32_t local_apic;
    uint16_t extended_length;
    uint8_t extended_checksum, reserved;
};
static_assert(sizeof(struct pointer) == 16 && sizeof(struct table) == 44);

enum entry_type : uint8_t {
    ENTRY_CPU,
    ENTRY_BUS,
    ENTRY_IOAPIC,
    ENTRY_LINE,
    ENTRY_LOCAL_LINE
};
constexpr uint32_t CPU_BYTES = 20, OTHER_BYTES = 8;
constexpr uint8_t CPU_USABLE = 1, IOAPIC_USABLE = 1;

static const struct table *table_of(const struct pointer *p, uint64_t limit)
{
    const struct table *t = firmware_memory(p->table, sizeof *t, limit);
    if (!t)
        return nullptr;
    if (mem_compare(t->signature, "PCMP", 4) == 0 && t->length >= sizeof *t &&
        firmware_memory(p->table, t->length, limit) && firmware_sums_up(t, t->length))
        return t;
    log_line("MP table at %x is broken", p->table);
    return nullptr;
}

static const struct table *search(uint64_t from, uint64_t bytes, uint64_t limit)
{
    for (uint64_t at = from; at < from + bytes; at += sizeof(struct pointer)) {
        const struct pointer *p = firmware_memory(at, sizeof *p, limit);
        if (p && mem_compare(p->signature, "_MP_", 4) == 0 && p->length == 1 &&
            firmware_sums_up(p, sizeof *p))
            return table_of(p, limit);
    }
    return nullptr;
}

static void entry_read(const uint8_t *e)
{
    uint32_t address;
    switch (e[0]) {
    case ENTRY_CPU:
        if (e[3] & CPU_USABLE)
            firmware_add_cpu(e[1]);
        break;
    case ENTRY_IOAPIC:
        memcpy(&address, e + 4, sizeof address);
        if (e[3] & IOAPIC_USABLE)
            firmware_add_ioapic(address, 0);
        break;
    default: break; /* ISA's lines go straight through where this table is used */
    }
}

/* 4.1: the pointer lies in the first KiB of the extended BIOS area, in the last of base memory, or in
 * the BIOS ROM. */
void mptable_read(uint64_t limit)
{
    const uint16_t *ebda = firmware_memory(0x40e, sizeof *ebda, limit);
    const struct table *t = ebda && *ebda ? search((uint64_t)*ebda << 4, 1024, limit) : nullptr;
    if (!t)
        t = search(639 << 10, 1024, limit);
    if (!t)
        t = search(0xf0000, 0x10000, limit);
    if (!t)
        return;
    firmware.has_mp_table = true;
    const uint8_t *at = (const uint8_t *)(t + 1), *end = (const uint8_t *)t + t->length;
    /* Some firmware does not count the entries; the length says where they end. */
    while (at < end) {
        uint32_t bytes = *at == ENTRY_CPU ? CPU_BYTES : OTHER_BYTES;
        if (*at > ENTRY_LOCAL_LINE || end - at < bytes)
            return;
        entry_read(at);
        at += bytes;
    }
}
