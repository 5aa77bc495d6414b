/* SPDX-License-Identifier: BSD-2-Clause */
/* futex.c - waiting for a word of the program's memory to change: futex(2).
 *
 * A hash table of queues, by the word's identity (mm_futex_key).  A waiter enlists, then compares
 * the word, then sleeps, all under the domain lock: a waker, which changes the word first and then
 * calls, either changes it before the comparison or finds the waiter.
 *
 * A waiter's life: QUEUED on one chain (requeueing may move it to another) until a waker takes it
 * off and sets `woken`, or it leaves by itself after a time-out or a signal.
 */
#include "sched/futex.h"

#include <linux/futex.h>
#include "base/assert.h"
#include "base/errno.h"
#include "base/hash.h"
#include "mm/usermem.h"
#include "proc/process.h"
#include "sched/futex_queue.h"
#include "sched/thread.h"
#include "sched/time.h"

constexpr unsigned TABLE_BITS = 8;
static struct list_node table[1 << TABLE_BITS];

static struct list_node *chain_of(const struct mm_futex_key *key)
{
    uint64_t h = hash_u64((uint64_t)key->object ^ hash_u64(key->offset));
    struct list_node *chain = &table[h & ((1 << TABLE_BITS) - 1)];
    if (!chain->next)
        list_init(chain);
    return chain;
}

bool futex_key_equal(const struct mm_futex_key *a, const struct mm_futex_key *b)
{
    return a->object == b->object && a->offset == b->offset;
}

int futex_key_get(uaddr_t address, bool shared, struct mm_futex_key *key)
{
    if (address & 3)
        return -EINVAL;
    return mm_futex_key(current->process->mm, address, shared, key);
}

void futex_enlist(struct futex_waiter *w, const struct mm_futex_key *key, uint32_t bits)
{
    w->key = *key;
    w->bits = bits;
    w->thread = current;
    w->woken = false;
    list_push_back(chain_of(key), &w->node);
}

void futex_delist(struct futex_waiter *w)
{
    if (list_is_linked(&w->node))
        list_remove(&w->node);
}

static struct futex_waiter *waiter_of(struct list_node *node)
{
    return container_of(node, struct futex_waiter, node);
}

void futex_wake_waiter(struct futex_waiter *w)
{
    list_remove(&w->node);
    w->woken = true;
    thread_wake(w->thread);
}

struct futex_waiter *futex_first(const struct mm_futex_key *key, bool pi)
{
    list_for_each(node, chain_of(key)) {
        struct futex_waiter *w = waiter_of(node);
        if (w->pi == pi && futex_key_equal(&w->key, key))
            return w;
    }
    return nullptr;
}

unsigned futex_wake_key(const struct mm_futex_key *key, unsigned count, uint32_t bits)
{
    unsigned woken = 0;
    list_for_each_safe(node, chain_of(key)) {
        if (woken == count)
            break;
        struct futex_waiter *w = waiter_of(node);
        if (w->pi || !(w->bits & bits) || !futex_key_equal(&w->key, key))
            continue;
        futex_wake_waiter(w);
        woken++;
    }
    return woken;
}

unsigned futex_move(const struct mm_futex_key *from, const struct mm_futex_key *to, unsigned count)
{
    unsigned moved = 0;
    if (futex_key_equal(from, to))
        return 0;
    struct list_node *target = chain_of(to);
    list_for_each_safe(node, chain_of(from)) {
        if (moved == count)
            break;
        struct futex_waiter *w = waiter_of(node);
        if (w->pi || !futex_key_equal(&w->key, from))
            continue;
        list_remove(&w->node);
        w->key = *to;
        /* On the same chain it would be met again; its key is another one now. */
        list_push_back(target, &w->node);
        moved++;
    }
    return moved;
}

int futex_sleep(struct futex_waiter *w, const struct futex_timeout *timeout)
{
    /* Setting the wall clock moves a deadline on it. */
    struct waiter clock_set;
    waiter_init(&clock_set);
    if (timeout->realtime)
        waiter_add(&time_set_queue, &clock_set);
    int error = 0;
    while (!w->woken && error == 0) {
        uint64_t deadline = timeout->ns;
        if (timeout->realtime)
            deadline = time_deadline_of_real(timeout->ns);
        error = thread_sleep(deadline, SLEEP_INTERRUPTIBLE);
    }
    waiter_remove(&clock_set);
    futex_delist(w);
    return w->woken ? 0 : error;
}

static long wait_again(struct thread *t);

int futex_wait(uaddr_t address, bool shared, uint32_t expected, uint32_t bits,
               const struct futex_timeout *timeout)
{
    struct mm_futex_key key;
    if (!bits)
        return -EINVAL;
    int error = futex_key_get(address, shared, &key);
    if (error)
        return error;
    struct futex_waiter w = {};
    futex_enlist(&w, &key, bits);
    uint32_t value;
    if (get_user_u32(&value, address)) {
        futex_delist(&w);
        return -EFAULT;
    }
    if (value != expected) {
        futex_delist(&w);
        return -EAGAIN;
    }
    error = futex_sleep(&w, timeout);
    if (error != -EINTR)
        return error;
    if (timeout->ns == WAIT_FOREVER)
        return -ERESTARTSYS;
    struct restart_block *r = &current->restart;
    *r = (struct restart_block){
        .run = wait_again,
        .deadline_ns = timeout->ns,
        .arg = {address, expected, bits, (uint64_t)shared | (uint64_t)timeout->realtime << 1}};
    return -ERESTART_RESTARTBLOCK;
}

static long wait_again(struct thread *t)
{
    const struct restart_block r = t->restart;
    const struct futex_timeout timeout = {.ns = r.deadline_ns, .realtime = r.arg[3] & 2};
    return futex_wait(r.arg[0], r.arg[3] & 1, (uint32_t)r.arg[1], (uint32_t)r.arg[2], &timeout);
}

long futex_wake(uaddr_t address, bool shared, unsigned count, uint32_t bits)
{
    struct mm_futex_key key;
    if (!bits)
        return -EINVAL;
    int error = futex_key_get(address, shared, &key);
    return error ? error : (long)futex_wake_key(&key, count, bits);
}

void futex_wake_address(uaddr_t address, unsigned count)
{
    (void)futex_wake(address, true, count, FUTEX_BITSET_MATCH_ANY);
}

long futex_requeue(const struct futex_pair *pair, bool shared, unsigned wake, unsigned move,
                   const uint32_t *expected)
{
    struct mm_futex_key from, to;
    int error = futex_key_get(pair->from, shared, &from);
    if (!error)
        error = futex_key_get(pair->to, shared, &to);
    if (error)
        return error;
    if (expected) {
        uint32_t value;
        if (get_user_u32(&value, pair->from))
            return -EFAULT;
        if (value != *expected)
            return -EAGAIN;
    }
    unsigned woken = futex_wake_key(&from, wake, FUTEX_BITSET_MATCH_ANY);
    return (long)woken + (long)futex_move(&from, &to, move);
}

static uint32_t op_result(unsigned op, uint32_t old, uint32_t arg)
{
    switch (op) {
    case FUTEX_OP_SET: return arg;
    case FUTEX_OP_ADD: return old + arg;
    case FUTEX_OP_OR: return old | arg;
    case FUTEX_OP_ANDN: return old & ~arg;
    default: return old ^ arg;
    }
}

static bool op_compare(unsigned cmp, int32_t old, int32_t arg)
{
    switch (cmp) {
    case FUTEX_OP_CMP_EQ: return old == arg;
    case FUTEX_OP_CMP_NE: return old != arg;
    case FUTEX_OP_CMP_LT: return old < arg;
    case FUTEX_OP_CMP_LE: return old <= arg;
    case FUTEX_OP_CMP_GT: return old > arg;
    default: return old >= arg;
    }
}

/* The operation that FUTEX_WAKE_OP encodes in one word (futex(2)). */
static int op_apply(uaddr_t address, uint32_t encoded, bool *condition)
{
    unsigned op = encoded >> 28 & 7, cmp = encoded >> 24 & 15;
    int32_t op_arg = (int32_t)(encoded << 8) >> 20, cmp_arg = (int32_t)(encoded << 20) >> 20;
    if (op > FUTEX_OP_XOR || cmp > FUTEX_OP_CMP_GE)
        return -ENOSYS;
    uint32_t arg = (uint32_t)op_arg;
    if (encoded >> 28 & FUTEX_OP_OPARG_SHIFT)
        arg = 1u << (arg & 31);
    uint32_t old, seen;
    if (get_user_u32(&old, address))
        return -EFAULT;
    for (;;) {
        if (cmpxchg_user_u32(address, old, op_result(op, old, arg), &seen))
            return -EFAULT;
        if (seen == old)
            break;
        old = seen;
    }
    *condition = op_compare(cmp, (int32_t)old, cmp_arg);
    return 0;
}

long futex_wake_op(const struct futex_pair *pair, bool shared, unsigned wake, unsigned wake_to,
                   uint32_t encoded)
{
    struct mm_futex_key from, to;
    bool condition;
    int error = futex_key_get(pair->from, shared, &from);
    if (!error)
        error = futex_key_get(pair->to, shared, &to);
    if (!error)
        error = op_apply(pair->to, encoded, &condition);
    if (error)
        return error;
    unsigned woken = futex_wake_key(&from, wake, FUTEX_BITSET_MATCH_ANY);
    if (condition)
        woken += futex_wake_key(&to, wake_to, FUTEX_BITSET_MATCH_ANY);
    return woken;
}
