/* SPDX-License-Identifier: BSD-2-Clause */
/* smp.c - starting the other CPUs (Intel SDM vol. 3A, 9.4.4). */
#include "firmware/firmware.h"
#include "apic.h"
#include "arch.h"
#include "clock.h"
#include "cpu.h"
#include "log.h"
#include "mem.h"
#include "mmu.h"

extern char trampoline_begin[], trampoline_end[], trampoline_stack[], trampoline_cpu[];

constexpr uint32_t STACK_STRIDE = KERNEL_STACK_BYTES + EXO_FRAME_BYTES; /* with its guard */

alignas(4096) static uint8_t stacks[EXO_MAX_CPUS - 1][STACK_STRIDE];

static void trampoline_set(const char *word, uint64_t value)
{
    memcpy(arch_direct(TRAMPOLINE + (uint64_t)(word - trampoline_begin)), &value, sizeof value);
}

/* A CPU may miss its first start-up message; after the second it has a second to appear. */
static bool start_one(struct cpu *cpu, uint32_t id)
{
    trampoline_set(trampoline_stack, cpu->stack_top);
    trampoline_set(trampoline_cpu, (uint64_t)cpu);
    apic_start_cpu(id, TRAMPOLINE >> 12);
    for (uint32_t wait = 0; wait < 100000; wait++) {
        if (__atomic_load_n(&cpu->online, __ATOMIC_ACQUIRE))
            return true;
        if (wait == 1000)
            apic_start_cpu_again(id, TRAMPOLINE >> 12);
        clock_delay_us(10);
    }
    return false;
}

void arch_start_others(const struct boot_facts *facts)
{
    (void)facts;
    memcpy(arch_direct(TRAMPOLINE), trampoline_begin, (size_t)(trampoline_end - trampoline_begin));
    for (uint32_t i = 0; i < firmware.cpu_count && cpu_count < EXO_MAX_CPUS; i++) {
        if (firmware.cpu_apic_id[i] == cpus[0].arch.apic_id)
            continue;
        lock_share(&exo_lock);
        struct cpu *cpu = &cpus[cpu_count];
        uint8_t *stack = stacks[cpu_count - 1];
        cpu->self = cpu;
        cpu->number = cpu_count;
        cpu->stack_top = (uint64_t)stack + STACK_STRIDE;
        mmu_guard_page(stack);
        if (start_one(cpu, firmware.cpu_apic_id[i]))
            cpu_count++;
        else
            log_line("CPU with APIC id %u did not start", firmware.cpu_apic_id[i]);
    }
}
