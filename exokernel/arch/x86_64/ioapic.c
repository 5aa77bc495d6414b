/* SPDX-License-Identifier: BSD-2-Clause */
/* ioapic.c - routing of interrupt lines (Intel 82093AA data sheet, 3.2.4). */
#include "firmware/firmware.h"
#include "apic.h"
#include "arch.h"
#include "cpu.h"
#include "io.h"
#include "mmu.h"
#include "power.h"
#include "xen/xen.h"

constexpr uint32_t MAX_LINES = 24;
constexpr uint64_t DEFAULT_IOAPIC = 0xfec00000;
constexpr uint32_t ROUTE_MASKED = 1 << 16;
constexpr uint32_t ROUTE_LEVEL = 1 << 15;
constexpr uint32_t ROUTE_LOW = 1 << 13;

static volatile uint32_t *ioapic;
static uint32_t line_count;

static void ioapic_write(uint32_t index, uint32_t value)
{
    ioapic[0] = index;
    ioapic[4] = value;
}

static uint32_t ioapic_read(uint32_t index)
{
    ioapic[0] = index;
    return ioapic[4];
}

/* The old controllers stay silent: their vectors are moved away and every line masked.  Before
 * the local controllers are set up, or a request that the firmware's timer left pending stays
 * with the CPU for good (8259A data sheet, initialization command words). */
void pic_silence(void)
{
    port_write8(0x20, 0x11);
    port_write8(0xa0, 0x11);
    port_write8(0x21, 0xe0);
    port_write8(0xa1, 0xe8);
    port_write8(0x21, 4);
    port_write8(0xa1, 2);
    port_write8(0x21, 1);
    port_write8(0xa1, 1);
    port_write8(0x21, 0xff);
    port_write8(0xa1, 0xff);
}

void arch_irq_init(const struct boot_facts *facts)
{
    power_init(facts);
    if (xen_is_here()) {
        xen_events_init();
        if (!firmware.ioapic) /* a guest without emulated devices */
            return;
    }
    ioapic = mmu_map_device(firmware.ioapic ? firmware.ioapic : DEFAULT_IOAPIC, EXO_FRAME_BYTES);
    line_count = (ioapic_read(1) >> 16 & 0xff) + 1;
    if (line_count > MAX_LINES)
        line_count = MAX_LINES;
    for (uint32_t line = 0; line < line_count; line++)
        arch_irq_disable(line);
}

bool arch_irq_exists(uint32_t line)
{
    return line < line_count || xen_line_exists(line);
}

bool arch_irq_signal(uint32_t line)
{
    if (!xen_line_exists(line))
        return false;
    xen_line_signal(line);
    return true;
}

static uint32_t route_mode(uint32_t *line)
{
    uint32_t mode = *line >= 16 ? ROUTE_LEVEL | ROUTE_LOW : 0;
    for (uint32_t i = 0; i < firmware.override_count; i++) {
        if (firmware.overrides[i].source != *line)
            continue;
        uint16_t flags = firmware.overrides[i].flags;
        *line = firmware.overrides[i].line;
        /* ACPI 6.4, table 5.27: polarity in bits 0-1, trigger in bits 2-3; 3: low or level. */
        mode = ((flags & 3) == 3 ? ROUTE_LOW : 0) | ((flags >> 2 & 3) == 3 ? ROUTE_LEVEL : 0);
        break;
    }
    return mode;
}

void arch_irq_enable(uint32_t line, const struct cpu *to)
{
    if (xen_line_exists(line)) {
        xen_line_enable(line);
        return;
    }
    uint32_t vector = VECTOR_FIRST_LINE + line;
    uint32_t mode = route_mode(&line);
    if (line >= line_count)
        return;
    ioapic_write(0x11 + 2 * line, to->arch.apic_id << 24);
    ioapic_write(0x10 + 2 * line, vector | mode);
}

void arch_irq_disable(uint32_t line)
{
    if (xen_line_exists(line)) {
        xen_line_disable(line);
        return;
    }
    route_mode(&line);
    if (line < line_count)
        ioapic_write(0x10 + 2 * line, ROUTE_MASKED | (VECTOR_FIRST_LINE + line));
}

bool arch_irq_is_level(uint32_t line)
{
    return !xen_line_exists(line) && (route_mode(&line) & ROUTE_LEVEL);
}
