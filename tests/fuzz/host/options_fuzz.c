/* SPDX-License-Identifier: BSD-2-Clause */
/* options_fuzz.c - any command line makes options that a start can use.
 *
 * Input: the command line.
 */
#include <stdarg.h>
#include "base/log.h"
#include "fuzz.h"
#include "mm/heap.h"
#include "start/options.h"

/* Options live as long as the domain: here their blocks are kept, and freed after each input. */
constexpr unsigned BLOCKS_MOST = 4096;
static void *blocks[BLOCKS_MOST];
static unsigned block_count;

bool log_is_verbose;

void *heap_alloc(size_t n)
{
    return heap_realloc(nullptr, n);
}

void *heap_realloc(void *old, size_t n)
{
    unsigned i = 0;
    while (i < block_count && (!old || blocks[i] != old))
        i++;
    MUST(i < BLOCKS_MOST && (!old || i < block_count));
    if (i == block_count)
        block_count++;
    return blocks[i] = realloc(old, n);
}

void log_warn(const char *format, ...)
{
    static char line[8192];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
}

void panic(const char *format, ...)
{
    fprintf(stderr, "panic: %s\n", format);
    abort();
}

/* A list that ends, with strings that end and hold no more than the input did. */
static void strings_check(char *const *strings, size_t most)
{
    size_t n = 0;
    for (unsigned i = 0; strings[i]; i++)
        n += strlen(strings[i]);
    MUST(n <= most);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t n)
{
    constexpr size_t DEFAULTS_BYTES = 256;
    if (n > BLOCKS_MOST)
        return 0;
    options = (struct options){.init = "/bin/sh", .cwd = "/", .mode = "full"};
    log_is_verbose = false;
    options_parse((const char *)input, (uint32_t)n);
    MUST(options.argv && options.argv[0] == options.init);
    strings_check(options.argv, n + DEFAULTS_BYTES);
    MUST(options.envp && options.envp[0]);
    strings_check(options.envp, n + DEFAULTS_BYTES);
    for (unsigned i = 0; i < options.out_count; i++)
        MUST(strlen(options.out[i]) <= n);
    MUST(strlen(options.init) <= n + DEFAULTS_BYTES && strlen(options.cwd) <= n + 1);
    MUST(strlen(options.mode) <= n + DEFAULTS_BYTES);
    while (block_count)
        free(blocks[--block_count]);
    return 0;
}
