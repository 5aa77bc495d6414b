/* SPDX-License-Identifier: BSD-2-Clause */
/* main.c - the order of boot. */
#include "arch.h"
#include "boot.h"
#include "boot_frames.h"
#include "calls.h"
#include "cpu.h"
#include "device.h"
#include "domain0.h"
#include "frame.h"
#include "info.h"
#include "log.h"
#include "slice.h"
#include "trace.h"

extern char image_end[], first_stack_guard[], first_stack_top[];

[[noreturn]] void kernel_main(uint32_t magic, uint64_t loader_info);

static exo_frame ram_end(const struct boot_facts *facts)
{
    const struct boot_ram *last = &facts->ram[facts->ram_count - 1];
    return (exo_frame)((last->base + last->bytes) >> EXO_FRAME_SHIFT);
}

[[noreturn]] static void enter_domain0(void)
{
    struct trapframe tf;
    lock_take(&exo_lock);
    slice_reschedule(&cpus[0], &tf);
    lock_release(&exo_lock);
    arch_leave(&tf);
}

static void list_screen(struct boot_facts *facts)
{
    if (facts->screen.kind != EXO_DEVICE_NONE && !device_add(facts, &facts->screen))
        facts->screen_problem = "it lies in RAM or in a device of the kernel";
    if (facts->screen_problem)
        log_line("warning: the loader's screen is not used: %s", facts->screen_problem);
}

void kernel_main(uint32_t magic, uint64_t loader_info)
{
    static struct boot_facts facts;
    struct cpu *cpu = &cpus[0];
    cpu->self = cpu;
    cpu->stack_top = (uint64_t)first_stack_top;
    cpu->online = true;
    arch_cpu_early(cpu);
    arch_log_init("");
    if (!boot_read(magic, loader_info, &facts) || facts.ram_count == 0)
        panic(nullptr, "started by neither PVH nor Multiboot2 (magic %x)", magic);
    arch_log_init(facts.cmdline);
    arch_early_init(&facts);
    boot_frames_begin(&facts, (uint64_t)image_end, BOOT_MAPPED);
    arch_mmu_init(&facts);
    mmu_guard_page(first_stack_guard);
    arch_cpu_init(cpu);
    arch_irq_init(&facts);
    frame_table_init(ram_end(&facts));
    info_init(&facts);
    arch_describe(&facts);
    list_screen(&facts);
    arch_start_others(&facts);
    log_line("exokernel: %u MiB, %u CPUs, counter %lu MHz", info->ram_frames >> 8, cpu_count,
             arch_tsc_hz() / 1000000);
    trace_init(&facts);
    calls_init();
    domain0_start_up(&facts);
    enter_domain0();
}
