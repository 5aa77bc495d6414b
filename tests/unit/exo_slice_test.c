/* SPDX-License-Identifier: BSD-2-Clause */
/* exo_slice_test.c - the ring of slots of each CPU: who owns them, who runs, when the timer rings.
 * Links: the kernel's archive as fake_kernel.h says.
 *
 * Time is the processor's counter; tests bend its rate: at rate 0 every slot is over at once. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>

#include "fake_kernel.h"
#include "info.h"
#include "slice.h"
#include "vcpu.h"

constexpr uint32_t VCPUS = 5; /* the last one makes the calls */
constexpr exo_frame OBJECTS = FAKE_FIRST_FREE + 8;
constexpr uint64_t LATER = UINT64_MAX / 2;

static struct domain *dom, *child;
static struct caller c;
static exo_cap cap_child, cap[VCPUS];
static struct vcpu *vcpu[VCPUS];
static struct trapframe tf;

static int setup(void **)
{
    fake_kernel_begin();
    dom = fake_domain(0, FAKE_FIRST_FREE, 256, 64);
    child = fake_domain(1, 8192, 256, 16);
    cap_child = cap_add(dom, (struct cap){.kind = EXO_CAP_DOMAIN, .object = child});
    c = fake_caller(dom);
    assert_int_equal(call_space_create(&c, EXO_CAP_SELF, OBJECTS), EXO_OK);
    exo_cap space = (exo_cap)c.second;
    for (uint32_t i = 0; i < VCPUS; i++) {
        assert_int_equal(call_vcpu_create(&c, EXO_CAP_SELF, OBJECTS + 1 + i, OBJECTS + 20 + i,
                                          EXO_REGION_BASE + i * EXO_FRAME_BYTES, space),
                         EXO_OK);
        cap[i] = (exo_cap)c.second;
        vcpu[i] = cap_find(dom, cap[i], EXO_CAP_VCPU)->object;
    }
    c.vcpu = vcpu[VCPUS - 1];
    tf = (struct trapframe){};
    return 0;
}

static void start(uint32_t i)
{
    assert_int_equal(call_vcpu_start(&c, cap[i], 0x1000, 0x2000, 0x3000, 0x4000), EXO_OK);
}

static void bind(uint32_t cpu, uint32_t first, uint32_t count, uint32_t i)
{
    assert_int_equal(call_slice_bind(&c, cpu, first, count, cap[i]), EXO_OK);
}

/* The vcpu that CPU 0 goes on with. */
static struct vcpu *next(void)
{
    slice_reschedule(&cpus[0], &tf);
    return cpus[0].running;
}

static bool is_sane(void)
{
    for (uint32_t i = 0; i < VCPUS; i++) {
        uint32_t slots = 0;
        for (uint32_t cpu = 0; cpu < cpu_count; cpu++) {
            for (uint32_t slot = 0; slot < EXO_SLOTS; slot++) {
                if (cpus[cpu].ring[slot] != vcpu[i])
                    continue;
                slots++;
                if (vcpu[i]->cpu != &cpus[cpu])
                    return false;
            }
        }
        if (vcpu[i]->slots != slots || (slots == 0 && vcpu[i]->cpu))
            return false;
    }
    return true;
}

/* ------------------------------------------------------------------ slots */

static void slots_are_filled_and_emptied(void **)
{
    bind(0, 0, 3, 0);
    assert_int_equal(vcpu[0]->slots, 3);
    assert_ptr_equal(vcpu[0]->cpu, &cpus[0]);
    bind(0, 1, 2, 1); /* takes two of them over */
    assert_int_equal(vcpu[0]->slots, 1);
    assert_int_equal(vcpu[1]->slots, 2);
    bind(0, 1, 2, 1); /* again: no change */
    assert_int_equal(vcpu[1]->slots, 2);
    assert_int_equal(call_slice_bind(&c, 0, 0, EXO_SLOTS, 0), EXO_OK);
    assert_int_equal(vcpu[0]->slots + vcpu[1]->slots, 0);
    assert_null(vcpu[0]->cpu);
    assert_true(is_sane());
}

static void what_a_binding_refuses(void **)
{
    assert_int_equal(call_slice_bind(&c, 2, 0, 1, cap[0]), EXO_RANGE);
    assert_int_equal(call_slice_bind(&c, UINT32_MAX, 0, 1, cap[0]), EXO_RANGE);
    assert_int_equal(call_slice_bind(&c, 0, EXO_SLOTS, 1, cap[0]), EXO_RANGE);
    assert_int_equal(call_slice_bind(&c, 0, 0, 0, cap[0]), EXO_RANGE);
    assert_int_equal(call_slice_bind(&c, 0, 1, EXO_SLOTS, cap[0]), EXO_RANGE);
    assert_int_equal(call_slice_bind(&c, 0, 1, UINT32_MAX, cap[0]), EXO_RANGE);
    assert_int_equal(call_slice_bind(&c, 0, 0, 1, cap_child), EXO_CAP);
    assert_int_equal(call_slice_bind(&c, 0, 0, 1, 99), EXO_CAP);
    struct caller c_child = fake_caller(child);
    c_child.vcpu = vcpu[0];
    assert_int_equal(call_slice_bind(&c_child, 0, 0, 1, 0), EXO_OWNER);
    bind(1, 5, 1, 2);
    assert_int_equal(call_slice_bind(&c, 0, 5, 1, cap[2]), EXO_INUSE);
    dom->state = DOMAIN_ENDED;
    assert_int_equal(call_slice_bind(&c, 0, 0, 1, cap[0]), EXO_STATE);
    dom->state = DOMAIN_RUNS;
    assert_true(is_sane());
}

static void granted_slots_belong_to_the_other(void **)
{
    uint32_t generation = info->generation;
    bind(0, 0, 4, 0);
    assert_int_equal(call_slice_grant(&c, 0, 2, 4, cap_child), EXO_OK);
    assert_int_equal(vcpu[0]->slots, 2); /* emptied with the change of hands */
    assert_int_equal(info->slice_owner[0][1], 0);
    assert_int_equal(info->slice_owner[0][2], 1);
    assert_int_equal(info->slice_owner[0][5], 1);
    assert_int_equal(info->slice_owner[0][6], 0);
    assert_true(info->generation != generation && info->generation % 2 == 0);
    assert_int_equal(call_slice_bind(&c, 0, 2, 1, cap[0]), EXO_OWNER);
    assert_int_equal(call_slice_grant(&c, 0, 2, 1, cap_child), EXO_OWNER);
    assert_int_equal(call_slice_grant(&c, 0, 0, 1, 99), EXO_CAP);
    assert_int_equal(call_slice_grant(&c, 0, 60, 5, cap_child), EXO_RANGE);
    /* A creator may put the other's vcpu, and no vcpu of its own, into them. */
    vcpu[3]->dom = child;
    bind(0, 2, 1, 3);
    assert_int_equal(vcpu[3]->slots, 1);
    vcpu[3]->dom = dom;
    slice_return_all(1, 0);
    assert_int_equal(info->slice_owner[0][5], 0);
    assert_true(is_sane());
}

static void unbinding_tells_the_cpu_that_runs_it(void **)
{
    bind(1, 0, 2, 1);
    cpus[1].running = vcpu[1];
    vcpu[1]->state = VCPU_RUNNING;
    slice_unbind_all(vcpu[1]);
    assert_int_equal(fake_kicks, 1);
    assert_null(cpus[1].ring[0]);
    assert_null(vcpu[1]->cpu);
    /* Until it has let go, it cannot be put elsewhere: its state is in that CPU's registers. */
    assert_int_equal(call_slice_bind(&c, 0, 0, 1, cap[1]), EXO_INUSE);
    cpus[1].running = nullptr;
    vcpu[1]->state = VCPU_READY;
    bind(0, 0, 1, 1);
}

static void a_random_history_keeps_the_counts(void **)
{
    srand(3);
    for (int step = 0; step < 20000; step++) {
        uint32_t cpu = (uint32_t)rand() % 2, first = (uint32_t)rand() % EXO_SLOTS;
        uint32_t count = 1 + (uint32_t)rand() % 12, i = (uint32_t)rand() % VCPUS;
        switch (rand() % 6) {
        case 0: slice_unbind_all(vcpu[i]); break;
        case 1: (void)call_slice_bind(&c, cpu, first, count, 0); break;
        case 2: (void)call_slice_grant(&c, cpu, first, count, EXO_CAP_SELF); break;
        default: (void)call_slice_bind(&c, cpu, first, count, cap[i]); break;
        }
        assert_true(is_sane());
    }
}

/* ------------------------------------------------------------------ whose turn */

static void ready_vcpus_take_turns_by_their_slots(void **)
{
    static const uint32_t order[] = {1, 2, 0, 1, 2, 0};
    for (uint32_t i = 0; i < 3; i++) {
        bind(0, i * 10, 1, i);
        start(i);
    }
    for (uint32_t i = 0; i < 6; i++)
        assert_ptr_equal(next(), vcpu[order[i]]);
    assert_int_equal(vcpu[0]->state, VCPU_RUNNING);
    assert_int_equal(vcpu[1]->state, VCPU_READY);
}

static void more_slots_are_more_turns(void **)
{
    uint32_t turns[2] = {};
    bind(0, 0, EXO_SLOTS / 4, 0);
    bind(0, EXO_SLOTS / 4, EXO_SLOTS * 3 / 4, 1);
    start(0);
    start(1);
    for (uint32_t i = 0; i < EXO_SLOTS; i++)
        turns[next() == vcpu[1]]++;
    assert_int_equal(turns[0], EXO_SLOTS / 4);
    assert_int_equal(turns[1], EXO_SLOTS * 3 / 4);
}

static void who_is_not_ready_is_skipped(void **)
{
    bind(0, 0, 1, 0);
    bind(0, 1, 1, 1);
    bind(0, 2, 1, 2); /* never started */
    start(0);
    start(1);
    assert_ptr_equal(next(), vcpu[1]);
    assert_ptr_equal(next(), vcpu[0]);
    assert_ptr_equal(next(), vcpu[1]);
    vcpu[0]->state = VCPU_WAITING;
    assert_ptr_equal(next(), vcpu[1]);
    assert_ptr_equal(next(), vcpu[1]);
    assert_int_equal(call_vcpu_notify(&c, cap[0], 1ull << EXO_EVENT_FIRST_FREE), EXO_OK);
    assert_int_equal(vcpu[0]->state, VCPU_READY);
    assert_ptr_equal(next(), vcpu[0]);
}

static void a_vcpu_continues_where_it_was(void **)
{
    bind(0, 0, 1, 0);
    bind(0, 1, 1, 1);
    start(0);
    start(1);
    assert_ptr_equal(next(), vcpu[1]);
    assert_int_equal(tf.rip, 0x1000);
    assert_int_equal(tf.rsp, 0x4000);
    assert_int_equal(tf.rdi, vcpu[1]->page_va);
    tf.rip = 0x1111;
    tf.r15 = 15;
    assert_ptr_equal(next(), vcpu[0]);
    assert_int_equal(tf.rip, 0x1000);
    assert_ptr_equal(next(), vcpu[1]);
    assert_int_equal(tf.rip, 0x1111);
    assert_int_equal(tf.r15, 15);
}

static void a_yield_can_name_who_goes_next(void **)
{
    for (uint32_t i = 0; i < 3; i++) {
        bind(0, i, 1, i);
        start(i);
    }
    c.vcpu = next();
    assert_ptr_equal(c.vcpu, vcpu[1]);
    assert_int_equal(call_vcpu_yield(&c, cap[0]), EXO_OK);
    assert_ptr_equal(next(), vcpu[0]);
    c.vcpu = vcpu[0];
    assert_int_equal(call_vcpu_yield(&c, cap[0]), EXO_INVAL);
    assert_int_equal(call_vcpu_yield(&c, cap[3]), EXO_INVAL); /* on no CPU */
    assert_int_equal(call_vcpu_yield(&c, 99), EXO_CAP);
    assert_int_equal(vcpu[0]->state, VCPU_RUNNING);
}

/* ------------------------------------------------------------------ the timer */

static void alone_there_is_no_tick(void **)
{
    bind(0, 0, EXO_SLOTS, 0);
    start(0);
    assert_ptr_equal(next(), vcpu[0]);
    assert_int_equal(fake_timer, 0);
    slice_timer(&cpus[0]);
    assert_int_equal(fake_timer, 0);
    assert_int_equal(vcpu[0]->page->pending, 0);
}

static void the_earliest_deadline_is_armed(void **)
{
    bind(0, 0, 1, 0);
    bind(0, 1, 1, 1);
    bind(0, 2, 1, 2);
    start(0);
    c.vcpu = next();
    vcpu[1]->state = VCPU_WAITING;
    vcpu[1]->wait_tsc = LATER + 50;
    vcpu[2]->state = VCPU_WAITING;
    vcpu[2]->wait_tsc = 0; /* for ever */
    vcpu[2]->timer_tsc = LATER + 70;
    assert_int_equal(call_vcpu_timer(&c, LATER + 100), EXO_OK);
    assert_int_equal(fake_timer, LATER + 50);
    vcpu[1]->wait_tsc = 0;
    slice_arm_timer(&cpus[0]);
    assert_int_equal(fake_timer, LATER + 70);
    vcpu[2]->timer_tsc = 0;
    slice_arm_timer(&cpus[0]);
    assert_int_equal(fake_timer, LATER + 100);
    assert_int_equal(call_vcpu_timer(&c, 0), EXO_OK);
    assert_int_equal(fake_timer, 0);
}

static void a_timer_rings_once(void **)
{
    bind(0, 0, 1, 0);
    start(0);
    c.vcpu = next();
    assert_int_equal(call_vcpu_timer(&c, 1), EXO_OK); /* long past */
    slice_timer(&cpus[0]);
    assert_int_equal(vcpu[0]->page->pending, EXO_EVENT_TIMER);
    assert_int_equal(vcpu[0]->timer_tsc, 0);
    vcpu[0]->page->pending = 0;
    slice_timer(&cpus[0]);
    assert_int_equal(vcpu[0]->page->pending, 0);
}

static void a_wait_ends_at_its_deadline(void **)
{
    bind(0, 0, 1, 0);
    bind(0, 1, 1, 1);
    start(0);
    start(1);
    c.vcpu = next();
    c.reschedule = false;
    assert_int_equal(call_vcpu_wait(&c, 1), EXO_OK); /* past already */
    assert_false(c.reschedule);
    c.vcpu->page->pending = 1ull << 20;
    assert_int_equal(call_vcpu_wait(&c, LATER), EXO_OK); /* something is pending */
    assert_false(c.reschedule);
    c.vcpu->page->pending = 0;
    assert_int_equal(call_vcpu_wait(&c, LATER), EXO_OK);
    assert_true(c.reschedule);
    assert_int_equal(c.vcpu->state, VCPU_WAITING);
    assert_ptr_equal(next(), vcpu[0]);
    slice_timer(&cpus[0]);
    assert_int_equal(vcpu[1]->state, VCPU_WAITING);
    vcpu[1]->wait_tsc = 1;
    slice_timer(&cpus[0]);
    assert_int_equal(vcpu[1]->state, VCPU_READY);
}

static void a_slots_end_is_told_and_then_forced(void **)
{
    bind(0, 0, 1, 0);
    bind(0, 1, 1, 1);
    start(0);
    start(1);
    fake_tsc_hz = 0; /* every slot is over at once, and so is every grace */
    assert_ptr_equal(next(), vcpu[1]);
    slice_timer(&cpus[0]);
    assert_int_equal(vcpu[1]->page->pending, EXO_EVENT_SLICE_END);
    assert_int_equal(vcpu[1]->state, VCPU_RUNNING);
    assert_int_equal(vcpu[1]->page->forced, 0);
    slice_timer(&cpus[0]);
    assert_int_equal(vcpu[1]->page->forced, 1);
    assert_int_equal(vcpu[1]->state, VCPU_READY);
    assert_ptr_equal(next(), vcpu[0]);
    assert_int_equal(cpus[0].grace_end_tsc, 0);
}

static void a_slot_that_is_not_over_is_not_ended(void **)
{
    bind(0, 0, 1, 0);
    bind(0, 1, 1, 1);
    start(0);
    start(1);
    fake_tsc_hz = 1ull << 50;
    assert_ptr_equal(next(), vcpu[1]);
    assert_true(fake_timer == cpus[0].slot_end_tsc && fake_timer != 0);
    slice_timer(&cpus[0]);
    assert_int_equal(vcpu[1]->page->pending, 0);
}

static void neighbouring_slots_of_one_vcpu_merge(void **)
{
    bind(0, 0, 1, 0);
    bind(0, 1, 3, 1);
    start(0);
    start(1);
    fake_tsc_hz = 0;
    assert_ptr_equal(next(), vcpu[1]);
    slice_timer(&cpus[0]);
    slice_timer(&cpus[0]);
    assert_int_equal(vcpu[1]->page->pending, 0);
    assert_int_equal(cpus[0].slot, 3);
    slice_timer(&cpus[0]); /* the fourth slot is another's */
    assert_int_equal(vcpu[1]->page->pending, EXO_EVENT_SLICE_END);
}

static void waking_another_cpus_vcpu_kicks_it(void **)
{
    bind(1, 0, 1, 1);
    start(1);
    assert_int_equal(fake_kicks, 1);
    vcpu[1]->state = VCPU_WAITING;
    assert_int_equal(call_vcpu_notify(&c, cap[1], 1ull << 9), EXO_OK);
    assert_int_equal(fake_kicks, 2);
    vcpu[1]->state = VCPU_RUNNING;
    assert_int_equal(call_vcpu_notify(&c, cap[1], 1ull << 10), EXO_OK);
    assert_int_equal(fake_kicks, 3);
    assert_int_equal(vcpu[1]->page->pending, 1ull << 9 | 1ull << 10);
    assert_int_equal(call_vcpu_notify(&c, cap[1], 0), EXO_INVAL);
    assert_int_equal(call_vcpu_notify(&c, cap[1], EXO_EVENT_TIMER), EXO_INVAL);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(slots_are_filled_and_emptied),
        TEST(what_a_binding_refuses),
        TEST(granted_slots_belong_to_the_other),
        TEST(unbinding_tells_the_cpu_that_runs_it),
        TEST(a_random_history_keeps_the_counts),
        TEST(ready_vcpus_take_turns_by_their_slots),
        TEST(more_slots_are_more_turns),
        TEST(who_is_not_ready_is_skipped),
        TEST(a_vcpu_continues_where_it_was),
        TEST(a_yield_can_name_who_goes_next),
        TEST(alone_there_is_no_tick),
        TEST(the_earliest_deadline_is_armed),
        TEST(a_timer_rings_once),
        TEST(a_wait_ends_at_its_deadline),
        TEST(a_slots_end_is_told_and_then_forced),
        TEST(a_slot_that_is_not_over_is_not_ended),
        TEST(neighbouring_slots_of_one_vcpu_merge),
        TEST(waking_another_cpus_vcpu_kicks_it),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
