/* SPDX-License-Identifier: BSD-2-Clause */
/* firmware.c - facts from the firmware's tables, whichever there are. */
#include "firmware.h"
#include "arch.h"
#include "log.h"

struct firmware_facts firmware;

const void *firmware_memory(uint64_t address, uint64_t bytes, uint64_t limit)
{
    if (address == 0 || address >= limit || bytes > limit - address)
        return nullptr;
    return arch_direct(address);
}

bool firmware_sums_up(const void *bytes, uint64_t n)
{
    uint8_t sum = 0;
    for (uint64_t i = 0; i < n; i++)
        sum += ((const uint8_t *)bytes)[i];
    return sum == 0;
}

void firmware_add_cpu(uint8_t apic_id)
{
    for (uint32_t i = 0; i < firmware.cpu_count; i++)
        if (firmware.cpu_apic_id[i] == apic_id)
            return;
    if (firmware.cpu_count < EXO_MAX_CPUS)
        firmware.cpu_apic_id[firmware.cpu_count++] = apic_id;
}

void firmware_add_ioapic(uint64_t address, uint32_t first_line)
{
    if (firmware.ioapic != 0 || address == 0)
        return;
    firmware.ioapic = address;
    firmware.ioapic_first_line = first_line;
}

void firmware_read(const struct boot_facts *facts, uint64_t limit)
{
    acpi_read(facts, limit);
    if (firmware.cpu_count == 0)
        mptable_read(limit);
    log_line("firmware:%s%s%s%s%s", firmware.has_acpi ? " ACPI" : "",
             firmware.has_mp_table ? " MP table" : "", firmware.has_mcfg ? " PCIe" : "",
             firmware.has_dmar ? " DMAR" : "", firmware.has_ivrs ? " IVRS" : "");
}
