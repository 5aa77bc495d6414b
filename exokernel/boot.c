/* SPDX-License-Identifier: BSD-2-Clause */
/* boot.c - what the loader told, in one form. */
#include "boot.h"
#include "mem.h"

static char cmdline_copy[BOOT_CMDLINE_BYTES];

void boot_add_ram(struct boot_facts *facts, uint64_t base, uint64_t bytes)
{
    uint64_t end = (base + bytes) & ~(EXO_FRAME_BYTES - 1);
    base = (base + EXO_FRAME_BYTES - 1) & ~(EXO_FRAME_BYTES - 1);
    if (end <= base || facts->ram_count == BOOT_MAX_RAM)
        return;
    uint32_t at = facts->ram_count;
    while (at > 0 && facts->ram[at - 1].base > base) {
        facts->ram[at] = facts->ram[at - 1];
        at--;
    }
    facts->ram[at] = (struct boot_ram){base, end - base};
    facts->ram_count++;
}

void boot_set_cmdline(struct boot_facts *facts, const char *cmdline)
{
    uint32_t n = 0;
    while (cmdline && cmdline[n] && n < BOOT_CMDLINE_BYTES - 1) {
        cmdline_copy[n] = cmdline[n];
        n++;
    }
    cmdline_copy[n] = 0;
    facts->cmdline = cmdline_copy;
}

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

void boot_set_screen(struct boot_facts *facts, uint64_t base, const struct exo_device *screen)
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

const char *boot_option(const char *cmdline, const char *key, uint32_t *length)
{
    size_t key_length = mem_string_length(key);
    for (const char *word = cmdline; *word;) {
        const char *end = word;
        while (*end && *end != ' ')
            end++;
        if ((size_t)(end - word) > key_length && word[key_length] == '=' &&
            mem_compare(word, key, key_length) == 0) {
            *length = (uint32_t)(end - word - key_length - 1);
            return word + key_length + 1;
        }
        word = *end ? end + 1 : end;
    }
    *length = 0;
    return nullptr;
}
