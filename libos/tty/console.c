/* SPDX-License-Identifier: BSD-2-Clause */
/* console.c - the serial ports as terminal and standard streams of the first process. */
#include "sched/sched.h"
#include "tty/console.h"

#include <asm/signal.h>
#include "base/bits.h"
#include "base/errno.h"
#include "base/string.h"
#include "linux-api/abi.h"
#include "proc/pgrp.h"
#include "proc/process.h"
#include "signal/signal.h"
#include "tty/stdio.h"
#include "tty/tty.h"
#include "vfs/devfs/devices.h"
#include "vfs/fdtable.h"
#include "vfs/path.h"

constexpr uint8_t DLE = 0x10;
constexpr size_t BATCH = 64;

static struct {
    struct console_config config;
    struct port *port, *errors;
    struct port *terminal_port; /* where the terminal's output goes; null: nowhere */
    struct tty tty;
    struct stdio input, output, error;
} console;

static size_t terminal_room(struct tty *tty);
static void terminal_put(struct tty *tty, const uint8_t *bytes, size_t n);
static size_t terminal_unsent(struct tty *tty);
static void terminal_flush(struct tty *tty);
static void terminal_input_room(struct tty *tty);
static void input_room(struct stdio *stream);
static void port_received(struct port *port);
static void port_has_room(struct port *port);
static size_t escape_take(struct port *port);
static size_t data_take(const uint8_t *bytes, size_t n);
static void input_end(void);
static void signal_from_host(int signo);
static int terminal_open(struct file **file);

static const struct tty_ops terminal_ops = {
    .room = terminal_room,
    .put = terminal_put,
    .unsent = terminal_unsent,
    .flush_output = terminal_flush,
    .has_input_room = terminal_input_room,
};

int console_init(const struct console_config *config, struct port *port, struct port *errors)
{
    console.config = *config;
    console.port = port;
    console.errors = errors ? errors : port;
    /* Where standard output is no terminal, echo must not get into it. */
    console.terminal_port = config->is_tty[1] ? port : config->is_tty[2] ? console.errors : nullptr;
    tty_init(&console.tty, &terminal_ops, dev_make(MAJOR_SERIAL, SERIAL_FIRST), "ttyS0");
    console.tty.size.ws_col = config->columns;
    console.tty.size.ws_row = config->rows;
    stdio_init_input(&console.input, input_room);
    stdio_init_output(&console.output, console.port);
    stdio_init_output(&console.error, console.errors);
    int err = tty_register(&console.tty);
    if (!err)
        err = tty_register_special(&console.tty);
    if (err)
        return err;

    console.port->received = console.errors->received = port_received;
    console.port->has_room = console.errors->has_room = port_has_room;
    return 0;
}

int console_open_stdio(struct fd_table *table)
{
    struct stdio *streams[3] = {&console.input, &console.output, &console.error};
    struct file *terminal = nullptr;
    int err = 0;
    for (int fd = 0; fd < 3 && !err; fd++) {
        struct file *file = nullptr;
        if (!console.config.is_tty[fd]) {
            err = stdio_open(streams[fd], &file);
        } else {
            /* All ends of the terminal are one open file, as login(1) leaves them. */
            if (!terminal)
                err = terminal_open(&terminal);
            file = err ? nullptr : file_get(terminal);
        }
        if (!err)
            err = fd_replace(table, fd, file, 0);
        err = MIN(err, 0);
        file_put(file);
    }
    file_put(terminal);
    return err;
}

void console_attach(struct process *first)
{
    const bool *is_tty = console.config.is_tty;
    if (is_tty[0] || is_tty[1] || is_tty[2])
        tty_attach(&console.tty, process_session(first), first->pgrp);
}

void console_drain(void)
{
    if (!console.port)
        return;
    ldisc_start(&console.tty.ldisc, true);
    console.port->driver->drain(console.port);
    if (console.errors != console.port)
        console.errors->driver->drain(console.errors);
}

/* Opened by its place in the file tree so that ttyname(3) finds it, yet without asking whether the
 * caller may: there is no process. */
static int terminal_open(struct file **file)
{
    struct path path;
    int err = path_lookup_kernel("/dev/console", LOOKUP_FOLLOW, &path);
    if (err)
        return err;
    static const struct file_ops unopened = {};
    *file = file_create(&path, O_RDWR, &unopened);
    path_put(&path);
    if (!*file)
        return -ENOMEM;
    err = tty_open_file(&console.tty, *file);
    if (err) {
        file_put(*file);
        *file = nullptr;
    }
    return err;
}

static size_t terminal_room(struct tty *)
{
    return console.terminal_port ? port_room(console.terminal_port) : PORT_SEND_RING;
}

static void terminal_put(struct tty *, const uint8_t *bytes, size_t n)
{
    if (console.terminal_port)
        port_write(console.terminal_port, bytes, n);
}

static size_t terminal_unsent(struct tty *)
{
    return console.terminal_port ? port_unsent(console.terminal_port) : 0;
}

static void terminal_flush(struct tty *)
{
    if (console.terminal_port)
        port_flush(console.terminal_port);
}

static void terminal_input_room(struct tty *)
{
    port_received(console.port);
}

static void input_room(struct stdio *)
{
    port_received(console.port);
}

static void port_has_room(struct port *port)
{
    if (port == console.terminal_port)
        tty_has_room(&console.tty);
    if (port == console.port)
        stdio_has_room(&console.output);
    if (port == console.errors)
        stdio_has_room(&console.error);
}

/* Take from the port as long as the reader's buffer has room. */
static void port_received(struct port *port)
{
    for (;;) {
        uint8_t batch[BATCH];
        size_t n = 0;
        while (n < BATCH && port_peek(port, n, &batch[n]) &&
               !(console.config.escaped && batch[n] == DLE))
            n++;
        size_t taken = n > 0 ? data_take(batch, n) : escape_take(port);
        port_consume(port, taken);
        if (taken == 0 || taken < n)
            return;
    }
}

/* The sequence at the beginning of PORT's ring: its length, or 0 if it is not whole or cannot be
 * taken yet. */
static size_t escape_take(struct port *port)
{
    uint8_t kind, arg[4];
    if (!port_peek(port, 1, &kind))
        return 0;
    size_t args = kind == 'S' ? 1 : kind == 'W' ? 4 : 0;
    for (size_t i = 0; i < args; i++) {
        if (!port_peek(port, 2 + i, &arg[i]))
            return 0;
    }
    switch (kind) {
    case DLE: return data_take(&kind, 1) == 1 ? 2 : 0;
    case 'E': input_end(); break;
    case 'S': signal_from_host(arg[0]); break;
    case 'T': sched_dump(); break;
    case 'W': {
        struct winsize size = {.ws_col = (uint16_t)(arg[0] | arg[1] << 8),
                               .ws_row = (uint16_t)(arg[2] | arg[3] << 8)};
        tty_set_size(&console.tty, &size);
        break;
    }
    default: break; /* unknown: dropped */
    }
    return 2 + args;
}

static size_t data_take(const uint8_t *bytes, size_t n)
{
    return console.config.is_tty[0] ? tty_receive(&console.tty, bytes, n)
                                    : stdio_receive(&console.input, bytes, n);
}

static void input_end(void)
{
    if (console.config.is_tty[0])
        tty_hangup(&console.tty);
    else
        stdio_end(&console.input);
}

static void signal_from_host(int signo)
{
    if (!signal_is_valid(signo))
        return;
    if (tty_signal_foreground(&console.tty, signo) && process_first)
        pgrp_signal(process_first->pgrp, signo, SIGNAL_FROM_KERNEL);
}
