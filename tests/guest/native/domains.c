/* SPDX-License-Identifier: BSD-2-Clause */
/* domains.c - two domains at once: the second has frames and slots of its own, and everything
 * that it tries against the first fails with an error.
 *
 * The child's image is a copy of this program's own, in frames granted to it, at the same
 * addresses.  It reports through a page that the first domain shares with it.
 */
#include "native.h"

constexpr uint32_t CHILD_FRAMES = 64; /* granted as one range */
constexpr uint32_t CHILD_TABLES = 16;
constexpr uint64_t REPORT_VA = EXO_REGION_BASE + (8ull << 30);
constexpr uint64_t CHILD_VCPU_VA = EXO_REGION_BASE + (9ull << 30);
constexpr uint64_t CHILD_PAGE_VA = EXO_REGION_BASE + (10ull << 30);
constexpr uint32_t ATTEMPTS_MAX = 32;

struct report {
    volatile uint32_t done, count;
    volatile uint32_t runs; /* the child's loop goes round */
    uint32_t secret_frame, own_frame, own_count, facts_of_parent;
    struct {
        const char *name; /* the same address in both images */
        uint32_t got, want;
    } attempt[ATTEMPTS_MAX];
    volatile uint32_t revoke_seen, faults;
    volatile uint32_t vector_losses; /* times the child found its vector registers changed */
};

extern char image_start[], image_end[];

static volatile uint64_t upcall_cause;

void native_upcall(struct exo_upcall_frame *frame)
{
    upcall_cause = frame->cause;
    if (frame->cause != EXO_CAUSE_EVENT)
        frame->rip += 2;
}

/* Fill the vector registers, and see whether they still hold it.  (This program's own code uses
 * none, so only a switch of domains could change them.) */
static void vectors_fill(uint64_t pattern)
{
    __asm__ volatile("movq %0, %%xmm0\n vpbroadcastq %%xmm0, %%ymm15\n vpbroadcastq %%xmm0, %%ymm3"
                     :
                     : "r"(pattern));
}

static bool vectors_hold(uint64_t pattern)
{
    uint64_t words[8];
    __asm__ volatile("vmovdqu %%ymm15, (%0)\n vmovdqu %%ymm3, 32(%0)" : : "r"(words) : "memory");
    for (uint32_t i = 0; i < 8; i++)
        if (words[i] != pattern)
            return false;
    return true;
}

/* ---- the child ---- */

static struct report *const report = (struct report *)REPORT_VA;

static void attempt(const char *name, enum exo_status got, enum exo_status want)
{
    uint32_t i = report->count;
    report->attempt[i].name = name;
    report->attempt[i].got = got;
    report->attempt[i].want = want;
    report->count = i + 1;
}

static void child_attacks(void)
{
    uint64_t out;
    exo_frame secret = report->secret_frame;
    constexpr uint32_t RW = EXO_READ | EXO_WRITE;
    /* It was given no capability but its facts: find none of the first domain's. */
    attempt("child_has_no_space_capability", exo_space_switch(1), EXO_CAP);
    attempt("child_has_no_vcpu_capability", exo_vcpu_notify(2, 1 << 8), EXO_CAP);
    attempt("child_cannot_share_the_firsts_frame", exo_frame_share(secret, 1, 0, RW, &out),
            EXO_INVAL);
    attempt("child_cannot_drop_the_firsts_frame", exo_frame_drop(secret, 1), EXO_OWNER);
    attempt("child_cannot_give_the_firsts_frame_as_table",
            exo_table_give(EXO_CAP_SELF, (exo_uaddr)&report->secret_frame, 1, &out), EXO_OWNER);
    attempt("child_cannot_take_the_firsts_slots", exo_slice_bind(0, 0, 1, 0), EXO_OWNER);
    attempt("child_cannot_grant_the_firsts_slots", exo_slice_grant(0, 0, 1, EXO_CAP_SELF),
            EXO_OWNER);
    attempt("child_cannot_have_ports", exo_port_claim(0x3e8, 8), EXO_OWNER);
    attempt("child_cannot_have_guarded_ports", exo_port_guarded(0x64, EXO_PORT_READ, &out),
            EXO_OWNER);
    attempt("child_cannot_have_interrupts", exo_irq_bind(5, 1, 9), EXO_OWNER);
    attempt("child_cannot_write_the_log", exo_log_write((exo_uaddr) "x", 1, &out), EXO_OWNER);
    attempt("child_cannot_end_the_machine", exo_power(EXO_POWER_OFF, 0), EXO_OWNER);
    attempt("child_cannot_end_the_first_domain", exo_domain_destroy(1), EXO_CAP);
    attempt("child_cannot_revoke_from_the_first", exo_frame_revoke(secret, 1, 1, EXO_REVOKE_ASK),
            EXO_CAP);
    /* A space of its own to map with. */
    exo_frame object = report->own_frame + report->own_count - 1;
    enum exo_status status = exo_space_create(EXO_CAP_SELF, object, &out);
    attempt("child_makes_a_space_in_its_own_frame", status, EXO_OK);
    exo_cap space = (exo_cap)out;
    attempt("child_cannot_map_the_firsts_frame",
            exo_space_map(space, CHILD_PAGE_VA | RW, secret, 1, &out), EXO_OWNER);
    attempt("child_cannot_read_the_firsts_frame",
            exo_space_map(space, CHILD_PAGE_VA | EXO_READ, secret, 1, &out), EXO_OWNER);
    attempt("child_cannot_map_past_its_range",
            exo_space_map(space, CHILD_PAGE_VA | RW, report->own_frame + report->own_count - 2, 4,
                          &out),
            EXO_AGAIN);
    exo_space_unmap(space, CHILD_PAGE_VA, 8, &out);
    attempt("child_cannot_make_an_object_of_the_firsts_frame",
            exo_space_create(EXO_CAP_SELF, secret, &out), EXO_OWNER);
    /* A share must not outlive the right to it: it makes a domain, shares a frame with it, and
     * gives the frame back. */
    exo_frame given = report->own_frame + report->own_count - 4;
    exo_cap grandchild = 0;
    status = exo_domain_create(given - 1, given - 2, 1, &out);
    grandchild = (exo_cap)out;
    attempt("child_makes_a_domain", status, EXO_OK);
    attempt("a_granted_frame_cannot_be_granted_on",
            exo_frame_grant(given - 7, 5, grandchild, EXO_RWX), EXO_STATE);
    attempt("child_shares_with_its_own_domain", exo_frame_share(given, 1, grandchild, RW, &out),
            EXO_OK);
    attempt("child_drops_what_it_shared", exo_frame_drop(given, 1), EXO_OK);
    attempt("child_maps_its_own_frame",
            exo_space_map(space, CHILD_PAGE_VA | RW, report->own_frame + report->own_count - 2, 1,
                          &out),
            EXO_OK);
    upcall_cause = 0;
    __asm__ volatile(".byte 0x8a, 0x07" : : "D"(EXO_BOOT_VCPU_VA), "a"(0) : "memory");
    attempt("child_has_nothing_where_the_firsts_vcpu_page_is",
            upcall_cause == 14 ? EXO_FAULT : EXO_OK, EXO_FAULT);
    upcall_cause = 0;
    __asm__ volatile("inb $0x64, %%al" : : : "rax");
    attempt("child_has_no_ports", upcall_cause == 13 ? EXO_FAULT : EXO_OK, EXO_FAULT);
}

void native_vcpu_main(struct exo_vcpu_page *vcpu)
{
    child_attacks();
    vectors_fill(0xc41dc41dc41dc41d);
    report->done = 1;
    for (;;) {
        report->vector_losses += !vectors_hold(0xc41dc41dc41dc41d);
        report->runs++;
        if (__atomic_exchange_n(&vcpu->pending, 0, __ATOMIC_RELAXED) & EXO_EVENT_REVOKE)
            report->revoke_seen = vcpu->revoke_count;
    }
}

/* ---- the first domain ---- */

static void feed_tables(exo_cap dom)
{
    exo_frame tables[CHILD_TABLES];
    uint64_t count;
    exo_frame first = native_frames(CHILD_TABLES);
    for (uint32_t i = 0; i < CHILD_TABLES; i++)
        tables[i] = first + i;
    if (dom != EXO_CAP_SELF)
        CHECK_STATUS("tables_are_granted", exo_frame_grant(first, CHILD_TABLES, dom, EXO_RWX),
                     EXO_OK);
    CHECK_STATUS("tables_are_fed", exo_table_give(dom, (exo_uaddr)tables, CHILD_TABLES, &count),
                 EXO_OK);
}

static void unmap(void *va)
{
    uint64_t count;
    exo_space_unmap(EXO_CAP_BOOT_SPACE, (uint64_t)va, 1, &count);
}

/* Copy this image into frames from FIRST on; returns how many it takes. */
static uint32_t copy_image(exo_frame first)
{
    uint32_t pages = (uint32_t)((image_end - image_start + EXO_FRAME_BYTES - 1) / EXO_FRAME_BYTES);
    for (uint32_t i = 0; i < pages; i++) {
        uint64_t *to = native_map(first + i);
        const uint64_t *from = (const uint64_t *)(image_start + i * EXO_FRAME_BYTES);
        for (uint32_t w = 0; w < EXO_FRAME_BYTES / 8; w++)
            to[w] = from[w];
        unmap(to);
    }
    return pages;
}

static void map_child(exo_cap space, exo_frame first, uint32_t pages, exo_frame vcpu_page,
                      exo_frame report_frame)
{
    uint64_t done;
    extern char text_end[];
    uint32_t text_pages =
        (uint32_t)((text_end - image_start + EXO_FRAME_BYTES - 1) / EXO_FRAME_BYTES);
    CHECK_STATUS(
        "child_text_is_mapped",
        exo_space_map(space, (uint64_t)image_start | EXO_READ | EXO_EXEC, first, text_pages, &done),
        EXO_OK);
    CHECK_STATUS(
        "child_data_is_mapped",
        exo_space_map(space,
                      ((uint64_t)image_start + text_pages * EXO_FRAME_BYTES) | EXO_READ | EXO_WRITE,
                      first + text_pages, pages - text_pages, &done),
        EXO_OK);
    CHECK_STATUS("child_vcpu_page_is_mapped",
                 exo_space_map(space, CHILD_VCPU_VA | EXO_READ | EXO_WRITE, vcpu_page, 1, &done),
                 EXO_OK);
    CHECK_STATUS("shared_page_cannot_be_mapped_beyond_its_rights",
                 exo_space_map(space, REPORT_VA | EXO_READ | EXO_EXEC, report_frame, 1, &done),
                 EXO_RIGHTS);
    CHECK_STATUS("shared_page_is_mapped",
                 exo_space_map(space, REPORT_VA | EXO_READ | EXO_WRITE, report_frame, 1, &done),
                 EXO_OK);
}

static void wait_ms(const struct exo_info *info, uint64_t ms)
{
    uint64_t end = native_cycles() + info->tsc_hz / 1000 * ms;
    struct exo_vcpu_page *page = (struct exo_vcpu_page *)EXO_BOOT_VCPU_VA;
    while (native_cycles() < end) {
        __atomic_store_n(&page->pending, 0, __ATOMIC_RELAXED);
        exo_vcpu_wait(end);
    }
}

static void check_revocation(const struct exo_info *info, struct report *r, exo_cap dom,
                             exo_frame spare)
{
    CHECK_STATUS("force_without_asking_is_refused",
                 exo_frame_revoke(spare, 1, dom, EXO_REVOKE_FORCE), EXO_STATE);
    CHECK_STATUS("asking_is_granted", exo_frame_revoke(spare, 1, dom, EXO_REVOKE_ASK), EXO_OK);
    CHECK_STATUS("force_without_grace_is_refused",
                 exo_frame_revoke(spare, 1, dom, EXO_REVOKE_FORCE), EXO_STATE);
    for (uint32_t i = 0; i < 200 && !r->revoke_seen; i++)
        wait_ms(info, 5);
    CHECK("child_saw_the_request", r->revoke_seen == 1);
    wait_ms(info, 20);
    CHECK_STATUS("force_after_grace_is_granted", exo_frame_revoke(spare, 1, dom, EXO_REVOKE_FORCE),
                 EXO_OK);
    uint64_t *page = native_map(spare);
    bool is_zero = true;
    for (uint32_t i = 0; i < EXO_FRAME_BYTES / 8; i++)
        is_zero &= page[i] == 0;
    CHECK("what_comes_back_is_zeroed", is_zero);
}

static uint32_t frames_held(const struct exo_info *info)
{
    uint32_t held = 0;
    for (exo_frame f = 0; f < 0x10000; f++) {
        struct exo_frame_answer a = {0};
        held += exo_frame_query(f, (exo_uaddr)&a) == EXO_OK && a.mine;
    }
    (void)info;
    return held;
}

static void check_end(const struct exo_info *info, struct report *r, exo_cap dom,
                      uint32_t held_before)
{
    enum exo_status status;
    /* Its CPU, if it is another, has to let go of it first; the limit only ends a hang. */
    uint64_t end = native_cycles() + info->tsc_hz * 60;
    while ((status = exo_domain_destroy(dom)) == EXO_AGAIN && native_cycles() < end)
        ;
    CHECK_STATUS("child_is_destroyed", status, EXO_OK);
    CHECK("every_frame_came_back", frames_held(info) == held_before);
    CHECK_STATUS("the_name_is_gone", exo_domain_destroy(dom), EXO_CAP);
    CHECK("its_slots_came_back", info->slice_owner[info->cpu_count - 1][40] == 0);
    uint32_t runs = r->runs;
    wait_ms(info, 20);
    CHECK("nothing_runs_any_more", r->runs == runs);
}

void native_main(const struct exo_info *info, struct exo_vcpu_page *vcpu)
{
    uint64_t out;
    vcpu->masked = 1; /* events are looked at, not taken */
    exo_vcpu_start(EXO_CAP_BOOT_VCPU, 0, (exo_uaddr)native_linux_entry,
                   (exo_uaddr)native_upcall_entry, (exo_uaddr)native_upcall_stack);
    feed_tables(EXO_CAP_SELF);
    exo_frame report_frame = native_frame(), object = native_frames(2);
    struct report *r = native_map(report_frame);
    uint32_t held = frames_held(info);

    CHECK_STATUS("a_domain_is_created", exo_domain_create(object, object + 1, 1, &out), EXO_OK);
    exo_cap dom = (exo_cap)out;
    exo_frame frames = native_frames(CHILD_FRAMES);
    uint32_t pages = copy_image(frames);
    CHECK_STATUS("frames_are_granted", exo_frame_grant(frames, CHILD_FRAMES, dom, EXO_RWX), EXO_OK);
    CHECK_STATUS("what_was_granted_is_gone",
                 exo_space_map(EXO_CAP_BOOT_SPACE, native_va(1) | EXO_READ, frames, 1, &out),
                 EXO_OWNER);
    CHECK_STATUS("what_was_granted_cannot_be_granted_again",
                 exo_frame_grant(frames, 1, dom, EXO_RWX), EXO_OWNER);
    CHECK_STATUS("a_frame_is_shared",
                 exo_frame_share(report_frame, 1, dom, EXO_READ | EXO_WRITE, &out), EXO_OK);
    feed_tables(dom);
    CHECK_STATUS("the_child_gets_a_space", exo_space_create(dom, frames + pages, &out), EXO_OK);
    exo_cap space = (exo_cap)out;
    map_child(space, frames, pages, frames + pages + 1, report_frame);
    CHECK_STATUS(
        "the_child_gets_a_vcpu",
        exo_vcpu_create(dom, frames + pages + 2, frames + pages + 1, CHILD_VCPU_VA, space, &out),
        EXO_OK);
    exo_cap child_vcpu = (exo_cap)out;
    r->secret_frame = native_frame();
    uint64_t *secret = native_map(r->secret_frame);
    *secret = 0x5ec2e7;
    r->own_frame = frames;
    r->own_count = CHILD_FRAMES;
    /* On a CPU of its own if there is one: then it runs while it is destroyed. */
    uint32_t cpu = info->cpu_count - 1;
    CHECK_STATUS("slots_are_granted", exo_slice_grant(cpu, 32, 32, dom), EXO_OK);
    CHECK_STATUS("slots_are_bound", exo_slice_bind(cpu, 32, 32, child_vcpu), EXO_OK);
    CHECK_STATUS("the_child_starts",
                 exo_vcpu_start(child_vcpu, (exo_uaddr)native_vcpu_start,
                                (exo_uaddr)native_linux_entry, (exo_uaddr)native_upcall_entry,
                                (exo_uaddr)native_upcall_stack),
                 EXO_OK);
    for (uint32_t i = 0; i < 2000 && !r->done; i++)
        wait_ms(info, 5);
    CHECK("the_child_ran", r->done == 1);
    for (uint32_t i = 0; i < r->count; i++)
        native_check(r->attempt[i].got == r->attempt[i].want, r->attempt[i].name, r->attempt[i].got,
                     r->attempt[i].want);
    CHECK("the_secret_is_untouched", *secret == 0x5ec2e7);

    /* Both run by turns, though neither gives up the CPU. */
    uint32_t runs = r->runs;
    vectors_fill(0xf125f125f125f125);
    uint64_t end = native_cycles() + info->tsc_hz / 2;
    while (native_cycles() < end)
        ;
    CHECK("the_child_runs_in_its_slices", r->runs > runs);
    CHECK("vector_registers_are_kept_over_a_switch", vectors_hold(0xf125f125f125f125));
    CHECK_STATUS("the_child_keeps_its_vector_registers", r->vector_losses, 0);
    check_revocation(info, r, dom, frames + CHILD_FRAMES - 3);
    check_end(info, r, dom, held);
    native_done();
}
