/* SPDX-License-Identifier: BSD-2-Clause */
/* console_start.c - which devices are the console: serial port, screen and keyboard, or all.
 *
 * Without a word about it, a screen that the boot loader handed over is used beside the serial
 * port; there, nobody redirects streams, so that all ends are the terminal unless words say
 * otherwise.  `console=escaped` means that a host is at the other end of the serial port: then there
 * is no screen.  A guest of Xen that has no serial port has Xen's console in its place.
 */
#include "start/console_start.h"

#include "base/errno.h"
#include "base/log.h"
#include "base/string.h"
#include "drivers/ps2/ps2.h"
#include "drivers/screen/screen.h"
#include "drivers/serial/uart.h"
#include "drivers/xen/console.h"
#include "start/options.h"
#include "start/start.h"
#include "tty/console.h"
#include "tty/tee.h"

/* The PC's serial ports (IBM PC AT Technical Reference).  The second is the kernel's log. */
constexpr uint16_t CONSOLE_PORT = 0x3f8;
constexpr int CONSOLE_IRQ = 4;
constexpr uint16_t ERRORS_PORT = 0x3e8;

static struct uart console_uart, errors_uart;
static struct xen_console xen_console;
static struct screen screen;
static struct tee tee;

static void keyboard_typed(const char *bytes, size_t n)
{
    screen_type(&screen, bytes, n);
}

static unsigned keyboard_modes(void)
{
    uint16_t modes = screen.vt.modes;
    return (modes & VT_CURSOR_KEYS ? KEYS_CURSOR_APPLICATION : 0) |
           (modes & VT_KEYPAD_KEYS ? KEYS_PAD_APPLICATION : 0);
}

static const struct ps2_ops keyboard_ops = {
    .typed = keyboard_typed,
    .modes = keyboard_modes,
    .reboot = machine_ctrl_alt_del,
};

static void keyboard_start(const char *name)
{
    const struct keymap *map = keymap_find(name, strlen(name));
    if (!map) {
        log_warn("no keymap is called %s: it is the American one", name);
        map = keymap_find("us", 2);
    }
    int err = ps2_open(map, &keyboard_ops);
    if (err < 0)
        log_info("no PS/2 keyboard: error %d", -err);
}

/* Whether there is a screen that is wanted. */
static bool screen_start(struct console_config *config)
{
    if (config->escaped || config->kind == CONSOLE_SERIAL)
        return false;
    int err = screen_open(&screen);
    if (err < 0) {
        if (err != -ENODEV || config->kind == CONSOLE_SCREEN)
            log_warn("no screen: error %d", -err);
        return false;
    }
    keyboard_start(config->keymap[0] ? config->keymap : "us");
    for (int fd = 0; fd < 3; fd++)
        config->is_tty[fd] |= !config->is_told[fd];
    if (config->columns == 0) {
        config->columns = screen.vt.columns;
        config->rows = screen.vt.rows;
    }
    return true;
}

/* The port that leads out of the machine, and in *ERRORS one for standard error or null.  *ERR: why
 * it leads nowhere, or 0. */
static struct port *line_open(const struct console_config *config, struct port **errors, int *err)
{
    *err = uart_open(&console_uart, CONSOLE_PORT, CONSOLE_IRQ);
    if (*err == -ENODEV && xen_console_open(&xen_console, config->framed) == 0) {
        *err = 0;
        *errors = config->framed ? &xen_console.errors : nullptr;
        return &xen_console.port;
    }
    /* Not needed where both outputs are the terminal on the first port. */
    bool has_errors = !(config->is_tty[1] && config->is_tty[2]) &&
                      uart_open(&errors_uart, ERRORS_PORT, UART_NO_IRQ) == 0;
    *errors = has_errors ? &errors_uart.port : nullptr;
    return &console_uart.port;
}

/* A console that does not answer leaves the program without input and output, not without life. */
static struct port *console_find(struct console_config *config, struct port **errors)
{
    bool has_screen = screen_start(config);
    if (has_screen && config->kind == CONSOLE_SCREEN)
        return &screen.port;
    int err;
    struct port *line = line_open(config, errors, &err);
    if (err < 0 && !has_screen)
        log_warn("no console: error %d", -err);
    if (!has_screen)
        return line;
    if (err < 0)
        return &screen.port;
    tee_init(&tee, line, &screen.port);
    return &tee.port;
}

void console_start(void)
{
    struct console_config *config = &options.console;
    struct port *errors = nullptr, *port = console_find(config, &errors);
    int err = console_init(config, port, errors);
    if (err < 0)
        panic("cannot start the console: error %d", -err);
    /* Setting up a FIFO discards what it holds: before this line the host sends nothing. */
    static const char ready[] = "seam: console ready\n";
    log_write(ready, sizeof(ready) - 1);
}
