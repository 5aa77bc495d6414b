/* SPDX-License-Identifier: BSD-2-Clause */
/* options.c - the command line. */
#include "start/options.h"
#include "base/log.h"
#include "base/string.h"
#include "mm/heap.h"

struct options options = {.init = "/bin/sh", .cwd = "/", .mode = "full", .patch = true};

struct words {
    char **word;
    unsigned count, room;
};

static void words_add(struct words *words, char *word)
{
    if (words->count + 1 >= words->room) {
        words->room = words->room ? words->room * 2 : 32;
        words->word = heap_realloc(words->word, words->room * sizeof *words->word);
        if (!words->word)
            panic("no memory for the command line");
    }
    words->word[words->count++] = word;
    words->word[words->count] = nullptr;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The decoded value, in memory of its own. */
static char *decode(const char *text, size_t n)
{
    char *value = heap_alloc(n + 1), *to = value;
    if (!value)
        panic("no memory for the command line");
    for (size_t i = 0; i < n; i++) {
        int high = text[i] == '%' && i + 2 < n ? hex_digit(text[i + 1]) : -1;
        int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
        if (low >= 0) {
            *to++ = (char)(high << 4 | low);
            i += 2;
        } else {
            *to++ = text[i];
        }
    }
    *to = 0;
    return value;
}

static bool has_key(const char *word, size_t n, const char *key)
{
    size_t length = strlen(key);
    return n >= length && memcmp(word, key, length) == 0;
}

struct lists {
    struct words args, env, out;
};

static void word_parse(const char *word, size_t n, struct lists *lists)
{
    if (has_key(word, n, "init="))
        options.init = decode(word + 5, n - 5);
    else if (has_key(word, n, "arg="))
        words_add(&lists->args, decode(word + 4, n - 4));
    else if (has_key(word, n, "env="))
        words_add(&lists->env, decode(word + 4, n - 4));
    else if (has_key(word, n, "out="))
        words_add(&lists->out, decode(word + 4, n - 4));
    else if (has_key(word, n, "cwd="))
        options.cwd = decode(word + 4, n - 4);
    else if (has_key(word, n, "mode="))
        options.mode = decode(word + 5, n - 5);
    else if (n == 11 && has_key(word, n, "record=maps"))
        options.record = RECORD_MAPS;
    else if (n == 13 && has_key(word, n, "record=events"))
        options.record = RECORD_EVENTS;
    else if (n == 6 && has_key(word, n, "strace"))
        options.strace = true;
    else if (n == 8 && has_key(word, n, "no-patch"))
        options.patch = false;
    else if (n == 5 && has_key(word, n, "stats"))
        options.stats = true;
    else if (n == 7 && has_key(word, n, "verbose"))
        log_is_verbose = true;
    else if (!console_config_word(&options.console, word, n) && !has_key(word, n, "log=") &&
             !has_key(word, n, "trace="))
        log_warn("unknown word on the command line: %.*s", (int)n, word);
}

void options_parse(const char *cmdline, uint32_t n)
{
    struct lists lists = {};
    words_add(&lists.args, nullptr); /* argv[0] is known only at the end */
    for (uint32_t at = 0; at < n;) {
        uint32_t end = at;
        while (end < n && cmdline[end] != ' ')
            end++;
        if (end > at)
            word_parse(cmdline + at, end - at, &lists);
        at = end + 1;
    }
    if (lists.env.count == 0) {
        words_add(&lists.env, "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        words_add(&lists.env, "HOME=/root");
        words_add(&lists.env, "TERM=linux");
    }
    lists.args.word[0] = (char *)options.init;
    options.argv = lists.args.word;
    options.envp = lists.env.word;
    options.out = lists.out.word;
    options.out_count = lists.out.count;
}
