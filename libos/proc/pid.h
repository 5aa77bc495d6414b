/* SPDX-License-Identifier: BSD-2-Clause */
/* pid.h - the numbers of threads, processes, process groups and sessions (pid_namespaces(7)).
 *
 * One number can name a thread, the process that it leads, a process group and a session at once;
 * it is given out again when it names none of them.  What is made in a pid namespace has a number
 * there and one in each namespace above, up to the first.  The libOS itself goes by the numbers of
 * the first namespace everywhere: `tid`, `pid`, `pgid` and `sid` fields hold these.  They become
 * what a program knows them by, and back, where they cross to it and from it.
 */
#pragma once

#include <stdint.h>
#include "base/list.h"
#include "sched/wait.h"

struct namespace;
struct pgrp;
struct process;
struct session;

constexpr int32_t PID_MOST = 32768;     /* as Linux's pid_max: numbers lie below it */
constexpr uint32_t PID_LEVEL_MOST = 32; /* namespaces one in another, without the first */

struct pid_namespace {
    struct pid_namespace *above; /* one reference; NULL: the first */
    struct namespace *holder;    /* whose references count */
    uint32_t level;              /* 0: the first */
    uint32_t count;              /* numbers in use */
    int32_t last;                /* the number given out last */
    uint32_t processes;          /* in it and in those below, zombies too */
    struct process *init;        /* adopts orphans; NULL: none yet, or it has gone */
    bool has_ended;              /* its init has ended: nobody is born any more */
    int32_t end_status;          /* by reboot(2): the init's wait status; 0: its own */
    struct wait_queue emptied;   /* rung when its init is alone */
};

/* One number of a struct pid. */
struct pid_number {
    struct list_node node; /* in its hash chain */
    struct pid *pid;
    struct pid_namespace *in;
    int32_t number;
};

struct pid {
    int32_t number; /* in the first namespace */
    bool is_thread; /* a thread has this number (thread_find) */
    struct process *process;
    struct pgrp *pgrp;
    struct session *session;
    struct pid_namespace *in;    /* where it was made; one reference */
    struct pid_number numbers[]; /* by level, up to that of `in` */
};

extern struct pid_namespace pid_namespace_first;

void pid_init(void);

/* Numbers that name nothing yet, in IN and all above.  WANTED: the numbers to take in the COUNT
 * innermost namespaces, the innermost first (clone(2), set_tid).
 * -EAGAIN: none left.  -EPERM: one was wanted that the caller may not choose.  -ENOMEM: no memory, or IN has ended.  -EEXIST: a wanted one is in use.
 * -EINVAL: a wanted one is none, or is not 1 where there is no init yet. */
[[nodiscard]] int pid_alloc(struct pid_namespace *in, const int32_t *wanted, uint32_t count,
                            struct pid **out);
/* By its number in the first namespace; in IN. */
struct pid *pid_find(int32_t number);
struct pid *pid_find_in(const struct pid_namespace *in, int32_t number);
/* To be called after one of the four was cleared: frees the number if it was the last. */
void pid_release(struct pid *pid);
/* Numbers in use in all; the last given out in IN (for /proc/loadavg). */
uint32_t pid_count(void);
int32_t pid_last(const struct pid_namespace *in);
