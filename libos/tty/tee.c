/* SPDX-License-Identifier: BSD-2-Clause */
/* tee.c - two ports as one. */
#include "tty/tee.h"

#include "base/bits.h"
#include "base/list.h"

constexpr size_t BATCH = 64;

static void tee_send(struct port *port);
static void tee_receive(struct port *port);
static void tee_drain(struct port *port);
static void part_received(struct port *part);
static void part_has_room(struct port *part);

static const struct char_driver tee_driver = {
    .name = "tee", .send = tee_send, .receive = tee_receive, .drain = tee_drain};

static struct tee *tee_of(struct port *port)
{
    return container_of(port, struct tee, port);
}

void tee_init(struct tee *tee, struct port *paced, struct port *quick)
{
    *tee = (struct tee){.port = {.driver = &tee_driver}, .paced = paced, .quick = quick};
    struct port *const parts[] = {paced, quick};
    for (unsigned i = 0; i < 2; i++) {
        parts[i]->user = tee;
        parts[i]->received = part_received;
        parts[i]->has_room = part_has_room;
    }
}

static void tee_send(struct port *port)
{
    struct tee *tee = tee_of(port);
    if (tee->is_sending)
        return;
    tee->is_sending = true;
    for (;;) {
        uint8_t batch[BATCH];
        size_t n = 0, most = MIN(BATCH, port_room(tee->paced));
        while (n < most && port_next_to_send(port, &batch[n])) {
            port_sent(port);
            n++;
        }
        if (n == 0)
            break;
        port_write(tee->paced, batch, n);
        port_write(tee->quick, batch, n);
    }
    tee->is_sending = false;
    /* What is left goes when the slower one, whose ring is full, has room again. */
    port_sent_some(port);
}

/* The user has room again: what waits in the parts' rings comes now. */
static void tee_receive(struct port *port)
{
    part_received(tee_of(port)->paced);
    part_received(tee_of(port)->quick);
}

static void tee_drain(struct port *port)
{
    struct tee *tee = tee_of(port);
    do {
        tee_send(port);
        tee->paced->driver->drain(tee->paced);
    } while (port_room(port) < PORT_SEND_RING);
    tee->quick->driver->drain(tee->quick);
}

static void part_received(struct port *part)
{
    struct tee *tee = part->user;
    uint8_t byte;
    size_t n = 0;
    while (port_can_receive(&tee->port) && port_peek(part, n, &byte)) {
        port_receive_byte(&tee->port, byte);
        n++;
    }
    if (n == 0)
        return;
    port_consume(part, n);
    if (tee->port.received)
        tee->port.received(&tee->port);
}

static void part_has_room(struct port *part)
{
    struct tee *tee = part->user;
    if (part == tee->paced)
        tee_send(&tee->port);
}
