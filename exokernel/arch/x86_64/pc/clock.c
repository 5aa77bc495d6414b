/* SPDX-License-Identifier: BSD-2-Clause */
/* clock.c - the cycle counter against the 8254 interval timer, and the CMOS clock. */
#include "arch.h"
#include "clock.h"
#include "io.h"
#include "log.h"
#include "pc/pc.h"

constexpr uint64_t PIT_HZ = 1193182;
constexpr uint32_t WINDOW_TICKS = 2386; /* 2 ms */
constexpr uint32_t WINDOWS = 5;
constexpr uint32_t PIT_POLLS_MAX = 1000000;
constexpr uint32_t CMOS_UPDATE_US = 20000;

/* Channel 0 counts down; it runs without a gate, which small machines lack
 * (Intel 8254 data sheet, counter latch command and mode 2). */
static uint32_t pit_read(void)
{
    port_write8(0x43, 0x00);
    uint32_t low = port_read8(0x40);
    return low | (uint32_t)port_read8(0x40) << 8;
}

struct moment {
    uint64_t tsc;
    uint32_t pit;
};

static struct moment moment_read(void)
{
    uint64_t before = arch_cycles();
    uint32_t pit = pit_read();
    return (struct moment){before + (arch_cycles() - before) / 2, pit};
}

/* The counter runs down through 16 bits again and again; a window is far shorter than that. */
static uint64_t rate_of_window(void)
{
    struct moment first = moment_read(), now = first;
    for (uint32_t polls = 0; ((first.pit - now.pit) & 0xffff) < WINDOW_TICKS; polls++) {
        if (polls == PIT_POLLS_MAX)
            panic(nullptr, "no interval timer: cannot tell the cycle counter's rate");
        now = moment_read();
    }
    return (now.tsc - first.tsc) * PIT_HZ / ((first.pit - now.pit) & 0xffff);
}

/* Under an emulator or hypervisor this CPU may stand still for longer than a window, which makes
 * that window's rate wrong by any amount: the median of several is not. */
uint64_t pc_tsc_hz(void)
{
    uint64_t rates[WINDOWS];
    port_write8(0x43, 0x34); /* channel 0, mode 2, from 65536 */
    port_write8(0x40, 0);
    port_write8(0x40, 0);
    for (uint32_t i = 0; i < WINDOWS; i++) {
        uint64_t rate = rate_of_window();
        uint32_t at = i;
        for (; at > 0 && rates[at - 1] > rate; at--)
            rates[at] = rates[at - 1];
        rates[at] = rate;
    }
    return rates[WINDOWS / 2];
}

static uint8_t cmos_read(uint8_t index)
{
    port_write8(0x70, index);
    return port_read8(0x71);
}

struct cmos_time {
    uint8_t second, minute, hour, day, month, year;
};

/* An update takes 2 ms at most (MC146818 data sheet); where there is no clock all bits are set. */
static bool cmos_is_there(void)
{
    for (uint32_t us = 0; us < CMOS_UPDATE_US; us += 10) {
        if (!(cmos_read(0x0a) & 0x80))
            return true;
        clock_delay_us(10);
    }
    return false;
}

static struct cmos_time cmos_time_read(void)
{
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

uint64_t pc_wall_clock_ns(void)
{
    if (!cmos_is_there()) {
        log_line("no clock: it is 1970");
        return 0;
    }
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
