/* SPDX-License-Identifier: BSD-2-Clause */
/* futex_queue.h - the futex operations, for the system call and the parts of futex. */
#pragma once

#include "base/list.h"
#include "base/types.h"
#include "mm/mm.h"

struct thread;

struct futex_waiter {
    struct list_node node;
    struct mm_futex_key key;
    uint32_t bits;
    bool pi; /* waits for a lock of FUTEX_LOCK_PI */
    bool woken;
    struct thread *thread;
    struct list_node pi_node; /* pi: on the list of all such waiters */
    uaddr_t address;          /* pi: of the word, in the waiter's memory */
    int32_t owner;            /* pi: the thread that holds the lock */
};

struct futex_timeout {
    uint64_t ns; /* CLOCK_MONOTONIC, or CLOCK_REALTIME if `realtime`; WAIT_FOREVER */
    bool realtime;
};

struct futex_pair {
    uaddr_t from, to;
};

[[nodiscard]] int futex_wait(uaddr_t address, bool shared, uint32_t expected, uint32_t bits,
                             const struct futex_timeout *timeout);
long futex_wake(uaddr_t address, bool shared, unsigned count, uint32_t bits);
/* EXPECTED null: FUTEX_REQUEUE. */
long futex_requeue(const struct futex_pair *pair, bool shared, unsigned wake, unsigned move,
                   const uint32_t *expected);
long futex_wake_op(const struct futex_pair *pair, bool shared, unsigned wake, unsigned wake_to,
                   uint32_t encoded);

/* futex_waitv.c: the place of the word that was woken. */
struct futex_waitv;
long futex_wait_any(const struct futex_waitv *words, unsigned count,
                    const struct futex_timeout *timeout);

/* futex_pi.c */
long futex_lock_pi(uaddr_t address, bool shared, const struct futex_timeout *timeout);
long futex_trylock_pi(uaddr_t address, bool shared);
long futex_unlock_pi(uaddr_t address, bool shared);
/* The current thread ends: its locks that others wait for go to one of them. */
void futex_pi_release(struct thread *t);

/* The queues. */
[[nodiscard]] int futex_key_get(uaddr_t address, bool shared, struct mm_futex_key *key);
bool futex_key_equal(const struct mm_futex_key *a, const struct mm_futex_key *b);
void futex_enlist(struct futex_waiter *w, const struct mm_futex_key *key, uint32_t bits);
void futex_delist(struct futex_waiter *w);
void futex_wake_waiter(struct futex_waiter *w);
struct futex_waiter *futex_first(const struct mm_futex_key *key, bool pi);
unsigned futex_wake_key(const struct mm_futex_key *key, unsigned count, uint32_t bits);
unsigned futex_move(const struct mm_futex_key *from, const struct mm_futex_key *to, unsigned count);
/* Sleep until W is woken; W is off the queue afterwards.  -ETIMEDOUT, -EINTR. */
[[nodiscard]] int futex_sleep(struct futex_waiter *w, const struct futex_timeout *timeout);
