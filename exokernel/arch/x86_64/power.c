/* SPDX-License-Identifier: BSD-2-Clause */
/* power.c - the end of the machine: off, again, or standing still.
 *
 * QEMU's isa-debug-exit at port 0xf4 ends QEMU with status (value << 1) | 1.  Where it is missing,
 * Xen is told the reason, or ACPI is asked (ACPI 6.4, 7.4.2 and 4.8.3.6), then what PCs have had
 * before it.
 */
#include "power.h"
#include "apic.h"
#include "arch.h"
#include "boot.h"
#include "clock.h"
#include "firmware/firmware.h"
#include "io.h"
#include "log.h"
#include "mmu.h"
#include "xen/xen.h"

constexpr uint16_t DEBUG_EXIT_PORT = 0xf4;
constexpr uint8_t EXIT_GOOD = 0x10;
constexpr uint8_t EXIT_FAILED = 0x11;
constexpr uint32_t TYPE_SHIFT = 10, SLEEP_ENABLE = 1 << 13, ACPI_IS_ON = 1; /* PM1 control */
constexpr uint32_t TYPE_SHIFT_8 = 2, SLEEP_ENABLE_8 = 1 << 5;               /* sleep control */
constexpr uint32_t WAIT_US = 100000;

static volatile uint8_t *sleep_memory, *reset_memory;

static volatile uint8_t *map_register(const struct boot_facts *facts,
                                      const struct firmware_register *reg)
{
    if (reg->space != SPACE_MEMORY || reg->address >> EXO_FRAME_SHIFT > UINT32_MAX)
        return nullptr;
    for (uint32_t i = 0; i < facts->ram_count; i++)
        if (reg->address - facts->ram[i].base < facts->ram[i].bytes)
            return nullptr; /* a broken table */
    return mmu_map_device(reg->address, 1);
}

void power_init(const struct boot_facts *facts)
{
    sleep_memory = map_register(facts, &firmware.power.sleep);
    reset_memory = map_register(facts, &firmware.power.reset);
}

static void write8(const struct firmware_register *reg, volatile uint8_t *memory, uint8_t value)
{
    if (memory)
        *memory = value;
    else if (reg->space == SPACE_PORT)
        port_write8((uint16_t)reg->address, value);
}

/* Without it the firmware, not ACPI, rules over power (4.8.2.5). */
static void acpi_turn_on(const struct firmware_power *power, uint16_t control)
{
    if (power->enable_port == 0 || power->enable_value == 0 || (port_read16(control) & ACPI_IS_ON))
        return;
    port_write8(power->enable_port, power->enable_value);
    for (uint32_t us = 0; us < WAIT_US && !(port_read16(control) & ACPI_IS_ON); us += 100)
        clock_delay_us(100);
}

static void acpi_off(void)
{
    const struct firmware_power *power = &firmware.power;
    if (!power->knows_off)
        return;
    write8(&power->sleep, sleep_memory, (uint8_t)(power->type_a << TYPE_SHIFT_8 | SLEEP_ENABLE_8));
    if (power->control_a.space != SPACE_PORT)
        return;
    uint16_t a = (uint16_t)power->control_a.address;
    acpi_turn_on(power, a);
    port_write16(a, (uint16_t)(power->type_a << TYPE_SHIFT | SLEEP_ENABLE));
    if (power->control_b.space == SPACE_PORT)
        port_write16((uint16_t)power->control_b.address,
                     (uint16_t)(power->type_b << TYPE_SHIFT | SLEEP_ENABLE));
    clock_delay_us(WAIT_US);
}

void arch_halt(void)
{
    apic_stop_others();
    for (;;)
        __asm__ volatile("cli; hlt");
}

void arch_power_off(bool failed)
{
    port_write8(DEBUG_EXIT_PORT, failed ? EXIT_FAILED : EXIT_GOOD);
    if (xen_is_here())
        xen_shutdown(failed ? XEN_CRASH : XEN_POWEROFF);
    if (failed)
        arch_halt(); /* the report stays on the screen */
    acpi_off();
    if (!firmware.has_acpi)
        arch_reset(); /* a small virtual machine, whose host ends it then (Firecracker) */
    log_line("power: this machine cannot be switched off; halted");
    arch_halt();
}

[[noreturn]] static void triple_fault(void)
{
    struct [[gnu::packed]] {
        uint16_t limit;
        uint64_t base;
    } none = {};
    __asm__ volatile("lidt %0; int3" : : "m"(none));
    arch_halt();
}

void arch_reset(void)
{
    if (xen_is_here())
        xen_shutdown(XEN_REBOOT);
    write8(&firmware.power.reset, reset_memory, firmware.power.reset_value);
    clock_delay_us(WAIT_US / 10);
    port_write8(0xcf9, 2); /* reset control register of PC chipsets: hard, then now */
    port_write8(0xcf9, 6);
    clock_delay_us(WAIT_US / 10);
    port_write8(0x64, 0xfe); /* keyboard controller: pulse the reset line */
    clock_delay_us(WAIT_US / 10);
    triple_fault();
}
