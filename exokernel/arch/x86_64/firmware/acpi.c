/* SPDX-License-Identifier: BSD-2-Clause */
/* acpi.c - finds ACPI's tables and reads the one about CPUs (ACPI 6.4, 5.2.5 to 5.2.12). */
#include "acpi.h"
#include "arch.h"
#include "boot.h"
#include "log.h"
#include "mem.h"

struct [[gnu::packed]] rsdp {
    char signature[8];
    uint8_t checksum;
    char oem[6];
    uint8_t revision;
    uint32_t rsdt;
    /* from revision 2 on */
    uint32_t length;
    uint64_t xsdt;
    uint8_t extended_checksum, reserved[3];
};
constexpr uint32_t RSDP_1_BYTES = 20;

struct [[gnu::packed]] madt_entry {
    uint8_t type, length;
    union {
        struct [[gnu::packed]] {
            uint8_t acpi_id, apic_id;
            uint32_t flags;
        } lapic;
        struct [[gnu::packed]] {
            uint8_t id, reserved;
            uint32_t address, first_line;
        } ioapic;
        struct [[gnu::packed]] {
            uint8_t bus, source;
            uint32_t line;
            uint16_t flags;
        } override;
        struct [[gnu::packed]] {
            uint16_t reserved;
            uint32_t apic_id, flags;
        } x2apic;
    };
};
constexpr uint32_t MADT_ENTRIES = 44;
constexpr uint32_t TABLE_MOST = 4 << 20; /* bytes; a longer one is taken as broken */

static const struct rsdp *rsdp_at(uint64_t at, uint64_t limit)
{
    const struct rsdp *r = firmware_memory(at, RSDP_1_BYTES, limit);
    if (!r || mem_compare(r->signature, "RSD PTR ", 8) != 0 || !firmware_sums_up(r, RSDP_1_BYTES))
        return nullptr;
    if (r->revision >= 2 &&
        (!firmware_memory(at, sizeof *r, limit) || !firmware_sums_up(r, sizeof *r)))
        return nullptr;
    return r;
}

static const struct rsdp *rsdp_search(uint64_t from, uint64_t bytes, uint64_t limit)
{
    for (uint64_t at = from; at < from + bytes; at += 16) {
        const struct rsdp *r = rsdp_at(at, limit);
        if (r)
            return r;
    }
    return nullptr;
}

/* Where the loader says, or as 5.2.5.1 does: in the first KiB of the extended BIOS area, or in the
 * BIOS ROM. */
static const struct rsdp *rsdp_find(const struct boot_facts *facts, uint64_t limit)
{
    const struct rsdp *r = rsdp_at(facts->rsdp, limit);
    if (r)
        return r;
    const uint16_t *ebda = firmware_memory(0x40e, sizeof *ebda, limit);
    if (ebda && *ebda)
        r = rsdp_search((uint64_t)*ebda << 4, 1024, limit);
    return r ? r : rsdp_search(0xe0000, 0x20000, limit);
}

const struct acpi_table *acpi_table_at(uint64_t address, uint64_t limit)
{
    const struct acpi_table *t = firmware_memory(address, sizeof *t, limit);
    if (!t)
        return nullptr;
    if (t->length >= sizeof *t && t->length <= TABLE_MOST &&
        firmware_memory(address, t->length, limit) && firmware_sums_up(t, t->length))
        return t;
    log_line("ACPI: the table at %lx is broken", address);
    return nullptr;
}

bool acpi_is(const struct acpi_table *table, const char *signature)
{
    return mem_compare(table->signature, signature, 4) == 0;
}

static void madt_entry_read(const struct madt_entry *e)
{
    switch (e->type) {
    case 0:
        if (e->length >= 8 && (e->lapic.flags & 1))
            firmware_add_cpu(e->lapic.apic_id);
        break;
    case 1:
        if (e->length >= 12)
            firmware_add_ioapic(e->ioapic.address, e->ioapic.first_line);
        break;
    case 2:
        if (e->length >= 10 && firmware.override_count < FIRMWARE_MAX_OVERRIDES) {
            firmware.overrides[firmware.override_count].source = e->override.source;
            firmware.overrides[firmware.override_count].line = (uint8_t)e->override.line;
            firmware.overrides[firmware.override_count++].flags = e->override.flags;
        }
        break;
    case 9: /* Xen describes the first guest's CPUs so, whatever their numbers are */
        if (e->length >= 16 && (e->x2apic.flags & 1) && e->x2apic.apic_id < 255)
            firmware_add_cpu((uint8_t)e->x2apic.apic_id);
        break;
    default: break;
    }
}

static void madt_read(const struct acpi_table *madt)
{
    for (uint32_t at = MADT_ENTRIES; at + 2 <= madt->length;) {
        const struct madt_entry *e = (const void *)((const uint8_t *)madt + at);
        if (e->length < 2 || e->length > madt->length - at)
            return;
        madt_entry_read(e);
        at += e->length;
    }
}

static void table_read(const struct acpi_table *t, uint64_t limit)
{
    if (acpi_is(t, "APIC"))
        madt_read(t);
    else if (acpi_is(t, "FACP"))
        acpi_read_fadt(t, limit);
    firmware.has_mcfg |= acpi_is(t, "MCFG");
    firmware.has_dmar |= acpi_is(t, "DMAR");
    firmware.has_ivrs |= acpi_is(t, "IVRS");
}

void acpi_read(const struct boot_facts *facts, uint64_t limit)
{
    const struct rsdp *r = rsdp_find(facts, limit);
    if (!r)
        return;
    uint32_t entry_bytes = 8;
    const struct acpi_table *root = r->revision >= 2 ? acpi_table_at(r->xsdt, limit) : nullptr;
    if (!root) {
        entry_bytes = 4;
        root = acpi_table_at(r->rsdt, limit);
    }
    if (!root)
        return;
    firmware.has_acpi = true;
    for (uint32_t at = sizeof *root; at + entry_bytes <= root->length; at += entry_bytes) {
        uint64_t address = 0;
        memcpy(&address, (const uint8_t *)root + at, entry_bytes);
        const struct acpi_table *t = acpi_table_at(address, limit);
        if (t)
            table_read(t, limit);
    }
}
