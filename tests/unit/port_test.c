/* SPDX-License-Identifier: BSD-2-Clause */
/* port_test.c - the rings of a character device, and the console's words on the command line.
 * Links: libos/tty/port.c libos/tty/console_config.c */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include "tty/console.h"
#include "tty/port.h"

/* A device that takes a certain number of bytes. */
static size_t device_room;
static char sent[3 * PORT_SEND_RING];
static size_t sent_bytes;
static unsigned room_calls, receive_calls;

static void fake_send(struct port *port)
{
    uint8_t byte;
    while (device_room > 0 && port_next_to_send(port, &byte)) {
        sent[sent_bytes++] = (char)byte;
        device_room--;
        port_sent(port);
    }
    port_sent_some(port);
}

static void fake_receive(struct port *)
{
    receive_calls++;
}

static void count_room(struct port *)
{
    room_calls++;
}

static const struct char_driver fake = {"fake", fake_send, fake_receive, fake_send};
static struct port port;

static int setup(void **)
{
    memset(&port, 0, sizeof port);
    port.driver = &fake;
    port.has_room = count_room;
    device_room = SIZE_MAX;
    sent_bytes = room_calls = receive_calls = 0;
    return 0;
}

static void what_is_written_is_sent_in_order(void **)
{
    assert_int_equal(port_write(&port, "hello", 5), 5);
    assert_int_equal(sent_bytes, 5);
    assert_memory_equal(sent, "hello", 5);
    assert_int_equal(room_calls, 0);
}

static void a_busy_device_fills_the_ring_and_tells_when_it_empties(void **)
{
    static char bytes[PORT_SEND_RING + 100];
    device_room = 10;
    assert_int_equal(port_write(&port, bytes, sizeof bytes), PORT_SEND_RING + 10);
    assert_int_equal(port_room(&port), 0);
    assert_int_equal(port_write(&port, bytes, 1), 0);
    device_room = PORT_SEND_RING / 2 - 1;
    fake_send(&port);
    assert_int_equal(room_calls, 0);
    device_room = 1;
    fake_send(&port);
    assert_int_equal(room_calls, 1);
    device_room = SIZE_MAX;
    fake_send(&port);
    assert_int_equal(room_calls, 1);
    assert_int_equal(sent_bytes, PORT_SEND_RING + 10);
}

static void asking_for_what_is_unsent_is_answered_when_it_has_gone(void **)
{
    device_room = 0;
    port_write(&port, "abc", 3);
    assert_int_equal(port_unsent(&port), 3);
    device_room = 2;
    fake_send(&port);
    assert_int_equal(room_calls, 0);
    device_room = 1;
    fake_send(&port);
    assert_int_equal(room_calls, 1);
    assert_int_equal(port_unsent(&port), 0);
}

static void received_bytes_are_looked_at_and_consumed(void **)
{
    uint8_t byte;
    assert_false(port_peek(&port, 0, &byte));
    for (unsigned i = 0; port_can_receive(&port); i++)
        port_receive_byte(&port, (uint8_t)i);
    assert_true(port_peek(&port, 3, &byte));
    assert_int_equal(byte, 3);
    assert_false(port_peek(&port, PORT_RECEIVE_RING, &byte));
    port_consume(&port, 0);
    assert_int_equal(receive_calls, 0);
    port_consume(&port, 3);
    assert_int_equal(receive_calls, 1);
    assert_true(port_peek(&port, 0, &byte));
    assert_int_equal(byte, 3);
    assert_true(port_can_receive(&port));
}

static bool word(struct console_config *config, const char *text)
{
    return console_config_word(config, text, strlen(text));
}

static void the_console_takes_its_words(void **)
{
    struct console_config config = {};
    assert_true(word(&config, "console=escaped"));
    assert_true(word(&config, "stdin=tty"));
    assert_true(word(&config, "stdout=pipe"));
    assert_true(word(&config, "stderr=tty"));
    assert_true(word(&config, "console=screen"));
    assert_int_equal(config.kind, CONSOLE_SCREEN);
    assert_true(word(&config, "console=serial"));
    assert_int_equal(config.kind, CONSOLE_SERIAL);
    assert_true(config.is_told[0]);
    assert_true(word(&config, "keymap=de"));
    assert_string_equal(config.keymap, "de");
    assert_false(word(&config, "keymap=12345678"));
    assert_false(word(&config, "keymap="));
    assert_true(word(&config, "winsize=132x50"));
    assert_true(config.escaped);
    assert_true(config.is_tty[0]);
    assert_false(config.is_tty[1]);
    assert_true(config.is_tty[2]);
    assert_int_equal(config.columns, 132);
    assert_int_equal(config.rows, 50);
}

static void the_console_leaves_other_words(void **)
{
    static const char *const others[] = {"stdin=file",  "stdin=",           "winsize=80",
                                         "winsize=x",   "winsize=80x99999", "init=/bin/sh",
                                         "console=raw", "winsize=1x2x3"};
    struct console_config config = {};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_false(word(&config, others[i]));
    assert_int_equal(config.columns, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_is_written_is_sent_in_order, setup),
        cmocka_unit_test_setup(a_busy_device_fills_the_ring_and_tells_when_it_empties, setup),
        cmocka_unit_test_setup(asking_for_what_is_unsent_is_answered_when_it_has_gone, setup),
        cmocka_unit_test_setup(received_bytes_are_looked_at_and_consumed, setup),
        cmocka_unit_test(the_console_takes_its_words),
        cmocka_unit_test(the_console_leaves_other_words),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
