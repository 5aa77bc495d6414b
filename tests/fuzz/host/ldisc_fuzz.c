/* SPDX-License-Identifier: BSD-2-Clause */
/* ldisc_fuzz.c - a terminal used without sense: settings, typing, reading, writing in any order.
 *
 * Input: operations, one byte and what it needs.
 */
#include "fuzz.h"
#include "tty/ldisc.h"

static struct ldisc *ld;
static size_t room;

static size_t take_room(struct ldisc *)
{
    return room;
}

static void put(struct ldisc *, const uint8_t *data, size_t n)
{
    volatile uint8_t seen = 0;
    MUST(n <= room);
    for (size_t i = 0; i < n; i++)
        seen ^= data[i];
    room -= n;
}

static void signal_foreground(struct ldisc *, int signo)
{
    MUST(signo > 0 && signo < 32);
}

static void flush_output(struct ldisc *) {}

static void status(struct ldisc *, uint8_t) {}

static const struct ldisc_ops ops = {
    .room = take_room,
    .put = put,
    .signal = signal_foreground,
    .flush_output = flush_output,
    .status = status,
};

/* Mostly one flag after the other, at times all at random. */
static void change_settings(struct bytes *b)
{
    struct termios2 t = ld->termios;
    uint32_t bit = 1u << bytes_u8(b) % 32;
    switch (bytes_u8(b) % 5) {
    case 0: t.c_lflag ^= bit; break;
    case 1: t.c_iflag ^= bit; break;
    case 2: t.c_oflag ^= bit; break;
    case 3: t.c_cc[bytes_u8(b) % NCCS] = bytes_u8(b); break;
    default: bytes_copy(b, &t, sizeof t);
    }
    ldisc_set_termios(ld, &t);
}

/* N bytes of a block of just that size; many of the same at times, so that buffers fill. */
static uint8_t *text_make(struct bytes *b, size_t *n)
{
    bool is_run = bytes_u8(b) & 1;
    *n = is_run ? bytes_u16(b) % 6000 : bytes_u8(b);
    uint8_t *text = malloc(*n);
    if (is_run)
        memset(text, bytes_u8(b), *n);
    else
        bytes_copy(b, text, *n);
    return text;
}

static void transfer(struct bytes *b, size_t (*with)(struct ldisc *, const uint8_t *, size_t))
{
    size_t n;
    uint8_t *text = text_make(b, &n);
    MUST(with(ld, text, n) <= n);
    free(text);
}

static void read_some(struct bytes *b)
{
    size_t n = bytes_u16(b) % 5000;
    uint32_t readable = ldisc_readable_bytes(ld);
    uint8_t *to = malloc(n);
    bool is_over = false, is_due = ldisc_readable(ld, 1);
    size_t got = ldisc_read(ld, to, n, &is_over);
    MUST(got <= n && got <= readable);
    MUST(got == 0 || is_due);
    MUST(!is_due || n == 0 || got > 0 || is_over);
    free(to);
}

static void operate(struct bytes *b)
{
    switch (bytes_u8(b) % 11) {
    case 0: change_settings(b); break;
    case 1:
    case 2:
    case 3: transfer(b, ldisc_receive); break;
    case 4: transfer(b, ldisc_write); break;
    case 5: read_some(b); break;
    case 6: ldisc_break(ld); break;
    case 7: ldisc_flush_input(ld); break;
    case 8: ldisc_stop(ld, bytes_u8(b) & 1); break;
    case 9: ldisc_start(ld, bytes_u8(b) & 1); break;
    default: room = bytes_u16(b); ldisc_echo_flush(ld);
    }
    MUST(ldisc_is_sane(ld));
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t n)
{
    struct bytes b = {input, n};
    ld = malloc(sizeof *ld);
    room = 100;
    ldisc_init(ld, &ops);
    while (b.left)
        operate(&b);
    free(ld);
    return 0;
}
