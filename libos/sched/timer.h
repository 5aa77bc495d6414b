/* SPDX-License-Identifier: BSD-2-Clause */
/* timer.h - things to be done at a given time.
 *
 * Armed timers stand in a pairing heap (intrusive: arming cannot fail), so that the cost of
 * arming, cancelling and firing does not grow with the number of sleepers.  The vcpu's timer is
 * programmed on the way out of the libOS only, and only for a deadline earlier than the one set.
 */
#pragma once

#include <stdint.h>

struct timer {
    uint64_t deadline_ns;          /* CLOCK_MONOTONIC */
    void (*fire)(struct timer *t); /* under the domain lock; must not sleep; may arm or free T */
    /* The heap's: the first child, the next sibling, and the previous sibling or the parent. */
    struct timer *child, *next, *back;
    bool armed;
};

static inline void timer_init(struct timer *t, void (*fire)(struct timer *))
{
    *t = (struct timer){.fire = fire};
}

static inline bool timer_is_armed(const struct timer *t)
{
    return t->armed;
}

/* Let T fire at DEADLINE_NS, or as soon as possible after it.  An armed timer is moved. */
void timer_arm(struct timer *t, uint64_t deadline_ns);

/* T will not fire (any more).  Returns whether it was armed. */
bool timer_cancel(struct timer *t);

/* Fire all that are due at NOW_NS. */
void timers_run(uint64_t now_ns);

/* The earliest deadline, or WAIT_FOREVER. */
uint64_t timers_next(void);
