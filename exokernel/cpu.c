/* SPDX-License-Identifier: BSD-2-Clause */
/* cpu.c - the processors, and what one asks of another. */
#include "cpu.h"
#include "log.h"
#include "slice.h"
#include "space.h"

struct cpu cpus[EXO_MAX_CPUS];
uint32_t cpu_count = 1;

void cpu_answer(void)
{
    struct cpu *cpu = cpu_here();
    /* Acquire pairs with the asker's release; our release tells it that we are done. */
    const struct flush *f = atomic_load_explicit(&cpu->flush_request, memory_order_acquire);
    if (!f)
        return;
    flush_here(f);
    atomic_store_explicit(&cpu->flush_request, nullptr, memory_order_release);
}

void cpu_flush_others(const struct flush *f, uint32_t cpu_mask)
{
    for (uint32_t i = 0; i < cpu_count; i++) {
        if (!(cpu_mask & 1u << i))
            continue;
        atomic_store_explicit(&cpus[i].flush_request, f, memory_order_release);
        arch_kick(&cpus[i]);
    }
    for (uint32_t i = 0; i < cpu_count; i++)
        while ((cpu_mask & 1u << i) &&
               atomic_load_explicit(&cpus[i].flush_request, memory_order_acquire))
            arch_pause();
}

void cpu_other_main(struct cpu *cpu)
{
    mmu_load_kernel();
    arch_cpu_early(cpu);
    arch_cpu_init(cpu);
    __atomic_store_n(&cpu->online, true, __ATOMIC_RELEASE);
    struct trapframe tf;
    lock_take(&exo_lock);
    slice_reschedule(cpu, &tf);
    lock_release(&exo_lock);
    arch_leave(&tf);
}
