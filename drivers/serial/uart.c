/* SPDX-License-Identifier: BSD-2-Clause */
/* uart.c - driver of the 16550 serial port (NS PC16550D data sheet, section 8).
 *
 * Sending fills the transmit FIFO, 16 bytes, each time the line status says that it is empty.  If
 * it stays busy, the rest goes by its interrupt; a port without one looks again every millisecond.
 * The interrupt line is edge-triggered: it is acknowledged first and the device then served until
 * it asks for nothing, so that the next request makes an edge of its own.
 */
#include "drivers/serial/uart.h"

#include <exo/stubs.h>
#include "arch/arch.h"
#include "arch/port_io.h"
#include "base/errno.h"
#include "base/list.h"
#include "base/log.h"
#include "sched/event.h"
#include "sched/time.h"

enum uart_register {
    DATA = 0,
    INTERRUPT_ENABLE = 1,
    INTERRUPT_ID = 2, /* read */
    FIFO_CONTROL = 2, /* write */
    LINE_CONTROL = 3,
    MODEM_CONTROL = 4,
    LINE_STATUS = 5,
    SCRATCH = 7,
    DIVISOR_LOW = 0, /* while LINE_DIVISOR is set */
    DIVISOR_HIGH = 1,
    REGISTER_COUNT = 8,
};

constexpr uint8_t ENABLE_RECEIVE = 1 << 0;
constexpr uint8_t ENABLE_SEND = 1 << 1;
constexpr uint8_t ID_NONE = 1 << 0;
constexpr uint8_t FIFO_ON = 1 << 0 | 1 << 1 | 1 << 2; /* enable, and clear both */
constexpr uint8_t FIFO_TRIGGER_8 = 2 << 6; /* fewer bytes interrupt after four characters' time */
constexpr uint8_t LINE_8N1 = 3;
constexpr uint8_t LINE_DIVISOR = 1 << 7;
constexpr uint8_t MODEM_ON = 1 << 0 | 1 << 1 | 1 << 3; /* DTR, RTS, OUT2: it gates the interrupt */
constexpr uint8_t STATUS_RECEIVED = 1 << 0;
constexpr uint8_t STATUS_CAN_SEND = 1 << 5;
constexpr uint8_t STATUS_ALL_SENT = 1 << 6;

constexpr unsigned FIFO_BYTES = 16;
constexpr unsigned ROUNDS_PER_EVENT = 64; /* bounds the time in one interrupt */
constexpr uint64_t AGAIN_NS = 1000000;

static void uart_send(struct port *port);
static void uart_receive(struct port *port);
static void uart_drain(struct port *port);
static void uart_event(void *arg);
static void uart_again(struct timer *timer);

static const struct char_driver uart_driver = {
    .name = "uart16550",
    .send = uart_send,
    .receive = uart_receive,
    .drain = uart_drain,
};

/* Stands in for a device that did not answer: what is sent is lost. */
static void nowhere_send(struct port *port)
{
    port_flush(port);
}

static void nowhere_receive(struct port *) {}

static const struct char_driver nowhere = {
    .name = "none", .send = nowhere_send, .receive = nowhere_receive, .drain = nowhere_send};

static uint8_t reg_read(const struct uart *uart, enum uart_register r)
{
    return port_in8((uint16_t)(uart->base + r));
}

static void reg_write(const struct uart *uart, enum uart_register r, uint8_t value)
{
    port_out8((uint16_t)(uart->base + r), value);
}

static struct uart *uart_of(struct port *port)
{
    return container_of(port, struct uart, port);
}

static bool is_present(const struct uart *uart)
{
    reg_write(uart, SCRATCH, 0x5a);
    bool first = reg_read(uart, SCRATCH) == 0x5a;
    reg_write(uart, SCRATCH, 0xa5);
    return first && reg_read(uart, SCRATCH) == 0xa5;
}

static void interrupts_set(struct uart *uart, uint8_t on, uint8_t off)
{
    uint8_t enabled = (uint8_t)((uart->enabled | on) & ~off);
    if (enabled == uart->enabled || uart->irq == UART_NO_IRQ)
        return;
    uart->enabled = enabled;
    reg_write(uart, INTERRUPT_ENABLE, enabled);
}

int uart_open(struct uart *uart, uint16_t base, int irq)
{
    uart->port = (struct port){.driver = &nowhere};
    uart->base = base;
    uart->irq = irq;
    timer_init(&uart->again, uart_again);

    if (exo_port_claim(base, REGISTER_COUNT) != EXO_OK)
        return -EBUSY;
    if (!is_present(uart))
        return -ENODEV;

    reg_write(uart, INTERRUPT_ENABLE, 0);
    reg_write(uart, LINE_CONTROL, LINE_DIVISOR);
    reg_write(uart, DIVISOR_LOW, 1); /* 1.8432 MHz / 16 / 1 */
    reg_write(uart, DIVISOR_HIGH, 0);
    reg_write(uart, LINE_CONTROL, LINE_8N1);
    reg_write(uart, FIFO_CONTROL, FIFO_ON | FIFO_TRIGGER_8);
    reg_write(uart, MODEM_CONTROL, MODEM_ON);
    uart->port.driver = &uart_driver;
    if (irq == UART_NO_IRQ)
        return 0;

    int bit = event_alloc((unsigned)irq, "serial");
    if (bit < 0)
        return bit;
    event_register((unsigned)bit, uart_event, uart);
    if (exo_irq_bind((uint32_t)irq, EXO_CAP_BOOT_VCPU, (uint32_t)bit) != EXO_OK)
        return -EBUSY;
    interrupts_set(uart, ENABLE_RECEIVE, 0);
    return 0;
}

/* Fill the FIFO as often as it is empty.  Returns whether all is on its way. */
static bool fifo_fill(struct uart *uart)
{
    uint8_t byte;
    while (port_next_to_send(&uart->port, &byte)) {
        if (!(reg_read(uart, LINE_STATUS) & STATUS_CAN_SEND))
            return false;
        for (unsigned i = 0; i < FIFO_BYTES && port_next_to_send(&uart->port, &byte); i++) {
            reg_write(uart, DATA, byte);
            port_sent(&uart->port);
        }
    }
    return true;
}

static void uart_send(struct port *port)
{
    struct uart *uart = uart_of(port);
    uart->send_armed = !fifo_fill(uart);
    if (uart->irq != UART_NO_IRQ)
        interrupts_set(uart, uart->send_armed ? ENABLE_SEND : 0,
                       uart->send_armed ? 0 : ENABLE_SEND);
    else if (uart->send_armed)
        timer_arm(&uart->again, time_deadline_after(AGAIN_NS));
    port_sent_some(port);
}

/* Take what the device holds, as far as the ring has room.  What stays must not keep the interrupt
 * line high, or no other edge would come. */
static bool take_received(struct uart *uart)
{
    bool any = false;
    while (reg_read(uart, LINE_STATUS) & STATUS_RECEIVED) {
        if (!port_can_receive(&uart->port)) {
            uart->receive_held = true;
            interrupts_set(uart, 0, ENABLE_RECEIVE);
            return any;
        }
        port_receive_byte(&uart->port, reg_read(uart, DATA));
        any = true;
    }
    return any;
}

static void uart_receive(struct port *port)
{
    struct uart *uart = uart_of(port);
    if (!uart->receive_held || !port_can_receive(port))
        return;
    /* The device asks again as soon as its interrupt is enabled with bytes waiting. */
    uart->receive_held = false;
    interrupts_set(uart, ENABLE_RECEIVE, 0);
}

static void uart_drain(struct port *port)
{
    struct uart *uart = uart_of(port);
    do {
        uart_send(port);
        arch_pause();
    } while (port_unsent(port) > 0 || !(reg_read(uart, LINE_STATUS) & STATUS_ALL_SENT));
}

static void uart_event(void *arg)
{
    struct uart *uart = arg;
    exo_irq_ack((uint32_t)uart->irq);
    for (unsigned round = 0; !(reg_read(uart, INTERRUPT_ID) & ID_NONE); round++) {
        if (round == ROUNDS_PER_EVENT) {
            timer_arm(&uart->again, time_deadline_after(AGAIN_NS));
            return;
        }
        if (take_received(uart) && uart->port.received)
            uart->port.received(&uart->port);
        if (uart->send_armed)
            uart_send(&uart->port);
    }
}

static void uart_again(struct timer *timer)
{
    struct uart *uart = container_of(timer, struct uart, again);
    if (uart->irq == UART_NO_IRQ)
        uart_send(&uart->port);
    else
        uart_event(uart);
}
