/* SPDX-License-Identifier: BSD-2-Clause */
/* port.c - the rings of a character device. */
#include "tty/port.h"

#include "base/bits.h"
#include "base/string.h"

size_t port_write(struct port *port, const void *bytes, size_t n)
{
    const uint8_t *from = bytes;
    size_t done = 0;
    while (done < n) {
        uint32_t at = port->send_head % PORT_SEND_RING;
        size_t part = MIN(MIN(n - done, port_room(port)), PORT_SEND_RING - at);
        if (part > 0) {
            memcpy(port->send_ring + at, from + done, part);
            port->send_head += (uint32_t)part;
            done += part;
        }
        port->driver->send(port);
        if (part == 0 && port_room(port) == 0)
            break;
    }
    if (port_room(port) < PORT_SEND_RING / 2)
        port->room_wanted = true;
    return done;
}

void port_flush(struct port *port)
{
    port->send_tail = port->send_head;
}

bool port_peek(const struct port *port, size_t offset, uint8_t *byte)
{
    if (offset >= port->receive_head - port->receive_tail)
        return false;
    *byte = port->receive_ring[(port->receive_tail + offset) % PORT_RECEIVE_RING];
    return true;
}

void port_consume(struct port *port, size_t n)
{
    port->receive_tail += (uint32_t)n;
    if (n > 0)
        port->driver->receive(port);
}

void port_sent(struct port *port)
{
    port->send_tail++;
}

void port_sent_some(struct port *port)
{
    bool room = port->room_wanted && port_room(port) >= PORT_SEND_RING / 2;
    bool empty = port->empty_wanted && port_room(port) == PORT_SEND_RING;
    if (!room && !empty)
        return;
    port->room_wanted = port->empty_wanted = false;
    if (port->has_room)
        port->has_room(port);
}

void port_receive_byte(struct port *port, uint8_t byte)
{
    port->receive_ring[port->receive_head++ % PORT_RECEIVE_RING] = byte;
}
