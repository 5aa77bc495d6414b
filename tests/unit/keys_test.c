/* SPDX-License-Identifier: BSD-2-Clause */
/* keys_test.c - scan codes to bytes: keymaps, modifiers, keys beyond the letters, nonsense.
 * Links: keymap.o, keys.o. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "drivers/ps2/keys.h"

enum {
    ESC = 0x01,
    TWO = 0x03,
    SEVEN = 0x08,
    MINUS = 0x0c,
    Q = 0x10,
    E = 0x12,
    Y = 0x15,
    ENTER = 0x1c,
    CTRL = 0x1d,
    A = 0x1e,
    C = 0x2e,
    SEMICOLON = 0x27,
    SHIFT = 0x2a,
    Z = 0x2c,
    ALT = 0x38,
    SPACE = 0x39,
    CAPS = 0x3a,
    F1 = 0x3b,
    NUM = 0x45,
    EXTENDED = 0xe0,
    UP = 0x80,
};

static struct keys keys;
static unsigned modes;
static enum keys_result result;

static void begin(const char *map)
{
    const struct keymap *found = keymap_find(map, strlen(map));
    assert_non_null(found);
    keys_init(&keys, found);
    modes = 0;
}

static int setup(void **)
{
    begin("us");
    return 0;
}

/* What the bytes, up to a -1, type. */
static const char *typed(const int *bytes)
{
    static char all[128];
    size_t used = 0;
    for (; *bytes >= 0; bytes++) {
        char text[KEYS_TEXT_BYTES];
        size_t n;
        result = keys_scan(&keys, (uint8_t)*bytes, modes, text, &n);
        assert_true(n <= KEYS_TEXT_BYTES);
        assert_int_equal(n > 0, result == KEYS_TYPED);
        memcpy(all + used, text, n);
        used += n;
    }
    all[used] = 0;
    return all;
}

#define TYPED(want, ...) assert_string_equal(typed((const int[]){__VA_ARGS__, -1}), want)

static void keymaps_are_whole(void **)
{
    static const char *const names[] = {"us", "uk", "de", "fr"};
    for (unsigned i = 0; i < 4; i++) {
        const struct keymap *map = keymap_find(names[i], 2);
        for (unsigned k = 0; k < KEYMAP_KEYS; k++) {
            assert_true(map->plain[k] > ' ');
            assert_true(map->shift[k] > ' ');
            assert_int_equal(map->altgr[k] != 0, map->altgr[0] != 0);
        }
    }
    assert_null(keymap_find("xx", 2));
    assert_null(keymap_find("u", 1));
    assert_null(keymap_find("", 0));
}

static void letters_are_typed(void **)
{
    TYPED("qaz", Q, Q | UP, A, A | UP, Z, Z | UP);
    TYPED("aaa", A, A, A, A | UP); /* the keyboard repeats */
    TYPED("A@", SHIFT, A, TWO, SHIFT | UP);
    TYPED("a2 \r", A, TWO, SPACE, ENTER);
    TYPED("'", 0x28);
    TYPED("\\", 0x2b);
    TYPED("/?", 0x35, SHIFT, 0x35, SHIFT | UP);
}

static void caps_lock_is_for_letters(void **)
{
    TYPED("A2", CAPS, CAPS, CAPS | UP, A, TWO); /* its repeat does not switch back */
    assert_int_equal(keys.locks, KEYS_CAPS_LOCK);
    TYPED("a", SHIFT, A, SHIFT | UP);
    TYPED("a", CAPS, CAPS | UP, A);
    typed((const int[]){CAPS, -1});
    assert_int_equal(result, KEYS_LOCKS);
}

static void control_and_meta(void **)
{
    TYPED("\003", CTRL, C, CTRL | UP);
    TYPED("\003", EXTENDED, CTRL, C, EXTENDED, CTRL | UP);
    TYPED("\033a", ALT, A, ALT | UP);
    TYPED("\033\003", ALT, CTRL, C, CTRL | UP, ALT | UP);
    TYPED("\033A", ALT, SHIFT, A, SHIFT | UP, ALT | UP);
    TYPED("\037", CTRL, MINUS, CTRL | UP);
    TYPED("", CTRL, SEMICOLON, CTRL | UP);
    TYPED("\033a", EXTENDED, ALT, A, EXTENDED, ALT | UP); /* no third level in the US */
    TYPED("a", A);
}

static void editing_keys_send_linux_sequences(void **)
{
    TYPED("\033[A\033[B\033[C\033[D", EXTENDED, 0x48, EXTENDED, 0x50, EXTENDED, 0x4d, EXTENDED,
          0x4b);
    TYPED("\033[1~\033[4~\033[5~\033[6~\033[2~\033[3~", EXTENDED, 0x47, EXTENDED, 0x4f, EXTENDED,
          0x49, EXTENDED, 0x51, EXTENDED, 0x52, EXTENDED, 0x53);
    TYPED("\177\t\033", 0x0e, 0x0f, ESC);
    TYPED("\033\t", SHIFT, 0x0f, SHIFT | UP);
    modes = KEYS_CURSOR_APPLICATION;
    TYPED("\033OA\033[3~", EXTENDED, 0x48, EXTENDED, 0x53);
}

static void function_keys_send_linux_sequences(void **)
{
    TYPED("\033[[A\033[[B\033[[E\033[17~\033[21~\033[23~\033[24~", F1, F1 + 1, F1 + 4, F1 + 5,
          F1 + 9, 0x57, 0x58);
}

static void the_pad_has_digits_and_more(void **)
{
    TYPED("\033[1~\033[A-+\033[G", 0x47, 0x48, 0x4a, 0x4e, 0x4c);
    TYPED("78-+5.", NUM, NUM | UP, 0x47, 0x48, 0x4a, 0x4e, 0x4c, 0x53);
    TYPED("/\r*", EXTENDED, 0x35, EXTENDED, ENTER, 0x37);
    modes = KEYS_PAD_APPLICATION;
    TYPED("\033Ow\033Ox\033Ol", 0x47, 0x48, 0x4e);
}

static void the_german_keymap(void **)
{
    begin("de");
    TYPED("zy", Y, Z);
    TYPED("\303\266\303\226", SEMICOLON, SHIFT, SEMICOLON, SHIFT | UP);
    TYPED("\303\237?", MINUS, SHIFT, MINUS, SHIFT | UP);
    TYPED("@\342\202\254{", EXTENDED, ALT, Q, E, SEVEN, EXTENDED, ALT | UP);
    TYPED("\303\204", CAPS, CAPS | UP, 0x28); /* the letter beside it is capital too */
    TYPED("\003", CTRL, C, CTRL | UP);
    TYPED("", EXTENDED, ALT, A, EXTENDED, ALT | UP);
}

static void the_french_keymap(void **)
{
    begin("fr");
    TYPED("aq\303\2512", Q, A, TWO, SHIFT, TWO, SHIFT | UP);
    TYPED("~", EXTENDED, ALT, TWO, EXTENDED, ALT | UP);
}

static void control_alt_delete_restarts(void **)
{
    TYPED("", CTRL, ALT, EXTENDED, 0x53);
    assert_int_equal(result, KEYS_REBOOT);
    TYPED("\033[3~", ALT | UP, EXTENDED, 0x53);
}

static void what_is_no_key_is_ignored(void **)
{
    TYPED("a", 0xe1, 0x1d, 0x45, 0xe1, 0x9d, 0xc5, A);             /* pause */
    TYPED("a", EXTENDED, 0x2a, EXTENDED, 0x37, EXTENDED, 0xaa, A); /* print screen */
    TYPED("a", 0x00, 0xff, 0x7f, EXTENDED, EXTENDED, 0x5b, 0x54, 0x55, A);
    assert_int_equal(keys.held, 0);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(keymaps_are_whole),
        TEST(letters_are_typed),
        TEST(caps_lock_is_for_letters),
        TEST(control_and_meta),
        TEST(editing_keys_send_linux_sequences),
        TEST(function_keys_send_linux_sequences),
        TEST(the_pad_has_digits_and_more),
        TEST(the_german_keymap),
        TEST(the_french_keymap),
        TEST(control_alt_delete_restarts),
        TEST(what_is_no_key_is_ignored),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
