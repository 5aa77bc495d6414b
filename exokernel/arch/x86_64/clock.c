/* SPDX-License-Identifier: BSD-2-Clause */
/* clock.c - the cycle counter's rate, and the wall clock: which source tells them.
 *
 * Xen tells both, and its guests may have nothing else.  Other machines are PCs.
 */
#include "clock.h"
#include "arch.h"
#include "log.h"
#include "pc/pc.h"
#include "xen/xen.h"

constexpr uint32_t MEASURE_US = 10000;

static uint64_t tsc_hz;

void clock_measure_tsc(void)
{
    if (!xen_is_here()) {
        tsc_hz = pc_tsc_hz();
        return;
    }
    tsc_hz = xen_tsc_hz();
    if (tsc_hz == 0)
        panic(nullptr, "Xen does not tell the cycle counter's rate");
    clock_delay_us(MEASURE_US);
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

uint64_t arch_wall_clock_ns(void)
{
    return xen_is_here() ? xen_wall_clock_ns() : pc_wall_clock_ns();
}
