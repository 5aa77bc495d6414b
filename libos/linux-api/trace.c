/* SPDX-License-Identifier: BSD-2-Clause */
/* trace.c - lines of the trace: calls, signals, ends of threads. */
#include "linux-api/trace.h"

#include <linux/fcntl.h>
#include "base/bits.h"
#include "base/errno.h"
#include "base/list.h"
#include "base/log.h"
#include "base/string.h"
#include "linux-api/trace_args.h"
#include "linux-api/trace_flags.h"
#include "mm/heap.h"
#include "proc/process.h"
#include "sched/thread.h"
#include "start/options.h"

constexpr unsigned ARGS = 6;

/* The kinds of a call's arguments, at most six, the rest NOTHING. */
#define KINDS1(k, ...) TRACE_##k __VA_OPT__(, KINDS2(__VA_ARGS__))
#define KINDS2(k, ...) TRACE_##k __VA_OPT__(, KINDS3(__VA_ARGS__))
#define KINDS3(k, ...) TRACE_##k __VA_OPT__(, KINDS4(__VA_ARGS__))
#define KINDS4(k, ...) TRACE_##k __VA_OPT__(, KINDS5(__VA_ARGS__))
#define KINDS5(k, ...) TRACE_##k __VA_OPT__(, KINDS6(__VA_ARGS__))
#define KINDS6(k)      TRACE_##k

struct signature {
    const char *name;
    enum trace_kind kinds[ARGS];
};

static const struct signature signatures[] = {
#define LINUX_ALL(nr, generic, name, category, state, ...)                                         \
    [nr] = {#name, {__VA_OPT__(KINDS1(__VA_ARGS__))}},
#define LINUX_X86(nr, generic, name, category, state, ...)                                         \
    [nr] = {#name, {__VA_OPT__(KINDS1(__VA_ARGS__))}},
#include "linux-api/syscalls.def"
#undef LINUX_ALL
#undef LINUX_X86
};

/* A call that has begun and not returned. */
struct pending {
    struct list_node node;
    struct thread *thread; /* only compared */
    int32_t tid;
    struct text line; /* what is known of it */
    unsigned shown_args;
    bool is_announced; /* its first part was written as unfinished */
};

static struct list_node all_pending = LIST_INIT(all_pending);

static struct pending *pending_find(const struct thread *t);
static void pending_drop(struct pending *p);
static void announce_others(int32_t but_tid);
static unsigned show_args(struct text *line, const struct call *c, const struct signature *s,
                          unsigned from, bool returned, long result);
static void add_result(struct text *line, const struct call *c, const struct signature *s,
                       long result);
static bool never_returns(const char *name);
static void begin_line(struct text *line, int32_t tid);
static void end_line(struct text *line);

static const struct signature *signature_of(const struct call *c)
{
    bool known = c->nr < ARRAY_COUNT(signatures) && signatures[c->nr].name;
    return known ? &signatures[c->nr] : nullptr;
}

static void add_name(struct text *line, const struct call *c)
{
    const struct signature *s = signature_of(c);
    if (s)
        text_add(line, "%s(", s->name);
    else
        text_add(line, "syscall_%#llx(", (unsigned long long)c->nr);
}

void trace_call_enter(const struct call *c)
{
    struct pending *p = heap_zalloc(sizeof *p);
    if (!p)
        return;
    const struct signature *s = signature_of(c);
    p->thread = current;
    p->tid = current->tid;
    list_push_back(&all_pending, &p->node);
    add_name(&p->line, c);
    if (s)
        p->shown_args = show_args(&p->line, c, s, 0, false, 0);
    if (!s || !never_returns(s->name))
        return;

    announce_others(p->tid);
    struct text line = {};
    begin_line(&line, p->tid);
    text_add_bytes(&line, p->line.data, p->line.length);
    text_add(&line, ") = ?");
    end_line(&line);
    pending_drop(p);
}

void trace_call_exit(const struct call *c, long result)
{
    struct pending *p = pending_find(current);
    const struct signature *s = signature_of(c);
    if (!p)
        return;
    announce_others(p->tid);
    struct text line = {};
    begin_line(&line, p->tid);
    if (p->is_announced)
        text_add(&line, "<... %s resumed>", s ? s->name : "syscall");
    else
        text_add_bytes(&line, p->line.data, p->line.length);
    if (s)
        show_args(&line, c, s, p->shown_args, true, result);
    text_add(&line, ") = ");
    add_result(&line, c, s, result);
    end_line(&line);
    pending_drop(p);
}

void trace_signal(int sig, const struct siginfo *info)
{
    if (!options.strace)
        return;
    announce_others(0);
    struct text line = {};
    begin_line(&line, current->tid);
    text_add(&line, "--- ");
    trace_add_signal(&line, sig);
    text_add_char(&line, ' ');
    trace_add_siginfo(&line, info);
    text_add(&line, " ---");
    end_line(&line);
}

void trace_exit(int32_t tid, int wait_status)
{
    if (!options.strace)
        return;
    announce_others(0);
    list_for_each_safe(node, &all_pending) {
        struct pending *p = container_of(node, struct pending, node);
        if (p->tid == tid)
            pending_drop(p);
    }
    struct text line = {};
    begin_line(&line, tid);
    if ((wait_status & 0x7f) == 0) {
        text_add(&line, "+++ exited with %d +++", wait_status >> 8 & 0xff);
    } else {
        text_add(&line, "+++ killed by ");
        trace_add_signal(&line, wait_status & 0x7f);
        text_add(&line, wait_status & 0x80 ? " (core dumped) +++" : " +++");
    }
    end_line(&line);
}

static struct pending *pending_find(const struct thread *t)
{
    list_for_each(node, &all_pending) {
        struct pending *p = container_of(node, struct pending, node);
        if (p->thread == t)
            return p;
    }
    return nullptr;
}

static void pending_drop(struct pending *p)
{
    list_remove(&p->node);
    text_release(&p->line);
    heap_free(p);
}

/* Another line is about to be written: calls of other threads that have not
 * returned must stand before it. */
static void announce_others(int32_t but_tid)
{
    list_for_each(node, &all_pending) {
        struct pending *p = container_of(node, struct pending, node);
        if (p->tid == but_tid || p->is_announced)
            continue;
        struct text line = {};
        begin_line(&line, p->tid);
        text_add_bytes(&line, p->line.data, p->line.length);
        text_add(&line, " <unfinished ...>");
        end_line(&line);
        p->is_announced = true;
    }
}

/* Before the call: up to the first argument that is a result.  Returns the next to be shown. */
static unsigned show_args(struct text *line, const struct call *c, const struct signature *s,
                          unsigned from, bool returned, long result)
{
    unsigned i = from;
    for (; i < ARGS; i++) {
        struct trace_arg arg = {c, s->kinds, i, c->arg[i], result};
        if (!returned && trace_arg_is_result(&arg))
            break;
        if (!trace_arg_show(line, &arg))
            return ARGS;
    }
    return i;
}

static void add_result(struct text *line, const struct call *c, const struct signature *s,
                       long result)
{
    static const char *const addresses[] = {"mmap", "mremap", "brk", "shmat"};
    if (result < 0 && result > -4096) {
        const char *name = errno_name((int)-result);
        if (name)
            text_add(line, "-1 %s (%s)", name, errno_text((int)-result));
        else if (result == -ERESTARTSYS)
            text_add(line, "? ERESTARTSYS (To be restarted if SA_RESTART is set)");
        else if (result == -ERESTARTNOINTR)
            text_add(line, "? ERESTARTNOINTR (To be restarted)");
        else if (result == -ERESTARTNOHAND)
            text_add(line, "? ERESTARTNOHAND (To be restarted if no handler)");
        else if (result == -ERESTART_RESTARTBLOCK)
            text_add(line, "? ERESTART_RESTARTBLOCK (Interrupted by signal)");
        else
            text_add(line, "%ld", result);
        return;
    }
    for (unsigned i = 0; s && i < ARRAY_COUNT(addresses); i++) {
        if (strcmp(s->name, addresses[i]) == 0) {
            text_add(line, "%#lx", (unsigned long)result);
            return;
        }
    }
    if (s && strcmp(s->name, "umask") == 0) {
        text_add_octal(line, (uint64_t)result, 3);
        return;
    }
    if (s && strcmp(s->name, "fcntl") == 0 && c->arg[1] == F_GETFL) {
        text_add(line, "%#lx (flags %s", (unsigned long)result,
                 (result & O_ACCMODE) == O_RDONLY ? "O_RDONLY|" : "");
        trace_add_flags(line, &trace_flags_open, (uint64_t)result);
        text_add_char(line, ')');
        return;
    }
    text_add(line, "%ld", result);
    if (s && (strcmp(s->name, "poll") == 0 || strcmp(s->name, "ppoll") == 0))
        trace_add_poll_answer(line, c, result);
}

static bool never_returns(const char *name)
{
    return strcmp(name, "exit") == 0 || strcmp(name, "exit_group") == 0;
}

/* As strace -f: which thread it is about, as soon as there is more than one process. */
static void begin_line(struct text *line, int32_t tid)
{
    text_add(line, "strace: ");
    if (tid != 1 || process_count() > 1)
        text_add(line, "[pid %5d] ", tid);
}

static void end_line(struct text *line)
{
    text_add_char(line, '\n');
    if (!line->failed)
        log_write(line->data, line->length);
    text_release(line);
}
