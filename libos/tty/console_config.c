/* SPDX-License-Identifier: BSD-2-Clause */
/* console_config.c - the console's words on the command line. */
#include "tty/console.h"

#include "base/string.h"

static bool is_word(const char *word, size_t n, const char *expected);
static bool size_parse(const char *text, size_t n, uint16_t *columns, uint16_t *rows);
static bool kind_parse(struct console_config *config, const char *text, size_t n);

bool console_config_word(struct console_config *config, const char *word, size_t n)
{
    static const char *const ends[] = {"stdin=", "stdout=", "stderr="};
    if (n > 8 && memcmp(word, "console=", 8) == 0)
        return kind_parse(config, word + 8, n - 8);
    if (n > 7 && n - 7 < sizeof config->keymap && memcmp(word, "keymap=", 7) == 0) {
        memset(config->keymap, 0, sizeof config->keymap);
        memcpy(config->keymap, word + 7, n - 7);
        return true;
    }
    if (n > 8 && memcmp(word, "winsize=", 8) == 0)
        return size_parse(word + 8, n - 8, &config->columns, &config->rows);
    for (int i = 0; i < 3; i++) {
        size_t length = strlen(ends[i]);
        if (n <= length || memcmp(word, ends[i], length) != 0)
            continue;
        config->is_told[i] = true;
        config->is_tty[i] = is_word(word + length, n - length, "tty");
        return config->is_tty[i] || is_word(word + length, n - length, "pipe");
    }
    return false;
}

static bool is_word(const char *word, size_t n, const char *expected)
{
    return n == strlen(expected) && memcmp(word, expected, n) == 0;
}

static bool kind_parse(struct console_config *config, const char *text, size_t n)
{
    if (is_word(text, n, "escaped"))
        config->escaped = true;
    else if (is_word(text, n, "framed"))
        config->escaped = config->framed = true;
    else if (is_word(text, n, "serial"))
        config->kind = CONSOLE_SERIAL;
    else if (is_word(text, n, "screen"))
        config->kind = CONSOLE_SCREEN;
    else
        return false;
    return true;
}

/* COLSxROWS */
static bool size_parse(const char *text, size_t n, uint16_t *columns, uint16_t *rows)
{
    unsigned number[2] = {0, 0};
    unsigned which = 0;
    for (size_t i = 0; i < n; i++) {
        if (text[i] == 'x' && which == 0 && i > 0)
            which = 1;
        else if (text[i] >= '0' && text[i] <= '9' && number[which] <= 6553)
            number[which] = number[which] * 10 + (unsigned)(text[i] - '0');
        else
            return false;
    }
    if (which == 0 || number[0] > UINT16_MAX || number[1] > UINT16_MAX)
        return false;
    *columns = (uint16_t)number[0];
    *rows = (uint16_t)number[1];
    return true;
}
