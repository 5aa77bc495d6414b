/* SPDX-License-Identifier: BSD-2-Clause */
/* clock.c - the cycle counter against the 8254 interval timer, and the CMOS clock. */
#include "clock.h"
#include "arch.h"
#include "io.h"
#include "log.h"

constexpr uint64_t PIT_HZ = 1193182;
constexpr uint32_t PIT_TICKS = 5966; /* 5 ms */
constexpr uint32_t PIT_POLLS_MAX = 1000000;

static uint64_t tsc_hz;

/* Channel 0 counts down from 65535; it runs without a gate, which small machines lack
 * (Intel 8254 data sheet, counter latch command and mode 0). */
static uint32_t pit_read(void)
{
    port_write8(0x43, 0x00);
    uint32_t low = port_read8(0x40);
    return low | (uint32_t)port_read8(0x40) << 8;
}

uint64_t clock_measure_tsc(void)
{
    port_write8(0x43, 0x30);
    port_write8(0x40, 0xff);
    port_write8(0x40, 0xff);
    uint32_t first = pit_read(), now = first, polls = 0;
    uint64_t start = arch_cycles();
    while (first - now < PIT_TICKS && polls++ < PIT_POLLS_MAX)
        now = pit_read();
    uint64_t cycles = arch_cycles() - start;
    if (first - now < PIT_TICKS)
        panic(nullptr, "no interval timer: cannot tell the cycle counter's rate");
    uint64_t window_ns = (first - now) * 1000000000ull / PIT_HZ;
    tsc_hz = cycles * 1000000000 / window_ns;
    return window_ns;
}

uint64_t arch_tsc_hz(void)
{
    return tsc_hz;
}

void clock_delay_us(uint32_t us)
{
    uint64_t end = arch_cycles() + tsc_hz * us / 1000000;
    while (arch_cycles() < end)
        arch_pause();
}

static uint8_t cmos_read(uint8_t index)
{
    port_write8(0x70, index);
    return port_read8(0x71);
}

struct cmos_time {
    uint8_t second, minute, hour, day, month, year;
};

static struct cmos_time cmos_time_read(void)
{
    while (cmos_read(0x0a) & 0x80) /* an update is going on */
        arch_pause();
    return (struct cmos_time){cmos_read(0), cmos_read(2), cmos_read(4),
                              cmos_read(7), cmos_read(8), cmos_read(9)};
}

static uint32_t from_bcd(uint8_t n, bool is_binary)
{
    return is_binary ? n : (n >> 4) * 10u + (n & 15);
}

/* Days since 1970 of a date in the Gregorian calendar, years 2000 to 2099. */
static uint64_t days_since_epoch(uint32_t year, uint32_t month, uint32_t day)
{
    static const uint16_t before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    uint64_t days = (year - 1970) * 365ull + (year - 1969) / 4;
    days += before[(month - 1) % 12] + day - 1;
    return days + (month > 2 && year % 4 == 0);
}

uint64_t arch_wall_clock_ns(void)
{
    struct cmos_time t = cmos_time_read();
    uint8_t status = cmos_read(0x0b);
    bool is_binary = status & 4;
    uint32_t hour = from_bcd(t.hour & 0x7f, is_binary);
    if (!(status & 2)) /* 12-hour form */
        hour = hour % 12 + (t.hour & 0x80 ? 12 : 0);
    uint64_t days = days_since_epoch(2000 + from_bcd(t.year, is_binary),
                                     from_bcd(t.month, is_binary), from_bcd(t.day, is_binary));
    uint64_t seconds = ((days * 24 + hour) * 60 + from_bcd(t.minute, is_binary)) * 60;
    return (seconds + from_bcd(t.second, is_binary)) * 1000000000;
}
