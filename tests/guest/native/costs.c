/* SPDX-License-Identifier: BSD-2-Clause */
/* costs.c - what the exokernel's own paths cost, in cycles: a native program for `ninja bench`.
 *
 * Lines `cost NAME CYCLES`, the least of several runs, and the counter's rate.
 */
#include "native.h"

constexpr uint32_t RUNS = 20, CALLS = 1000;

static volatile uint64_t fault_count;

void native_upcall(struct exo_upcall_frame *frame)
{
    if (frame->cause == EXO_CAUSE_EVENT)
        return;
    fault_count++;
    frame->rip += 2; /* past movb %al,(%rdi) */
}

void native_vcpu_main(struct exo_vcpu_page *vcpu)
{
    vcpu->masked = 1;
    for (;;)
        exo_vcpu_yield(EXO_CAP_BOOT_VCPU);
}

static void null_call(void)
{
    uint64_t out;
    exo_null(&out);
}

static void reflected_call(void)
{
    uint64_t rax = 39;
    __asm__ volatile("syscall" : "+a"(rax) : : "rcx", "r11", "memory");
}

static void fault(void)
{
    __asm__ volatile(".byte 0x88, 0x07" : : "D"(16ull) : "memory");
}

/* Note when an upcall comes in, then go on as all of them do. */
static volatile uint64_t entered_at;
void costs_upcall_entry(void);
__asm__(".text\n"
        "costs_upcall_entry:\n"
        "    pushq %rax\n"
        "    pushq %rdx\n"
        "    rdtsc\n"
        "    shlq $32, %rdx\n"
        "    orq %rdx, %rax\n"
        "    movq %rax, entered_at(%rip)\n"
        "    popq %rdx\n"
        "    popq %rax\n"
        "    jmp native_upcall_entry\n");

static uint64_t page_va;
static exo_frame page_frame;

static void map_page(void)
{
    uint64_t out;
    exo_space_map(EXO_CAP_BOOT_SPACE, page_va | EXO_READ | EXO_WRITE, page_frame, 1, &out);
}

constexpr uint32_t BATCH = 64;

static uint64_t batch_va;
static exo_frame batch_frames;

static void map_batch(void)
{
    uint64_t out;
    exo_space_map(EXO_CAP_BOOT_SPACE, batch_va | EXO_READ | EXO_WRITE, batch_frames, BATCH, &out);
}

static exo_cap other_space;

static void switch_space(void)
{
    exo_space_switch(other_space);
    exo_space_switch(EXO_CAP_BOOT_SPACE);
}

static exo_cap other_vcpu;

static void yield(void)
{
    exo_vcpu_yield(other_vcpu);
}

/* A second vcpu of this domain on this CPU, which yields back at once. */
static bool other_vcpu_start(struct exo_vcpu_page *vcpu)
{
    static char stack[8192] __attribute__((aligned(16)));
    uint64_t out;
    exo_frame page = native_frame();
    uint64_t page_va_of_other = (uint64_t)native_map(page);
    if (exo_vcpu_create(EXO_CAP_SELF, native_frame(), page, page_va_of_other, EXO_CAP_BOOT_SPACE,
                        &out) != EXO_OK)
        return false;
    other_vcpu = (exo_cap)out;
    vcpu->masked = 1;
    return exo_slice_bind(0, EXO_SLOTS / 2, EXO_SLOTS / 2, other_vcpu) == EXO_OK &&
           exo_vcpu_start(other_vcpu, (exo_uaddr)native_vcpu_start, (exo_uaddr)native_linux_entry,
                          (exo_uaddr)native_upcall_entry,
                          (exo_uaddr)(stack + sizeof(stack))) == EXO_OK;
}

static void measure(const char *name, void (*fn)(void), uint32_t parts)
{
    uint64_t least = UINT64_MAX;
    for (uint32_t run = 0; run < RUNS; run++) {
        uint64_t start = native_cycles();
        for (uint32_t i = 0; i < CALLS; i++)
            fn();
        uint64_t cycles = (native_cycles() - start) / CALLS / parts;
        if (cycles < least)
            least = cycles;
    }
    native_log("cost %s %lu", name, least);
}

static void vcpu_start(void (*upcall_entry)(void))
{
    exo_vcpu_start(EXO_CAP_BOOT_VCPU, 0, (exo_uaddr)native_linux_entry, (exo_uaddr)upcall_entry,
                   (exo_uaddr)native_upcall_stack);
}

/* From an instruction that faults to the first one of the upcall's entry. */
static void measure_fault_entry(void)
{
    uint64_t least = UINT64_MAX;
    vcpu_start(costs_upcall_entry);
    for (uint32_t i = 0; i < CALLS; i++) {
        uint64_t start = native_cycles();
        fault();
        if (entered_at - start < least)
            least = entered_at - start;
    }
    vcpu_start((void (*)(void))native_upcall_entry);
    native_log("cost fault-entry %lu", least);
}

void native_main(const struct exo_info *info, struct exo_vcpu_page *vcpu)
{
    uint64_t out;
    native_log("rate %lu", info->tsc_hz);
    vcpu_start((void (*)(void))native_upcall_entry);
    measure("null-call", null_call, 1);
    measure("reflected-call", reflected_call, 1);
    measure_fault_entry();
    measure("fault-upcall", fault, 1);
    page_frame = native_frame();
    page_va = (uint64_t)native_map(page_frame);
    measure("map-page", map_page, 1);
    batch_frames = native_frames(BATCH);
    batch_va = native_va(BATCH);
    measure("map-batch", map_batch, BATCH);
    native_map(native_frame());
    if (exo_space_create(EXO_CAP_SELF, native_frame(), &out) == EXO_OK) {
        other_space = (exo_cap)out;
        measure("space-switch", switch_space, 2);
    }
    if (other_vcpu_start(vcpu))
        measure("vcpu-yield", yield, 2);
    native_done();
}
