/* SPDX-License-Identifier: BSD-2-Clause */
/* dispatch.c - from a Linux call's number to its handler. */
#include "linux-api/dispatch.h"
#include <linux/seccomp.h>
#include "arch/arch.h"
#include "base/errno.h"
#include "base/log.h"
#include "linux-api/mode.h"
#include "linux-api/trace.h"
#include "ptrace/ptrace.h"
#include "seccomp/seccomp.h"
#include "sched/thread.h"
#include "start/options.h"
#include "trace/record.h"

/* Handlers, for the calls whose state is not NONE. */
#define DECLARE_FULL(name) syscall_fn sys_##name;
#define DECLARE_PART(name) syscall_fn sys_##name;
#define DECLARE_NONE(name)
#define LINUX_ALL(nr, generic, name, category, state, ...) DECLARE_##state(name)
#define LINUX_X86(nr, generic, name, category, state, ...) DECLARE_##state(name)
#include "linux-api/syscalls.def"
#undef LINUX_ALL
#undef LINUX_X86

#define HANDLER_FULL(name) sys_##name
#define HANDLER_PART(name) sys_##name
#define HANDLER_NONE(name) nullptr
#define LINUX_ALL(nr, generic, name, category, state, ...)                                         \
    [nr] = {#name, HANDLER_##state(name), SYSCALL_##category},
#define LINUX_X86(nr, generic, name, category, state, ...)                                         \
    [nr] = {#name, HANDLER_##state(name), SYSCALL_##category},
static const struct syscall_entry table[] = {
#include "linux-api/syscalls.def"
};

constexpr uint64_t TABLE_SIZE = sizeof table / sizeof table[0];
static_assert(TABLE_SIZE <= SYSCALL_NUMBERS);

/* What entry.S calls without looking further. */
syscall_fn *syscall_quick[SYSCALL_NUMBERS];
uint64_t syscall_count[SYSCALL_NUMBERS];

const char *const syscall_category_name[SYSCALL_CATEGORIES] = {
    [SYSCALL_FILE] = "file calls",     [SYSCALL_PROCESS] = "process calls",
    [SYSCALL_MEMORY] = "memory calls", [SYSCALL_SOCKET] = "socket calls",
    [SYSCALL_SIGNAL] = "signal calls", [SYSCALL_TIME] = "time calls",
    [SYSCALL_IPC] = "ipc calls",       [SYSCALL_TTY] = "tty calls",
    [SYSCALL_THREAD] = "thread calls", [SYSCALL_MISC] = "other calls",
};

uint64_t syscall_category_count(enum syscall_category category)
{
    uint64_t n = 0;
    for (uint64_t nr = 0; nr < TABLE_SIZE; nr++)
        if (table[nr].category == category)
            n += syscall_count[nr];
    return n;
}

const struct syscall_entry *syscall_find(uint64_t nr)
{
    return nr < TABLE_SIZE && table[nr].name ? &table[nr] : nullptr;
}

static bool is_made(const struct syscall_entry *entry)
{
    return entry && entry->handler && syscall_categories >> entry->category & 1;
}

/* Each call that is not there is worth one line of the log. */
static long absent_call(uint64_t nr, const struct syscall_entry *entry)
{
    static uint8_t logged[512 / 8];
    if (nr >= 8 * sizeof logged || logged[nr / 8] & 1u << nr % 8)
        return -ENOSYS;
    logged[nr / 8] |= (uint8_t)(1u << nr % 8);
    log_warn("%s: %s call %s (%lu)", current->comm,
             entry && entry->handler ? "the mode excludes" : "unknown", entry ? entry->name : "?",
             nr);
    return -ENOSYS;
}

/* The tracer, and then the filters, see the call before it is made and may refuse or change it. */
static bool is_let_through(struct regs *regs)
{
    if (current->trace && !ptrace_call_enter(regs))
        return false;
    return current->seccomp_mode == SECCOMP_MODE_DISABLED || seccomp_call_enter(regs);
}

static long call_make(const struct call *call)
{
    const struct syscall_entry *entry = syscall_find(call->nr);
    if (options.strace)
        trace_call_enter(call);
    if (record_events())
        record_add_call(call);
    long result = is_made(entry) ? entry->handler(call) : absent_call(call->nr, entry);
    if (record_events())
        record_add(RECORD_RESULT, (unsigned)call->nr, current->tid, (uint64_t)result, 0, 0);
    if (options.strace)
        trace_call_exit(call, result);
    return result;
}

static void call_of_regs(struct regs *regs)
{
    struct call call = {
        /* Linux looks at the low 32 bits only (arch/x86 ABI). */
        .nr = (uint32_t)regs->orig_rax,
        .arg = {regs->rdi, regs->rsi, regs->rdx, regs->r10, regs->r8, regs->r9},
        .regs = regs,
    };
    if (call.nr < SYSCALL_NUMBERS)
        syscall_count[call.nr]++;
    regs->rax = (uint64_t)call_make(&call);
}

bool syscall_is_plain(uint64_t nr)
{
    return nr < SYSCALL_NUMBERS && syscall_quick[nr] && syscall_quick[nr] != call_make;
}

void syscall_init(void)
{
    bool is_watched = options.strace || record_events();
    for (uint64_t nr = 0; nr < SYSCALL_NUMBERS; nr++) {
        const struct syscall_entry *entry = syscall_find(nr);
        syscall_quick[nr] = is_made(entry) && !is_watched ? entry->handler : call_make;
    }
}

void syscall_dispatch(struct regs *regs)
{
    if ((!current->trace && !current->seccomp_mode) || is_let_through(regs))
        call_of_regs(regs);
    if (current->trace)
        ptrace_call_exit(regs);
}
