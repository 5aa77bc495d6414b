/* SPDX-License-Identifier: BSD-2-Clause */
/* uart.h - the 16550 serial port of a PC. */
#pragma once

#include <stdint.h>
#include "sched/timer.h"
#include "tty/port.h"

constexpr int UART_NO_IRQ = -1;

struct uart {
    struct port port; /* first */
    uint16_t base;    /* first of its eight I/O ports */
    int irq;
    bool send_armed;    /* waits for the transmitter by interrupt or timer */
    bool receive_held;  /* the ring was full: bytes stay in the device */
    uint8_t enabled;    /* interrupt enable register as set */
    struct timer again; /* looks at the device without an interrupt */
};

/* Claim the ports from BASE on and interrupt line IRQ (UART_NO_IRQ: sends only), and set the device
 * up: 115200 8N1, FIFOs on.  0; -ENODEV: none answers there; -EBUSY: somebody else has it. */
[[nodiscard]] int uart_open(struct uart *uart, uint16_t base, int irq);
