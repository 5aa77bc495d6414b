/* SPDX-License-Identifier: BSD-2-Clause */
/* ldisc_echo.c - output of the line discipline: OPOST processing and echo.
 *
 * Echo goes through a ring of its own, in the form in which the device gets it, so
 * that typing never waits for the device.  It leaves before any later output of a
 * program.  What does not fit is lost, as on Linux.
 */
#include "tty/ldisc.h"

#include "base/bits.h"
#include "base/string.h"

constexpr uint32_t TAB = 8;

static size_t output_char(struct ldisc *ld, uint8_t c, uint8_t to[TAB]);
static void echo_put(struct ldisc *ld, uint8_t c);
static bool has_output(const struct ldisc *ld, tcflag_t flag);

size_t ldisc_write(struct ldisc *ld, const uint8_t *bytes, size_t n)
{
    if (ld->stopped)
        return 0;
    ldisc_echo_flush(ld);
    if (ld->echo_head != ld->echo_tail)
        return 0;

    size_t room = ld->ops->room(ld);
    if (!has_output(ld, OPOST)) {
        n = MIN(n, room);
        if (n > 0)
            ld->ops->put(ld, bytes, n);
        return n;
    }

    uint8_t out[256];
    size_t done = 0, held = 0;
    while (done < n && held + TAB <= room) {
        if (held + TAB > sizeof out) {
            ld->ops->put(ld, out, held);
            room -= held;
            held = 0;
            continue;
        }
        held += output_char(ld, bytes[done++], out + held);
    }
    if (held > 0)
        ld->ops->put(ld, out, held);
    return done;
}

void ldisc_echo_flush(struct ldisc *ld)
{
    if (ld->stopped)
        return;
    while (ld->echo_head != ld->echo_tail) {
        uint32_t at = ld->echo_tail % LDISC_ECHO;
        size_t n = MIN(ld->echo_head - ld->echo_tail, LDISC_ECHO - at);
        n = MIN(n, ld->ops->room(ld));
        if (n == 0)
            return;
        ld->ops->put(ld, ld->echo + at, n);
        ld->echo_tail += (uint32_t)n;
    }
}

void ldisc_echo_raw(struct ldisc *ld, uint8_t c)
{
    uint8_t out[TAB];
    size_t n = 1;
    if (has_output(ld, OPOST))
        n = output_char(ld, c, out);
    else
        out[0] = c;
    for (size_t i = 0; i < n; i++)
        echo_put(ld, out[i]);
}

void ldisc_echo_char(struct ldisc *ld, uint8_t c)
{
    if (!ldisc_has_local(ld, ECHOCTL) || !ldisc_is_control(c) || c == '\t') {
        ldisc_echo_raw(ld, c);
        return;
    }
    echo_put(ld, '^');
    echo_put(ld, c ^ 0100);
    ld->column += 2;
}

void ldisc_echo_caret(struct ldisc *ld)
{
    echo_put(ld, '^');
    echo_put(ld, '\b');
}

void ldisc_echo_finish_erasing(struct ldisc *ld)
{
    if (!ld->erasing)
        return;
    ldisc_echo_raw(ld, '/');
    ld->erasing = false;
}

void ldisc_echo_rub_out(struct ldisc *ld, uint32_t columns)
{
    while (columns-- > 0) {
        echo_put(ld, '\b');
        echo_put(ld, ' ');
        echo_put(ld, '\b');
        if (ld->column > 0)
            ld->column--;
    }
}

/* Go back by as many columns as the tab was wide, which depends on all before it. */
void ldisc_echo_rub_out_tab(struct ldisc *ld)
{
    uint32_t before = 0;
    uint32_t at = ld->head;
    bool after_tab = false;
    while (at != ld->line_end && !after_tab) {
        uint8_t c = ldisc_at(ld, --at);
        if (c == '\t')
            after_tab = true;
        else if (ldisc_is_control(c))
            before += ldisc_has_local(ld, ECHOCTL) ? 2 : 0;
        else if (!ldisc_is_continuation(ld, c))
            before++;
    }
    if (!after_tab)
        before += ld->line_column;
    for (uint32_t n = TAB - before % TAB; n > 0; n--) {
        echo_put(ld, '\b');
        if (ld->column > 0)
            ld->column--;
    }
}

/* The bytes that show C, by c_oflag; at most TAB.  Moves the column. */
static size_t output_char(struct ldisc *ld, uint8_t c, uint8_t to[TAB])
{
    to[0] = c;
    switch (c) {
    case '\n':
        if (has_output(ld, ONLRET))
            ld->column = 0;
        if (has_output(ld, ONLCR)) {
            ld->column = ld->line_column = 0;
            to[0] = '\r';
            to[1] = '\n';
            return 2;
        }
        ld->line_column = ld->column;
        break;
    case '\r':
        if (has_output(ld, ONOCR) && ld->column == 0)
            return 0;
        if (has_output(ld, OCRNL)) {
            to[0] = '\n';
            if (!has_output(ld, ONLRET))
                break;
        }
        ld->column = ld->line_column = 0;
        break;
    case '\t': {
        uint32_t spaces = TAB - ld->column % TAB;
        ld->column += spaces;
        if ((ld->termios.c_oflag & TABDLY) != XTABS)
            break;
        memset(to, ' ', spaces);
        return spaces;
    }
    case '\b':
        if (ld->column > 0)
            ld->column--;
        break;
    default:
        if (has_output(ld, OLCUC) && c >= 'a' && c <= 'z')
            to[0] = c - ('a' - 'A');
        if (!ldisc_is_control(c) && !ldisc_is_continuation(ld, c))
            ld->column++;
        break;
    }
    return 1;
}

static void echo_put(struct ldisc *ld, uint8_t c)
{
    if (ld->echo_head - ld->echo_tail == LDISC_ECHO)
        ldisc_echo_flush(ld);
    if (ld->echo_head - ld->echo_tail < LDISC_ECHO)
        ld->echo[ld->echo_head++ % LDISC_ECHO] = c;
}

static bool has_output(const struct ldisc *ld, tcflag_t flag)
{
    return (ld->termios.c_oflag & flag) != 0;
}
