/* SPDX-License-Identifier: BSD-2-Clause */
/* acpi.c - CPUs and the interrupt controller from ACPI's MADT. */
#include "acpi.h"
#include "arch.h"
#include "boot.h"
#include "mem.h"

struct acpi_facts acpi;

struct [[gnu::packed]] rsdp {
    char signature[8];
    uint8_t checksum;
    char oem[6];
    uint8_t revision;
    uint32_t rsdt;
    uint32_t length;
    uint64_t xsdt;
};
struct [[gnu::packed]] table {
    char signature[4];
    uint32_t length;
    uint8_t rest[28];
};
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
    };
};
constexpr uint64_t BELOW_4G = 1ull << 32;

static const struct rsdp *rsdp_search(uint64_t from, uint64_t bytes)
{
    for (uint64_t at = from; at < from + bytes; at += 16) {
        const struct rsdp *r = arch_direct(at);
        uint8_t sum = 0;
        if (mem_compare(r->signature, "RSD PTR ", 8) != 0)
            continue;
        for (uint32_t i = 0; i < 20; i++)
            sum += ((const uint8_t *)r)[i];
        if (sum == 0)
            return r;
    }
    return nullptr;
}

/* ACPI 6.4, 5.2.5.1: in the first KiB of the extended BIOS area, or in the BIOS ROM. */
static const struct rsdp *rsdp_find(const struct boot_facts *facts)
{
    if (facts->rsdp != 0 && facts->rsdp < BELOW_4G)
        return arch_direct(facts->rsdp);
    uint64_t ebda = (uint64_t)*(const uint16_t *)arch_direct(0x40e) << 4;
    const struct rsdp *r = ebda ? rsdp_search(ebda, 1024) : nullptr;
    return r ? r : rsdp_search(0xe0000, 0x20000);
}

static void madt_entry_read(const struct madt_entry *e)
{
    switch (e->type) {
    case 0:
        if ((e->lapic.flags & 1) && acpi.cpu_count < EXO_MAX_CPUS)
            acpi.cpu_apic_id[acpi.cpu_count++] = e->lapic.apic_id;
        break;
    case 1:
        if (acpi.ioapic == 0) {
            acpi.ioapic = e->ioapic.address;
            acpi.ioapic_first_line = e->ioapic.first_line;
        }
        break;
    case 2:
        if (acpi.override_count < ACPI_MAX_OVERRIDES) {
            acpi.overrides[acpi.override_count].source = e->override.source;
            acpi.overrides[acpi.override_count].line = (uint8_t)e->override.line;
            acpi.overrides[acpi.override_count++].flags = e->override.flags;
        }
        break;
    default: break;
    }
}

static void madt_read(const struct table *madt)
{
    for (uint32_t at = 44; at + 2 <= madt->length;) {
        const struct madt_entry *e = (const void *)((const uint8_t *)madt + at);
        if (e->length < 2)
            return;
        madt_entry_read(e);
        at += e->length;
    }
}

void acpi_read(const struct boot_facts *facts)
{
    const struct rsdp *r = rsdp_find(facts);
    if (!r)
        return;
    bool is_wide = r->revision >= 2 && r->xsdt != 0 && r->xsdt < BELOW_4G;
    const struct table *root = arch_direct(is_wide ? r->xsdt : r->rsdt);
    uint32_t entry_bytes = is_wide ? 8 : 4;
    for (uint32_t at = 36; at + entry_bytes <= root->length; at += entry_bytes) {
        uint64_t address = 0;
        memcpy(&address, (const uint8_t *)root + at, entry_bytes);
        if (address == 0 || address >= BELOW_4G)
            continue;
        const struct table *t = arch_direct(address);
        if (mem_compare(t->signature, "APIC", 4) == 0)
            madt_read(t);
    }
}
