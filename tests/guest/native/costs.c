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

/* Note when an upcall comes in, then go on as all of them do; and the same for a call. */
static volatile uint64_t entered_at;
void costs_upcall_entry(void);
void costs_no_fault(void);
__asm__(".text\n"
        ".macro note_entry\n"
        "    pushq %rax\n"
        "    pushq %rdx\n"
        "    rdtsc\n"
        "    shlq $32, %rdx\n"
        "    orq %rdx, %rax\n"
        "    movq %rax, entered_at(%rip)\n"
        "    popq %rdx\n"
        "    popq %rax\n"
        ".endm\n"
        "costs_upcall_entry:\n"
        "    note_entry\n"
        "    jmp native_upcall_entry\n"
        "costs_no_fault:\n"
        "    note_entry\n"
        "    ret\n");

/* Where a program's memory would be, outside the libOS region. */
constexpr uint64_t MAP_VA = 1 << 30;
constexpr uint32_t BATCH = 64, MAPPED = 448;
static exo_frame map_frames;

/* Map MAPPED pages, of which none is mapped, by calls for COUNT pages each: cycles for a page. */
static uint64_t map_pages(uint32_t count)
{
    uint64_t out, va = MAP_VA, start = native_cycles();
    for (uint32_t i = 0; i < MAPPED; i += count, va += count * EXO_FRAME_BYTES)
        exo_space_map(EXO_CAP_BOOT_SPACE, va | EXO_READ | EXO_WRITE, map_frames, count, &out);
    return (native_cycles() - start) / MAPPED;
}

static void measure_map(const char *name, uint32_t count)
{
    uint64_t out, least = UINT64_MAX;
    /* One page that stays keeps the table. */
    exo_space_map(EXO_CAP_BOOT_SPACE, (MAP_VA + MAPPED * EXO_FRAME_BYTES) | EXO_READ, map_frames, 1,
                  &out);
    for (uint32_t run = 0; run < RUNS; run++) {
        uint64_t cycles = map_pages(count);
        exo_space_unmap(EXO_CAP_BOOT_SPACE, MAP_VA, MAPPED, &out);
        if (cycles < least)
            least = cycles;
    }
    native_log("cost %s %lu", name, least);
}

/* In place of another page, which takes a flush. */
static void map_replace(void)
{
    uint64_t out;
    exo_space_map(EXO_CAP_BOOT_SPACE, (MAP_VA + MAPPED * EXO_FRAME_BYTES) | EXO_READ, map_frames, 1,
                  &out);
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

static uint64_t least_entry(void (*enter)(void))
{
    uint64_t least = UINT64_MAX;
    for (uint32_t i = 0; i < CALLS; i++) {
        uint64_t start = native_cycles();
        enter();
        if (entered_at - start < least)
            least = entered_at - start;
    }
    return least;
}

/* From an instruction that faults to the first one of the upcall's entry, without what it takes to
 * read the counter on both sides. */
static void measure_fault_entry(void)
{
    uint64_t reading = least_entry(costs_no_fault);
    vcpu_start(costs_upcall_entry);
    uint64_t cycles = least_entry(fault) - reading;
    vcpu_start((void (*)(void))native_upcall_entry);
    native_log("cost fault-entry %lu", cycles);
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
    map_frames = native_frames(BATCH);
    measure_map("map-page", 1);
    measure("map-replace", map_replace, 1);
    measure_map("map-batch", BATCH);
    if (exo_space_create(EXO_CAP_SELF, native_frame(), &out) == EXO_OK) {
        other_space = (exo_cap)out;
        measure("space-switch", switch_space, 2);
    }
    if (other_vcpu_start(vcpu))
        measure("vcpu-yield", yield, 2);
    native_done();
}
