/* SPDX-License-Identifier: BSD-2-Clause */
/* screen.c - the port of the machine's screen: a terminal, painted a little later.
 *
 * Bytes change cells when they come.  A timer then compares the rows that changed with what was
 * painted and paints the cells that differ, so that a burst costs the pixels of its end only.
 */
#include "drivers/screen/screen.h"

#include <exo/info.h>
#include "base/bits.h"
#include "base/errno.h"
#include "base/list.h"
#include "base/string.h"
#include "mm/device.h"
#include "mm/heap.h"
#include "sched/time.h"
#include "sched/wait.h"

constexpr uint64_t DELAY_NS = 8 * 1000000;
constexpr uint64_t AT_ONCE_NS = 2 * 1000000; /* most that painting keeps others waiting */
constexpr size_t BATCH = 128;

static void screen_send(struct port *port);
static void screen_receive(struct port *);
static void screen_drain(struct port *port);
static void paint_later(struct timer *timer);

static const struct char_driver screen_driver = {
    .name = "screen",
    .send = screen_send,
    .receive = screen_receive,
    .drain = screen_drain,
};

static struct screen *screen_of(struct port *port)
{
    return container_of(port, struct screen, port);
}

static void reply(void *arg, const char *bytes, size_t n)
{
    screen_type(arg, bytes, n);
}

int screen_open(struct screen *screen)
{
    const struct exo_device *device = device_find(EXO_DEVICE_FRAMEBUFFER, 0);
    if (!device)
        device = device_find(EXO_DEVICE_TEXT, 0);
    if (!device)
        return -ENODEV;
    *screen = (struct screen){.port = {.driver = &screen_driver}};
    timer_init(&screen->paint, paint_later);

    struct painter shape;
    painter_init(&shape, nullptr, device);
    uint16_t columns = painter_columns(&shape), rows = painter_rows(&shape);
    if (columns < VT_COLUMNS_LEAST || rows < VT_ROWS_LEAST)
        return -ENODEV;
    struct vt_cell *cells = heap_calloc(vt_cells(columns, rows), sizeof *cells);
    screen->painted = heap_calloc((size_t)columns * rows, sizeof *cells);
    void *base = cells && screen->painted ? device_map(device) : nullptr;
    if (!base) {
        int err = cells && screen->painted ? -EBUSY : -ENOMEM;
        heap_free(screen->painted);
        heap_free(cells);
        return err;
    }
    painter_init(&screen->painter, base, device);
    painter_clear(&screen->painter);
    vt_init(&screen->vt, columns, rows, cells);
    screen->vt.reply = reply;
    screen->vt.arg = screen;
    return 0;
}

void screen_type(struct screen *screen, const char *bytes, size_t n)
{
    struct port *port = &screen->port;
    for (; n > 0 && port_can_receive(port); n--)
        port_receive_byte(port, (uint8_t)*bytes++);
    if (port->received)
        port->received(port);
}

/* The cell as it is to be seen. */
static struct vt_cell seen(const struct vt *vt, struct vt_cell cell, unsigned x, unsigned y)
{
    if (vt->modes & VT_SWAPPED)
        cell.colours = (uint8_t)(cell.colours >> 4 | cell.colours << 4);
    if (vt->modes & VT_CURSOR_SHOWN && x == vt->x && y == vt->y)
        cell.flags |= VT_CURSOR;
    return cell;
}

static void row_paint(struct screen *screen, unsigned y)
{
    const struct vt *vt = &screen->vt;
    const struct vt_cell *cells = vt_row(vt, (uint16_t)y);
    struct vt_cell *painted = screen->painted + (size_t)y * vt->columns;
    for (unsigned x = 0; x < vt->columns; x++) {
        struct vt_cell cell = seen(vt, cells[x], x, y);
        if (memcmp(&cell, &painted[x], sizeof cell) == 0)
            continue;
        painted[x] = cell;
        painter_cell(&screen->painter, x, y, cell);
    }
}

/* Paint what changed, until END_NS.  False: some of it is left. */
static bool paint(struct screen *screen, uint64_t end_ns)
{
    struct vt *vt = &screen->vt;
    for (unsigned y = 0; y < vt->rows; y++) {
        if (!vt->dirty[y])
            continue;
        if (time_monotonic_ns() >= end_ns)
            return false;
        vt->dirty[y] = 0;
        row_paint(screen, y);
    }
    return true;
}

static void paint_later(struct timer *timer)
{
    struct screen *screen = container_of(timer, struct screen, paint);
    uint64_t start = time_monotonic_ns();
    bool is_done = paint(screen, start + AT_ONCE_NS);
    screen->cost_ns = time_monotonic_ns() - start;
    if (!is_done)
        timer_arm(timer, time_deadline_after(screen->cost_ns));
}

static void screen_send(struct port *port)
{
    struct screen *screen = screen_of(port);
    uint8_t batch[BATCH];
    size_t n;
    do {
        n = 0;
        while (n < BATCH && port_next_to_send(port, &batch[n])) {
            port_sent(port);
            n++;
        }
        vt_write(&screen->vt, batch, n);
    } while (n == BATCH);
    if (!timer_is_armed(&screen->paint))
        timer_arm(&screen->paint, time_deadline_after(DELAY_NS));
    port_sent_some(port);
}

/* The keyboard does not wait for room. */
static void screen_receive(struct port *) {}

static void screen_drain(struct port *port)
{
    struct screen *screen = screen_of(port);
    screen_send(port);
    timer_cancel(&screen->paint);
    paint(screen, WAIT_FOREVER);
}
