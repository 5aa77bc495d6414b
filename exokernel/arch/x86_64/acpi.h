/* SPDX-License-Identifier: BSD-2-Clause */
/* acpi.h - the few facts that the kernel takes from ACPI's tables: which CPUs and
 * which interrupt controller there are (ACPI 6.4, 5.2.12). */
#pragma once

#include <exo/info.h>
#include <stdint.h>

struct boot_facts;

constexpr uint32_t ACPI_MAX_OVERRIDES = 16;

struct acpi_facts {
    uint32_t cpu_count; /* 0: no table found */
    uint8_t cpu_apic_id[EXO_MAX_CPUS];
    uint64_t ioapic; /* physical address; 0: none */
    uint32_t ioapic_first_line;
    /* ISA line -> global line, where they differ; polarity and trigger bits as in the table. */
    struct {
        uint8_t source;
        uint8_t line;
        uint16_t flags;
    } overrides[ACPI_MAX_OVERRIDES];
    uint32_t override_count;
};

extern struct acpi_facts acpi;

/* Reads below 4 GiB only, with the boot page tables still in use. */
void acpi_read(const struct boot_facts *facts);
