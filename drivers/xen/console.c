/* SPDX-License-Identifier: BSD-2-Clause */
/* console.c - driver of Xen's paravirtual console.
 *
 * Sending fills the ring; when it is full, the backend's event, which says that it has taken
 * bytes, brings the rest.  The backend is told after each series, not after each byte.
 */
#include "drivers/xen/console.h"

#include <exo/info.h>
#include <exo/stubs.h>
#include "base/errno.h"
#include "base/list.h"
#include "base/log.h"
#include "drivers/xen/share.h"
#include "sched/time.h"

constexpr uint8_t DLE = 0x10;
constexpr uint32_t BYTES_MOST = 4; /* that one byte can become: a change of stream, itself */
constexpr uint64_t DRAIN_STEP_NS = 1000000;
constexpr uint64_t DRAIN_MOST_NS = 60ull * NSEC_PER_SEC; /* without progress: nobody reads it */

struct page {
    uint8_t in[1024], out[2048];
    uint32_t in_reader, in_writer, out_reader, out_writer;
};

static void console_send(struct port *port);
static void console_receive(struct port *port);
static void console_drain(struct port *port);

static const struct char_driver output_driver = {
    .name = "xen", .send = console_send, .receive = console_receive, .drain = console_drain};

static const struct char_driver errors_driver = {
    .name = "xen", .send = console_send, .receive = console_receive, .drain = console_drain};

static struct xen_console *console_of(struct port *port)
{
    return port->driver == &errors_driver ? container_of(port, struct xen_console, errors)
                                          : container_of(port, struct xen_console, port);
}

static void put_escape(struct xen_console *console, char kind)
{
    uint8_t sequence[2] = {DLE, (uint8_t)kind};
    xen_ring_write(&console->out, sequence, sizeof sequence);
}

static void put_byte(struct xen_console *console, struct port *port, uint8_t byte)
{
    if (console->framed && console->stream != port) {
        put_escape(console, port == &console->errors ? 'R' : 'O');
        console->stream = port;
    }
    if (console->framed && byte == DLE)
        put_escape(console, DLE);
    else
        xen_ring_write(&console->out, &byte, 1);
}

/* Returns whether anything was put into the ring. */
static bool put_all(struct xen_console *console, struct port *port)
{
    uint8_t byte;
    bool any = false;
    while (xen_ring_room(&console->out) >= BYTES_MOST && port_next_to_send(port, &byte)) {
        put_byte(console, port, byte);
        port_sent(port);
        any = true;
    }
    return any;
}

static void console_send(struct port *port)
{
    struct xen_console *console = console_of(port);
    if (console->out.broken)
        port_flush(port); /* as if nobody were at the other end */
    if (put_all(console, port))
        xen_share_signal(console->line);
    port_sent_some(port);
}

static void console_receive(struct port *port)
{
    struct xen_console *console = console_of(port);
    bool any = false;
    while (port_can_receive(port) && xen_ring_readable(&console->in) > 0) {
        uint8_t byte;
        xen_ring_read(&console->in, &byte, 1);
        port_receive_byte(port, byte);
        any = true;
    }
    if (any)
        xen_share_signal(console->line); /* there is room again */
}

static void console_event(void *arg)
{
    struct xen_console *console = arg;
    console_send(&console->port);
    console_send(&console->errors);
    uint32_t before = console->port.receive_head;
    console_receive(&console->port);
    if (console->port.receive_head != before && console->port.received)
        console->port.received(&console->port);
    if (console->in.broken && !console->is_told) {
        console->is_told = true;
        log_warn("the console's other end broke off");
    }
}

static bool is_drained(struct xen_console *console)
{
    return console->out.broken ||
           (port_unsent(&console->port) == 0 && port_unsent(&console->errors) == 0 &&
            xen_ring_room(&console->out) == console->out.size);
}

/* Wait until the backend has taken all that it can be given. */
static void wait_taken(struct xen_console *console)
{
    uint64_t end_ns = time_deadline_after(DRAIN_MOST_NS);
    uint32_t room = 0;
    for (;;) {
        console_send(&console->port);
        console_send(&console->errors);
        if (is_drained(console) || time_monotonic_ns() >= end_ns)
            return;
        uint32_t now = xen_ring_room(&console->out);
        if (now != room)
            end_ns = time_deadline_after(DRAIN_MOST_NS);
        room = now;
        (void)exo_vcpu_wait(time_ns_to_cycles_deadline(time_deadline_after(DRAIN_STEP_NS)));
    }
}

static void console_drain(struct port *port)
{
    struct xen_console *console = console_of(port);
    wait_taken(console);
    if (!console->framed || console->ended || !is_drained(console))
        return;
    console->ended = true;
    put_escape(console, 'Z');
    xen_share_signal(console->line);
    wait_taken(console);
}

int xen_console_open(struct xen_console *console, bool framed)
{
    const struct exo_info *info = (const struct exo_info *)EXO_INFO_VA;
    *console = (struct xen_console){.line = info->xen.console_line, .framed = framed};
    console->port = (struct port){.driver = &output_driver};
    console->errors = (struct port){.driver = &errors_driver};
    struct page *page =
        xen_share_open(info->xen.console, console->line, "xen-console", console_event, console);
    if (!page)
        return -ENODEV;
    xen_ring_open(&console->in, page->in, sizeof page->in, &page->in_writer, &page->in_reader);
    xen_ring_open(&console->out, page->out, sizeof page->out, &page->out_reader, &page->out_writer);
    return 0;
}
