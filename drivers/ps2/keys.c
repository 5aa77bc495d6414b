/* SPDX-License-Identifier: BSD-2-Clause */
/* keys.c - from scan codes to bytes (IBM PC AT Technical Reference, "Keyboard"; scan code set 1).
 *
 * A byte is a key's number, with bit 7 set when it is released.  0xe0 stands before the keys that
 * later keyboards added, 0xe1 before the pause key's two more bytes, twice.
 */
#include "drivers/ps2/keys.h"

#include "base/string.h"

constexpr uint8_t RELEASED = 0x80;
constexpr uint8_t EXTENDED = 0xe0, PAUSE = 0xe1;

/* Bits of keys.held. */
constexpr uint8_t SHIFT_LEFT = 1 << 0, SHIFT_RIGHT = 1 << 1, SHIFT = SHIFT_LEFT | SHIFT_RIGHT;
constexpr uint8_t CTRL_LEFT = 1 << 2, CTRL_RIGHT = 1 << 3, CTRL = CTRL_LEFT | CTRL_RIGHT;
constexpr uint8_t ALT = 1 << 4, ALTGR = 1 << 5;

enum {
    KEY_BACKSPACE = 0x0e,
    KEY_TAB = 0x0f,
    KEY_ENTER = 0x1c,
    KEY_CTRL = 0x1d,
    KEY_SHIFT_LEFT = 0x2a,
    KEY_SHIFT_RIGHT = 0x36,
    KEY_PAD_STAR = 0x37,
    KEY_ALT = 0x38,
    KEY_SPACE = 0x39,
    KEY_CAPS_LOCK = 0x3a,
    KEY_F1 = 0x3b,
    KEY_NUM_LOCK = 0x45,
    KEY_SCROLL_LOCK = 0x46,
    KEY_PAD_7 = 0x47,
    KEY_PAD_MINUS = 0x4a,
    KEY_PAD_PLUS = 0x4e,
    KEY_DELETE = 0x53,
    KEY_F11 = 0x57,
    KEY_F12 = 0x58,
    KEY_SLASH = 0x35,
};

struct text {
    char *bytes;
    size_t n;
};

static void put(struct text *text, const char *bytes)
{
    for (; *bytes && text->n < KEYS_TEXT_BYTES; bytes++)
        text->bytes[text->n++] = *bytes;
}

static void put_byte(struct text *text, uint8_t byte)
{
    if (text->n < KEYS_TEXT_BYTES)
        text->bytes[text->n++] = (char)byte;
}

static void put_code(struct text *text, uint16_t code)
{
    if (code < 0x80) {
        put_byte(text, (uint8_t)code);
    } else if (code < 0x800) {
        put_byte(text, (uint8_t)(0xc0 | code >> 6));
        put_byte(text, (uint8_t)(0x80 | (code & 0x3f)));
    } else {
        put_byte(text, (uint8_t)(0xe0 | code >> 12));
        put_byte(text, (uint8_t)(0x80 | (code >> 6 & 0x3f)));
        put_byte(text, (uint8_t)(0x80 | (code & 0x3f)));
    }
}

void keys_init(struct keys *keys, const struct keymap *map)
{
    *keys = (struct keys){.map = map};
}

/* Where KEY stands in a keymap's strings, or -1. */
static int map_place(uint8_t key)
{
    if (key == 0x29)
        return 0;
    if (key >= 0x02 && key <= 0x0d)
        return 1 + key - 0x02;
    if (key >= 0x10 && key <= 0x1b)
        return 13 + key - 0x10;
    if (key >= 0x1e && key <= 0x28)
        return 25 + key - 0x1e;
    if (key == 0x2b)
        return 36;
    if (key == 0x56)
        return 37;
    return key >= 0x2c && key <= 0x35 ? 38 + key - 0x2c : -1;
}

/* A letter, whose other case the shift key gives. */
static bool is_letter(uint16_t plain, uint16_t shift)
{
    bool is_latin = (plain >= 'a' && plain <= 'z') || (plain >= 0xe0 && plain <= 0xfe);
    return is_latin && shift == plain - 0x20;
}

/* What control makes of a character, or -1: as the VT220's manual has it. */
static int control_of(uint16_t code)
{
    if ((code >= 'a' && code <= 'z') || (code >= '@' && code <= '_'))
        return code & 0x1f;
    switch (code) {
    case ' ':
    case '2': return 0;
    case '3':
    case '4':
    case '5':
    case '6':
    case '7': return code - '3' + 0x1b;
    case '8':
    case '?': return 0x7f;
    case '/':
    case '-': return 0x1f;
    default: return -1;
    }
}

static void type(const struct keys *keys, uint16_t code, bool has_level, struct text *text)
{
    if (keys->held & CTRL) {
        int control = control_of(code);
        if (control < 0)
            return;
        code = (uint16_t)control;
    }
    /* The right alt key is a second one where the keymap has no third level. */
    if (keys->held & ALT || (keys->held & ALTGR && !has_level))
        put(text, "\033");
    put_code(text, code);
}

static void type_mapped(const struct keys *keys, unsigned place, struct text *text)
{
    const struct keymap *map = keys->map;
    uint16_t plain = map->plain[place], shift = map->shift[place];
    bool has_level = keys->held & ALTGR && map->altgr[0];
    bool upper = keys->held & SHIFT;
    if (keys->locks & KEYS_CAPS_LOCK && is_letter(plain, shift))
        upper = !upper;
    uint16_t code = has_level ? map->altgr[place] : upper ? shift : plain;
    if (code != ' ')
        type(keys, code, has_level, text);
}

/* Final byte or number of the sequence that a key of the pad beside the letters sends. */
static void type_cursor(uint8_t key, unsigned modes, struct text *text)
{
    static const char *const sequence[] = {
        [0x47 - KEY_PAD_7] = "\033[1~", [0x48 - KEY_PAD_7] = "A",
        [0x49 - KEY_PAD_7] = "\033[5~", [0x4b - KEY_PAD_7] = "D",
        [0x4c - KEY_PAD_7] = "\033[G",  [0x4d - KEY_PAD_7] = "C",
        [0x4f - KEY_PAD_7] = "\033[4~", [0x50 - KEY_PAD_7] = "B",
        [0x51 - KEY_PAD_7] = "\033[6~", [0x52 - KEY_PAD_7] = "\033[2~",
        [0x53 - KEY_PAD_7] = "\033[3~",
    };
    const char *one = sequence[key - KEY_PAD_7];
    if (!one)
        return;
    if (one[0] != '\033')
        put(text, modes & KEYS_CURSOR_APPLICATION ? "\033O" : "\033[");
    put(text, one);
}

/* The number pad: digits if num lock is on, application sequences if the program wants them, else
 * what stands below the digits. */
static void type_pad(const struct keys *keys, uint8_t key, unsigned modes, struct text *text)
{
    static const char digits[] = "789-456+1230.";
    static const char application[] = "wxySt"
                                      "uvlqrspn";
    bool is_sign = key == KEY_PAD_MINUS || key == KEY_PAD_PLUS;
    if (modes & KEYS_PAD_APPLICATION && !(keys->held & SHIFT)) {
        put(text, "\033O");
        put_byte(text, (uint8_t)application[key - KEY_PAD_7]);
    } else if (is_sign || keys->locks & KEYS_NUM_LOCK) {
        type(keys, (uint16_t)digits[key - KEY_PAD_7], false, text);
    } else {
        type_cursor(key, modes, text);
    }
}

static void type_function(unsigned number, struct text *text)
{
    static const char *const sequence[] = {
        "\033[[A",  "\033[[B",  "\033[[C",  "\033[[D",  "\033[[E",  "\033[17~",
        "\033[18~", "\033[19~", "\033[20~", "\033[21~", "\033[23~", "\033[24~",
    };
    put(text, sequence[number - 1]);
}

static void type_key(const struct keys *keys, uint8_t key, unsigned modes, struct text *text)
{
    int place = map_place(key);
    const char *meta = keys->held & ALT ? "\033" : "";
    if (place >= 0) {
        type_mapped(keys, (unsigned)place, text);
    } else if (key >= KEY_PAD_7 && key <= KEY_DELETE) {
        type_pad(keys, key, modes, text);
    } else if (key >= KEY_F1 && key < KEY_F1 + 10) {
        type_function(key - KEY_F1 + 1u, text);
    } else if (key == KEY_F11 || key == KEY_F12) {
        type_function(key == KEY_F11 ? 11 : 12, text);
    } else if (key == KEY_SPACE) {
        type(keys, ' ', false, text);
    } else if (key == KEY_PAD_STAR) {
        type(keys, '*', false, text);
    } else if (key == KEY_BACKSPACE) {
        put(text, meta);
        put_byte(text, keys->held & CTRL ? '\b' : 0x7f);
    } else if (key == KEY_TAB) {
        put(text, keys->held & SHIFT ? "\033\t" : meta);
        if (!(keys->held & SHIFT))
            put(text, "\t");
    } else if (key == KEY_ENTER) {
        put(text, meta);
        put(text, "\r");
    } else if (key == 0x01) {
        put(text, meta);
        put(text, "\033");
    }
}

/* The keys that 0xe0 marks: those beside the letters, and the number pad's enter and slash. */
static void type_extended(const struct keys *keys, uint8_t key, unsigned modes, struct text *text)
{
    if (key >= KEY_PAD_7 && key <= KEY_DELETE && key != KEY_PAD_MINUS && key != KEY_PAD_PLUS)
        type_cursor(key, modes, text);
    else if (key == KEY_ENTER)
        type_key(keys, key, modes, text);
    else if (key == KEY_SLASH)
        type(keys, '/', false, text);
}

static uint8_t modifier_of(uint8_t key, bool extended)
{
    switch (key) {
    case KEY_SHIFT_LEFT: return extended ? 0 : SHIFT_LEFT; /* 0xe0 0x2a is no key */
    case KEY_SHIFT_RIGHT: return extended ? 0 : SHIFT_RIGHT;
    case KEY_CTRL: return extended ? CTRL_RIGHT : CTRL_LEFT;
    case KEY_ALT: return extended ? ALTGR : ALT;
    default: return 0;
    }
}

static uint8_t lock_of(uint8_t key)
{
    return key == KEY_CAPS_LOCK     ? KEYS_CAPS_LOCK
           : key == KEY_NUM_LOCK    ? KEYS_NUM_LOCK
           : key == KEY_SCROLL_LOCK ? KEYS_SCROLL_LOCK
                                    : 0;
}

/* A modifier or a lock has changed. */
static enum keys_result state_change(struct keys *keys, uint8_t modifier, uint8_t lock, bool down)
{
    if (down) {
        keys->held |= modifier;
        bool is_new = lock & ~keys->locks_held;
        keys->locks_held |= lock;
        if (is_new)
            keys->locks ^= lock;
        return is_new ? KEYS_LOCKS : KEYS_NONE;
    }
    keys->held &= (uint8_t)~modifier;
    keys->locks_held &= (uint8_t)~lock;
    return KEYS_NONE;
}

enum keys_result keys_scan(struct keys *keys, uint8_t byte, unsigned modes,
                           char bytes[KEYS_TEXT_BYTES], size_t *n)
{
    *n = 0;
    if (keys->skip > 0) {
        keys->skip--;
        return KEYS_NONE;
    }
    if (byte == EXTENDED || byte == PAUSE) {
        keys->extended = byte == EXTENDED;
        keys->skip = byte == PAUSE ? 2 : 0;
        return KEYS_NONE;
    }
    bool extended = keys->extended, down = !(byte & RELEASED);
    uint8_t key = byte & 0x7f;
    keys->extended = false;
    uint8_t modifier = modifier_of(key, extended), lock = extended ? 0 : lock_of(key);
    if (modifier || lock)
        return state_change(keys, modifier, lock, down);
    if (!down)
        return KEYS_NONE;
    if (key == KEY_DELETE && keys->held & CTRL && keys->held & (ALT | ALTGR))
        return KEYS_REBOOT;
    struct text text = {.bytes = bytes};
    if (extended)
        type_extended(keys, key, modes, &text);
    else
        type_key(keys, key, modes, &text);
    *n = text.n;
    return text.n > 0 ? KEYS_TYPED : KEYS_NONE;
}
