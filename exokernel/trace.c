/* SPDX-License-Identifier: BSD-2-Clause */
/* trace.c - each CPU's ring of trace records. */
#include "trace.h"
#include "boot.h"
#include "boot_frames.h"
#include "log.h"

constexpr uint32_t FRAMES_MAX = 1024;
constexpr uint32_t FRAME_RECORDS = EXO_FRAME_BYTES / sizeof(struct exo_trace);

/* The largest power of two that is no larger than what `trace=` says; 0: it says nothing. */
static uint32_t frames_wanted(const struct boot_facts *facts)
{
    uint32_t n, value = 0, frames = 1;
    const char *text = boot_option(facts->cmdline, "trace", &n);
    for (uint32_t i = 0; i < n && text[i] >= '0' && text[i] <= '9' && value < FRAMES_MAX; i++)
        value = value * 10 + (uint32_t)(text[i] - '0');
    while (frames * 2 <= value && frames < FRAMES_MAX)
        frames *= 2;
    return value ? frames : 0;
}

void trace_init(const struct boot_facts *facts)
{
    uint32_t frames = frames_wanted(facts);
    for (uint32_t i = 0; frames && i < cpu_count; i++) {
        exo_frame first = boot_frames_take(1 + frames);
        struct exo_trace_head *head = arch_frame_ptr(first);
        *head = (struct exo_trace_head){.magic = EXO_TRACE_MAGIC,
                                        .cycles_hz = arch_tsc_hz(),
                                        .room = (uint64_t)frames * FRAME_RECORDS};
        log_line("trace %u %u", i, first);
        /* Release: that CPU may be idle by now and write at its next interrupt. */
        __atomic_store_n(&cpus[i].trace, head, __ATOMIC_RELEASE);
    }
}

void trace_call_begin(struct cpu *cpu)
{
    cpu->call_tsc = arch_cycles();
}

void trace_call_end(const struct cpu *cpu, uint32_t domain, uint64_t number, uint64_t status)
{
    uint64_t taken = arch_cycles() - cpu->call_tsc;
    trace_add(cpu, EXO_TRACE_CALL, domain, (uint32_t)number, taken, status);
}

void trace_add(const struct cpu *cpu, enum exo_trace_kind kind, uint32_t domain, uint32_t number,
               uint64_t a, uint64_t b)
{
    struct exo_trace_head *head = cpu->trace;
    struct exo_trace *ring = (struct exo_trace *)((char *)head + EXO_FRAME_BYTES);
    ring[head->end & (head->room - 1)] = (struct exo_trace){
        .cycles = arch_cycles(),
        .kind = kind,
        .domain = (uint16_t)domain,
        .number = number,
        .arg = {a, b},
    };
    /* Release: who sees the count sees the record. */
    __atomic_store_n(&head->end, head->end + 1, __ATOMIC_RELEASE);
}
