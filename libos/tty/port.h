/* SPDX-License-Identifier: BSD-2-Clause */
/* port.h - a character device: a stream of bytes each way, and the driver behind it.
 *
 * Two rings lie between the driver and its user.  The user puts bytes by port_write and the driver
 * takes them as the device gets free; the driver puts what the device received and the user takes
 * it.  A full receive ring makes the driver leave bytes in the device, so that nothing is lost as
 * long as the other end heeds its own flow control.  All runs under the domain lock, nothing sleeps.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

constexpr uint32_t PORT_SEND_RING = 4096;
constexpr uint32_t PORT_RECEIVE_RING = 1024;

struct port;

struct char_driver {
    const char *name;
    /* There are bytes to send: move what the device takes now, and see to the rest later. */
    void (*send)(struct port *port);
    /* There is room again in the receive ring. */
    void (*receive)(struct port *port);
    /* Wait until everything has left the device: for the machine's end only. */
    void (*drain)(struct port *port);
};

struct port {
    const struct char_driver *driver;
    /* The user's; either may be null. */
    void (*received)(struct port *port); /* the receive ring is not empty */
    void (*has_room)(
        struct port *port); /* the send ring was more than half full, or port_unsent was
                                          * asked; now it has emptied */
    void *user;
    uint32_t send_head, send_tail, receive_head, receive_tail; /* free-running */
    bool room_wanted, empty_wanted;                            /* when to call has_room */
    uint8_t send_ring[PORT_SEND_RING];
    uint8_t receive_ring[PORT_RECEIVE_RING];
};

/* For the user: */
static inline size_t port_room(const struct port *port)
{
    return PORT_SEND_RING - (port->send_head - port->send_tail);
}
/* has_room will be called when it gets 0. */
static inline size_t port_unsent(struct port *port)
{
    port->empty_wanted = port->send_head != port->send_tail;
    return port->send_head - port->send_tail;
}
/* Returns how many were taken. */
size_t port_write(struct port *port, const void *bytes, size_t n);
/* Drop what the device has not got yet. */
void port_flush(struct port *port);
/* A look at the byte at OFFSET in the receive ring; false: there is none. */
bool port_peek(const struct port *port, size_t offset, uint8_t *byte);
/* Drop N bytes that were looked at, and let the driver fill their place. */
void port_consume(struct port *port, size_t n);

/* For the driver: */
static inline bool port_next_to_send(const struct port *port, uint8_t *byte)
{
    if (port->send_head == port->send_tail)
        return false;
    *byte = port->send_ring[port->send_tail % PORT_SEND_RING];
    return true;
}
/* The byte seen last was sent. */
void port_sent(struct port *port);
/* After a series of port_sent: tells the user, which may write, so the driver's state must be whole. */
void port_sent_some(struct port *port);
static inline bool port_can_receive(const struct port *port)
{
    return port->receive_head - port->receive_tail < PORT_RECEIVE_RING;
}
/* Only if port_can_receive. */
void port_receive_byte(struct port *port, uint8_t byte);
