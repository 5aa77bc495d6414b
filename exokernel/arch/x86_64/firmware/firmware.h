/* SPDX-License-Identifier: BSD-2-Clause */
/* firmware.h - the few facts that the kernel takes from the firmware's tables: which CPUs and which
 * interrupt controller there are, how the machine is switched off and restarted, and what there is
 * that the kernel does not use yet.  ACPI's tables (ACPI 6.4, chapter 5) are asked first, then those
 * of the MultiProcessor Specification 1.4.  What is broken is left out and said on the log.
 */
#pragma once

#include <exo/info.h>
#include <stdint.h>

struct boot_facts;

constexpr uint32_t FIRMWARE_MAX_OVERRIDES = 16;

/* A register in ACPI's generic form (ACPI 6.4, 5.2.3.2). */
enum firmware_space : uint8_t {
    SPACE_NONE,
    SPACE_MEMORY,
    SPACE_PORT
};
struct firmware_register {
    enum firmware_space space; /* SPACE_NONE: there is none */
    uint64_t address;
};

/* ACPI 6.4, 4.8.3.2 (control registers) and 4.8.3.7 (sleep control of machines without these). */
struct firmware_power {
    struct firmware_register control_a, control_b; /* PM1, 16 bits */
    struct firmware_register sleep;                /* sleep control, 8 bits */
    bool knows_off;                                /* type_a and type_b were found */
    uint8_t type_a, type_b;                        /* of the soft-off state S5 */
    uint16_t enable_port;                          /* 0: ACPI is always on */
    uint8_t enable_value;
    struct firmware_register reset; /* 8 bits */
    uint8_t reset_value;
};

struct firmware_facts {
    uint32_t cpu_count; /* 0: no table found */
    uint8_t cpu_apic_id[EXO_MAX_CPUS];
    uint64_t ioapic; /* physical address; 0: none */
    uint32_t ioapic_first_line;
    /* ISA line -> global line, where they differ; polarity and trigger bits as in the table. */
    struct {
        uint8_t source;
        uint8_t line;
        uint16_t flags;
    } overrides[FIRMWARE_MAX_OVERRIDES];
    uint32_t override_count;
    struct firmware_power power;
    bool has_acpi, has_mp_table;
    bool has_mcfg;           /* PCI Express configuration space in memory */
    bool has_dmar, has_ivrs; /* an IOMMU: Intel's, AMD's */
};

extern struct firmware_facts firmware;

/* Fill `firmware`.  Reads physical memory below LIMIT only, which arch_direct must show. */
void firmware_read(const struct boot_facts *facts, uint64_t limit);

/* The parts: each adds what it finds. */
void acpi_read(const struct boot_facts *facts, uint64_t limit);
void mptable_read(uint64_t limit);

/* BYTES bytes at ADDRESS; null if that is not below LIMIT. */
const void *firmware_memory(uint64_t address, uint64_t bytes, uint64_t limit);
/* Do they add up to 0, as all tables' do? */
bool firmware_sums_up(const void *bytes, uint64_t n);
/* A CPU that can be used, if there is room for it. */
void firmware_add_cpu(uint8_t apic_id);
/* The first interrupt controller counts. */
void firmware_add_ioapic(uint64_t address, uint32_t first_line);
