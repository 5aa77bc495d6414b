/* SPDX-License-Identifier: BSD-2-Clause */
/* queue.h - signals that wait: sets and queues of siginfo.  Private to signal/ and the timers.
 *
 * An ordinary signal is pending once or not at all; a real-time signal is queued each time.  A
 * signal whose siginfo found no memory or passed RLIMIT_SIGPENDING is pending without one.
 */
#pragma once

#include <asm-generic/siginfo.h>
#include "signal/signal.h"

constexpr int SIGNAL_RT_FIRST = 32;

struct pending_count; /* of a user: RLIMIT_SIGPENDING */

struct signal_entry {
    struct list_node node;
    struct pending_count *count;           /* null: not counted */
    struct signal_backlog *backlog;        /* owned: where it waits; null: nowhere */
    bool owned;                            /* a timer's: not freed here */
    void (*taken)(struct signal_entry *e); /* owned: delivered; may still change INFO */
    struct siginfo info;
};

void backlog_init(struct signal_backlog *b);

/* Add SIG.  UID and LIMIT are the receiver's.  INFO null: without siginfo.  FORCED: whatever the
 * limit.  -EAGAIN: the limit, and SIG was to be queued. */
int backlog_add(struct signal_backlog *b, int sig, const struct siginfo *info, uint32_t uid,
                uint64_t limit, bool forced);
void backlog_add_entry(struct signal_backlog *b, struct signal_entry *e);
/* The owner takes E back, wherever it is. */
void backlog_remove_entry(struct signal_entry *e);

/* Take the first SIG out.  INFO may be null. */
void backlog_take(struct signal_backlog *b, int sig, struct siginfo *info);

/* Drop all signals of SET. */
void backlog_drop(struct signal_backlog *b, signal_set set);

/* The next of SET to deliver: those that a fault made first, then the lowest number; 0: none. */
int signal_set_first(signal_set set);

/* Entries that USER has pending (/proc/PID/status, SigQ). */
uint64_t signal_pending_of_user(uint32_t uid);
