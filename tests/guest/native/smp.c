/* SPDX-License-Identifier: BSD-2-Clause */
/* smp.c - several vcpus of one domain: they run, ring each other, and see every change of a
 * mapping before the call that made it has returned. */
#include "native.h"

constexpr uint32_t VCPUS_MAX = 8;
constexpr uint32_t ROUNDS = 200;
constexpr uint32_t STACK_BYTES = 16384;
constexpr uint32_t DOORBELL = 20;

static struct {
    exo_cap cap;
    struct exo_vcpu_page *page;
    volatile uint64_t rounds; /* of its loop */
    volatile uint64_t stale;  /* values seen that were no longer mapped */
    volatile uint64_t faults, rings, events;
    char stack[STACK_BYTES] __attribute__((aligned(16)));
    char upcall_stack[STACK_BYTES] __attribute__((aligned(16)));
} others[VCPUS_MAX];

static volatile uint64_t *page; /* whose mapping changes */
static volatile uint64_t oldest_allowed;
static volatile bool stop;

static uint32_t self(void)
{
    struct exo_vcpu_page *p;
    __asm__ volatile("movq %%gs:0, %0" : "=r"(p));
    return p->number;
}

void native_upcall(struct exo_upcall_frame *frame)
{
    uint32_t i = self();
    if (frame->cause == EXO_CAUSE_EVENT) {
        struct exo_vcpu_page *p = others[i].page;
        if (__atomic_exchange_n(&p->pending, 0, __ATOMIC_RELAXED) & 1ull << DOORBELL)
            others[i].rings++;
        others[i].events++;
        return;
    }
    others[i].faults++;
    frame->rip += 3; /* past movq (%rdi),%rax */
}

void native_vcpu_main(struct exo_vcpu_page *vcpu)
{
    uint32_t i = vcpu->number;
    __atomic_store_n(&vcpu->masked, 0, __ATOMIC_RELAXED);
    while (!stop) {
        uint64_t least = __atomic_load_n(&oldest_allowed, __ATOMIC_ACQUIRE), value = UINT64_MAX;
        __asm__ volatile(".byte 0x48, 0x8b, 0x07" : "+a"(value) : "D"(page) : "memory");
        if (value < least)
            others[i].stale++;
        others[i].rounds++;
    }
    for (;;)
        exo_vcpu_wait(0);
}

static bool start_other(uint32_t i, uint32_t cpu)
{
    uint64_t out;
    exo_frame page_frame = native_frame();
    others[i].page = native_map(page_frame);
    enum exo_status status = exo_vcpu_create(EXO_CAP_SELF, native_frame(), page_frame,
                                             (uint64_t)others[i].page, EXO_CAP_BOOT_SPACE, &out);
    CHECK_STATUS("a_vcpu_is_created", status, EXO_OK);
    others[i].cap = (exo_cap)out;
    CHECK_STATUS("it_gets_the_slots_of_a_cpu", exo_slice_bind(cpu, 0, EXO_SLOTS, others[i].cap),
                 EXO_OK);
    CHECK_STATUS("a_vcpu_has_one_cpu_only", exo_slice_bind(0, 0, 1, others[i].cap), EXO_INUSE);
    return exo_vcpu_start(others[i].cap, (exo_uaddr)native_vcpu_start,
                          (exo_uaddr)native_linux_entry, (exo_uaddr)native_upcall_entry,
                          (exo_uaddr)(others[i].upcall_stack + STACK_BYTES)) == EXO_OK;
}

static bool wait_for(volatile uint64_t *counter, uint64_t more, const struct exo_info *info)
{
    uint64_t goal = *counter + more, end = native_cycles() + info->tsc_hz * 60;
    while (*counter < goal)
        if (native_cycles() > end)
            return false;
    return true;
}

/* Two frames by turns behind one address.  Each new one holds a larger number than all before;
 * once the map call has returned nobody may read an older. */
static void change_mappings(const struct exo_info *info, uint32_t count)
{
    exo_frame frames[2] = {native_frame(), native_frame()};
    volatile uint64_t *view[2] = {native_map(frames[0]), native_map(frames[1])};
    uint64_t done;
    for (uint32_t round = 1; round <= ROUNDS; round++) {
        *view[round % 2] = round;
        exo_space_map(EXO_CAP_BOOT_SPACE, (uint64_t)page | EXO_READ, frames[round % 2], 1, &done);
        __atomic_store_n(&oldest_allowed, round, __ATOMIC_RELEASE);
        for (uint32_t i = 1; i < count; i++)
            if (!wait_for(&others[i].rounds, 3, info))
                native_check(false, "every_vcpu_goes_on", i, round);
    }
}

void native_main(const struct exo_info *info, struct exo_vcpu_page *vcpu)
{
    uint32_t count = info->cpu_count < VCPUS_MAX ? info->cpu_count : VCPUS_MAX;
    vcpu->masked = 1;
    others[0].page = vcpu;
    exo_vcpu_start(EXO_CAP_BOOT_VCPU, 0, (exo_uaddr)native_linux_entry,
                   (exo_uaddr)native_upcall_entry, (exo_uaddr)native_upcall_stack);
    exo_frame first = native_frame();
    page = native_map(first);
    for (uint32_t i = 1; i < count; i++)
        CHECK("a_vcpu_starts", start_other(i, i));
    for (uint32_t i = 1; i < count; i++)
        CHECK("a_vcpu_runs", wait_for(&others[i].rounds, 10, info));
    change_mappings(info, count);
    uint64_t done;
    for (uint32_t i = 1; i < count; i++)
        CHECK_STATUS("no_stale_translation_was_used", others[i].stale, 0);
    exo_space_unmap(EXO_CAP_BOOT_SPACE, (uint64_t)page, 1, &done);
    for (uint32_t i = 1; i < count; i++)
        CHECK("an_unmapped_page_faults_everywhere", wait_for(&others[i].faults, 2, info));
    /* No more faults: a doorbell that finds events masked by an upcall would have to be looked
     * for by hand. */
    exo_space_map(EXO_CAP_BOOT_SPACE, (uint64_t)page | EXO_READ, first, 1, &done);
    for (uint32_t i = 1; i < count; i++)
        wait_for(&others[i].rounds, 10, info);
    for (uint32_t i = 1; i < count; i++) {
        CHECK_STATUS("a_doorbell_is_rung", exo_vcpu_notify(others[i].cap, 1ull << DOORBELL),
                     EXO_OK);
        uint64_t end = native_cycles() + info->tsc_hz * 60;
        while (!others[i].rings && native_cycles() < end)
            ;
        CHECK_STATUS("a_doorbell_is_heard_once", others[i].rings, 1);
    }
    for (uint32_t i = 1; i < count; i++) {
        enum exo_status status;
        uint64_t end = native_cycles() + info->tsc_hz * 60;
        while ((status = exo_vcpu_destroy(others[i].cap)) == EXO_AGAIN && native_cycles() < end)
            ;
        CHECK_STATUS("a_running_vcpu_is_destroyed", status, EXO_OK);
    }
    CHECK_STATUS("as_many_cpus_as_vcpus", count, info->cpu_count);
    native_done();
}
