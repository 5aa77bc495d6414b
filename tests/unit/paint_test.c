/* SPDX-License-Identifier: BSD-2-Clause */
/* paint_test.c - cells as pixels of each size, and on a text screen; the font's glyphs.
 * Links: paint.o, font.o, font_data.o. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/screen/font.h"
#include "drivers/screen/paint.h"

constexpr uint32_t WIDTH = 40, HEIGHT = 48, GAP = 12;

static struct painter painter;
static uint8_t *memory;
static uint32_t pitch;

static struct exo_device device_of(uint8_t bits)
{
    struct exo_device device = {.kind = EXO_DEVICE_FRAMEBUFFER,
                                .width = WIDTH,
                                .height = HEIGHT,
                                .bits_per_pixel = bits,
                                .red = {16, 8},
                                .green = {8, 8},
                                .blue = {0, 8}};
    if (bits == 16) {
        device.red = (struct exo_colour){11, 5};
        device.green = (struct exo_colour){5, 6};
        device.blue = (struct exo_colour){0, 5};
    }
    device.pitch = pitch = WIDTH * bits / 8 + GAP;
    return device;
}

/* A block of just the screen's size, so that the sanitizer sees what goes beyond. */
static void begin(uint8_t bits)
{
    struct exo_device device = device_of(bits);
    free(memory);
    memory = malloc((size_t)pitch * (HEIGHT - 1) + WIDTH * bits / 8);
    memset(memory, 0xcc, (size_t)pitch * (HEIGHT - 1) + WIDTH * bits / 8);
    painter_init(&painter, memory, &device);
    painter_clear(&painter);
}

static uint32_t pixel(uint32_t x, uint32_t y)
{
    uint32_t value = 0;
    memcpy(&value, memory + (size_t)y * pitch + (size_t)x * painter.pixel_bytes,
           painter.pixel_bytes);
    return value;
}

static void a_cell_is_painted(uint8_t bits, uint32_t fg, uint32_t bg)
{
    begin(bits);
    assert_int_equal(painter_columns(&painter), 5);
    assert_int_equal(painter_rows(&painter), 3);
    const struct glyph *glyph = font_find('R');
    painter_cell(&painter, 4, 2, (struct vt_cell){.ch = 'R', .colours = 0x41});
    for (unsigned y = 0; y < FONT_HEIGHT; y++)
        for (unsigned x = 0; x < FONT_WIDTH; x++)
            assert_int_equal(pixel(32 + x, 32 + y), glyph->rows[y] & 0x80 >> x ? fg : bg);
    assert_int_equal(pixel(31, 40), 0);
    assert_int_equal(memory[(size_t)40 * pitch + WIDTH * painter.pixel_bytes], 0xcc); /* the gap */
}

static void pixels_of_each_size(void **)
{
    a_cell_is_painted(32, 0xaa0000, 0x0000aa);
    a_cell_is_painted(24, 0xaa0000, 0x0000aa);
    a_cell_is_painted(16, 0xa800, 0x0015);
}

static void the_cursor_is_the_other_way_round(void **)
{
    begin(32);
    painter_cell(&painter, 0, 0, (struct vt_cell){.ch = ' ', .colours = 0x07, .flags = VT_CURSOR});
    assert_int_equal(pixel(3, 3), 0xaaaaaa);
    /* Even on a cell whose two colours are the same. */
    painter_cell(&painter, 0, 0, (struct vt_cell){.ch = ' ', .colours = 0x22, .flags = VT_CURSOR});
    assert_int_not_equal(pixel(3, 3), 0x00aa00);
}

static void an_underline_is_a_row_of_pixels(void **)
{
    begin(32);
    painter_cell(&painter, 0, 0,
                 (struct vt_cell){.ch = ' ', .colours = 0x07, .flags = VT_UNDERLINE});
    for (unsigned x = 0; x < FONT_WIDTH; x++) {
        assert_int_equal(pixel(x, 14), 0xaaaaaa);
        assert_int_equal(pixel(x, 13), 0);
    }
}

static void a_text_screen_gets_the_pcs_characters(void **)
{
    static uint16_t text[25 * 80];
    struct exo_device device = {.kind = EXO_DEVICE_TEXT, .width = 80, .height = 25, .pitch = 160};
    painter_init(&painter, text, &device);
    assert_int_equal(painter_columns(&painter), 80);
    assert_int_equal(painter_rows(&painter), 25);
    painter_clear(&painter);
    painter_cell(&painter, 79, 24, (struct vt_cell){.ch = 'A', .colours = 0x41});
    assert_int_equal(text[25 * 80 - 1], 0x1441); /* red is 4 there, blue 1 */
    painter_cell(&painter, 0, 1, (struct vt_cell){.ch = 0x2500, .colours = 0x07});
    assert_int_equal(text[80], 0x07c4);
    painter_cell(&painter, 1, 1, (struct vt_cell){.ch = 0x4e2d, .colours = 0x0e});
    assert_int_equal(text[81], 0x0bfe);
}

static void the_font_has_what_programs_draw_with(void **)
{
    for (unsigned i = 1; i < font_count; i++)
        assert_true(font_glyphs[i - 1].code < font_glyphs[i].code);
    const struct glyph *none = font_find(VT_REPLACEMENT);
    assert_int_equal(none->code, VT_REPLACEMENT);
    static const uint16_t ranges[][2] = {{0x20, 0x7e}, {0xa0, 0xff}, {0x2500, 0x259f}};
    for (unsigned r = 0; r < 3; r++)
        for (uint16_t code = ranges[r][0]; code <= ranges[r][1]; code++)
            assert_int_equal(font_find(code)->code, code);
    assert_ptr_equal(font_find(0x4e2d), none);
    assert_int_equal(font_find(0)->code, ' ');
    assert_int_equal(font_find(0x2588)->rows[15], 0xff);
    assert_int_equal(font_find(0x2584)->rows[7], 0);
    assert_int_equal(font_find(0x2584)->rows[8], 0xff);
    assert_int_equal(font_find(0x258c)->rows[0], 0xf0);
    assert_int_equal(font_find(0x259a)->rows[0], 0xf0);
    assert_int_equal(font_find(0x259a)->rows[15], 0x0f);
}

static int teardown(void **)
{
    free(memory);
    memory = nullptr;
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pixels_of_each_size),
        cmocka_unit_test(the_cursor_is_the_other_way_round),
        cmocka_unit_test(an_underline_is_a_row_of_pixels),
        cmocka_unit_test(a_text_screen_gets_the_pcs_characters),
        cmocka_unit_test(the_font_has_what_programs_draw_with),
    };
    return cmocka_run_group_tests(tests, nullptr, teardown);
}
