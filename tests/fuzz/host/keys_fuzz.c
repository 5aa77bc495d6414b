/* SPDX-License-Identifier: BSD-2-Clause */
/* keys_fuzz.c - any bytes from a keyboard, the terminal in any mode.
 *
 * Input: the keymap, then pairs of a byte and the terminal's modes.
 */
#include "drivers/ps2/keys.h"
#include "fuzz.h"

/* Once all keys are up again and the sequences are over, a letter is that letter. */
static void check_end(struct keys *keys)
{
    char text[KEYS_TEXT_BYTES];
    size_t n;
    keys_scan(keys, 0, 0, text, &n);
    keys_scan(keys, 0, 0, text, &n);
    keys_scan(keys, 0, 0, text, &n);
    for (unsigned key = 0x80; key < 0x100; key++) {
        if (key == 0xe0 || key == 0xe1)
            continue;
        keys_scan(keys, (uint8_t)key, 0, text, &n);
        MUST(n == 0);
        keys_scan(keys, 0xe0, 0, text, &n);
        keys_scan(keys, (uint8_t)key, 0, text, &n);
        MUST(n == 0);
    }
    MUST(keys->held == 0);
    MUST(keys_scan(keys, 0x2e, 0, text, &n) == KEYS_TYPED);
    MUST(n == 1 && text[0] == (keys->locks & KEYS_CAPS_LOCK ? 'C' : 'c'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const char *const names[] = {"us", "uk", "de", "fr"};
    struct bytes b = {data, n};
    struct keys keys;
    keys_init(&keys, keymap_find(names[bytes_u8(&b) % 4], 2));
    while (b.left > 0) {
        char text[KEYS_TEXT_BYTES];
        size_t typed;
        uint8_t byte = bytes_u8(&b);
        enum keys_result result = keys_scan(&keys, byte, bytes_u8(&b) & 3, text, &typed);
        MUST(typed <= KEYS_TEXT_BYTES);
        MUST((typed > 0) == (result == KEYS_TYPED));
    }
    check_end(&keys);
    return 0;
}
