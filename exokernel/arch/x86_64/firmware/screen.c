/* SPDX-License-Identifier: BSD-2-Clause */
/* screen.c - the screen that the loader set up: Multiboot2's tag 8 (specification 2.0, 3.6.12). */
#include "firmware/screen.h"
#include "boot.h"

struct [[gnu::packed, gnu::aligned(4)]] screen_tag {
    uint32_t tag, bytes;
    uint64_t base;
    uint32_t pitch, width, height;
    uint8_t bits_per_pixel, type;
    uint16_t reserved;
    struct exo_colour red, green, blue; /* if SCREEN_RGB */
};
constexpr uint8_t SCREEN_RGB = 1, SCREEN_TEXT = 2;
constexpr uint32_t SCREEN_BYTES = 32; /* up to the colours */
constexpr uint32_t SCREEN_RGB_BYTES = 38;

static bool colour_fits(struct exo_colour colour, uint8_t pixel_bits)
{
    return colour.bits > 0 && colour.bits <= 16 && colour.shift + colour.bits <= pixel_bits;
}

static const char *screen_problem(uint64_t base, const struct exo_device *s)
{
    constexpr uint32_t SIDE_MAX = 1 << 15, PITCH_MAX = 1 << 18;
    constexpr uint64_t BASE_MAX = 1ull << 43; /* frame numbers have 32 bits */
    uint8_t bits = s->kind == EXO_DEVICE_TEXT ? 16 : s->bits_per_pixel;
    if (bits != 15 && bits != 16 && bits != 24 && bits != 32)
        return "its pixels have an unknown size";
    if (s->width == 0 || s->height == 0 || s->width > SIDE_MAX || s->height > SIDE_MAX ||
        s->pitch > PITCH_MAX || s->pitch < s->width * ((bits + 7u) / 8))
        return "its measures make no sense";
    if (base == 0 || base > BASE_MAX)
        return "its address makes no sense";
    if (s->kind == EXO_DEVICE_FRAMEBUFFER &&
        (!colour_fits(s->red, bits) || !colour_fits(s->green, bits) || !colour_fits(s->blue, bits)))
        return "its colours make no sense";
    return nullptr;
}

/* Take over the screen at BASE, described by SCREEN but for its frames, if that holds together. */
static void screen_set(struct boot_facts *facts, uint64_t base, const struct exo_device *screen)
{
    facts->screen = (struct exo_device){};
    facts->screen_problem = screen_problem(base, screen);
    if (facts->screen_problem)
        return;
    uint64_t bytes = (uint64_t)screen->pitch * screen->height;
    facts->screen = *screen;
    facts->screen.first = (exo_frame)(base >> EXO_FRAME_SHIFT);
    facts->screen.offset = base & (EXO_FRAME_BYTES - 1);
    facts->screen.count =
        (uint32_t)((facts->screen.offset + bytes + EXO_FRAME_BYTES - 1) >> EXO_FRAME_SHIFT);
}

void screen_read(const void *from, struct boot_facts *facts)
{
    const struct screen_tag *tag = from;
    bool is_text = tag->bytes >= SCREEN_BYTES && tag->type == SCREEN_TEXT;
    bool is_rgb = tag->bytes >= SCREEN_RGB_BYTES && tag->type == SCREEN_RGB;
    if (!is_text && !is_rgb) {
        facts->screen_problem = "its pixels are no RGB values (indexed colours?)";
        return;
    }
    struct exo_device screen = {.kind = is_text ? EXO_DEVICE_TEXT : EXO_DEVICE_FRAMEBUFFER,
                                .width = tag->width,
                                .height = tag->height,
                                .pitch = tag->pitch};
    if (is_rgb) {
        screen.bits_per_pixel = tag->bits_per_pixel;
        screen.red = tag->red;
        screen.green = tag->green;
        screen.blue = tag->blue;
    }
    screen_set(facts, tag->base, &screen);
}
