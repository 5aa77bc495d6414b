/* SPDX-License-Identifier: BSD-2-Clause */
/* process_test.c - processes are born, end, are waited for; groups, sessions, orphans.
 * Links: libos/proc/{clone,cred,exit,pgrp,pid,process,user,wait}.c fake_heap_malloc.c fake_vcpu.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <asm/siginfo.h>
#include <asm/signal.h>
#include <cmocka.h>
#include <linux/sched.h>
#include <linux/wait.h>
#include <stdlib.h>
#include <string.h>

#include "base/errno.h"
#include "fake_vcpu.h"
#include "mm/mm.h"
#include "proc/clone.h"
#include "proc/internal.h"
#include "proc/namespace.h"
#include "proc/pgrp.h"
#include "proc/pid_namespace.h"
#include "proc/pidfd.h"
#include "proc/wait.h"
#include "sched/thread.h"
#include "vfs/fdtable.h"
#include "vfs/fs_context.h"

/* ------------------------------------------------------------------ the world of proc/ */

static jmp_buf gone;
static unsigned machine_status;
static void (*on_wait)(void);
static int interrupt_wait;
static struct {
    struct process *process;
    int signal;
    int code;
} sent[64];
static unsigned sent_count;
static unsigned mms, tables, contexts;

int thread_create(struct process *process, int32_t tid, struct thread **out)
{
    struct thread *t = calloc(1, sizeof *t);
    t->arch.stack_top = (uint64_t)calloc(1, 4096 + 16) + 4096;
    t->refs = 1;
    t->tid = tid;
    t->process = process;
    list_init(&t->process_node);
    *out = t;
    return 0;
}

void thread_put(struct thread *t)
{
    if (--t->refs == 0) {
        free((void *)(t->arch.stack_top - 4096));
        free(t);
    }
}

void thread_destroy_new(struct thread *t)
{
    thread_put(t);
}
void thread_copy_context(struct thread *t, struct thread *from)
{
    memcpy(t->comm, from->comm, 16);
}
void thread_start(struct thread *) {}
void thread_unhash(struct thread *) {}
void thread_change_tid(struct thread *t, int32_t tid)
{
    t->tid = tid;
}
void thread_account_end(void) {}

void thread_exit(void)
{
    thread_put(current);
    longjmp(gone, 1);
}

struct cputime_split cputime_process(const struct process *)
{
    return (struct cputime_split){.user_ns = 20000000, .system_ns = 10000000};
}

uint64_t time_boot_ns(void)
{
    return 5;
}
void machine_end(unsigned status)
{
    machine_status = status;
    longjmp(gone, 2);
}
void trace_exit(int32_t, int) {}
void futex_thread_release(struct thread *) {}
void tty_session_leader_exit(struct session *) {}

void waiter_init(struct waiter *) {}
void wait_wake_all(struct wait_queue *, uint32_t) {}
int wait_on(struct wait_queue *, uint64_t, enum sleep_mode)
{
    if (interrupt_wait)
        return -EINTR;
    if (on_wait)
        on_wait();
    return 0;
}

struct mm *mm_get(struct mm *mm)
{
    mm->refs++;
    return mm;
}
void mm_put(struct mm *mm)
{
    if (--mm->refs == 0) {
        free(mm);
        mms--;
    }
}
void mm_activate(struct mm *) {}
size_t mm_copy(struct mm *, uaddr_t, void *, size_t n, bool)
{
    return n;
}
struct mm *mm_fork(struct mm *)
{
    struct mm *mm = calloc(1, sizeof *mm);
    mm->refs = 1;
    mms++;
    return mm;
}
uint32_t table_reclaim(void)
{
    return 0;
}
int copy_to_user(uaddr_t, const void *, size_t)
{
    return 0;
}

struct fd_table *fd_table_clone(const struct fd_table *)
{
    struct fd_table *table = calloc(1, sizeof *table);
    table->refs = 1;
    tables++;
    return table;
}
void fd_table_put(struct fd_table *table)
{
    if (--table->refs == 0) {
        free(table);
        tables--;
    }
}
struct fs_context *fs_context_clone(const struct fs_context *)
{
    struct fs_context *fs = calloc(1, sizeof *fs);
    fs->refs = 1;
    contexts++;
    return fs;
}
void fs_context_put(struct fs_context *fs)
{
    if (fs && --fs->refs == 0) {
        free(fs);
        contexts--;
    }
}
int pidfd_create(struct process *, uaddr_t)
{
    return -EMFILE;
}

struct signal_actions *signal_actions_copy(const struct signal_actions *from)
{
    struct signal_actions *actions = malloc(sizeof *actions);
    *actions = *from;
    actions->refs = 1;
    return actions;
}
struct signal_actions *signal_actions_get(struct signal_actions *a)
{
    a->refs++;
    return a;
}
void signal_actions_put(struct signal_actions *a)
{
    if (--a->refs == 0)
        free(a);
}
void signal_actions_reset(struct signal_actions *) {}
void signal_process_init(struct process *p, struct signal_actions *a)
{
    p->signal.actions = a;
}
void signal_process_release(struct process *p)
{
    if (p->signal.actions)
        signal_actions_put(p->signal.actions);
    p->signal.actions = nullptr;
}
void signal_altstack_clear(struct thread *) {}
bool signal_fatal_pending(const struct thread *)
{
    return false;
}
void signal_kill_thread(struct thread *) {}
void signal_thread_leave(struct thread *) {}
bool signal_is_ignored(const struct process *p, int sig)
{
    return p->signal.actions->action[sig - 1].handler <= 1;
}
void signal_child_ignore(struct process *)
{
}

struct thread *thread_find(int32_t)
{
    return nullptr;
}

static struct namespace birthplace = {.refs = 1, .pids = &pid_namespace_first};

int namespaces_birthplace(uint64_t, struct namespace **out)
{
    *out = namespace_get(&birthplace);
    return 0;
}

void namespace_put(struct namespace *ns)
{
    ns->refs--;
}

bool signal_child_autoreap(const struct process *p)
{
    const struct signal_action *a = &p->signal.actions->action[SIGCHLD - 1];
    return a->handler == 1 || a->flags & SA_NOCLDWAIT;
}
int signal_send_process(struct process *p, int sig, const struct siginfo *info)
{
    sent[sent_count].process = p;
    sent[sent_count].signal = sig;
    sent[sent_count++].code = (uintptr_t)info > 1 ? info->si_code : 0;
    return 0;
}
int signal_send_thread(struct thread *t, int sig, const struct siginfo *info)
{
    return signal_send_process(t->process, sig, info);
}

/* ------------------------------------------------------------------ a first process */

static struct thread *first;

static int group_setup(void **)
{
    struct signal_actions *actions = calloc(1, sizeof *actions);
    struct pid *pid;

    fake_vcpu_init();
    process_init();
    assert_int_equal(pid_alloc(&pid_namespace_first, nullptr, 0, &pid), 0);
    actions->refs = 1;
    process_first = process_alloc(pid, nullptr, actions);
    assert_int_equal(thread_create(process_first, pid->number, &first), 0);
    for (unsigned i = 0; i < RLIM_NLIMITS; i++)
        process_first->limits[i] = (struct process_rlimit){UINT64_MAX, UINT64_MAX};
    pid->is_thread = true;
    process_enter(process_first, nullptr);
    process_add_thread(process_first, first);
    first->cred = cred_get(&cred_root);
    assert_true(user_count_add(0));
    process_first->mm = mm_fork(nullptr);
    first->files = fd_table_clone(nullptr);
    first->fs = fs_context_clone(nullptr);
    assert_int_equal(session_create(process_first), 1);
    return 0;
}

static int setup(void **)
{
    fake_vcpu_run(first);
    sent_count = 0;
    on_wait = nullptr;
    interrupt_wait = 0;
    return 0;
}

/* Nothing but the first process is left. */
static int teardown(void **)
{
    fake_vcpu_run(first);
    memset(process_first->signal.actions->action, 0, sizeof process_first->signal.actions->action);
    struct wait_request all = {.which = P_ALL, .options = WEXITED | WNOHANG | __WALL};
    struct wait_result result;
    while (process_wait(&all, &result) == 0 && result.pid)
        ;
    assert_int_equal(process_count(), 1);
    assert_int_equal(pid_count(), 1);
    assert_int_equal(user_count(0), 1);
    assert_int_equal(mms, 1);
    assert_int_equal(tables, 1);
    assert_int_equal(contexts, 1);
    return 0;
}

static struct thread *clone_of(struct thread *parent, uint64_t flags)
{
    struct clone_request request = {.flags = flags,
                                    .exit_signal = flags & CLONE_THREAD ? 0 : SIGCHLD};
    fake_vcpu_run(parent);
    int64_t tid = process_clone(&request);
    assert_true(tid > 0);
    if (flags & CLONE_THREAD)
        return container_of(list_last(&parent->process->threads), struct thread, process_node);
    return process_find((int32_t)tid)->leader;
}

static void end(struct thread *t, int status)
{
    fake_vcpu_run(t);
    if (setjmp(gone) == 0)
        process_exit_thread(status);
}

static int wait_for(struct thread *parent, int which, int32_t id, int options,
                    struct wait_result *result)
{
    struct wait_request request = {.which = which, .id = id, .options = options};
    fake_vcpu_run(parent);
    return process_wait(&request, result);
}

/* ------------------------------------------------------------------ tests */

static void a_child_is_waited_for(void **)
{
    struct wait_result result;
    struct thread *child = clone_of(first, 0);
    int32_t pid = child->process->pid;
    assert_int_equal(wait_for(first, P_ALL, 0, WEXITED | WNOHANG, &result), 0);
    assert_int_equal(result.pid, 0);
    end(child, 3 << 8);
    assert_int_equal(sent_count, 1);
    assert_int_equal(sent[0].signal, SIGCHLD);
    assert_int_equal(sent[0].code, CLD_EXITED);
    assert_int_equal(wait_for(first, P_PID, pid, WEXITED | WNOWAIT, &result), 0);
    assert_int_equal(wait_for(first, P_PID, pid, WEXITED, &result), 0);
    assert_int_equal(result.pid, pid);
    assert_int_equal(result.wait_status, 3 << 8);
    assert_int_equal(result.info.si_status, 3);
    assert_int_equal(wait_for(first, P_PID, pid, WEXITED, &result), -ECHILD);
    assert_true(process_first->children_usage.user_ns >= 20000000);
}

static struct thread *ending;

static void end_it(void)
{
    struct thread *waiting = current;
    if (ending)
        end(ending, SIGKILL);
    ending = nullptr;
    fake_vcpu_run(waiting);
}

static void waiting_sleeps_until_a_child_ends(void **)
{
    struct wait_result result;
    ending = clone_of(first, 0);
    on_wait = end_it;
    assert_int_equal(wait_for(first, P_ALL, 0, WEXITED, &result), 0);
    assert_int_equal(result.wait_status, SIGKILL);
    assert_int_equal(result.info.si_code, CLD_KILLED);
    ending = clone_of(first, 0);
    interrupt_wait = 1;
    assert_int_equal(wait_for(first, P_ALL, 0, WEXITED, &result), -ERESTARTSYS);
    end_it();
}

static void ignored_children_vanish(void **)
{
    struct wait_result result;
    struct thread *child = clone_of(first, 0);
    process_first->signal.actions->action[SIGCHLD - 1].handler = 1;
    end(child, 0);
    assert_int_equal(sent_count, 0);
    assert_int_equal(wait_for(first, P_ALL, 0, WEXITED, &result), -ECHILD);
}

static void stops_and_continuations_are_told_once(void **)
{
    struct wait_result result;
    struct thread *child = clone_of(first, 0);
    struct process *p = child->process;
    p->signal.flags = SIGNAL_GROUP_STOPPED | SIGNAL_GROUP_STOPPING;
    p->signal.stop_signal = SIGTSTP;
    process_report_stop(p, SIGTSTP);
    assert_int_equal(sent[0].code, CLD_STOPPED);
    assert_int_equal(wait_for(first, P_ALL, 0, WEXITED | WNOHANG, &result), 0);
    assert_int_equal(result.pid, 0);
    assert_int_equal(wait_for(first, P_ALL, 0, WEXITED | WSTOPPED, &result), 0);
    assert_int_equal(result.wait_status, SIGTSTP << 8 | 0x7f);
    assert_int_equal(wait_for(first, P_ALL, 0, WSTOPPED | WNOHANG, &result), 0);
    assert_int_equal(result.pid, 0);
    p->signal.flags = SIGNAL_GROUP_CONTINUED;
    assert_int_equal(wait_for(first, P_ALL, 0, WCONTINUED, &result), 0);
    assert_int_equal(result.wait_status, 0xffff);
    end(child, 0);
}

static void orphans_go_to_the_first_process_or_a_subreaper(void **)
{
    struct thread *reaper = clone_of(first, 0), *middle = clone_of(reaper, 0);
    struct thread *child = clone_of(middle, 0), *grandchild = clone_of(child, 0);
    reaper->process->is_subreaper = true;
    struct process *p = grandchild->process;
    end(child, 0);
    assert_ptr_equal(p->parent, reaper->process);
    end(middle, 0);
    end(reaper, 0);
    assert_ptr_equal(p->parent, process_first);
    end(grandchild, 0);
}

static void stopped_orphan_groups_are_hung_up(void **)
{
    struct thread *shell = clone_of(first, 0), *job = clone_of(shell, 0);
    assert_true(session_create(shell->process) > 0);
    pgrp_join(job->process, shell->process->pgrp);
    assert_int_equal(pgrp_create(job->process, process_session(shell->process)), 0);
    assert_false(pgrp_is_orphaned(job->process->pgrp, nullptr));
    job->process->signal.flags = SIGNAL_GROUP_STOPPED;
    sent_count = 0;
    end(shell, 0);
    assert_true(pgrp_is_orphaned(job->process->pgrp, nullptr));
    assert_int_equal(sent[0].signal, SIGHUP);
    assert_int_equal(sent[1].signal, SIGCONT);
    assert_ptr_equal(sent[0].process, job->process);
    end(job, 0);
}

static void threads_count_and_the_first_one_keeps_its_number(void **)
{
    constexpr uint64_t flags = CLONE_VM | CLONE_SIGHAND | CLONE_THREAD | CLONE_FILES | CLONE_FS;
    struct wait_result result;
    struct thread *leader = clone_of(first, 0), *other = clone_of(leader, flags);
    struct process *p = leader->process;
    int32_t pid = p->pid;
    assert_int_equal(p->thread_count, 2);
    assert_ptr_equal(other->process, p);
    end(leader, 7 << 8);
    assert_null(p->leader);
    assert_int_equal(p->state, PROCESS_RUNNING);
    assert_ptr_equal(process_find(pid), p);
    assert_int_equal(wait_for(first, P_ALL, 0, WEXITED | WNOHANG, &result), 0);
    assert_int_equal(result.pid, 0);
    end(other, 9 << 8);
    assert_int_equal(wait_for(first, P_ALL, 0, WEXITED, &result), 0);
    assert_int_equal(result.wait_status, 7 << 8); /* the leader's own */
}

static void limits_and_flags_are_checked(void **)
{
    struct clone_request request = {.flags = CLONE_THREAD};
    struct cred *user = cred_clone(&cred_root);
    assert_int_equal(process_clone(&request), -EINVAL);
    request.flags = CLONE_SIGHAND;
    assert_int_equal(process_clone(&request), -EINVAL);
    request.flags = CLONE_NEWPID;
    assert_int_equal(process_clone(&request), -EINVAL);
    request.flags = CLONE_PIDFD;
    assert_int_equal(process_clone(&request), -EMFILE);
    request = (struct clone_request){.exit_signal = SIGCHLD};
    struct thread *child = clone_of(first, 0);
    user_count_remove(0);
    assert_true(user_count_add(1000));
    user->uid = 1000;
    user->cap_effective = 0;
    cred_install(child, user);
    child->process->limits[RLIMIT_NPROC].soft = 2;
    fake_vcpu_run(child);
    assert_true(process_clone(&request) > 0);
    assert_int_equal(process_clone(&request), -EAGAIN);
    struct process *grandchild =
        container_of(child->process->children.next, struct process, sibling);
    end(grandchild->leader, 0);
    end(child, 0);
}

static void end_newest(void)
{
    struct process *child =
        container_of(list_last(&process_first->children), struct process, sibling);
    ending = child->leader;
    end_it();
}

static void vfork_lets_the_parent_wait(void **)
{
    struct wait_result result;
    struct clone_request request = {.flags = CLONE_VFORK | CLONE_VM, .exit_signal = SIGCHLD};
    on_wait = end_newest; /* the parent sleeps inside process_clone */
    int64_t pid = process_clone(&request);
    assert_true(pid > 0);
    assert_int_equal(process_find((int32_t)pid)->state, PROCESS_ZOMBIE);
    assert_int_equal(wait_for(first, P_PID, (int32_t)pid, WEXITED, &result), 0);
    assert_int_equal(first->process->mm->refs, 1);
}

static void the_machine_ends_with_the_first_process(void **)
{
    fake_vcpu_run(first);
    int how = setjmp(gone);
    if (how == 0)
        process_exit_group(SIGSEGV | 0x80);
    assert_int_equal(how, 2);
    assert_int_equal(machine_status, 128 + SIGSEGV);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_child_is_waited_for),
        TEST(waiting_sleeps_until_a_child_ends),
        TEST(ignored_children_vanish),
        TEST(stops_and_continuations_are_told_once),
        TEST(orphans_go_to_the_first_process_or_a_subreaper),
        TEST(stopped_orphan_groups_are_hung_up),
        TEST(threads_count_and_the_first_one_keeps_its_number),
        TEST(limits_and_flags_are_checked),
        TEST(vfork_lets_the_parent_wait),
        cmocka_unit_test_setup(the_machine_ends_with_the_first_process, setup),
    };
    return cmocka_run_group_tests(tests, group_setup, nullptr);
}
