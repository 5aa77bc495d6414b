/* SPDX-License-Identifier: BSD-2-Clause */
/* ps2.c - the keyboard controller of a PC (Intel 8242 data sheet; IBM PS/2 Technical Reference).
 *
 * The kernel lets us have the data port; commands go through it, for some would end the machine.
 * Every wait is bounded: where no controller is, the ports read as ones for ever.
 */
#include "drivers/ps2/ps2.h"

#include <exo/stubs.h>
#include "arch/arch.h"
#include "arch/port_io.h"
#include "base/errno.h"
#include "sched/event.h"
#include "sched/time.h"

constexpr uint16_t DATA = 0x60, COMMAND = 0x64;
constexpr unsigned IRQ = 1;

constexpr uint8_t STATUS_RECEIVED = 1 << 0; /* a byte waits in DATA */
constexpr uint8_t STATUS_BUSY = 1 << 1;     /* it has not taken what was written last */
constexpr uint8_t STATUS_MOUSE = 1 << 5;    /* the byte is the mouse's */

constexpr uint8_t READ_CONFIG = 0x20, WRITE_CONFIG = 0x60;
constexpr uint8_t MOUSE_OFF = 0xa7, SELF_TEST = 0xaa, KEYBOARD_OFF = 0xad, KEYBOARD_ON = 0xae;
constexpr uint8_t CONFIG_INTERRUPT = 1 << 0, CONFIG_MOUSE_INTERRUPT = 1 << 1;
constexpr uint8_t CONFIG_KEYBOARD_OFF = 1 << 4, CONFIG_MOUSE_OFF = 1 << 5;
constexpr uint8_t CONFIG_TRANSLATE = 1 << 6; /* what the keyboard sends, set 2, to set 1 */
constexpr uint8_t SELF_TEST_GOOD = 0x55;

constexpr uint8_t KEYBOARD_LAMPS = 0xed, KEYBOARD_ENABLE = 0xf4;
constexpr uint8_t ACKNOWLEDGED = 0xfa, RESEND = 0xfe;

constexpr uint64_t PATIENCE_NS = 20 * 1000000;       /* for the controller */
constexpr uint64_t TEST_PATIENCE_NS = 500 * 1000000; /* for its self test */
constexpr unsigned BYTES_PER_EVENT = 64;             /* bounds the time in one interrupt */

static struct {
    struct keys keys;
    const struct ps2_ops *ops;
    bool lamps_wait; /* the keyboard is to acknowledge KEYBOARD_LAMPS, then gets their state */
} ps2;

static uint8_t status_read(void)
{
    uint64_t value = 0xff;
    (void)exo_port_guarded(COMMAND, EXO_PORT_READ, &value);
    return (uint8_t)value;
}

/* Wait until the bits of MASK are VALUE; false: they will not be. */
static bool status_wait(uint8_t mask, uint8_t value, uint64_t patience_ns)
{
    uint64_t end = time_monotonic_ns() + patience_ns;
    while ((status_read() & mask) != value) {
        if (time_monotonic_ns() >= end)
            return false;
        arch_pause();
    }
    return true;
}

static bool data_write(uint8_t byte)
{
    if (!status_wait(STATUS_BUSY, 0, PATIENCE_NS))
        return false;
    port_out8(DATA, byte);
    return true;
}

static bool command_write(uint8_t command)
{
    uint64_t none;
    return status_wait(STATUS_BUSY, 0, PATIENCE_NS) &&
           exo_port_guarded(COMMAND, command, &none) == EXO_OK;
}

static bool data_read(uint8_t *byte, uint64_t patience_ns)
{
    if (!status_wait(STATUS_RECEIVED, STATUS_RECEIVED, patience_ns))
        return false;
    *byte = port_in8(DATA);
    return true;
}

static void data_drop(void)
{
    for (unsigned i = 0; i < BYTES_PER_EVENT && status_read() & STATUS_RECEIVED; i++)
        (void)port_in8(DATA);
}

static bool config_change(uint8_t on, uint8_t off)
{
    uint8_t config;
    return command_write(READ_CONFIG) && data_read(&config, PATIENCE_NS) &&
           command_write(WRITE_CONFIG) && data_write((uint8_t)((config | on) & ~off));
}

/* The controller's devices are silent while it is set up, so that its answers are its own. */
static bool controller_start(void)
{
    uint8_t answer;
    if (status_read() == 0xff)
        return false;
    if (!command_write(KEYBOARD_OFF) || !command_write(MOUSE_OFF))
        return false;
    data_drop();
    if (!config_change(CONFIG_TRANSLATE, CONFIG_INTERRUPT | CONFIG_MOUSE_INTERRUPT))
        return false;
    if (!command_write(SELF_TEST) || !data_read(&answer, TEST_PATIENCE_NS) ||
        answer != SELF_TEST_GOOD)
        return false;
    /* The test may have reset its settings. */
    return config_change(CONFIG_TRANSLATE | CONFIG_MOUSE_OFF,
                         CONFIG_INTERRUPT | CONFIG_MOUSE_INTERRUPT | CONFIG_KEYBOARD_OFF) &&
           command_write(KEYBOARD_ON);
}

/* Some keyboards do not acknowledge at once: what matters is that the controller took it. */
static bool keyboard_start(void)
{
    uint8_t answer;
    if (!data_write(KEYBOARD_ENABLE))
        return false;
    (void)data_read(&answer, PATIENCE_NS);
    data_drop();
    return true;
}

static void lamps_begin(void)
{
    ps2.lamps_wait = data_write(KEYBOARD_LAMPS);
}

static void byte_take(uint8_t byte)
{
    char text[KEYS_TEXT_BYTES];
    size_t n;
    if (byte == ACKNOWLEDGED || byte == RESEND) {
        if (ps2.lamps_wait && byte == ACKNOWLEDGED)
            (void)data_write(ps2.keys.locks);
        ps2.lamps_wait = false;
        return;
    }
    switch (keys_scan(&ps2.keys, byte, ps2.ops->modes(), text, &n)) {
    case KEYS_TYPED: ps2.ops->typed(text, n); break;
    case KEYS_LOCKS: lamps_begin(); break;
    case KEYS_REBOOT: ps2.ops->reboot(); break;
    default: break;
    }
}

static void ps2_event(void *)
{
    exo_irq_ack(IRQ);
    for (unsigned i = 0; i < BYTES_PER_EVENT; i++) {
        uint8_t status = status_read();
        if (!(status & STATUS_RECEIVED))
            return;
        uint8_t byte = port_in8(DATA);
        if (!(status & STATUS_MOUSE))
            byte_take(byte);
    }
}

int ps2_open(const struct keymap *map, const struct ps2_ops *ops)
{
    ps2.ops = ops;
    keys_init(&ps2.keys, map);
    if (exo_port_claim(DATA, 1) != EXO_OK)
        return -EBUSY;
    if (!controller_start() || !keyboard_start())
        return -ENODEV;
    int bit = event_alloc(IRQ, "i8042");
    if (bit < 0)
        return bit;
    event_register((unsigned)bit, ps2_event, nullptr);
    if (exo_irq_bind(IRQ, EXO_CAP_BOOT_VCPU, (uint32_t)bit) != EXO_OK)
        return -EBUSY;
    return config_change(CONFIG_INTERRUPT, 0) ? 0 : -ENODEV;
}
