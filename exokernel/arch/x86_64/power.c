/* SPDX-License-Identifier: BSD-2-Clause */
/* power.c - the end of the machine.
 *
 * QEMU's isa-debug-exit at port 0xf4 ends QEMU with status (value << 1) | 1; where it
 * is missing, the ACPI ports of common machines are tried, then the CPU halts.
 */
#include "arch.h"
#include "io.h"

constexpr uint16_t DEBUG_EXIT_PORT = 0xf4;
constexpr uint8_t EXIT_GOOD = 0x10;
constexpr uint8_t EXIT_FAILED = 0x11;

[[noreturn]] static void halt(void)
{
    for (;;)
        __asm__ volatile("cli; hlt");
}

void arch_power_off(bool failed)
{
    port_write8(DEBUG_EXIT_PORT, failed ? EXIT_FAILED : EXIT_GOOD);
    port_write16(0x604, 0x2000);  /* PM1a control of QEMU's q35 and pc: S5 */
    port_write16(0x4004, 0x3400); /* of other hypervisors */
    halt();
}

void arch_reset(void)
{
    port_write8(0xcf9, 6);   /* reset control register of the chipset */
    port_write8(0x64, 0xfe); /* keyboard controller: pulse the reset line */
    halt();
}
