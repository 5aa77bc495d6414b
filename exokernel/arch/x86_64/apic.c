/* SPDX-License-Identifier: BSD-2-Clause */
/* apic.c - the local interrupt controller and its timer (Intel SDM vol. 3A, chapter 11). */
#include "apic.h"
#include "arch.h"
#include "clock.h"
#include "cpu.h"
#include "io.h"
#include "log.h"
#include "mmu.h"

enum apic_register {
    APIC_ID = 0x20,
    APIC_EOI = 0xb0,
    APIC_SPURIOUS = 0xf0,
    APIC_COMMAND = 0x300,
    APIC_COMMAND_HIGH = 0x310,
    APIC_LVT_TIMER = 0x320,
    APIC_LVT_LINT0 = 0x350,
    APIC_LVT_LINT1 = 0x360,
    APIC_TIMER_INITIAL = 0x380,
    APIC_TIMER_CURRENT = 0x390,
    APIC_TIMER_DIVIDE = 0x3e0,
};
constexpr uint32_t APIC_MASKED = 1 << 16;
constexpr uint32_t COMMAND_PENDING = 1 << 12;
constexpr uint32_t COMMAND_INIT = 0x4500;
constexpr uint32_t COMMAND_STARTUP = 0x4600;
constexpr uint32_t COMMAND_FIXED = 0x4000;
constexpr uint32_t COMMAND_TO_OTHERS = 3 << 18; /* all but this one */

static volatile uint32_t *apic;
static uint64_t ticks_per_cycle; /* of the timer, 32.32 fixed point */

static void apic_write(enum apic_register reg, uint32_t value)
{
    apic[reg / 4] = value;
}

static uint32_t apic_read(enum apic_register reg)
{
    return apic[reg / 4];
}

void apic_map(void)
{
    apic = mmu_map_device(msr_read(MSR_APIC_BASE) & 0xffffff000, EXO_FRAME_BYTES);
}

void apic_cpu_init(void)
{
    apic_write(APIC_SPURIOUS, 0x100 | VECTOR_SPURIOUS);
    apic_write(APIC_LVT_LINT0, APIC_MASKED);
    apic_write(APIC_LVT_LINT1, 0x400);  /* NMI */
    apic_write(APIC_TIMER_DIVIDE, 0xb); /* by 1 */
    apic_write(APIC_LVT_TIMER, VECTOR_TIMER);
    apic_write(APIC_EOI, 0);
}

uint32_t apic_id(void)
{
    return apic_read(APIC_ID) >> 24;
}

/* While the cycle counter is measured, count how far the local timer gets beside it. */
void apic_calibrate(void)
{
    apic_write(APIC_LVT_TIMER, APIC_MASKED | VECTOR_TIMER);
    apic_write(APIC_TIMER_INITIAL, UINT32_MAX);
    uint32_t before = apic_read(APIC_TIMER_CURRENT);
    uint64_t start = arch_cycles();
    clock_measure_tsc();
    uint32_t ticks = before - apic_read(APIC_TIMER_CURRENT);
    uint64_t cycles = arch_cycles() - start;
    apic_write(APIC_TIMER_INITIAL, 0);
    apic_write(APIC_LVT_TIMER, VECTOR_TIMER);
    ticks_per_cycle = ((uint64_t)ticks << 32) / cycles;
}

void arch_timer_set(uint64_t deadline_tsc)
{
    if (deadline_tsc == 0) {
        apic_write(APIC_TIMER_INITIAL, 0);
        return;
    }
    uint64_t now = arch_cycles();
    uint64_t cycles = deadline_tsc > now ? deadline_tsc - now : 0;
    unsigned __int128 ticks = (unsigned __int128)cycles * ticks_per_cycle >> 32;
    /* A deadline further away than the counter reaches comes as an early interrupt; the
     * kernel then looks again and sets the rest. */
    apic_write(APIC_TIMER_INITIAL, ticks > UINT32_MAX ? UINT32_MAX
                                   : ticks < 1        ? 1
                                                      : (uint32_t)ticks);
}

void arch_irq_done(void)
{
    apic_write(APIC_EOI, 0);
}

static void apic_command(uint32_t target, uint32_t command)
{
    while (apic_read(APIC_COMMAND) & COMMAND_PENDING)
        arch_pause();
    apic_write(APIC_COMMAND_HIGH, target << 24);
    apic_write(APIC_COMMAND, command);
}

/* Whoever asks for this may have failed anywhere, also before the controller was mapped. */
void apic_stop_others(void)
{
    if (apic && cpu_count > 1)
        apic_write(APIC_COMMAND, COMMAND_INIT | COMMAND_TO_OTHERS);
}

void arch_kick(const struct cpu *cpu)
{
    apic_command(cpu->arch.apic_id, COMMAND_FIXED | VECTOR_KICK);
}

void apic_start_cpu(uint32_t id, uint32_t page)
{
    apic_command(id, COMMAND_INIT);
    clock_delay_us(200);
    apic_command(id, COMMAND_STARTUP | page);
}

void apic_start_cpu_again(uint32_t id, uint32_t page)
{
    apic_command(id, COMMAND_STARTUP | page);
}
