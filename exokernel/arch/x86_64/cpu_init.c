/* SPDX-License-Identifier: BSD-2-Clause */
/* cpu_init.c - descriptor tables, control registers and the extended state of a CPU. */
#include "firmware/firmware.h"
#include "apic.h"
#include "arch.h"
#include "cpu.h"
#include "io.h"
#include "log.h"
#include "mem.h"
#include "mmu.h"
#include "xen/xen.h"

constexpr uint32_t IST_COUNT = 4;                          /* #DB, NMI, #DF, #MC */
constexpr uint32_t XCR0_WANTED = 1 << 0 | 1 << 1 | 1 << 2; /* x87 SSE AVX */

struct [[gnu::packed]] idt_gate {
    uint16_t offset_low, selector;
    uint8_t ist, type;
    uint16_t offset_middle;
    uint32_t offset_high, reserved;
};
struct [[gnu::packed]] table_pointer {
    uint16_t limit;
    uint64_t base;
};

extern char vectors[], syscall_entry[];
static struct idt_gate idt[256];
alignas(IST_BYTES) static uint8_t ist_stacks[EXO_MAX_CPUS][IST_COUNT][IST_BYTES];
static uint64_t xcr0;
static uint32_t xsave_bytes;

static uint8_t ist_of(uint32_t vector)
{
    switch (vector) {
    case 1: return 1;
    case 2: return 2;
    case 8: return 3;
    case 18: return 4;
    default: return 0;
    }
}

static void idt_fill(void)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint64_t entry = (uint64_t)vectors + 16ull * i;
        /* Vectors 3 and 4 (breakpoint, overflow) may be raised by programs. */
        idt[i] = (struct idt_gate){(uint16_t)entry,
                                   GDT_KERNEL_CODE,
                                   ist_of(i),
                                   i == 3 || i == 4 ? 0xee : 0x8e,
                                   (uint16_t)(entry >> 16),
                                   (uint32_t)(entry >> 32),
                                   0};
    }
}

static void tables_load(struct cpu *cpu)
{
    struct tss *tss = &cpu->arch.tss;
    uint64_t *gdt = cpu->arch.gdt;
    tss->rsp[0] = cpu->stack_top;
    for (uint32_t i = 0; i < IST_COUNT; i++) {
        uint8_t *stack = ist_stacks[cpu->number][i];
        *(struct cpu **)(stack + IST_CPU) = cpu;
        tss->ist[i] = (uint64_t)stack + IST_BYTES - 16;
    }
    tss->port_map_offset = offsetof(struct tss, port_map);
    memset(tss->port_map, 0xff, sizeof tss->port_map);

    uint64_t base = (uint64_t)tss;
    gdt[GDT_KERNEL_CODE / 8] = GDT_CODE64_BITS;
    gdt[GDT_KERNEL_DATA / 8] = GDT_DATA_BITS;
    gdt[GDT_USER_DATA / 8] = GDT_USER_DATA_BITS;
    gdt[GDT_USER_CODE / 8] = GDT_USER_CODE_BITS;
    gdt[GDT_TSS / 8] =
        (sizeof *tss - 1) | (base & 0xffffff) << 16 | 0x89ull << 40 | (base >> 24 & 0xff) << 56;
    gdt[GDT_TSS / 8 + 1] = base >> 32;
    struct table_pointer gdtr = {sizeof cpu->arch.gdt - 1, (uint64_t)gdt};
    struct table_pointer idtr = {sizeof idt - 1, (uint64_t)idt};
    __asm__ volatile("lgdt %0; lidt %1; ltr %w2" : : "m"(gdtr), "m"(idtr), "r"((uint16_t)GDT_TSS));
    __asm__ volatile("movw %w0, %%ds; movw %w0, %%es; movw %w0, %%ss" : : "r"(GDT_KERNEL_DATA));
    __asm__ volatile("movw %w0, %%fs; movw %w0, %%gs" : : "r"(0));
}

/* CR4 (SDM vol. 3A, 2.5): what the kernel relies on must be there; what only hardens it is
 * used where the CPU has it. */
static void features_enable(void)
{
    constexpr uint64_t PAE = 1 << 5, PGE = 1 << 7, OSFXSR = 1 << 9, OSXMMEXCPT = 1 << 10,
                       UMIP = 1 << 11;
    constexpr uint64_t FSGSBASE = 1 << 16, OSXSAVE = 1 << 18, SMEP = 1 << 20, SMAP = 1 << 21;
    struct cpuid seven = cpuid(7, 0), one = cpuid(1, 0);
    if (!(seven.b & 1))
        panic(nullptr, "this CPU lacks FSGSBASE");
    if (!(one.c & 1 << 26))
        panic(nullptr, "this CPU lacks XSAVE");
    if (!(seven.b & 1 << 20))
        panic(nullptr, "this CPU lacks SMAP"); /* entry.S uses STAC */
    uint64_t cr4 = PAE | PGE | OSFXSR | OSXMMEXCPT | FSGSBASE | OSXSAVE | SMAP;
    cr4 |= seven.b & 1 << 7 ? SMEP : 0;
    cr4 |= seven.c & 1 << 2 ? UMIP : 0;
    cr4_write(cr4);
    uint64_t cr0;
    __asm__ volatile("movq %%cr0, %0" : "=r"(cr0));
    cr0 = (cr0 & ~0xcull) | 0x10022; /* WP, NE, MP; not EM, TS */
    __asm__ volatile("movq %0, %%cr0" : : "r"(cr0));
}

/* Entry 1 of the page attribute table, which a leaf with PWT alone selects, becomes write-combining
 * instead of write-through; the others stay as after a reset (SDM vol. 3A, 12.12.4).  Nothing has
 * been mapped through entry 1 yet, so no cache has to be emptied. */
static void page_attributes_init(void)
{
    msr_write(MSR_PAT, 0x0007040600070106);
}

static void xstate_enable(void)
{
    xcr0 = cpuid(13, 0).a & XCR0_WANTED;
    __asm__ volatile("xsetbv" : : "c"(0), "a"((uint32_t)xcr0), "d"(0));
    xsave_bytes = cpuid(13, 0).b;
    if (xsave_bytes > ARCH_XSAVE_MAX)
        panic(nullptr, "extended state of %u bytes is larger than planned", xsave_bytes);
}

static void syscall_enable(void)
{
    constexpr uint64_t FLAGS_CLEARED = 0x47700 | 1 << 18; /* TF IF DF IOPL NT AC */
    msr_write(MSR_EFER, msr_read(MSR_EFER) | 1);
    msr_write(MSR_STAR, (uint64_t)GDT_SYSRET_BASE << 48 | (uint64_t)GDT_KERNEL_CODE << 32);
    msr_write(MSR_LSTAR, (uint64_t)syscall_entry);
    msr_write(MSR_SFMASK, FLAGS_CLEARED);
}

void arch_early_init(const struct boot_facts *facts)
{
    pic_silence();
    firmware_read(facts, BOOT_MAPPED);
}

void arch_cpu_early(struct cpu *cpu)
{
    if (cpu->number == 0)
        idt_fill();
    tables_load(cpu);
    msr_write(MSR_GS_BASE, (uint64_t)cpu);
    msr_write(MSR_KERNEL_GS_BASE, 0);
    if (cpu->number == 0)
        xen_init();
}

void arch_cpu_init(struct cpu *cpu)
{
    features_enable();
    page_attributes_init();
    xstate_enable();
    syscall_enable();
    if (cpu->number == 0)
        apic_map();
    apic_cpu_init();
    if (cpu->number == 0)
        apic_calibrate();
    cpu->arch.apic_id = apic_id();
}

void arch_xstate_init(void *area)
{
    memset(area, 0, ARCH_XSAVE_MAX);
    /* SDM vol. 1, 13.6: with XSTATE_BV clear XRSTOR sets initial values, all but MXCSR. */
    ((uint32_t *)area)[6] = 0x1f80;
}

void arch_xstate_save(void *area)
{
    __asm__ volatile("xsave64 (%0)" : : "r"(area), "a"((uint32_t)xcr0), "d"(0) : "memory");
}

void arch_xstate_load(const void *area)
{
    __asm__ volatile("xrstor64 (%0)" : : "r"(area), "a"((uint32_t)xcr0), "d"(0) : "memory");
}

/* CR0.TS (SDM vol. 3A, 2.5). */
void arch_xstate_trap(bool on)
{
    constexpr uint64_t TS = 1 << 3;
    uint64_t cr0;
    if (on)
        __asm__ volatile("movq %%cr0, %0; orq %1, %0; movq %0, %%cr0" : "=&r"(cr0) : "i"(TS));
    else
        __asm__ volatile("clts");
}

void arch_describe(const struct boot_facts *facts)
{
    xen_describe(facts);
}

uint32_t arch_xstate_bytes(void)
{
    return xsave_bytes;
}

uint64_t arch_xstate_mask(void)
{
    return xcr0;
}

uint64_t arch_user_tls(void)
{
    uint64_t base;
    __asm__ volatile("rdfsbase %0" : "=r"(base));
    return base;
}

void arch_set_user_tls(uint64_t base)
{
    __asm__ volatile("wrfsbase %0" : : "r"(base));
}

void arch_set_user_gs(uint64_t base)
{
    msr_write(MSR_KERNEL_GS_BASE, base);
}

void arch_set_vcpu_number(uint32_t number)
{
    msr_write(MSR_TSC_AUX, number);
}

void arch_enter_vcpu(struct cpu *cpu, uint64_t page_va, void *page)
{
    cpu->vcpu_page_va = page_va;
    cpu->vcpu_page = page;
}

void arch_set_entries(struct cpu *cpu, uint64_t linux_entry, uint64_t upcall_entry)
{
    cpu->linux_entry = linux_entry;
    cpu->upcall_entry = upcall_entry;
}
