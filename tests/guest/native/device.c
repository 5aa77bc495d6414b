/* SPDX-License-Identifier: BSD-2-Clause */
/* device.c - frames of a device: claims by two domains, wrong mappings, and the way back.
 *
 * Needs a machine whose loader hands over a screen.  The second domain runs a copy of this image
 * at the same addresses, in frames shared with it; it reports through a page that both write.
 */
#include "native.h"

constexpr uint32_t CHILD_FRAMES = 40, CHILD_TABLES = 16;
constexpr uint64_t REPORT_VA = EXO_REGION_BASE + (8ull << 30);
constexpr uint64_t CHILD_VCPU_VA = EXO_REGION_BASE + (9ull << 30);
constexpr uint64_t SCREEN_VA = EXO_REGION_BASE + (10ull << 30);
constexpr uint32_t RW = EXO_READ | EXO_WRITE;

struct report {
    volatile uint32_t done;
    exo_frame first, own_frame;
    uint32_t count;
    volatile uint32_t unclaimed, claimed; /* what the child's calls answered */
};

extern char image_start[], image_end[], text_end[];

static struct report *const report = (struct report *)REPORT_VA;
static volatile uint64_t upcall_cause;

void native_upcall(struct exo_upcall_frame *frame)
{
    upcall_cause = frame->cause;
    if (frame->cause != EXO_CAUSE_EVENT)
        frame->rip += 2;
}

static bool can_write(uint64_t va)
{
    upcall_cause = 0;
    __asm__ volatile(".byte 0x88, 0x07" : : "D"(va), "a"(0x5a) : "memory");
    return upcall_cause == 0;
}

static struct exo_frame_answer query(exo_frame frame)
{
    struct exo_frame_answer answer = {.type = ~0u};
    exo_frame_query(frame, (exo_uaddr)&answer);
    return answer;
}

/* ---- the second domain ---- */

void native_vcpu_main(struct exo_vcpu_page *)
{
    uint64_t out;
    exo_space_create(EXO_CAP_SELF, report->own_frame, &out);
    report->unclaimed = exo_space_map((exo_cap)out, SCREEN_VA | RW, report->first, 1, &out);
    report->claimed = exo_device_claim(report->first, report->count);
    report->done = 1;
    for (;;)
        exo_vcpu_yield(0);
}

/* ---- the first domain ---- */

static enum exo_status map(uint64_t va_perms, exo_frame frame, uint32_t count)
{
    uint64_t done;
    return exo_space_map(EXO_CAP_BOOT_SPACE, va_perms, frame, count, &done);
}

static enum exo_status protect(uint32_t perms)
{
    uint64_t done;
    return exo_space_protect(EXO_CAP_BOOT_SPACE, SCREEN_VA | perms, 1, 0, &done);
}

static void feed_tables(exo_cap dom)
{
    exo_frame tables[CHILD_TABLES];
    uint64_t count;
    exo_frame first = native_frames(CHILD_TABLES);
    for (uint32_t i = 0; i < CHILD_TABLES; i++)
        tables[i] = first + i;
    if (dom != EXO_CAP_SELF)
        exo_frame_grant(first, CHILD_TABLES, dom, EXO_RWX);
    CHECK_STATUS("tables_are_fed", exo_table_give(dom, (exo_uaddr)tables, CHILD_TABLES, &count),
                 EXO_OK);
}

static void attack_claims(const struct exo_device *d)
{
    CHECK_STATUS("an_unclaimed_device_cannot_be_mapped", map(SCREEN_VA | RW, d->first, 1),
                 EXO_OWNER);
    CHECK_STATUS("a_part_cannot_be_claimed", exo_device_claim(d->first, d->count - 1), EXO_RANGE);
    CHECK_STATUS("more_cannot_be_claimed", exo_device_claim(d->first, d->count + 1), EXO_RANGE);
    CHECK_STATUS("a_claim_that_overflows_is_refused", exo_device_claim(d->first, UINT32_MAX),
                 EXO_RANGE);
    CHECK_STATUS("a_device_is_claimed", exo_device_claim(d->first, d->count), EXO_OK);
    CHECK_STATUS("it_may_be_claimed_again", exo_device_claim(d->first, d->count), EXO_OK);
    CHECK_STATUS("its_frames_are_devices", query(d->first).type, EXO_FRAME_DEVICE);
    CHECK_STATUS("it_is_ours", query(d->first + d->count - 1).mine, 1);
}

static void attack_maps(const struct exo_device *d)
{
    exo_frame large = d->first / EXO_LARGE_FRAMES * EXO_LARGE_FRAMES;
    CHECK_STATUS("no_map_past_its_end", map(SCREEN_VA | RW, d->first + d->count - 1, 2), EXO_RANGE);
    CHECK_STATUS("no_executable_map", map(SCREEN_VA | EXO_READ | EXO_EXEC, d->first, 1), EXO_TYPE);
    CHECK_STATUS("no_large_map", map(SCREEN_VA | RW | EXO_LARGE, large, 1), EXO_TYPE);
    CHECK_STATUS("the_local_interrupt_controller_stays_out_of_reach",
                 map(SCREEN_VA | RW, 0xfee00, 1), EXO_RANGE);
    CHECK("refused_maps_changed_nothing", query(d->first).maps == 0 && !can_write(SCREEN_VA));
    CHECK_STATUS("all_of_it_is_mapped", map(SCREEN_VA | RW, d->first, d->count), EXO_OK);
    CHECK_STATUS("maps_are_counted", query(d->first).maps, d->count);
    uint64_t last = SCREEN_VA + (d->count - 1) * EXO_FRAME_BYTES;
    CHECK("it_can_be_written", can_write(SCREEN_VA) && can_write(last));
    CHECK("what_follows_cannot", !can_write(last + EXO_FRAME_BYTES));
    CHECK_STATUS("it_becomes_read_only", protect(EXO_READ), EXO_OK);
    CHECK("then_it_cannot_be_written", !can_write(SCREEN_VA));
    CHECK_STATUS("it_becomes_writable_again", protect(RW), EXO_OK);
    CHECK_STATUS("it_never_becomes_executable", protect(EXO_READ | EXO_EXEC), EXO_TYPE);
    CHECK("it_can_be_written_after_that", can_write(SCREEN_VA));
    CHECK_STATUS("it_is_no_ring_of_frames",
                 exo_space_bind_zero(EXO_CAP_BOOT_SPACE, native_va(1) | RW, 1, SCREEN_VA),
                 EXO_TYPE);
}

static void map_child(exo_cap dom, exo_cap space, exo_frame vcpu_page, exo_frame report_frame)
{
    uint64_t out, start = (uint64_t)image_start;
    uint32_t pages = (uint32_t)((image_end - image_start + EXO_FRAME_BYTES - 1) / EXO_FRAME_BYTES);
    uint32_t text = (uint32_t)((text_end - image_start + EXO_FRAME_BYTES - 1) / EXO_FRAME_BYTES);
    exo_frame frames = native_frames(pages);
    for (uint32_t i = 0; i < pages; i++) {
        uint64_t *to = native_map(frames + i);
        const uint64_t *from = (const uint64_t *)(image_start + i * EXO_FRAME_BYTES);
        for (uint32_t w = 0; w < EXO_FRAME_BYTES / 8; w++)
            to[w] = from[w];
    }
    exo_frame_share(frames, pages, dom, EXO_RWX, &out);
    exo_frame_share(report_frame, 1, dom, RW, &out);
    CHECK_STATUS("the_childs_text_is_mapped",
                 exo_space_map(space, start | EXO_READ | EXO_EXEC, frames, text, &out), EXO_OK);
    CHECK_STATUS("the_childs_data_is_mapped",
                 exo_space_map(space, (start + text * EXO_FRAME_BYTES) | RW, frames + text,
                               pages - text, &out),
                 EXO_OK);
    CHECK_STATUS("the_childs_vcpu_page_is_mapped",
                 exo_space_map(space, CHILD_VCPU_VA | RW, vcpu_page, 1, &out), EXO_OK);
    CHECK_STATUS("the_childs_report_is_mapped",
                 exo_space_map(space, REPORT_VA | RW, report_frame, 1, &out), EXO_OK);
}

/* A domain that runs this image and has come to its end; *SPACE is its. */
static exo_cap child_run(exo_frame report_frame, exo_cap *space)
{
    uint64_t out;
    exo_frame object = native_frames(2), own = native_frames(CHILD_FRAMES);
    CHECK_STATUS("a_domain_is_created", exo_domain_create(object, object + 1, 1, &out), EXO_OK);
    exo_cap dom = (exo_cap)out;
    CHECK_STATUS("frames_are_granted", exo_frame_grant(own, CHILD_FRAMES, dom, EXO_RWX), EXO_OK);
    feed_tables(dom);
    CHECK_STATUS("it_gets_a_space", exo_space_create(dom, own, &out), EXO_OK);
    *space = (exo_cap)out;
    map_child(dom, *space, own + 1, report_frame);
    CHECK_STATUS("it_gets_a_vcpu",
                 exo_vcpu_create(dom, own + 2, own + 1, CHILD_VCPU_VA, *space, &out), EXO_OK);
    exo_cap vcpu = (exo_cap)out;
    report->own_frame = own + 3;
    report->done = 0;
    exo_slice_grant(0, 32, 32, dom);
    exo_slice_bind(0, 32, 32, vcpu);
    CHECK_STATUS("it_starts",
                 exo_vcpu_start(vcpu, (exo_uaddr)native_vcpu_start, (exo_uaddr)native_linux_entry,
                                (exo_uaddr)native_upcall_entry, (exo_uaddr)native_upcall_stack),
                 EXO_OK);
    uint64_t end = native_cycles() + ((const struct exo_info *)EXO_INFO_VA)->tsc_hz * 20;
    while (report->done == 0 && native_cycles() < end)
        exo_vcpu_yield(0);
    CHECK_STATUS("the_child_ran", report->done, 1);
    return dom;
}

static void destroy(exo_cap dom)
{
    enum exo_status status = EXO_AGAIN;
    for (uint32_t i = 0; i < 100000 && status == EXO_AGAIN; i++)
        status = exo_domain_destroy(dom);
    CHECK_STATUS("the_domain_is_destroyed", status, EXO_OK);
}

/* A domain that holds the device and is destroyed gives it back, with what it mapped. */
static void child_holds_it(const struct exo_device *d, exo_frame report_frame)
{
    uint64_t count;
    exo_cap space, dom = child_run(report_frame, &space);
    CHECK_STATUS("what_nobody_claimed_cannot_be_mapped", report->unclaimed, EXO_OWNER);
    CHECK_STATUS("the_child_claims_it", report->claimed, EXO_OK);
    CHECK_STATUS("another_domains_device_cannot_be_claimed", exo_device_claim(d->first, d->count),
                 EXO_INUSE);
    CHECK_STATUS("another_domains_device_cannot_be_mapped", map(SCREEN_VA | RW, d->first, 1),
                 EXO_OWNER);
    CHECK_STATUS("another_domains_device_tells_nothing", query(d->first).mine, 0);
    CHECK_STATUS("it_is_mapped_for_its_holder",
                 exo_space_map(space, SCREEN_VA | RW, d->first, d->count, &count), EXO_OK);
    destroy(dom);
}

static void child_cannot_have_ours(const struct exo_device *d, exo_frame report_frame)
{
    uint64_t count;
    exo_cap space, dom = child_run(report_frame, &space);
    CHECK_STATUS("a_child_cannot_map_ours", report->unclaimed, EXO_OWNER);
    CHECK_STATUS("a_child_cannot_claim_ours", report->claimed, EXO_INUSE);
    CHECK_STATUS("ours_cannot_be_mapped_in_its_space",
                 exo_space_map(space, SCREEN_VA | RW, d->first, 1, &count), EXO_OWNER);
    destroy(dom);
}

void native_main(const struct exo_info *info, struct exo_vcpu_page *vcpu)
{
    const struct exo_device *d = &info->devices[0];
    uint64_t count;
    vcpu->masked = 1;
    exo_vcpu_start(EXO_CAP_BOOT_VCPU, 0, (exo_uaddr)native_linux_entry,
                   (exo_uaddr)native_upcall_entry, (exo_uaddr)native_upcall_stack);
    CHECK_STATUS("the_loader_handed_over_a_screen", info->device_count, 1);
    if (info->device_count == 0)
        native_done();
    feed_tables(EXO_CAP_SELF);
    exo_frame report_frame = native_frame();
    CHECK_STATUS("the_report_is_mapped", map(REPORT_VA | RW, report_frame, 1), EXO_OK);
    report->first = d->first;
    report->count = d->count;

    child_holds_it(d, report_frame);
    attack_claims(d);
    attack_maps(d);
    child_cannot_have_ours(d, report_frame);
    CHECK_STATUS("our_mappings_are_there_still", query(d->first).maps, d->count);
    CHECK_STATUS("they_go", exo_space_unmap(EXO_CAP_BOOT_SPACE, SCREEN_VA, d->count, &count),
                 EXO_OK);
    CHECK("none_is_counted_then", query(d->first).maps == 0 && !can_write(SCREEN_VA));
    native_done();
}
