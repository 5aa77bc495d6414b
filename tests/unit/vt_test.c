/* SPDX-License-Identifier: BSD-2-Clause */
/* vt_test.c - the screen of the terminal: what programs send with TERM=linux, and nonsense.
 * Links: vt.o, vt_csi.o, vt_modes.o, vt_parse.o, vt_sgr.o, vt_width.o. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/screen/vt.h"

constexpr uint16_t COLUMNS = 20, ROWS = 6;

static struct vt vt;
static struct vt_cell cells[2 * COLUMNS * ROWS];
static char replied[64];
static unsigned bells;

static void reply(void *, const char *bytes, size_t n)
{
    assert_true(strlen(replied) + n < sizeof replied);
    strncat(replied, bytes, n);
}

static void bell(void *)
{
    bells++;
}

static int setup(void **)
{
    vt_init(&vt, COLUMNS, ROWS, cells);
    vt.reply = reply;
    vt.bell = bell;
    replied[0] = 0;
    bells = 0;
    return 0;
}

static void put(const char *text)
{
    vt_write(&vt, (const uint8_t *)text, strlen(text));
}

/* Row Y without the blanks at its end; what is not ASCII as <hex>. */
static const char *row(uint16_t y)
{
    static char text[COLUMNS * 8 + 1];
    const struct vt_cell *cell = vt_row(&vt, y);
    size_t n = 0, end = 0;
    for (unsigned x = 0; x < COLUMNS; x++) {
        if (cell[x].ch >= 0x20 && cell[x].ch < 0x7f)
            text[n++] = (char)cell[x].ch;
        else
            n += (size_t)snprintf(text + n, 8, "<%x>", cell[x].ch);
        if (cell[x].ch != ' ')
            end = n;
    }
    text[end] = 0;
    return text;
}

#define ROW(y, text) assert_string_equal(row(y), text)
#define AT(column, line)                                                                           \
    do {                                                                                           \
        assert_int_equal(vt.x, column);                                                            \
        assert_int_equal(vt.y, line);                                                              \
    } while (0)

static uint8_t colours(unsigned x, uint16_t y)
{
    return vt_row(&vt, y)[x].colours;
}

/* ------------------------------------------------------------------ text */

static void text_wraps_after_the_last_column(void **)
{
    put("abcdefghijklmnopqrst");
    AT(19, 0);
    put("\b\bX"); /* still on the first line */
    AT(18, 0);
    put("\033[1;20HYZ");
    ROW(0, "abcdefghijklmnopqXsY");
    ROW(1, "Z");
    put("\033[?7l\033[3;19H12345");
    ROW(2, "                  15");
    AT(19, 2);
}

static void lines_scroll_at_the_bottom(void **)
{
    for (int i = 0; i < 8; i++) {
        char line[16];
        snprintf(line, sizeof line, "line %d%s", i, i < 7 ? "\r\n" : "");
        put(line);
    }
    ROW(0, "line 2");
    ROW(5, "line 7");
    AT(6, 5);
    put("\033[1;1H\033M");
    ROW(0, "");
    ROW(1, "line 2");
    ROW(5, "line 6");
}

static void controls_move_the_cursor(void **)
{
    put("ab\tc\rd\n\be\a");
    ROW(0, "db      c");
    ROW(1, "e");
    assert_int_equal(bells, 1);
    put("\033[20h\nx");
    ROW(2, "x");
}

static void utf8_is_decoded(void **)
{
    put("a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"
        "b");
    /* The last one is two columns wide and beyond what a cell can hold. */
    ROW(0, "a<e4><20ac><fffd><0>b");
    put("\r\ne\xcc\x81x"); /* a combining accent takes no column */
    ROW(1, "ex");
    put("\033[3;20H\xe4\xb8\xad"); /* a wide one does not fit at the end */
    ROW(2, "");
    ROW(3, "<4e2d><0>");
}

static void utf8_comes_in_parts(void **)
{
    static const char text[] = "\xe2\x94\x80\xf0\x90\x80\x80\xc3\xb6";
    for (size_t i = 0; i < sizeof text - 1; i++)
        vt_write(&vt, (const uint8_t *)text + i, 1);
    ROW(0, "<2500><fffd><f6>");
}

static void what_is_no_utf8_is_replaced(void **)
{
    put("\x80\xffz\xc3(\xe2\x82 \xc0\xaf\xed\xa0\x80.");
    ROW(0, "<fffd><fffd>z<fffd>(<fffd> <fffd><fffd><fffd>.");
    put("\r\n\xe2\x82\033[31mr\xf4\x90\x80\x80!");
    ROW(1, "<fffd>r<fffd>!");
    assert_int_equal(colours(1, 1), 1);
}

static void line_drawing_is_g0_or_g1(void **)
{
    put("\033(0lqkx\033(Blq");
    ROW(0, "<250c><2500><2510><2502>lq");
    put("\r\n\033)0q\016q\017q");
    ROW(1, "q<2500>q");
}

/* ------------------------------------------------------------------ sequences */

static void the_cursor_is_placed(void **)
{
    put("\033[3;5H");
    AT(4, 2);
    put("\033[A\033[2C\033[B\033[3D");
    AT(3, 2);
    put("\033[99;99H");
    AT(19, 5);
    put("\033[0;0H");
    AT(0, 0);
    put("\033[5d\033[7G");
    AT(6, 4);
    put("\033[2F");
    AT(0, 2);
    put("\033[E\033[4`\033[2a\033[e");
    AT(5, 4);
    put("\033[9999999999999;99999999999H\033[99999A\033[99999D");
    AT(0, 0);
}

static void parts_are_erased(void **)
{
    for (int y = 1; y <= ROWS; y++) {
        put("\033[");
        char at[8];
        snprintf(at, sizeof at, "%dH", y);
        put(at);
        put("abcdefghij");
    }
    put("\033[2;4H\033[K");
    ROW(1, "abc");
    put("\033[3;4H\033[1K");
    ROW(2, "    efghij");
    put("\033[3;7H\033[2X");
    ROW(2, "    ef  ij");
    put("\033[4;3H\033[J");
    ROW(3, "ab");
    ROW(4, "");
    put("\033[2;2H\033[1J");
    ROW(0, "");
    ROW(1, "  c");
    put("\033[2J");
    ROW(2, "");
    AT(1, 1);
}

static void erased_cells_have_the_ground_of_the_pen(void **)
{
    put("\033[44m\033[K");
    assert_int_equal(colours(10, 0), 0x47);
    put("\033[0m\033[2;1H\033[41m\n\n\n\n\n\n\n");
    assert_int_equal(colours(3, 5), 0x17);
}

static void characters_and_lines_are_inserted_and_deleted(void **)
{
    put("abcdef\r\033[2Cx\033[3G\033[2@");
    ROW(0, "ab  xdef");
    put("\033[3P");
    ROW(0, "abdef");
    put("\033[4h\033[1GXY\033[4lZ");
    ROW(0, "XYZbdef");
    put("\033[2;1Htwo\033[3;1Hthree\033[2;1H\033[L");
    ROW(1, "");
    ROW(2, "two");
    ROW(3, "three");
    put("\033[2M");
    ROW(1, "three");
    put("\033[99P\033[99@\033[99L\033[99M");
    ROW(1, "");
    ROW(0, "XYZbdef");
}

static void a_region_scrolls_alone(void **)
{
    put("1\r\n2\r\n3\r\n4\r\n5\r\n6\033[2;4r");
    AT(0, 0);
    put("\033[4;1H\n");
    ROW(0, "1");
    ROW(1, "3");
    ROW(2, "4");
    ROW(3, "");
    ROW(4, "5");
    put("\033[2;1H\033M");
    ROW(1, "");
    ROW(2, "3");
    ROW(4, "5");
    put("\033[S");
    ROW(1, "3");
    put("\033[2T");
    ROW(3, "3");
    ROW(5, "6");
    put("\033[?6h");
    AT(0, 1);
    put("\033[99;1H");
    AT(0, 3);
    put("\033[6n");
    assert_string_equal(replied, "\033[3;1R");
    put("\033[?6l\033[r\033[6;1H\n");
    ROW(4, "6");
    put("\033[4;2r\033[9;99r"); /* no regions */
    assert_int_equal(vt.top, 0);
    assert_int_equal(vt.bottom, ROWS);
}

static void colours_are_sixteen(void **)
{
    put("\033[31;42mA\033[1mB\033[7mC\033[0mD\033[4mE");
    assert_int_equal(colours(0, 0), 0x21);
    assert_int_equal(colours(1, 0), 0x29);
    assert_int_equal(colours(2, 0), 0x1a);
    assert_int_equal(colours(3, 0), 0x07);
    assert_int_equal(vt_row(&vt, 0)[4].flags, VT_UNDERLINE);
    put("\r\n\033[m\033[95mA\033[105mB\033[39;49mC\033[38;5;196mD\033[48;2;0;0;255mE\033[38;5;8;"
        "1mF");
    assert_int_equal(colours(0, 1), 0x0d);
    assert_int_equal(colours(1, 1), 0xdd);
    assert_int_equal(colours(2, 1), 0x07);
    assert_int_equal(colours(3, 1), 0x09);
    assert_int_equal(colours(4, 1), 0xc9);
    assert_int_equal(colours(5, 1), 0xc8);
    put("\r\n\033[0;38;5mG\033[38;2;1mH\033[38mI\033[38;5;999mJ\033[;;mK");
    for (int x = 0; x < 5; x++)
        assert_int_equal(colours((unsigned)x, 2), 0x07);
}

static void tabs_are_set_and_cleared(void **)
{
    put("\033[4G\033H\r\ta");
    ROW(0, "   a");
    put("\r\033[2Ib");
    ROW(0, "   a    b");
    put("\033[Zc");
    ROW(0, "   a    c");
    put("\033[3g\r\td");
    ROW(0, "   a    c          d");
}

static void the_place_is_saved_and_restored(void **)
{
    put("\033[3;4H\033[32m\0337\033[1;1H\033[0m\0338X");
    AT(4, 2);
    assert_int_equal(colours(3, 2), 0x02);
    put("\033[s\033[H\033[u");
    AT(4, 2);
}

static void the_other_screen_comes_and_goes(void **)
{
    put("main\033[?1049h");
    ROW(0, "");
    put("\033[Hother");
    ROW(0, "other");
    put("\033[?1049l");
    ROW(0, "main");
    AT(4, 0);
    put("\033[?47h");
    ROW(0, "other");
    put("\033[?47l");
    ROW(0, "main");
}

static void questions_are_answered(void **)
{
    put("\033[c\033[5n\033[2;3H\033[6n");
    assert_string_equal(replied, "\033[?6c\033[0n\033[2;3R");
    replied[0] = 0;
    put("\033[?0c\033[>c\033[?6n\033[7n\033[1c"); /* a cursor shape, and what Linux knows not */
    assert_string_equal(replied, "");
}

static void modes_are_kept_for_the_keyboard(void **)
{
    put("\033[?1h\033=");
    assert_int_equal(vt.modes & (VT_CURSOR_KEYS | VT_KEYPAD_KEYS), VT_CURSOR_KEYS | VT_KEYPAD_KEYS);
    put("\033[?1l\033>\033[?25l");
    assert_int_equal(vt.modes & (VT_CURSOR_KEYS | VT_KEYPAD_KEYS | VT_CURSOR_SHOWN), 0);
    put("\033[?1;25h");
    assert_int_equal(vt.modes & (VT_CURSOR_KEYS | VT_CURSOR_SHOWN),
                     VT_CURSOR_KEYS | VT_CURSOR_SHOWN);
}

static void strings_are_skipped(void **)
{
    put("\033]0;title\aA\033]2;t\033\\B\033P1$r\033\\C\033_x\033\\D\033]P1ff0000E\033]RF\033[[AG");
    ROW(0, "ABCDEFG");
}

static void a_reset_empties_all(void **)
{
    put("x\033[?1049h\033[2;3r\033[31m\033(0\033[?7l\033[?25l\033cq");
    ROW(0, "q");
    AT(1, 0);
    assert_int_equal(colours(0, 0), 0x07);
    assert_int_equal(vt.bottom, ROWS);
    assert_int_equal(vt.modes, VT_WRAP | VT_CURSOR_SHOWN);
}

static void nonsense_ends_with_a_cancel(void **)
{
    put("\033[12;;;\030a\033[1$\032b\033[<1;?c\033[1!pd\033#8\033[H\033]0;\030e");
    ROW(0, "eEEEEEEEEEEEEEEEEEEE");
    put("\033[1;2;3;4;5;6;7;8;9;10;11;12;13;14;15;16;17;18;19;20;31mz");
    put("\033\033[31m\033[1mf");
    assert_int_equal(colours(2, 0), 0x09);
}

static void a_repeat_is_bounded(void **)
{
    put("-\033[9999b");
    ROW(0, "--------------------");
    ROW(5, "-");
}

/* What vi sends at its start and end, as busybox does. */
static void an_editor_draws(void **)
{
    put("\033[?1049h\033[H\033[J\033[1;1Hhello\r\n~\033[K\r\n~\033[K\033[6;1H- f 1/1 100%\033[K");
    ROW(0, "hello");
    ROW(2, "~");
    ROW(5, "- f 1/1 100%");
    put("\033[6;1H\033[K\033[?1049l");
    ROW(0, "");
}

static void rows_that_change_are_dirty(void **)
{
    memset(vt.dirty, 0, sizeof vt.dirty);
    put("\033[3;1Hx");
    assert_int_equal(vt.dirty[0], 1); /* the cursor was there */
    assert_int_equal(vt.dirty[2], 1);
    assert_int_equal(vt.dirty[4], 0);
    memset(vt.dirty, 0, sizeof vt.dirty);
    put("\033[2;5r");
    memset(vt.dirty, 0, sizeof vt.dirty);
    put("\033[S");
    for (int y = 1; y < 5; y++)
        assert_int_equal(vt.dirty[y], 1);
    assert_int_equal(vt.dirty[5], 0);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(text_wraps_after_the_last_column),
        TEST(lines_scroll_at_the_bottom),
        TEST(controls_move_the_cursor),
        TEST(utf8_is_decoded),
        TEST(utf8_comes_in_parts),
        TEST(what_is_no_utf8_is_replaced),
        TEST(line_drawing_is_g0_or_g1),
        TEST(the_cursor_is_placed),
        TEST(parts_are_erased),
        TEST(erased_cells_have_the_ground_of_the_pen),
        TEST(characters_and_lines_are_inserted_and_deleted),
        TEST(a_region_scrolls_alone),
        TEST(colours_are_sixteen),
        TEST(tabs_are_set_and_cleared),
        TEST(the_place_is_saved_and_restored),
        TEST(the_other_screen_comes_and_goes),
        TEST(questions_are_answered),
        TEST(modes_are_kept_for_the_keyboard),
        TEST(strings_are_skipped),
        TEST(a_reset_empties_all),
        TEST(nonsense_ends_with_a_cancel),
        TEST(a_repeat_is_bounded),
        TEST(an_editor_draws),
        TEST(rows_that_change_are_dirty),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
