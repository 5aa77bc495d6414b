/* SPDX-License-Identifier: BSD-2-Clause */
/* ldisc_edit.c - erasing in the line being edited, and showing it again. */
#include "tty/ldisc.h"

#include "base/bits.h"

static bool kill_at_once(struct ldisc *ld);
static bool step_back(const struct ldisc *ld, uint32_t *at);
static void show_erased(struct ldisc *ld, uint8_t how, uint32_t from, uint32_t count);
static bool is_word(uint8_t c);

void ldisc_erase(struct ldisc *ld, uint8_t how)
{
    if (ld->head == ld->line_end)
        return;
    if (how == VKILL && kill_at_once(ld))
        return;

    bool in_word = false;
    while (ld->head != ld->line_end) {
        uint32_t at = ld->head;
        if (!step_back(ld, &at))
            break;
        if (how == VWERASE) {
            if (is_word(ldisc_at(ld, at)))
                in_word = true;
            else if (in_word)
                break;
        }
        uint32_t count = ld->head - at;
        ld->head = at;
        if (ldisc_has_local(ld, ECHO))
            show_erased(ld, how, at, count);
        if (how == VERASE)
            break;
    }
    if (ld->head == ld->line_end && ldisc_has_local(ld, ECHO))
        ldisc_echo_finish_erasing(ld);
}

void ldisc_reprint(struct ldisc *ld)
{
    ldisc_echo_finish_erasing(ld);
    ldisc_echo_char(ld, ld->termios.c_cc[VREPRINT]);
    ldisc_echo_raw(ld, '\n');
    for (uint32_t at = ld->line_end; at != ld->head; at++)
        ldisc_echo_char(ld, ldisc_at(ld, at));
}

/* Drop the line without rubbing it out, where the settings say so. */
static bool kill_at_once(struct ldisc *ld)
{
    if (!ldisc_has_local(ld, ECHO)) {
        ld->head = ld->line_end;
        return true;
    }
    tcflag_t rub_out = ECHOK | ECHOKE | ECHOE;
    if ((ld->termios.c_lflag & rub_out) == rub_out)
        return false;
    ld->head = ld->line_end;
    ldisc_echo_finish_erasing(ld);
    ldisc_echo_char(ld, ld->termios.c_cc[VKILL]);
    if (ldisc_has_local(ld, ECHOK))
        ldisc_echo_raw(ld, '\n');
    return true;
}

/* Move *AT to the beginning of the character before it.  False: only a part of one is there. */
static bool step_back(const struct ldisc *ld, uint32_t *at)
{
    do
        (*at)--;
    while (ldisc_is_continuation(ld, ldisc_at(ld, *at)) && *at != ld->line_end);
    return !ldisc_is_continuation(ld, ldisc_at(ld, *at));
}

/* Show that the COUNT bytes at FROM, which the buffer still holds, are gone. */
static void show_erased(struct ldisc *ld, uint8_t how, uint32_t from, uint32_t count)
{
    uint8_t c = ldisc_at(ld, from);
    if (ldisc_has_local(ld, ECHOPRT)) {
        if (!ld->erasing) {
            ldisc_echo_raw(ld, '\\');
            ld->erasing = true;
        }
        ldisc_echo_char(ld, c);
        for (uint32_t i = 1; i < count; i++)
            ldisc_echo_raw(ld, ldisc_at(ld, from + i));
    } else if (how == VERASE && !ldisc_has_local(ld, ECHOE)) {
        ldisc_echo_char(ld, ld->termios.c_cc[VERASE]);
    } else if (c == '\t') {
        ldisc_echo_rub_out_tab(ld);
    } else if (!ldisc_is_control(c)) {
        ldisc_echo_rub_out(ld, 1);
    } else if (ldisc_has_local(ld, ECHOCTL)) {
        ldisc_echo_rub_out(ld, 2);
    }
}

/* Letters, digits and _, and what begins a letter in UTF-8 or is one in Latin-1. */
static bool is_word(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
           (c >= 0xc0 && c != 0xd7 && c != 0xf7);
}
