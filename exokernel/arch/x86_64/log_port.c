/* SPDX-License-Identifier: BSD-2-Clause */
/* log_port.c - the kernel's log: a 16550 UART, polled (PC16550D data sheet, 8).
 *
 * `log=com1`, `log=com2` or `log=none` on the command line; com1 until it is read.  On Xen it is
 * Xen's own console: by a hypercall where that is allowed, as it is to the guest that Xen starts
 * itself, else through port 0xe9, of which Xen makes lines of its log.
 */
#include "arch.h"
#include "boot.h"
#include "io.h"
#include "mem.h"
#include "xen/xen.h"

enum uart {
    UART_DATA = 0,
    UART_IRQ = 1,
    UART_FIFO = 2,
    UART_LINE = 3,
    UART_MODEM = 4,
    UART_STATUS = 5
};
constexpr uint8_t UART_CAN_SEND = 0x20;
constexpr uint16_t XEN_LOG_PORT = 0xe9;

constexpr uint16_t COM1 = 0x3f8;
static uint16_t log_port = COM1;

static void uart_set_up(void)
{
    port_write8(log_port + UART_IRQ, 0);
    port_write8(log_port + UART_LINE, 0x80); /* divisor 1: 115200 baud */
    port_write8(log_port + UART_DATA, 1);
    port_write8(log_port + UART_IRQ, 0);
    port_write8(log_port + UART_LINE, 3); /* 8 bits, no parity, 1 stop */
    port_write8(log_port + UART_FIFO, 7);
    port_write8(log_port + UART_MODEM, 3);
}

void arch_log_init(const char *cmdline)
{
    uint32_t n;
    const char *where = boot_option(cmdline, "log", &n);
    if (n == 4 && mem_compare(where, "com2", 4) == 0)
        log_port = 0x2f8;
    else if (n == 4 && mem_compare(where, "none", 4) == 0)
        log_port = 0;
    if (log_port != 0 && !xen_is_here())
        uart_set_up();
}

void arch_log_insist(void)
{
    if (log_port != 0)
        return;
    log_port = COM1;
    if (!xen_is_here())
        uart_set_up();
}

/* A line that never gets ready (no UART there, a reader that is gone) loses its bytes
 * after a while: the kernel must not hang on its log. */
static void log_byte(uint8_t byte)
{
    for (uint32_t tries = 0; tries < 200000; tries++) {
        if (port_read8(log_port + UART_STATUS) & UART_CAN_SEND)
            break;
        arch_pause();
    }
    port_write8(log_port + UART_DATA, byte);
}

static void xen_log_write(const char *text, size_t n)
{
    if (xen_console_write(text, n))
        return;
    for (size_t i = 0; i < n; i++)
        port_write8(XEN_LOG_PORT, (uint8_t)text[i]);
}

void arch_log_write(const char *text, size_t n)
{
    if (log_port == 0)
        return;
    if (xen_is_here()) {
        xen_log_write(text, n);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        if (text[i] == '\n')
            log_byte('\r');
        log_byte((uint8_t)text[i]);
    }
}

/* A log on the first port is shared: on a machine with one serial line the console's
 * driver must have it too. */
bool arch_log_owns_port(uint32_t port)
{
    return log_port == 0x2f8 && !xen_is_here() && port - log_port < 8;
}
