/* SPDX-License-Identifier: BSD-2-Clause */
/* console.h - the machine's console: what the first process has as standard input, output and error.
 *
 * It is the first serial port, the screen with its keyboard, or both (start/console_start.c).
 *
 * The first serial port leads to the host's standard input and output.  What each end is there
 * decides what it is here: a terminal (/dev/console, ttyS0), or a stream that looks like a pipe, so
 * that a program in a host's pipeline behaves as it would without a machine in between.  The third
 * port carries standard error when the host keeps it apart.
 *
 * Bytes from the host are data, save for these (`console=escaped` on the command line):
 *     DLE DLE                a DLE (0x10)
 *     DLE E                  end of file; on a terminal, a hangup
 *     DLE S n                send signal n to the foreground process group
 *     DLE W cols rows        window size, 16 bits each, low byte first
 * They may come on either port.  Bytes to the host are plain, unless there is but one port and the
 * command line says `console=framed`, which also means escaped: drivers/xen/console.h.
 */
#pragma once

#include <stdint.h>
#include "tty/port.h"

struct fd_table;
struct process;

enum console_kind : uint8_t {
    CONSOLE_ALL, /* screen and serial port, as far as they are there */
    CONSOLE_SERIAL,
    CONSOLE_SCREEN,
};

struct console_config {
    bool escaped, framed;
    enum console_kind kind;
    bool is_tty[3];  /* standard input, output, error */
    bool is_told[3]; /* a word said so */
    char keymap[8];  /* empty: no word said */
    uint16_t columns, rows;
};

/* Take one word of the command line: console= keymap= stdin= stdout= stderr= winsize=.  False: not
 * ours. */
bool console_config_word(struct console_config *config, const char *word, size_t n);

/* PORT is the console; ERRORS carries standard error, or is null: then PORT does too.  Registers
 * /dev/console, /dev/tty and /dev/ttyS0.  0 or a negative errno. */
[[nodiscard]] int console_init(const struct console_config *config, struct port *port,
                               struct port *errors);

/* Open descriptors 0, 1, 2 of TABLE. */
[[nodiscard]] int console_open_stdio(struct fd_table *table);

/* Make the console the controlling terminal of FIRST's session, if any end is a terminal. */
void console_attach(struct process *first);

/* Wait until the host has all output: before the machine's power goes. */
void console_drain(void);
