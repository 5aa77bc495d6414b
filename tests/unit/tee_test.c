/* SPDX-License-Identifier: BSD-2-Clause */
/* tee_test.c - two ports as one: the same bytes to both, at the pace of one, and all received.
 * Links: libos/tty/port.c libos/tty/tee.c */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include "tty/tee.h"

constexpr size_t MANY = 3 * PORT_SEND_RING;

/* A device that takes a certain number of bytes. */
struct device {
    struct port port; /* first */
    size_t room, sent;
    unsigned drained;
    uint8_t bytes[MANY + 64];
};

static struct device slow, quick;
static struct tee tee;
static size_t received;
static uint8_t received_bytes[4 * PORT_RECEIVE_RING];
static bool reads;
static unsigned room_calls;

static void device_send(struct port *port)
{
    struct device *device = (struct device *)port;
    uint8_t byte;
    while (device->room > 0 && port_next_to_send(port, &byte)) {
        device->bytes[device->sent++] = byte;
        device->room--;
        port_sent(port);
    }
    port_sent_some(port);
}

static void device_drain(struct port *port)
{
    struct device *device = (struct device *)port;
    device->drained++;
    device->room = SIZE_MAX;
    device_send(port);
}

static void device_receive(struct port *) {}

static const struct char_driver driver = {"fake", device_send, device_receive, device_drain};

static void user_received(struct port *port)
{
    uint8_t byte;
    while (reads && port_peek(port, 0, &byte)) {
        received_bytes[received++] = byte;
        port_consume(port, 1);
    }
}

static void user_has_room(struct port *)
{
    room_calls++;
}

static int setup(void **)
{
    memset(&slow, 0, sizeof slow);
    memset(&quick, 0, sizeof quick);
    slow.port.driver = quick.port.driver = &driver;
    slow.room = quick.room = SIZE_MAX;
    tee_init(&tee, &slow.port, &quick.port);
    tee.port.received = user_received;
    tee.port.has_room = user_has_room;
    received = room_calls = 0;
    reads = true;
    return 0;
}

static void typed(struct device *device, const char *text)
{
    while (*text && port_can_receive(&device->port))
        port_receive_byte(&device->port, (uint8_t)*text++);
    device->port.received(&device->port);
}

static void both_get_the_same(void **)
{
    assert_int_equal(port_write(&tee.port, "hello", 5), 5);
    assert_int_equal(slow.sent, 5);
    assert_int_equal(quick.sent, 5);
    assert_memory_equal(slow.bytes, "hello", 5);
    assert_memory_equal(quick.bytes, "hello", 5);
}

static void the_slow_one_sets_the_pace_and_order_is_kept(void **)
{
    static uint8_t text[MANY];
    for (size_t i = 0; i < MANY; i++)
        text[i] = (uint8_t)(i * 7 + i / 251);
    slow.room = 100;
    size_t at = port_write(&tee.port, text, MANY);
    assert_int_equal(at, 100 + 2 * PORT_SEND_RING); /* its ring and the tee's are full */
    while (at < MANY || slow.sent < MANY) {
        slow.room = 777;
        device_send(&slow.port);
        at += port_write(&tee.port, text + at, MANY - at);
    }
    assert_int_equal(quick.sent, MANY);
    assert_memory_equal(slow.bytes, text, MANY);
    assert_memory_equal(quick.bytes, text, MANY);
    assert_true(room_calls > 0);
}

static void either_is_received(void **)
{
    typed(&slow, "serial");
    typed(&quick, "keys");
    assert_int_equal(received, 10);
    assert_memory_equal(received_bytes, "serialkeys", 10);
}

static void what_finds_no_reader_waits(void **)
{
    reads = false;
    for (int i = 0; i < 200; i++)
        typed(&slow, "1234567890");
    assert_int_equal(received, 0);
    reads = true;
    typed(&quick, "");
    user_received(&tee.port);
    assert_true(received >= PORT_RECEIVE_RING);
    assert_memory_equal(received_bytes, "1234567890", 10);
}

static void draining_reaches_both(void **)
{
    slow.room = 0;
    port_write(&tee.port, "bye", 3);
    assert_int_equal(slow.sent, 0);
    tee.port.driver->drain(&tee.port);
    assert_int_equal(slow.sent, 3);
    assert_int_equal(quick.drained, 1);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(both_get_the_same),     TEST(the_slow_one_sets_the_pace_and_order_is_kept),
        TEST(either_is_received),    TEST(what_finds_no_reader_waits),
        TEST(draining_reaches_both),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
