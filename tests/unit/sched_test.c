/* SPDX-License-Identifier: BSD-2-Clause */
/* sched_test.c - threads run, sleep, wake and end, with real switches between real stacks.
 * Links: libos/sched/{barrier,cputime,event,lock,policy_rr,return,sched,sleep,thread,tick,time,timer,vcpu,wait,work,xstate}.c
 * fake_heap_malloc.c
 *
 * Each test is a process of its own whose boot stack becomes the idle thread's.  The exokernel is
 * the function exo_trap below: it has a timer, and waits for it. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <exo/info.h>
#include <asm/prctl.h>
#include <asm/unistd_64.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "arch/user_regs.h"
#include "base/errno.h"
#include "mm/heap.h"
#include "mm/usermem.h"
#include "mm/vmarea.h"
#include "proc/process.h"
#include "sched/lock.h"
#include "sched/sched.h"
#include "sched/time.h"
#include "sched/xstate.h"

int fork(void);
int waitpid(int pid, int *status, int options);
[[noreturn]] void _exit(int status);
long syscall(long number, ...);

/* ------------------------------------------------------------------ what the others would do */

static struct process process;
typeof(cred_root) cred_root;
static alignas(4096) struct exo_vcpu_page page;
static unsigned stacks, delivered;
constexpr size_t STACK_BYTES = 16 * ARCH_STACK_BYTES; /* the sanitizers' frames are large */

/* Numbers as in exo/calls.def. */
constexpr uint64_t CALL_VCPU_WAIT = 0x1c, CALL_VCPU_TIMER = 0x1e;

enum exo_status exo_trap(uint64_t nr, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3,
                         uint64_t a4, uint64_t *second)
{
    static uint64_t timer_tsc;
    (void)a1, (void)a2, (void)a3, (void)a4, (void)second;
    if (nr == CALL_VCPU_TIMER)
        timer_tsc = a0;
    if (nr != CALL_VCPU_WAIT || page.pending)
        return EXO_OK;
    if (!timer_tsc)
        abort(); /* nothing would ever end this wait */
    while (arch_cycles() < timer_tsc)
        arch_pause();
    timer_tsc = 0;
    page.pending |= EXO_EVENT_TIMER;
    return EXO_OK;
}

void *stack_alloc(void)
{
    stacks++;
    return aligned_alloc(4096, STACK_BYTES);
}

void stack_free(void *stack)
{
    stacks--;
    (void)stack; /* the thread that ended stood on it: nothing may notice */
}

bool vcpu_page_alloc(void **va, exo_frame *frame)
{
    (void)va, (void)frame;
    return false;
}

bool frame_for_object(exo_frame *frame)
{
    (void)frame;
    return false;
}

void log_warn(const char *format, ...)
{
    (void)format;
}

void panic(const char *format, ...)
{
    (void)format;
    abort();
}

size_t string_copy(char *to, const char *from, size_t size)
{
    return (size_t)snprintf(to, size, "%s", from);
}

int copy_from_user(void *to, uaddr_t from, size_t n)
{
    (void)to, (void)from, (void)n;
    return -EFAULT;
}

int copy_to_user(uaddr_t to, const void *from, size_t n)
{
    (void)to, (void)from, (void)n;
    return -EFAULT;
}

void mm_activate(struct mm *mm)
{
    (void)mm;
}

struct process *process_next(int32_t pid)
{
    return pid <= process.pid ? &process : nullptr;
}

void process_timers_tick(struct thread *t)
{
    (void)t;
}

bool process_timers_want_tick(const struct process *p)
{
    (void)p;
    return false;
}

void signal_thread_init(struct signal_thread *t)
{
    memset(t, 0, sizeof *t);
}

void signal_thread_copy(struct signal_thread *t, const struct signal_thread *parent)
{
    (void)t, (void)parent;
}

void signal_thread_release(struct signal_thread *t)
{
    (void)t;
}

bool signal_pending(const struct thread *t)
{
    return t->signal.attention;
}

bool signal_fatal_pending(const struct thread *t)
{
    (void)t;
    return false;
}

bool signal_call_is_open(const struct regs *regs)
{
    (void)regs;
    return false;
}

bool signal_deliver(struct regs *regs)
{
    (void)regs;
    current->signal.attention = false;
    delivered++;
    return false;
}

void syscall_dispatch(struct regs *regs)
{
    (void)regs;
}

void arch_regs_start(struct regs *regs, uint64_t entry, uint64_t stack)
{
    *regs = (struct regs){.rip = entry, .rsp = stack, .orig_rax = UINT64_MAX};
}

void arch_xstate_init(struct arch_thread *t)
{
    (void)t;
}

void arch_xstate_save(struct arch_thread *t)
{
    (void)t;
}

void arch_xstate_load(struct arch_thread *t)
{
    (void)t;
}

uint32_t arch_xstate_bytes(void)
{
    return 576;
}

uint64_t arch_fs_base(void)
{
    return 0;
}

void arch_set_fs_base(uint64_t base)
{
    (void)base;
}

enum exo_status arch_vcpu_start(exo_cap vcpu, uint64_t stack)
{
    (void)vcpu, (void)stack;
    return EXO_STATE;
}

/* As entry.S has it, without what a Linux process may not touch. */
__asm__("switch_stacks:\n"
        "pushq %rbx\npushq %rbp\npushq %r12\npushq %r13\npushq %r14\npushq %r15\n"
        "movq %rsp, (%rdi)\nmovq (%rsi), %rsp\n"
        "popq %r15\npopq %r14\npopq %r13\npopq %r12\npopq %rbp\npopq %rbx\nret\n"
        "thread_first:\n"
        "movq %r12, %rdi\nandq $-16, %rsp\ncall enter_first\nud2\n");
void switch_stacks(struct arch_thread *prev, struct arch_thread *next);
extern char thread_first[];

/* ASan wants to know which stack is in use. */
void __sanitizer_start_switch_fiber(void **save, const void *bottom, size_t size);
void __sanitizer_finish_switch_fiber(void *saved, const void **bottom, size_t *size);
static const void *boot_stack;
static size_t boot_stack_bytes;

struct first {
    void (*entry)(void *);
    void *arg;
};

[[noreturn, gnu::used]] void enter_first(struct first *first)
{
    const void *bottom;
    size_t size;
    __sanitizer_finish_switch_fiber(nullptr, &bottom, &size);
    if (!boot_stack)
        boot_stack = bottom, boot_stack_bytes = size;
    first->entry(first->arg);
    __builtin_unreachable();
}

void arch_switch(struct arch_thread *prev, struct arch_thread *next)
{
    void *saved;
    bool to_idle = next->stack_top == 0;
    const void *bottom = to_idle ? boot_stack : (void *)(next->stack_top - ARCH_STACK_BYTES);
    __sanitizer_start_switch_fiber(&saved, bottom, to_idle ? boot_stack_bytes : STACK_BYTES);
    switch_stacks(prev, next);
    __sanitizer_finish_switch_fiber(saved, nullptr, nullptr);
}

void arch_thread_prepare(struct arch_thread *t, void (*entry)(void *), void *arg)
{
    uint64_t base = t->stack_top - ARCH_STACK_BYTES;
    struct first *first = (struct first *)(base + STACK_BYTES) - 1;
    *first = (struct first){entry, arg};
    uint64_t *sp = (uint64_t *)((uint64_t)first & ~15ull) - 7;
    memset(sp, 0, 7 * sizeof *sp);
    sp[3] = (uint64_t)first;
    sp[6] = (uint64_t)thread_first;
    t->sp = (uint64_t)sp;
}

/* No program: a thread of these tests does all its work in `begin`, and ends. */
void arch_user_return(void)
{
    list_remove(&current->process_node);
    thread_account_end();
    thread_exit();
}

/* ------------------------------------------------------------------ scene */

static char trace[256];
static size_t traced;

static void note(char c)
{
    if (traced < sizeof trace - 1)
        trace[traced++] = c;
}

[[noreturn]] static void finish(const char *expected)
{
    bool ok = strcmp(trace, expected) == 0;
    if (!ok)
        fprintf(stderr, "trace \"%s\", expected \"%s\"\n", trace, expected);
    _exit(ok ? 0 : 1);
}

static void check(bool ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "not so: %s\n", what);
        _exit(1);
    }
}
#define CHECK(e) check(e, #e)

static struct thread *spawn(void (*begin)(void *), void *arg)
{
    static int32_t next_tid = 100;
    struct thread *t;
    CHECK(thread_create(&process, next_tid++, &t) == 0);
    list_push_back(&process.threads, &t->process_node);
    thread_start_at(t, begin, arg);
    return t;
}

/* Run SCENE as the first thread of a domain of its own. */
static void in_domain(void (*scene)(void *))
{
    int status = -1, pid = fork();
    if (pid == 0) {
        page.self = (uint64_t)&page;
        syscall(__NR_arch_prctl, ARCH_SET_GS, &page);
        struct exo_info info = {.tsc_hz = 2000000000, .boot_tsc = arch_cycles()};
        time_init(&info);
        process.pid = 1;
        list_init(&process.threads);
        sched_init();
        spawn(scene, nullptr);
        sched_run();
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

/* ------------------------------------------------------------------ tests */

static void say(void *arg)
{
    note(*(const char *)arg);
}

static void order_scene(void *arg)
{
    (void)arg;
    spawn(say, "a");
    spawn(say, "b");
    note('0');
    sched_preempt(ENQUEUE_YIELD);
    note('1');
    CHECK(stacks == 1);
    CHECK(thread_count() == 1);
    finish("0ab1");
}

static void threads_run_in_turn_and_give_their_stacks_back(void **state)
{
    (void)state;
    in_domain(order_scene);
}

static struct wait_queue queue = WAIT_QUEUE_INIT(queue);

static void sleeper(void *arg)
{
    CHECK(wait_on(&queue, WAIT_FOREVER, SLEEP_INTERRUPTIBLE) == 0);
    note(*(const char *)arg);
}

static void wake_scene(void *arg)
{
    (void)arg;
    spawn(sleeper, "a");
    spawn(sleeper, "b");
    sched_preempt(ENQUEUE_YIELD);
    note('w');
    wait_wake_all(&queue, 1);
    note('x');
    sched_preempt(ENQUEUE_YIELD);
    finish("wxba"); /* the last to enlist is the first to be woken */
}

static void sleepers_run_after_they_are_woken(void **state)
{
    (void)state;
    in_domain(wake_scene);
}

static void early_scene(void *arg)
{
    (void)arg;
    struct waiter w;
    waiter_init(&w);
    waiter_add(&queue, &w);
    wait_wake(&queue, 1);
    CHECK(thread_sleep(WAIT_FOREVER, SLEEP_INTERRUPTIBLE) == 0);
    waiter_remove(&w);
    finish("");
}

static void a_wake_before_the_sleep_is_not_lost(void **state)
{
    (void)state;
    in_domain(early_scene);
}

static void late(void *arg)
{
    uint64_t ms = (uint64_t)arg;
    uint64_t due = time_deadline_after(ms * 1000000);
    CHECK(thread_sleep(due, SLEEP_INTERRUPTIBLE) == -ETIMEDOUT);
    CHECK(time_monotonic_ns() >= due);
    note((char)('0' + ms));
}

static void timeout_scene(void *arg)
{
    (void)arg;
    spawn(late, (void *)3);
    spawn(late, (void *)1);
    spawn(late, (void *)2);
    CHECK(thread_sleep(1, SLEEP_INTERRUPTIBLE) == -ETIMEDOUT);
    late((void *)8);
    finish("1238");
}

static void timeouts_come_in_order_with_nothing_else_to_run(void **state)
{
    (void)state;
    in_domain(timeout_scene);
}

static struct thread *target;

static void interrupted(void *arg)
{
    (void)arg;
    CHECK(thread_sleep(WAIT_FOREVER, SLEEP_INTERRUPTIBLE) == -EINTR);
    note('i');
    CHECK(thread_sleep(WAIT_FOREVER, SLEEP_INTERRUPTIBLE) == -EINTR);
    CHECK(thread_sleep(WAIT_FOREVER, SLEEP_UNINTERRUPTIBLE) == 0);
    note('u');
}

static void signal_scene(void *arg)
{
    (void)arg;
    target = spawn(interrupted, nullptr);
    sched_preempt(ENQUEUE_YIELD);
    target->signal.attention = true;
    thread_interrupt(target, false);
    sched_preempt(ENQUEUE_YIELD);
    note('-');
    thread_interrupt(target, true);
    sched_preempt(ENQUEUE_YIELD);
    note('-');
    thread_wake(target);
    sched_preempt(ENQUEUE_YIELD);
    finish("i--u");
}

static void signals_end_only_the_sleeps_they_may(void **state)
{
    (void)state;
    in_domain(signal_scene);
}

static void stopped(void *arg)
{
    (void)arg;
    note('s');
    thread_stop();
    note('c');
}

static void stop_scene(void *arg)
{
    (void)arg;
    target = spawn(stopped, nullptr);
    sched_preempt(ENQUEUE_YIELD);
    CHECK(target->state == THREAD_STOPPED);
    thread_wake(target);
    thread_interrupt(target, false);
    sched_preempt(ENQUEUE_YIELD);
    note('-');
    thread_continue(target);
    sched_preempt(ENQUEUE_YIELD);
    finish("s-c");
}

static void a_stopped_thread_goes_on_only_when_continued(void **state)
{
    (void)state;
    in_domain(stop_scene);
}

static void way_back(void *arg)
{
    (void)arg;
    return_work(thread_regs(current));
    CHECK(!domain_is_locked());
    domain_lock();
    note('b');
}

static void return_scene(void *arg)
{
    (void)arg;
    struct thread *t = current;
    /* Alone: no reason to switch, a signal to deliver, an event to handle. */
    vcpu_local()->need_resched = 1;
    t->signal.attention = true;
    page.pending = EXO_EVENT_TIMER;
    way_back(nullptr);
    CHECK(delivered == 1);
    CHECK(page.pending == 0);
    CHECK(vcpu_local()->need_resched == 0);
    /* Whose extended state the registers hold shows at its first use. */
    CHECK(vcpu_local()->xstate_traps);
    CHECK(vcpu_local()->xstate_owner != t);
    xstate_take(t);
    CHECK(!vcpu_local()->xstate_traps);
    CHECK(xstate_is_live(t));
    /* With another one ready a preemption lets it run, and puts us first. */
    spawn(say, "a");
    vcpu_local()->need_resched = 1;
    vcpu_current()->slice_known = true;
    vcpu_current()->slice_end_ns = 0;
    way_back(nullptr);
    finish("bab");
}

static void the_way_back_looks_at_everything(void **state)
{
    (void)state;
    in_domain(return_scene);
}

static void priority_scene(void *arg)
{
    (void)arg;
    target = spawn(say, "r");
    sched_change_begin(target);
    target->sched_class = 1; /* SCHED_FIFO */
    target->rt_priority = 5;
    sched_change_end(target);
    CHECK(vcpu_local()->need_resched);
    spawn(say, "n");
    return_work(thread_regs(current));
    domain_lock();
    note('m');
    sched_preempt(ENQUEUE_YIELD);
    finish("rmn");
}

static void a_real_time_thread_takes_the_vcpu_at_once(void **state)
{
    (void)state;
    in_domain(priority_scene);
}

static void many(void *arg)
{
    (void)arg;
    for (int i = 0; i < 3; i++)
        CHECK(thread_sleep(time_deadline_after(1000 * (uint64_t)(rand() % 500)),
                           SLEEP_INTERRUPTIBLE) == -ETIMEDOUT);
}

static void crowd_scene(void *arg)
{
    (void)arg;
    for (int i = 0; i < 200; i++)
        spawn(many, nullptr);
    while (thread_count() > 1)
        CHECK(thread_sleep(time_deadline_after(100000), SLEEP_INTERRUPTIBLE) == -ETIMEDOUT);
    CHECK(stacks == 1);
    CHECK(process.cputime.cycles > 0);
    finish("");
}

static void two_hundred_threads_sleep_and_end(void **state)
{
    (void)state;
    in_domain(crowd_scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_run_in_turn_and_give_their_stacks_back),
        cmocka_unit_test(sleepers_run_after_they_are_woken),
        cmocka_unit_test(a_wake_before_the_sleep_is_not_lost),
        cmocka_unit_test(timeouts_come_in_order_with_nothing_else_to_run),
        cmocka_unit_test(signals_end_only_the_sleeps_they_may),
        cmocka_unit_test(a_stopped_thread_goes_on_only_when_continued),
        cmocka_unit_test(the_way_back_looks_at_everything),
        cmocka_unit_test(a_real_time_thread_takes_the_vcpu_at_once),
        cmocka_unit_test(two_hundred_threads_sleep_and_end),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
