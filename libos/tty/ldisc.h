/* SPDX-License-Identifier: BSD-2-Clause */
/* ldisc.h - the line discipline between a terminal's device and its readers (termios(3)).
 *
 * A pure module: bytes of the device go in by ldisc_receive, bytes of programs by
 * ldisc_write; edited lines come out by ldisc_read, and what the device shall show,
 * signals and state changes through struct ldisc_ops.  It never sleeps.
 *
 * The input buffer is a ring with free-running counts:
 *
 *     tail <= line_end <= head <= tail + LDISC_BUFFER
 *
 * In canonical mode [tail, line_end) holds whole lines, each of whose last byte is
 * marked in `ends`; [line_end, head) is the line being edited, which no reader sees.
 * An end of file is a marked zero byte.  In the other mode [tail, head) is readable.
 */
#pragma once

#include <asm/termbits.h>
#include <stddef.h>
#include <stdint.h>

constexpr uint32_t LDISC_BUFFER = 4096; /* N_TTY's, so that long lines are cut alike */
constexpr uint32_t LDISC_ECHO = 4096;

struct ldisc;

struct ldisc_ops {
    /* How many bytes `put` takes at once now. */
    size_t (*room)(struct ldisc *ld);
    void (*put)(struct ldisc *ld, const uint8_t *bytes, size_t n);
    /* Send a signal to the foreground process group. */
    void (*signal)(struct ldisc *ld, int signo);
    /* Drop what was put and is not sent. */
    void (*flush_output)(struct ldisc *ld);
    /* Tell the other end of a pseudo-terminal: TIOCPKT_* bits (ioctl_tty(2)). */
    void (*status)(struct ldisc *ld, uint8_t bits);
};

struct ldisc {
    const struct ldisc_ops *ops;
    struct termios2 termios;
    uint32_t tail, line_end, head;
    uint32_t column;      /* where the cursor stands, counted from what was put */
    uint32_t line_column; /* where the line being edited begins */
    bool literal_next;    /* LNEXT was typed */
    bool erasing;         /* between \ and / of ECHOPRT */
    bool stopped;         /* by the STOP character or tcflow(TCOOFF) */
    bool stopped_by_call; /* the latter: START does not undo it */
    bool sent_stop;       /* IXOFF: the device was asked to be quiet */
    uint32_t echo_head, echo_tail;
    uint64_t ends[LDISC_BUFFER / 64];
    uint8_t input[LDISC_BUFFER];
    uint8_t echo[LDISC_ECHO]; /* echoed, not yet put */
};

/* Linux's settings of a fresh terminal (tty_std_termios). */
extern const struct termios2 ldisc_default_termios;

void ldisc_init(struct ldisc *ld, const struct ldisc_ops *ops);

/* Take new settings. */
void ldisc_set_termios(struct ldisc *ld, const struct termios2 *to);

/* Bytes from the device.  Returns how many were taken: fewer than N when the buffer is full
 * of data that no program has read.  The device offers the rest after a read. */
size_t ldisc_receive(struct ldisc *ld, const uint8_t *bytes, size_t n);

/* A break condition on the line. */
void ldisc_break(struct ldisc *ld);

/* Bytes from a program.  Returns how many were taken; 0 while stopped or without room. */
size_t ldisc_write(struct ldisc *ld, const uint8_t *bytes, size_t n);

/* Put what was echoed, as far as there is room. */
void ldisc_echo_flush(struct ldisc *ld);

/* Whether a read finds something; AT_LEAST counts in non-canonical mode. */
bool ldisc_readable(const struct ldisc *ld, uint32_t at_least);

/* Take up to N bytes.  *LINE_OVER: a canonical line (or an end of file) ended within them. */
size_t ldisc_read(struct ldisc *ld, uint8_t *to, size_t n, bool *line_over);

/* Bytes that reads can take without waiting (FIONREAD). */
uint32_t ldisc_readable_bytes(const struct ldisc *ld);

void ldisc_flush_input(struct ldisc *ld);

/* Stop and restart output; BY_CALL as in struct ldisc. */
void ldisc_stop(struct ldisc *ld, bool by_call);
void ldisc_start(struct ldisc *ld, bool by_call);

bool ldisc_is_sane(const struct ldisc *ld);

/* Shared by the module's files. */
static inline bool ldisc_has_local(const struct ldisc *ld, tcflag_t flag)
{
    return (ld->termios.c_lflag & flag) != 0;
}

static inline bool ldisc_has_input(const struct ldisc *ld, tcflag_t flag)
{
    return (ld->termios.c_iflag & flag) != 0;
}

static inline bool ldisc_is_control(uint8_t c)
{
    return c < 32 || c == 127;
}

/* Whether C continues a UTF-8 character. */
static inline bool ldisc_is_continuation(const struct ldisc *ld, uint8_t c)
{
    return (c & 0xc0) == 0x80 && ldisc_has_input(ld, IUTF8);
}

static inline uint8_t ldisc_at(const struct ldisc *ld, uint32_t position)
{
    return ld->input[position % LDISC_BUFFER];
}

/* ldisc_echo.c: what typing shows. */
void ldisc_echo_raw(struct ldisc *ld, uint8_t c);  /* as output, '\n' processed */
void ldisc_echo_char(struct ldisc *ld, uint8_t c); /* control characters as ^X */
void ldisc_echo_caret(struct ldisc *ld);           /* LNEXT's ^ under the cursor */
void ldisc_echo_finish_erasing(struct ldisc *ld);
void ldisc_echo_rub_out(struct ldisc *ld, uint32_t columns);
void ldisc_echo_rub_out_tab(struct ldisc *ld); /* the tab stood at head */

/* ldisc_edit.c: the line being edited. */
void ldisc_erase(struct ldisc *ld, uint8_t how); /* VERASE, VWERASE or VKILL */
void ldisc_reprint(struct ldisc *ld);
