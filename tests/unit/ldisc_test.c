/* SPDX-License-Identifier: BSD-2-Clause */
/* ldisc_test.c - the line discipline: editing, echo, signals, flow, modes (termios(3)).
 * Links: libos/tty/ldisc.c libos/tty/ldisc_echo.c libos/tty/ldisc_edit.c */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <asm/ioctls.h>
#include "tty/ldisc.h"

/* A terminal: what the device was sent, and what happened. */
struct terminal {
    struct ldisc ld; /* first */
    char shown[16384];
    size_t shown_bytes;
    size_t room;
    int signal;
    unsigned status;
};

enum {
    SIG_INT = 2,
    SIG_QUIT = 3,
    SIG_TSTP = 20
};

static struct terminal t;

static size_t fake_room(struct ldisc *)
{
    return t.room;
}

static void fake_put(struct ldisc *, const uint8_t *bytes, size_t n)
{
    assert_true(n <= t.room);
    assert_true(t.shown_bytes + n < sizeof t.shown);
    memcpy(t.shown + t.shown_bytes, bytes, n);
    t.shown_bytes += n;
    if (t.room != SIZE_MAX)
        t.room -= n;
}

static void fake_signal(struct ldisc *, int signo)
{
    t.signal = signo;
}

static void fake_flush(struct ldisc *) {}

static void fake_status(struct ldisc *, uint8_t bits)
{
    t.status |= bits;
}

static const struct ldisc_ops fake_ops = {
    .room = fake_room,
    .put = fake_put,
    .signal = fake_signal,
    .flush_output = fake_flush,
    .status = fake_status,
};

static int setup(void **)
{
    memset(&t, 0, sizeof t);
    t.room = SIZE_MAX;
    ldisc_init(&t.ld, &fake_ops);
    return 0;
}

static void type(const char *text)
{
    size_t n = strlen(text);
    assert_int_equal(ldisc_receive(&t.ld, (const uint8_t *)text, n), n);
    assert_true(ldisc_is_sane(&t.ld));
}

static void expect_shown(const char *text)
{
    t.shown[t.shown_bytes] = '\0';
    assert_string_equal(t.shown, text);
    t.shown_bytes = 0;
}

static void expect_read(const char *text)
{
    uint8_t buffer[256];
    bool over;
    size_t n = ldisc_read(&t.ld, buffer, sizeof buffer - 1, &over);
    buffer[n] = '\0';
    assert_string_equal((char *)buffer, text);
    assert_true(ldisc_is_sane(&t.ld));
}

static void change(tcflag_t on, tcflag_t off)
{
    struct termios2 s = t.ld.termios;
    s.c_lflag = (s.c_lflag | on) & ~off;
    ldisc_set_termios(&t.ld, &s);
}

static void change_input(tcflag_t on, tcflag_t off)
{
    struct termios2 s = t.ld.termios;
    s.c_iflag = (s.c_iflag | on) & ~off;
    ldisc_set_termios(&t.ld, &s);
}

static void change_output(tcflag_t on, tcflag_t off)
{
    struct termios2 s = t.ld.termios;
    s.c_oflag = (s.c_oflag | on) & ~off;
    ldisc_set_termios(&t.ld, &s);
}

static void a_line_is_readable_when_it_ends(void **)
{
    type("abc");
    assert_false(ldisc_readable(&t.ld, 1));
    type("\r");
    assert_true(ldisc_readable(&t.ld, 1));
    assert_int_equal(ldisc_readable_bytes(&t.ld), 4);
    expect_read("abc\n");
    expect_shown("abc\r\n");
}

static void a_read_stops_at_the_end_of_a_line(void **)
{
    type("one\ntwo\n");
    expect_read("one\n");
    expect_read("two\n");
}

static void a_small_read_leaves_the_rest_of_the_line(void **)
{
    uint8_t two[2];
    bool over;
    type("abc\n");
    assert_int_equal(ldisc_read(&t.ld, two, 2, &over), 2);
    assert_false(over);
    expect_read("c\n");
}

static void erase_takes_a_character_back(void **)
{
    type("ab\177c\n");
    expect_read("ac\n");
    expect_shown("ab\b \bc\r\n");
}

static void erase_stops_at_the_beginning_of_the_line(void **)
{
    type("x\n\177\177y\n");
    expect_read("x\n");
    expect_read("y\n");
}

static void erase_takes_a_whole_utf8_character(void **)
{
    change_input(IUTF8, 0);
    type("a\xc3\xa4\177b\n");
    expect_read("ab\n");
}

static void erase_of_a_control_character_rubs_out_two_columns(void **)
{
    type("\001\177");
    expect_shown("^A\b \b\b \b");
}

static void erase_of_a_tab_goes_back_to_where_it_began(void **)
{
    type("ab\t\177");
    expect_shown("ab\t\b\b\b\b\b\b");
}

static void erase_of_a_tab_counts_the_prompt(void **)
{
    assert_int_equal(ldisc_write(&t.ld, (const uint8_t *)"$ ", 2), 2);
    type("a\t\177");
    expect_shown("$ a\t\b\b\b\b\b");
}

static void word_erase_takes_blanks_and_a_word(void **)
{
    type("one two  \027x\n");
    expect_read("one x\n");
}

static void kill_takes_the_line(void **)
{
    type("abc\025d\n");
    expect_read("d\n");
    expect_shown("abc\b \b\b \b\b \bd\r\n");
}

static void kill_without_echoke_shows_itself(void **)
{
    change(0, ECHOKE);
    type("abc\025d\n");
    expect_read("d\n");
    expect_shown("abc^U\r\nd\r\n");
}

static void echoprt_shows_what_was_erased(void **)
{
    change(ECHOPRT, 0);
    type("ab\177\177c\n");
    expect_read("c\n");
    expect_shown("ab\\ba/c\r\n");
}

static void reprint_shows_the_line_again(void **)
{
    type("abc\022");
    expect_shown("abc^R\r\nabc");
}

static void literal_next_takes_away_the_meaning(void **)
{
    type("a\026\003b\n");
    assert_int_equal(t.signal, 0);
    expect_read("a\003b\n");
    expect_shown("a^\b^Cb\r\n");
}

static void end_of_file_ends_a_read_without_a_byte(void **)
{
    type("\004");
    assert_true(ldisc_readable(&t.ld, 1));
    assert_int_equal(ldisc_readable_bytes(&t.ld), 0);
    expect_read("");
    assert_false(ldisc_readable(&t.ld, 1));
}

static void end_of_file_pushes_a_line_without_newline(void **)
{
    type("ab\004");
    expect_read("ab");
    assert_false(ldisc_readable(&t.ld, 1));
}

static void end_of_file_behind_a_full_buffer_belongs_to_that_read(void **)
{
    uint8_t two[2];
    bool over;
    type("ab\004cd\n");
    assert_int_equal(ldisc_read(&t.ld, two, 2, &over), 2);
    assert_true(over);
    expect_read("cd\n");
}

static void signals_are_sent_and_flush_the_line(void **)
{
    type("abc");
    type("\003");
    assert_int_equal(t.signal, SIG_INT);
    expect_shown("abc^C");
    type("\034");
    assert_int_equal(t.signal, SIG_QUIT);
    type("\032");
    assert_int_equal(t.signal, SIG_TSTP);
    type("d\n");
    expect_read("d\n");
}

static void noflsh_keeps_the_line(void **)
{
    change(NOFLSH, 0);
    type("abc\003d\n");
    assert_int_equal(t.signal, SIG_INT);
    expect_read("abcd\n");
}

static void without_isig_an_interrupt_is_a_character(void **)
{
    change(0, ISIG);
    type("\003\n");
    assert_int_equal(t.signal, 0);
    expect_read("\003\n");
}

static void carriage_returns_are_mapped_as_told(void **)
{
    change(0, ICANON | ECHO);
    type("\r");
    expect_read("\n");
    change_input(IGNCR, 0);
    type("a\rb");
    expect_read("ab");
    change_input(INLCR, IGNCR | ICRNL);
    type("\n");
    expect_read("\r");
}

static void istrip_clears_the_eighth_bit(void **)
{
    change_input(ISTRIP, 0);
    type("\xe1\n");
    expect_read("a\n");
}

static void parmrk_doubles_byte_255(void **)
{
    change(0, ICANON | ECHO);
    change_input(PARMRK, 0);
    type("\xff");
    expect_read("\xff\xff");
}

static void stop_and_start_hold_output(void **)
{
    type("\023");
    assert_true(t.ld.stopped);
    assert_int_equal(ldisc_write(&t.ld, (const uint8_t *)"x", 1), 0);
    type("\021");
    assert_int_equal(ldisc_write(&t.ld, (const uint8_t *)"x", 1), 1);
    expect_shown("x");
    assert_true(t.status & TIOCPKT_STOP && t.status & TIOCPKT_START);
}

static void ixany_starts_with_any_key(void **)
{
    change_input(IXANY, 0);
    type("\023a");
    assert_false(t.ld.stopped);
}

static void a_stop_by_call_is_not_undone_by_a_key(void **)
{
    ldisc_stop(&t.ld, true);
    type("\021");
    assert_true(t.ld.stopped);
    ldisc_start(&t.ld, true);
    assert_false(t.ld.stopped);
}

static void output_gets_carriage_returns(void **)
{
    assert_int_equal(ldisc_write(&t.ld, (const uint8_t *)"a\nb", 3), 3);
    expect_shown("a\r\nb");
    change_output(0, ONLCR);
    assert_int_equal(ldisc_write(&t.ld, (const uint8_t *)"a\nb", 3), 3);
    expect_shown("a\nb");
}

static void xtabs_become_blanks(void **)
{
    change_output(XTABS, 0);
    assert_int_equal(ldisc_write(&t.ld, (const uint8_t *)"ab\tc", 4), 4);
    expect_shown("ab      c");
}

static void without_opost_output_is_untouched(void **)
{
    change_output(0, OPOST);
    assert_int_equal(ldisc_write(&t.ld, (const uint8_t *)"a\n\t", 3), 3);
    expect_shown("a\n\t");
}

static void a_write_takes_what_the_device_has_room_for(void **)
{
    t.room = 10;
    assert_int_equal(ldisc_write(&t.ld, (const uint8_t *)"0123456789abcdef", 16), 3);
    t.room = 0;
    assert_int_equal(ldisc_write(&t.ld, (const uint8_t *)"x", 1), 0);
}

static void echo_waits_for_the_device_and_goes_first(void **)
{
    t.room = 0;
    type("abc");
    expect_shown("");
    t.room = SIZE_MAX;
    assert_int_equal(ldisc_write(&t.ld, (const uint8_t *)"x", 1), 1);
    expect_shown("abcx");
}

static void without_canonical_mode_bytes_are_readable_at_once(void **)
{
    change(0, ICANON);
    type("a\177");
    assert_true(ldisc_readable(&t.ld, 2));
    assert_false(ldisc_readable(&t.ld, 3));
    expect_read("a\177");
}

static void leaving_canonical_mode_shows_the_unfinished_line(void **)
{
    type("abc");
    change(0, ICANON);
    expect_read("abc");
}

static void entering_canonical_mode_makes_a_line_of_what_is_there(void **)
{
    change(0, ICANON);
    type("abc");
    change(ICANON, 0);
    assert_true(ldisc_readable(&t.ld, 1));
    expect_read("abc");
    type("de\n");
    expect_read("de\n");
}

static void a_line_too_long_is_cut_and_can_be_ended(void **)
{
    static uint8_t buffer[LDISC_BUFFER + 1];
    bool over;
    change(0, ECHO);
    for (int i = 0; i < 5000; i++)
        type("a");
    type("\n");
    assert_int_equal(ldisc_read(&t.ld, buffer, sizeof buffer, &over), LDISC_BUFFER);
    assert_true(over);
    assert_int_equal(buffer[LDISC_BUFFER - 1], '\n');
    assert_int_equal(buffer[LDISC_BUFFER - 2], 'a');
}

static void unread_lines_make_the_device_wait(void **)
{
    static uint8_t lines[LDISC_BUFFER * 2];
    uint8_t buffer[100];
    bool over;
    change(0, ECHO);
    memset(lines, 'a', sizeof lines);
    for (size_t i = 9; i < sizeof lines; i += 10)
        lines[i] = '\n';
    size_t taken = ldisc_receive(&t.ld, lines, sizeof lines);
    assert_int_equal(taken, LDISC_BUFFER - 1);
    assert_int_equal(ldisc_read(&t.ld, buffer, sizeof buffer, &over), 10);
    assert_int_equal(ldisc_receive(&t.ld, lines + taken, sizeof lines - taken), 10);
}

static void ixoff_asks_the_device_to_be_quiet(void **)
{
    static uint8_t bytes[LDISC_BUFFER - 1], buffer[LDISC_BUFFER];
    bool over;
    change(0, ICANON | ECHO);
    change_input(IXOFF, 0);
    memset(bytes, 'a', sizeof bytes);
    ldisc_receive(&t.ld, bytes, sizeof bytes);
    expect_shown("\023");
    ldisc_read(&t.ld, buffer, sizeof buffer, &over);
    expect_shown("\021");
}

static void a_break_interrupts_or_reads_as_zero(void **)
{
    change(0, ICANON | ECHO);
    change_input(BRKINT, 0);
    ldisc_break(&t.ld);
    assert_int_equal(t.signal, SIG_INT);
    change_input(PARMRK, BRKINT);
    ldisc_break(&t.ld);
    assert_int_equal(ldisc_readable_bytes(&t.ld), 3);
}

static void flush_forgets_what_was_typed(void **)
{
    type("abc\nde");
    ldisc_flush_input(&t.ld);
    assert_false(ldisc_readable(&t.ld, 1));
    assert_true(t.status & TIOCPKT_FLUSHREAD);
    type("f\n");
    expect_read("f\n");
}

static void stop_characters_turned_off_are_told_to_the_master(void **)
{
    change_input(0, IXON);
    assert_true(t.status & TIOCPKT_NOSTOP);
    change_input(IXON, 0);
    assert_true(t.status & TIOCPKT_DOSTOP);
}

/* Random input, settings and reads: nothing may break the invariant or the sanitizers. */
static void random_use_keeps_it_sane(void **)
{
    srand(1);
    for (int round = 0; round < 200000; round++) {
        uint8_t bytes[64];
        bool over;
        size_t n = (size_t)rand() % sizeof bytes;
        for (size_t i = 0; i < n; i++)
            bytes[i] = (uint8_t)(rand() % 3 ? rand() % 32 : rand());
        switch (rand() % 8) {
        case 0: ldisc_read(&t.ld, bytes, n, &over); break;
        case 1: ldisc_write(&t.ld, bytes, n); break;
        case 2: {
            struct termios2 s = t.ld.termios;
            s.c_lflag = (tcflag_t)rand();
            s.c_iflag = (tcflag_t)rand();
            s.c_oflag = (tcflag_t)rand();
            if (rand() % 4 == 0)
                s.c_cc[rand() % NCCS] = (cc_t)rand();
            ldisc_set_termios(&t.ld, &s);
            break;
        }
        case 3: t.room = (size_t)rand() % 100; break;
        case 4: ldisc_start(&t.ld, true); break;
        default: ldisc_receive(&t.ld, bytes, n); break;
        }
        t.shown_bytes = 0;
        assert_true(ldisc_is_sane(&t.ld));
    }
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_line_is_readable_when_it_ends),
        TEST(a_read_stops_at_the_end_of_a_line),
        TEST(a_small_read_leaves_the_rest_of_the_line),
        TEST(erase_takes_a_character_back),
        TEST(erase_stops_at_the_beginning_of_the_line),
        TEST(erase_takes_a_whole_utf8_character),
        TEST(erase_of_a_control_character_rubs_out_two_columns),
        TEST(erase_of_a_tab_goes_back_to_where_it_began),
        TEST(erase_of_a_tab_counts_the_prompt),
        TEST(word_erase_takes_blanks_and_a_word),
        TEST(kill_takes_the_line),
        TEST(kill_without_echoke_shows_itself),
        TEST(echoprt_shows_what_was_erased),
        TEST(reprint_shows_the_line_again),
        TEST(literal_next_takes_away_the_meaning),
        TEST(end_of_file_ends_a_read_without_a_byte),
        TEST(end_of_file_pushes_a_line_without_newline),
        TEST(end_of_file_behind_a_full_buffer_belongs_to_that_read),
        TEST(signals_are_sent_and_flush_the_line),
        TEST(noflsh_keeps_the_line),
        TEST(without_isig_an_interrupt_is_a_character),
        TEST(carriage_returns_are_mapped_as_told),
        TEST(istrip_clears_the_eighth_bit),
        TEST(parmrk_doubles_byte_255),
        TEST(stop_and_start_hold_output),
        TEST(ixany_starts_with_any_key),
        TEST(a_stop_by_call_is_not_undone_by_a_key),
        TEST(output_gets_carriage_returns),
        TEST(xtabs_become_blanks),
        TEST(without_opost_output_is_untouched),
        TEST(a_write_takes_what_the_device_has_room_for),
        TEST(echo_waits_for_the_device_and_goes_first),
        TEST(without_canonical_mode_bytes_are_readable_at_once),
        TEST(leaving_canonical_mode_shows_the_unfinished_line),
        TEST(entering_canonical_mode_makes_a_line_of_what_is_there),
        TEST(a_line_too_long_is_cut_and_can_be_ended),
        TEST(unread_lines_make_the_device_wait),
        TEST(ixoff_asks_the_device_to_be_quiet),
        TEST(a_break_interrupts_or_reads_as_zero),
        TEST(flush_forgets_what_was_typed),
        TEST(stop_characters_turned_off_are_told_to_the_master),
        TEST(random_use_keeps_it_sane),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
