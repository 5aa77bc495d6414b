/* SPDX-License-Identifier: BSD-2-Clause */
/* ports.c - I/O ports: which a domain may have, and those of which it may have a part. */
#include "arch.h"
#include "cpu.h"
#include "io.h"

constexpr uint32_t KEYBOARD_COMMAND = 0x64;

void arch_set_ports(struct cpu *cpu, const uint8_t *allowed)
{
    /* In the TSS a set bit forbids (SDM vol. 1, 19.5.2). */
    for (uint32_t i = 0; i < ARCH_PORTS / 8; i++)
        cpu->arch.tss.port_map[i] = (uint8_t)~allowed[i];
}

bool arch_port_is_reserved(uint32_t port)
{
    /* DMA controllers, interrupt controllers, interval timer, keyboard controller's
     * commands, clock chip, fast A20 and reset, debug exit: each could reach past the kernel. */
    static const struct {
        uint16_t first, last;
    } reserved[] = {
        {0x00, 0x0f}, {0x20, 0x21}, {0x40, 0x43}, {0x61, 0x64}, {0x70, 0x71},
        {0x80, 0x8f}, {0x92, 0x92}, {0xa0, 0xa1}, {0xc0, 0xdf}, {0xf4, 0xf7},
    };
    for (uint32_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++)
        if (port >= reserved[i].first && port <= reserved[i].last)
            return true;
    return arch_log_owns_port(port);
}

bool arch_port_is_guarded(uint32_t port)
{
    return port == KEYBOARD_COMMAND;
}

uint8_t arch_port_guarded_read(uint32_t port)
{
    return port_read8((uint16_t)port);
}

/* The keyboard controller's output port resets the processor and gates address line 20, which would
 * make memory of others out of the domain's.  So the commands that write it or pulse its lines (0xd1,
 * 0xdd, 0xdf, 0xf0 to 0xff), and what chipsets added, stay away: what is let through reads and
 * writes the command byte, tests, and switches keyboard and mouse (Intel 8242 data sheet). */
bool arch_port_guarded_write(uint32_t port, uint8_t value)
{
    static const uint8_t harmless[] = {0x20, 0x60, 0xa7, 0xa8, 0xa9, 0xaa, 0xab, 0xad, 0xae, 0xd4};
    for (uint32_t i = 0; i < sizeof harmless; i++) {
        if (value == harmless[i]) {
            port_write8((uint16_t)port, value);
            return true;
        }
    }
    return false;
}
