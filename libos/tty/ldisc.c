/* SPDX-License-Identifier: BSD-2-Clause */
/* ldisc.c - the line discipline: settings and input from the device. */
#include "tty/ldisc.h"

#include <asm/ioctls.h>
#include <asm/signal.h>
#include "base/bits.h"
#include "base/string.h"

/* Below this much room a device with IXOFF is asked to be quiet; with so little left to read, to go on. */
constexpr uint32_t QUIET_ROOM = 128;

#define CONTROL(c) ((c) & 0x1f)

const struct termios2 ldisc_default_termios = {
    .c_iflag = ICRNL | IXON,
    .c_oflag = OPOST | ONLCR,
    .c_cflag = B38400 | CS8 | CREAD | HUPCL,
    .c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
    .c_cc =
        {
            [VINTR] = CONTROL('C'),
            [VQUIT] = CONTROL('\\'),
            [VERASE] = 127,
            [VKILL] = CONTROL('U'),
            [VEOF] = CONTROL('D'),
            [VMIN] = 1,
            [VSTART] = CONTROL('Q'),
            [VSTOP] = CONTROL('S'),
            [VSUSP] = CONTROL('Z'),
            [VREPRINT] = CONTROL('R'),
            [VDISCARD] = CONTROL('O'),
            [VWERASE] = CONTROL('W'),
            [VLNEXT] = CONTROL('V'),
        },
    .c_ispeed = 38400,
    .c_ospeed = 38400,
};

static void receive_one(struct ldisc *ld, uint8_t c);
static bool receive_flow(struct ldisc *ld, uint8_t c);
static bool receive_signal(struct ldisc *ld, uint8_t c);
static bool receive_edit(struct ldisc *ld, uint8_t c);
static void line_finish(struct ldisc *ld, uint8_t c);
static void queue(struct ldisc *ld, uint8_t c);
static void signal_send(struct ldisc *ld, int signo);
static bool is_special(const struct ldisc *ld, uint8_t c, int which);

void ldisc_init(struct ldisc *ld, const struct ldisc_ops *ops)
{
    memset(ld, 0, sizeof *ld);
    ld->ops = ops;
    ld->termios = ldisc_default_termios;
}

void ldisc_set_termios(struct ldisc *ld, const struct termios2 *to)
{
    struct termios2 old = ld->termios;
    ld->termios = *to;

    if ((old.c_lflag ^ to->c_lflag) & ICANON) {
        memset(ld->ends, 0, sizeof ld->ends);
        ld->line_end = ld->tail;
        /* What was typed in the other mode can be read as a line without an end. */
        if (ldisc_has_local(ld, ICANON) && ld->head != ld->tail) {
            uint32_t last = (ld->head - 1) % LDISC_BUFFER;
            ld->ends[last / 64] |= 1ull << last % 64;
            ld->line_end = ld->head;
        }
        ld->erasing = false;
        ld->literal_next = false;
    }
    if ((old.c_iflag & IXON) && !(to->c_iflag & IXON))
        ldisc_start(ld, false);

    bool did_stop =
        (old.c_iflag & IXON) && old.c_cc[VSTOP] == CONTROL('S') && old.c_cc[VSTART] == CONTROL('Q');
    bool does_stop =
        (to->c_iflag & IXON) && to->c_cc[VSTOP] == CONTROL('S') && to->c_cc[VSTART] == CONTROL('Q');
    if (did_stop != does_stop)
        ld->ops->status(ld, does_stop ? TIOCPKT_DOSTOP : TIOCPKT_NOSTOP);
}

size_t ldisc_receive(struct ldisc *ld, const uint8_t *bytes, size_t n)
{
    size_t done = 0;
    for (; done < n; done++) {
        uint32_t used = ld->head - ld->tail;
        bool marks = ldisc_has_input(ld, PARMRK); /* a byte may then take more than one place */
        if (LDISC_BUFFER - used <= (marks ? 3 : 1)) {
            /* A reader makes room, unless the buffer is one unfinished line: that can only be
             * ended or erased, and what does not fit replaces its last byte. */
            if (!ldisc_has_local(ld, ICANON) || ld->line_end != ld->tail)
                break;
            uint32_t limit = LDISC_BUFFER - (marks ? 2 : 1);
            if (used > limit)
                ld->head = ld->tail + limit;
        }
        receive_one(ld, bytes[done]);
    }
    if (ldisc_has_input(ld, IXOFF) && !ld->sent_stop &&
        LDISC_BUFFER - (ld->head - ld->tail) < QUIET_ROOM && ld->ops->room(ld) > 0) {
        ld->ops->put(ld, &ld->termios.c_cc[VSTOP], 1);
        ld->sent_stop = true;
    }
    ldisc_echo_flush(ld);
    return done;
}

void ldisc_break(struct ldisc *ld)
{
    if (ldisc_has_input(ld, IGNBRK))
        return;
    if (ldisc_has_input(ld, BRKINT)) {
        signal_send(ld, SIGINT);
        return;
    }
    if (LDISC_BUFFER - (ld->head - ld->tail) < 4)
        return;
    if (ldisc_has_input(ld, PARMRK)) {
        queue(ld, 0xff);
        queue(ld, 0);
    }
    queue(ld, 0);
}

bool ldisc_readable(const struct ldisc *ld, uint32_t at_least)
{
    if (ldisc_has_local(ld, ICANON))
        return ld->line_end != ld->tail;
    return ld->head - ld->tail >= MAX(at_least, 1u);
}

size_t ldisc_read(struct ldisc *ld, uint8_t *to, size_t n, bool *line_over)
{
    bool canonical = ldisc_has_local(ld, ICANON);
    size_t done = 0;
    *line_over = false;
    while (ld->tail != (canonical ? ld->line_end : ld->head)) {
        uint32_t at = ld->tail % LDISC_BUFFER;
        bool ends = canonical && (ld->ends[at / 64] >> at % 64 & 1);
        bool is_eof = ends && ld->input[at] == 0;
        /* An end of file right behind a full buffer belongs to this read, as in N_TTY:
         * otherwise the next read would return 0 for a line that had bytes. */
        if (done == n && !is_eof)
            break;
        ld->tail++;
        if (ends)
            ld->ends[at / 64] &= ~(1ull << at % 64);
        if (!is_eof)
            to[done++] = ld->input[at];
        if (ends) {
            *line_over = true;
            break;
        }
    }
    if (!canonical)
        ld->line_end = ld->tail;
    if (ld->sent_stop && ld->head - ld->tail < QUIET_ROOM && ld->ops->room(ld) > 0) {
        ld->ops->put(ld, &ld->termios.c_cc[VSTART], 1);
        ld->sent_stop = false;
    }
    return done;
}

uint32_t ldisc_readable_bytes(const struct ldisc *ld)
{
    if (!ldisc_has_local(ld, ICANON))
        return ld->head - ld->tail;
    uint32_t count = 0;
    for (uint32_t i = ld->tail; i != ld->line_end; i++) {
        uint32_t at = i % LDISC_BUFFER;
        count += ld->input[at] != 0 || !(ld->ends[at / 64] >> at % 64 & 1);
    }
    return count;
}

void ldisc_flush_input(struct ldisc *ld)
{
    ld->tail = ld->line_end = ld->head = 0;
    memset(ld->ends, 0, sizeof ld->ends);
    ld->erasing = false;
    ld->literal_next = false;
    ld->ops->status(ld, TIOCPKT_FLUSHREAD);
}

void ldisc_stop(struct ldisc *ld, bool by_call)
{
    ld->stopped_by_call |= by_call;
    if (ld->stopped)
        return;
    ld->stopped = true;
    ld->ops->status(ld, TIOCPKT_STOP);
}

void ldisc_start(struct ldisc *ld, bool by_call)
{
    if (by_call)
        ld->stopped_by_call = false;
    if (!ld->stopped || ld->stopped_by_call)
        return;
    ld->stopped = false;
    ld->ops->status(ld, TIOCPKT_START);
    ldisc_echo_flush(ld);
}

bool ldisc_is_sane(const struct ldisc *ld)
{
    return ld->line_end - ld->tail <= ld->head - ld->tail && ld->head - ld->tail <= LDISC_BUFFER &&
           ld->echo_head - ld->echo_tail <= LDISC_ECHO;
}

static void receive_one(struct ldisc *ld, uint8_t c)
{
    if (ldisc_has_input(ld, ISTRIP))
        c &= 0x7f;
    if (ldisc_has_input(ld, IUCLC) && ldisc_has_local(ld, IEXTEN) && c >= 'A' && c <= 'Z')
        c += 'a' - 'A';

    if (ld->literal_next) {
        ld->literal_next = false;
    } else {
        if (receive_flow(ld, c) || receive_signal(ld, c))
            return;
        if (ld->stopped && ldisc_has_input(ld, IXON) && ldisc_has_input(ld, IXANY))
            ldisc_start(ld, false);
        if (c == '\r') {
            if (ldisc_has_input(ld, IGNCR))
                return;
            if (ldisc_has_input(ld, ICRNL))
                c = '\n';
        } else if (c == '\n' && ldisc_has_input(ld, INLCR)) {
            c = '\r';
        }
        if (ldisc_has_local(ld, ICANON) && receive_edit(ld, c))
            return;
    }

    if (ldisc_has_local(ld, ECHO)) {
        ldisc_echo_finish_erasing(ld);
        if (ld->line_end == ld->head)
            ld->line_column = ld->column;
        if (c == '\n')
            ldisc_echo_raw(ld, c);
        else
            ldisc_echo_char(ld, c);
    }
    if (c == 0xff && ldisc_has_input(ld, PARMRK))
        queue(ld, c);
    queue(ld, c);
}

static bool receive_flow(struct ldisc *ld, uint8_t c)
{
    if (!ldisc_has_input(ld, IXON))
        return false;
    if (is_special(ld, c, VSTART)) {
        ldisc_start(ld, false);
        return true;
    }
    if (is_special(ld, c, VSTOP)) {
        ldisc_stop(ld, false);
        return true;
    }
    return false;
}

static bool receive_signal(struct ldisc *ld, uint8_t c)
{
    if (!ldisc_has_local(ld, ISIG))
        return false;
    int signo = is_special(ld, c, VINTR)   ? SIGINT
                : is_special(ld, c, VQUIT) ? SIGQUIT
                : is_special(ld, c, VSUSP) ? SIGTSTP
                                           : 0;
    if (signo == 0)
        return false;
    signal_send(ld, signo);
    if (ldisc_has_input(ld, IXON))
        ldisc_start(ld, false);
    if (ldisc_has_local(ld, ECHO))
        ldisc_echo_char(ld, c);
    return true;
}

/* The characters that mean something in canonical mode.  False: C is one like any other. */
static bool receive_edit(struct ldisc *ld, uint8_t c)
{
    bool extended = ldisc_has_local(ld, IEXTEN);
    bool echo = ldisc_has_local(ld, ECHO);

    if (is_special(ld, c, VERASE)) {
        ldisc_erase(ld, VERASE);
    } else if (is_special(ld, c, VKILL)) {
        ldisc_erase(ld, VKILL);
    } else if (extended && is_special(ld, c, VWERASE)) {
        ldisc_erase(ld, VWERASE);
    } else if (extended && is_special(ld, c, VLNEXT)) {
        ld->literal_next = true;
        if (echo) {
            ldisc_echo_finish_erasing(ld);
            if (ldisc_has_local(ld, ECHOCTL))
                ldisc_echo_caret(ld);
        }
    } else if (extended && echo && is_special(ld, c, VREPRINT)) {
        ldisc_reprint(ld);
    } else if (c == '\n') {
        if (echo || ldisc_has_local(ld, ECHONL)) {
            ldisc_echo_finish_erasing(ld);
            ldisc_echo_raw(ld, c);
        }
        line_finish(ld, c);
    } else if (is_special(ld, c, VEOF)) {
        line_finish(ld, 0);
    } else if (is_special(ld, c, VEOL) || (extended && is_special(ld, c, VEOL2))) {
        if (echo) {
            if (ld->line_end == ld->head)
                ld->line_column = ld->column;
            ldisc_echo_char(ld, c);
        }
        if (c == 0xff && ldisc_has_input(ld, PARMRK))
            queue(ld, c);
        line_finish(ld, c);
    } else {
        return false;
    }
    return true;
}

static void line_finish(struct ldisc *ld, uint8_t c)
{
    uint32_t at = ld->head % LDISC_BUFFER;
    queue(ld, c);
    ld->ends[at / 64] |= 1ull << at % 64;
    ld->line_end = ld->head;
}

static void queue(struct ldisc *ld, uint8_t c)
{
    ld->input[ld->head++ % LDISC_BUFFER] = c;
}

/* The flush comes before the signal, so that what the signalled programs write is kept. */
static void signal_send(struct ldisc *ld, int signo)
{
    if (!ldisc_has_local(ld, NOFLSH)) {
        ldisc_flush_input(ld);
        ld->echo_tail = ld->echo_head;
        ld->ops->flush_output(ld);
    }
    ld->ops->signal(ld, signo);
}

/* A control character of 0 is disabled (_POSIX_VDISABLE). */
static bool is_special(const struct ldisc *ld, uint8_t c, int which)
{
    return c != 0 && ld->termios.c_cc[which] == c;
}
