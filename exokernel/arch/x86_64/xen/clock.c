/* SPDX-License-Identifier: BSD-2-Clause */
/* clock.c - the cycle counter's rate and the time of day, as Xen tells them.
 *
 * Xen's public/xen.h, struct vcpu_time_info and shared_info: a version that is odd or has changed
 * meanwhile says that what was read is not of one moment.
 */
#include "xen/shared.h"
#include "xen/xen.h"

static uint32_t read_begin(const uint32_t *version)
{
    uint32_t seen;
    while ((seen = __atomic_load_n(version, __ATOMIC_ACQUIRE)) & 1)
        arch_pause();
    return seen;
}

static bool read_is_whole(const uint32_t *version, uint32_t seen)
{
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    return __atomic_load_n(version, __ATOMIC_RELAXED) == seen;
}

static struct xen_time time_read(void)
{
    const volatile struct xen_time *from = &xen_shared_frame.info.vcpus[0].time;
    struct xen_time time;
    do {
        time.version = read_begin((const uint32_t *)&from->version);
        time.tsc = from->tsc;
        time.system_ns = from->system_ns;
        time.mul = from->mul;
        time.shift = from->shift;
    } while (!read_is_whole((const uint32_t *)&from->version, time.version));
    return time;
}

static uint64_t shifted(uint64_t value, int32_t by)
{
    return by >= 0 ? value << by : value >> -by;
}

uint64_t xen_tsc_hz(void)
{
    struct xen_time time = time_read();
    return time.mul ? shifted((1000000000ull << 32) / time.mul, -time.shift) : 0;
}

/* Nanoseconds since Xen started. */
static uint64_t system_ns(void)
{
    struct xen_time time = time_read();
    uint64_t passed = shifted(arch_cycles() - time.tsc, time.shift);
    return time.system_ns + (uint64_t)((unsigned __int128)passed * time.mul >> 32);
}

uint64_t xen_wall_clock_ns(void)
{
    const volatile struct xen_shared *from = &xen_shared_frame.info;
    uint32_t version;
    uint64_t s, ns;
    do {
        version = read_begin((const uint32_t *)&from->wall_version);
        s = (uint64_t)from->wall_s_high << 32 | from->wall_s;
        ns = from->wall_ns;
    } while (!read_is_whole((const uint32_t *)&from->wall_version, version));
    return s * 1000000000 + ns + system_ns();
}
