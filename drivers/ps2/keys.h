/* SPDX-License-Identifier: BSD-2-Clause */
/* keys.h - from a PC keyboard's scan codes (set 1) to the bytes that a terminal gets.
 *
 * A pure module: no ports, no time.  Keys that type characters go through a keymap; the others send
 * the sequences of TERM=linux (terminfo's entry, console_codes(4)).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* The keys of a keymap, in the order of its strings: left of 1; 1 to =; Q to ]; A to '; \; the one
 * between left shift and Z; Z to /. */
constexpr unsigned KEYMAP_KEYS = 48;

struct keymap {
    const char *name;
    uint16_t plain[KEYMAP_KEYS], shift[KEYMAP_KEYS];
    uint16_t altgr[KEYMAP_KEYS]; /* all 0: there is no third level; blank: nothing */
};

/* NAME, of N bytes ("us", "uk", "de", "fr"); null: none is called so. */
const struct keymap *keymap_find(const char *name, size_t n);

/* Bits of the terminal's modes. */
constexpr unsigned KEYS_CURSOR_APPLICATION = 1 << 0;
constexpr unsigned KEYS_PAD_APPLICATION = 1 << 1;

/* Bits of keys.locks, as the keyboard's lamps have them. */
constexpr uint8_t KEYS_SCROLL_LOCK = 1 << 0, KEYS_NUM_LOCK = 1 << 1, KEYS_CAPS_LOCK = 1 << 2;

struct keys {
    const struct keymap *map;
    uint8_t held; /* modifiers, each side apart */
    uint8_t locks;
    uint8_t locks_held; /* those lock keys are down: their repeats change nothing */
    bool extended;      /* 0xe0 has come */
    uint8_t skip;       /* bytes of the pause key to come */
};

enum keys_result : uint8_t {
    KEYS_NONE,
    KEYS_TYPED,  /* see text */
    KEYS_LOCKS,  /* the lamps have to change */
    KEYS_REBOOT, /* control, alt and delete */
};

constexpr size_t KEYS_TEXT_BYTES = 8;

void keys_init(struct keys *keys, const struct keymap *map);

/* One byte from the keyboard, the terminal being in MODES.  KEYS_TYPED: *N bytes at TEXT. */
enum keys_result keys_scan(struct keys *keys, uint8_t byte, unsigned modes,
                           char text[KEYS_TEXT_BYTES], size_t *n);
