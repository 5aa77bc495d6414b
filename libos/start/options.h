/* SPDX-License-Identifier: BSD-2-Clause */
/* options.h - the command line: what to run and how.
 *
 * Words separated by blanks; a value is percent-encoded where it holds a blank, '%' or a
 * byte outside printable ASCII.
 *     init=PATH arg=WORD ... env=K=V ... cwd=DIR
 *     console= keymap= stdin= stdout= stderr= winsize=   (tty/console.h)
 *     out=DIR ...        (start/out.h)
 *     mode=full|minimal|custom:CATEGORY,...      (linux-api/mode.h)
 *     record=maps|events                         (trace/record.h)
 *     strace  stats  verbose  no-patch
 */
#pragma once

#include <stdint.h>
#include "trace/record.h"
#include "tty/console.h"

constexpr unsigned OPTIONS_WORDS = 4096;

struct options {
    bool strace, stats;
    bool patch; /* call sites: mm/patch.h */
    enum record_level record;
    const char *init; /* as the user typed it */
    const char *cwd;
    const char *mode;
    char **argv, **envp; /* ended by null; argv[0] is init */
    char **out;          /* directories for the host */
    unsigned out_count;
    struct console_config console;
};

extern struct options options;

/* Read the command line of N bytes; the strings live as long as the domain. */
void options_parse(const char *cmdline, uint32_t n);
