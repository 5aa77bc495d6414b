/* SPDX-License-Identifier: BSD-2-Clause */
/* signal_test.c - sending, blocking, stopping and delivering signals.
 * Links: libos/signal/{actions,deliver,queue,send,stop}.c libos/sched/wait.c fake_heap_malloc.c
 * fake_vcpu.c */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <linux/signal.h>
#include <string.h>
#include "arch/user_regs.h"
#include "base/errno.h"
#include "fake_vcpu.h"
#include "mm/usermem.h"
#include "proc/pgrp.h"
#include "proc/process.h"
#include "sched/sched.h"
#include "signal/internal.h"
#include "signal/queue.h"
#include "vfs/poll.h"

constexpr unsigned THREADS = 3;
constexpr uaddr_t HANDLER = 0x400000;

static struct process parent, process;
static struct thread threads[THREADS];
static struct cred cred, other_cred;
static struct regs regs;

/* ------------------------------------------------------------------ what the others would do */

static jmp_buf exited;
static int exit_status;
static int reported_stop, reported_continue;
static bool is_orphaned, frame_fails, may_everything;
static struct {
    int sig;
    struct siginfo info;
    signal_set blocked;
} pushed;
static unsigned interrupts[THREADS];
static void (*while_stopped)(void);

void process_exit_group(int wait_status)
{
    exit_status = wait_status;
    longjmp(exited, 1);
}

void process_exit_thread(int wait_status)
{
    process_exit_group(wait_status);
}

void process_report_stop(struct process *p, int sig)
{
    (void)p;
    reported_stop = sig;
}

void process_report_continue(struct process *p)
{
    (void)p;
    reported_continue++;
}

struct session *process_session(const struct process *p)
{
    (void)p;
    return nullptr;
}

bool pgrp_is_orphaned(const struct pgrp *pgrp, const struct process *ignore)
{
    (void)pgrp, (void)ignore;
    return is_orphaned;
}

bool cred_capable(const struct cred *c, int capability)
{
    (void)c, (void)capability;
    return may_everything;
}

void thread_interrupt(struct thread *t, bool fatal)
{
    (void)fatal;
    interrupts[t - threads]++;
}

void thread_stop(void)
{
    current->state = THREAD_STOPPED;
    assert_non_null(while_stopped);
    while_stopped();
    current->state = THREAD_RUNNING;
}

void thread_continue(struct thread *t)
{
    t->state = THREAD_READY;
}

void poll_queue_destroy(struct wait_queue *queue)
{
    (void)queue;
}

void trace_signal(int sig, const struct siginfo *info)
{
    (void)sig, (void)info;
}

void thread_wake(struct thread *t)
{
    t->woken = true;
}

int thread_sleep(uint64_t deadline_ns, enum sleep_mode mode)
{
    (void)deadline_ns, (void)mode;
    return signal_pending(current) ? -EINTR : -ETIMEDOUT;
}

void process_timers_init(struct process_timers *t, struct process *p)
{
    t->process = p;
}

void process_timers_exec(struct process_timers *t)
{
    (void)t;
}

void process_timers_release(struct process_timers *t)
{
    (void)t;
}

int copy_from_user(void *to, uaddr_t from, size_t n)
{
    if (!from)
        return -EFAULT;
    memcpy(to, (const void *)from, n);
    return 0;
}

int signal_frame_push(struct regs *r, int sig, const struct signal_action *act,
                      const struct siginfo *info, signal_set blocked)
{
    if (frame_fails)
        return -EFAULT;
    pushed.sig = sig;
    pushed.info = *info;
    pushed.blocked = blocked;
    r->rip = act->handler;
    return 0;
}

/* ------------------------------------------------------------------ scene */

static int setup(void **state)
{
    (void)state;
    fake_vcpu_init();
    memset(&process, 0, sizeof process);
    memset(&regs, 0, sizeof regs);
    memset(&pushed, 0, sizeof pushed);
    memset(interrupts, 0, sizeof interrupts);
    exit_status = reported_stop = reported_continue = 0;
    is_orphaned = frame_fails = false;
    may_everything = true;
    while_stopped = nullptr;
    process.pid = 10;
    process.parent = &parent;
    list_init(&process.threads);
    process.limits[RLIMIT_SIGPENDING].soft = 100;
    process.limits[RLIMIT_CORE].soft = 0;
    signal_process_init(&process, signal_actions_create());
    cred = (struct cred){.uid = 1000, .euid = 1000};
    for (unsigned i = 0; i < THREADS; i++) {
        struct thread *t = &threads[i];
        memset(t, 0, sizeof *t);
        t->state = i ? THREAD_SLEEPING : THREAD_RUNNING;
        t->process = &process;
        t->cred = &cred;
        t->tid = 10 + (int32_t)i;
        signal_thread_init(&t->signal);
        list_push_back(&process.threads, &t->process_node);
        process.thread_count++;
    }
    process.leader = &threads[0];
    fake_vcpu_run(&threads[0]);
    regs.orig_rax = UINT64_MAX;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    for (unsigned i = 0; i < THREADS; i++)
        signal_thread_release(&threads[i].signal);
    signal_process_release(&process);
    assert_int_equal(signal_pending_of_user(1000), 0);
    return 0;
}

static void handle(int sig, uint64_t flags, signal_set mask)
{
    process.signal.actions->action[sig - 1] =
        (struct signal_action){.handler = HANDLER, .flags = flags, .mask = mask};
}

/* The wait status that delivering ends with, or 0. */
static int deliver(void)
{
    if (setjmp(exited))
        return exit_status;
    (void)signal_deliver(&regs);
    return 0;
}

static void in_call(uint64_t nr, int64_t result)
{
    regs.orig_rax = nr;
    regs.rax = (uint64_t)result;
    regs.rip = 0x1002;
}

/* ------------------------------------------------------------------ tests */

static void ignored_by_default_leaves_no_trace(void **state)
{
    (void)state;
    signal_send_process(&process, SIGCHLD, SIGNAL_FROM_KERNEL);
    signal_send_process(&process, SIGWINCH, SIGNAL_FROM_KERNEL);
    signal_send_process(&process, SIGCONT, SIGNAL_FROM_KERNEL);
    assert_int_equal(signal_pending_set(&threads[0]), 0);
    assert_false(signal_pending(&threads[0]));
}

static void default_action_ends_the_process(void **state)
{
    (void)state;
    signal_send_process(&process, SIGTERM, SIGNAL_FROM_SELF);
    assert_true(signal_pending(&threads[0]));
    assert_true(signal_fatal_pending(&threads[0]));
    assert_int_equal(deliver(), SIGTERM);
}

static void no_core_is_told_of_whatever_the_limit(void **state)
{
    (void)state;
    signal_send_process(&process, SIGABRT, SIGNAL_FROM_SELF);
    assert_int_equal(deliver(), SIGABRT);
    process.limits[RLIMIT_CORE].soft = RLIM_INFINITY;
    signal_send_process(&process, SIGABRT, SIGNAL_FROM_SELF);
    assert_int_equal(deliver(), SIGABRT);
}

static void a_blocked_signal_waits_until_it_is_unblocked(void **state)
{
    (void)state;
    handle(SIGUSR1, 0, 0);
    for (unsigned i = 0; i < THREADS; i++)
        threads[i].signal.blocked = signal_bit(SIGUSR1);
    signal_send_process(&process, SIGUSR1, SIGNAL_FROM_SELF);
    assert_false(signal_pending(&threads[0]));
    assert_int_equal(deliver(), 0);
    assert_int_equal(pushed.sig, 0);
    signal_block(0);
    assert_true(signal_pending(&threads[0]));
    assert_int_equal(deliver(), 0);
    assert_int_equal(pushed.sig, SIGUSR1);
    assert_int_equal(pushed.info.si_pid, 10);
    assert_int_equal(pushed.info.si_code, SI_USER);
}

static void handler_blocks_its_mask_and_itself(void **state)
{
    (void)state;
    handle(SIGUSR1, 0, signal_bit(SIGUSR2) | signal_bit(SIGKILL));
    threads[0].signal.blocked = signal_bit(SIGHUP);
    signal_send_thread(&threads[0], SIGUSR1, SIGNAL_FROM_SELF);
    deliver();
    assert_int_equal(pushed.blocked, signal_bit(SIGHUP));
    assert_int_equal(threads[0].signal.blocked,
                     signal_bit(SIGHUP) | signal_bit(SIGUSR1) | signal_bit(SIGUSR2));
}

static void nodefer_and_resethand(void **state)
{
    (void)state;
    handle(SIGUSR1, SA_NODEFER | SA_RESETHAND, 0);
    signal_send_thread(&threads[0], SIGUSR1, SIGNAL_FROM_SELF);
    deliver();
    assert_int_equal(threads[0].signal.blocked, 0);
    assert_int_equal(process.signal.actions->action[SIGUSR1 - 1].handler, 0);
    signal_send_thread(&threads[0], SIGUSR1, SIGNAL_FROM_SELF);
    assert_int_equal(deliver(), SIGUSR1);
}

static void a_process_signal_goes_to_a_thread_that_takes_it(void **state)
{
    (void)state;
    handle(SIGUSR1, 0, 0);
    threads[0].signal.blocked = threads[1].signal.blocked = signal_bit(SIGUSR1);
    signal_send_process(&process, SIGUSR1, SIGNAL_FROM_SELF);
    assert_false(signal_pending(&threads[0]));
    assert_false(signal_pending(&threads[1]));
    assert_true(signal_pending(&threads[2]));
    assert_int_equal(interrupts[2], 1);
}

static void blocking_hands_a_process_signal_on(void **state)
{
    (void)state;
    handle(SIGUSR1, 0, 0);
    threads[1].signal.blocked = signal_bit(SIGUSR1);
    signal_send_process(&process, SIGUSR1, SIGNAL_FROM_SELF);
    assert_true(signal_pending(&threads[0]));
    assert_false(signal_pending(&threads[2]));
    signal_block(signal_bit(SIGUSR1));
    assert_false(signal_pending(&threads[0]));
    assert_true(signal_pending(&threads[2]));
}

static void interrupted_calls_restart_as_signal_7_says(void **state)
{
    (void)state;
    static const struct {
        int result;
        uint64_t flags;
        bool restarts;
    } cases[] = {
        {ERESTARTSYS, SA_RESTART, true},
        {ERESTARTSYS, 0, false},
        {ERESTARTNOINTR, 0, true},
        {ERESTARTNOHAND, SA_RESTART, false},
        {ERESTART_RESTARTBLOCK, SA_RESTART, false},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        handle(SIGUSR1, cases[i].flags, 0);
        threads[0].signal.blocked = 0;
        in_call(7, -cases[i].result);
        signal_send_thread(&threads[0], SIGUSR1, SIGNAL_FROM_SELF);
        int64_t rip_before = (int64_t)regs.rip;
        /* The frame holds what the registers were when it was pushed: rax tells. */
        deliver();
        assert_int_equal(regs.orig_rax, UINT64_MAX);
        assert_int_equal(regs.rip, HANDLER);
        assert_int_equal((int64_t)regs.rax, cases[i].restarts ? 7 : -EINTR);
        (void)rip_before;
    }
}

static void without_a_handler_the_call_is_made_again(void **state)
{
    (void)state;
    in_call(7, -ERESTARTSYS);
    assert_true(signal_call_is_open(&regs));
    assert_true(signal_deliver(&regs));
    assert_int_equal(regs.rax, 7);
    assert_int_equal(regs.orig_rax, 7);
    in_call(35, -ERESTART_RESTARTBLOCK);
    assert_true(signal_deliver(&regs));
    assert_int_equal(regs.orig_rax, 219);
    in_call(7, -EINTR);
    assert_false(signal_call_is_open(&regs));
}

static void a_call_with_its_own_mask_gives_the_old_one_to_the_frame(void **state)
{
    (void)state;
    signal_set during = signal_bit(SIGHUP);
    handle(SIGUSR1, 0, 0);
    threads[0].signal.blocked = signal_bit(SIGUSR1);
    signal_send_thread(&threads[0], SIGUSR1, SIGNAL_FROM_SELF);
    assert_int_equal(signal_mask_push((uaddr_t)&during, 4), -EINVAL);
    assert_int_equal(signal_mask_push((uaddr_t)&during, 8), 0);
    assert_true(signal_pending(&threads[0]));
    in_call(130, -ERESTARTNOHAND);
    signal_mask_pop(true);
    deliver();
    assert_int_equal(pushed.blocked, signal_bit(SIGUSR1));
    assert_int_equal(threads[0].signal.blocked, signal_bit(SIGHUP) | signal_bit(SIGUSR1));
}

static void a_call_with_its_own_mask_gets_the_old_one_back(void **state)
{
    (void)state;
    signal_set during = signal_bit(SIGHUP);
    assert_int_equal(signal_mask_push((uaddr_t)&during, 8), 0);
    assert_int_equal(threads[0].signal.blocked, signal_bit(SIGHUP));
    signal_mask_pop(false);
    assert_int_equal(threads[0].signal.blocked, 0);
    assert_int_equal(signal_mask_push((uaddr_t)&during, 8), 0);
    in_call(130, -ERESTARTNOHAND);
    assert_true(signal_deliver(&regs));
    assert_int_equal(threads[0].signal.blocked, 0);
}

static void let_continue(void)
{
    assert_true(process.signal.flags & SIGNAL_GROUP_STOPPED);
    assert_int_equal(reported_stop, SIGTSTP);
    signal_send_process(&process, SIGCONT, SIGNAL_FROM_SELF);
}

static void a_stop_ends_with_sigcont(void **state)
{
    (void)state;
    threads[1].exiting = threads[2].exiting = true;
    while_stopped = let_continue;
    signal_send_process(&process, SIGTSTP, SIGNAL_FROM_SELF);
    assert_int_equal(deliver(), 0);
    assert_int_equal(reported_continue, 1);
    assert_int_equal(process.signal.flags, SIGNAL_GROUP_CONTINUED);
    assert_int_equal(process.signal.stop_signal, 0);
}

static void the_others_stop(void)
{
    static unsigned next;
    if (current == &threads[0])
        next = 1;
    if (next < THREADS) {
        assert_true(threads[next].signal.must_stop);
        assert_int_equal(reported_stop, 0);
        fake_vcpu_run(&threads[next++]);
        signal_stop_join();
        fake_vcpu_run(&threads[0]);
        return;
    }
    assert_int_equal(reported_stop, SIGSTOP);
    signal_send_process(&process, SIGCONT, SIGNAL_FROM_SELF);
}

static void all_threads_stop_before_the_parent_is_told(void **state)
{
    (void)state;
    while_stopped = the_others_stop;
    signal_send_process(&process, SIGSTOP, SIGNAL_FROM_SELF);
    assert_int_equal(deliver(), 0);
    assert_int_equal(reported_stop, SIGSTOP);
    assert_int_equal(reported_continue, 1);
}

static void let_kill(void)
{
    signal_send_process(&process, SIGKILL, SIGNAL_FROM_SELF);
}

static void sigkill_ends_a_stopped_process(void **state)
{
    (void)state;
    threads[1].exiting = threads[2].exiting = true;
    while_stopped = let_kill;
    signal_send_process(&process, SIGSTOP, SIGNAL_FROM_SELF);
    assert_int_equal(deliver(), SIGKILL);
}

static void stop_and_continue_cancel_each_other_while_pending(void **state)
{
    (void)state;
    handle(SIGCONT, 0, 0);
    for (unsigned i = 0; i < THREADS; i++)
        threads[i].signal.blocked = signal_bit(SIGTSTP) | signal_bit(SIGCONT);
    signal_send_process(&process, SIGTSTP, SIGNAL_FROM_SELF);
    assert_true(signal_pending_set(&threads[0]) & signal_bit(SIGTSTP));
    signal_send_process(&process, SIGCONT, SIGNAL_FROM_SELF);
    assert_int_equal(signal_pending_set(&threads[0]), signal_bit(SIGCONT));
    signal_send_process(&process, SIGTSTP, SIGNAL_FROM_SELF);
    assert_int_equal(signal_pending_set(&threads[0]), signal_bit(SIGTSTP));
}

static void an_orphaned_group_does_not_stop_from_the_terminal(void **state)
{
    (void)state;
    is_orphaned = true;
    signal_send_process(&process, SIGTSTP, SIGNAL_FROM_SELF);
    assert_int_equal(deliver(), 0);
    assert_int_equal(process.signal.flags, 0);
}

static void a_forced_signal_kills_who_blocks_or_ignores_it(void **state)
{
    (void)state;
    handle(SIGSEGV, 0, 0);
    threads[0].signal.blocked = signal_bit(SIGSEGV);
    signal_force(SIGSEGV, SEGV_MAPERR, 0x1234, 14, 4);
    assert_int_equal(deliver(), SIGSEGV);
    process.signal.actions->action[SIGSEGV - 1].handler = SIGNAL_IGN;
    signal_force(SIGSEGV, SEGV_MAPERR, 0x1234, 14, 4);
    assert_int_equal(deliver(), SIGSEGV);
}

static void a_forced_signal_tells_the_handler_the_address(void **state)
{
    (void)state;
    handle(SIGSEGV, SA_SIGINFO, 0);
    signal_force(SIGSEGV, SEGV_ACCERR, 0x1234, 14, 7);
    deliver();
    assert_int_equal(pushed.sig, SIGSEGV);
    assert_int_equal(pushed.info.si_code, SEGV_ACCERR);
    assert_ptr_equal(pushed.info.si_addr, (void *)0x1234);
    assert_int_equal(threads[0].signal.trap_error, 7);
}

static void a_frame_that_cannot_be_written_is_a_segv(void **state)
{
    (void)state;
    handle(SIGUSR1, 0, 0);
    frame_fails = true;
    signal_send_thread(&threads[0], SIGUSR1, SIGNAL_FROM_SELF);
    assert_int_equal(deliver(), 0);
    assert_int_equal(deliver(), SIGSEGV);
}

static void waiting_for_a_signal_takes_it_though_it_is_ignored_by_default(void **state)
{
    (void)state;
    struct siginfo info;
    signal_set set = signal_bit(SIGCHLD);
    for (unsigned i = 0; i < THREADS; i++)
        threads[i].signal.blocked = set;
    assert_int_equal(signal_wait(set, 0, &info), -EAGAIN);
    signal_send_process(&process, SIGCHLD, SIGNAL_FROM_KERNEL);
    assert_int_equal(signal_wait(set, 0, &info), SIGCHLD);
    assert_int_equal(info.si_code, SI_KERNEL);
    assert_int_equal(signal_wait(set, 1000, &info), -EAGAIN);
    assert_int_equal(threads[0].signal.blocked, set);
}

static void permission_follows_kill_2(void **state)
{
    (void)state;
    struct process target = {.pid = 20};
    struct thread its = {.process = &target, .cred = &other_cred};
    list_init(&target.threads);
    list_push_back(&target.threads, &its.process_node);
    may_everything = false;
    other_cred = (struct cred){.uid = 1, .suid = 1, .euid = 1};
    process_session(&target);
    assert_int_equal(signal_may_send(&target, SIGTERM), -EPERM);
    other_cred.suid = 1000;
    assert_int_equal(signal_may_send(&target, SIGTERM), 0);
    other_cred.suid = 1;
    may_everything = true;
    assert_int_equal(signal_may_send(&target, SIGTERM), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(ignored_by_default_leaves_no_trace),
        TEST(default_action_ends_the_process),
        TEST(no_core_is_told_of_whatever_the_limit),
        TEST(a_blocked_signal_waits_until_it_is_unblocked),
        TEST(handler_blocks_its_mask_and_itself),
        TEST(nodefer_and_resethand),
        TEST(a_process_signal_goes_to_a_thread_that_takes_it),
        TEST(blocking_hands_a_process_signal_on),
        TEST(interrupted_calls_restart_as_signal_7_says),
        TEST(without_a_handler_the_call_is_made_again),
        TEST(a_call_with_its_own_mask_gives_the_old_one_to_the_frame),
        TEST(a_call_with_its_own_mask_gets_the_old_one_back),
        TEST(a_stop_ends_with_sigcont),
        TEST(all_threads_stop_before_the_parent_is_told),
        TEST(sigkill_ends_a_stopped_process),
        TEST(stop_and_continue_cancel_each_other_while_pending),
        TEST(an_orphaned_group_does_not_stop_from_the_terminal),
        TEST(a_forced_signal_kills_who_blocks_or_ignores_it),
        TEST(a_forced_signal_tells_the_handler_the_address),
        TEST(a_frame_that_cannot_be_written_is_a_segv),
        TEST(waiting_for_a_signal_takes_it_though_it_is_ignored_by_default),
        TEST(permission_follows_kill_2),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
