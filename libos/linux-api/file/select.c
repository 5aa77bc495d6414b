/* SPDX-License-Identifier: BSD-2-Clause */
/* select.c - select(2) and pselect6(2). */
#include "base/bits.h"
#include "base/errno.h"
#include "base/string.h"
#include "linux-api/call.h"
#include "linux-api/file/wait.h"
#include "mm/heap.h"
#include "mm/usermem.h"
#include "sched/thread.h"
#include "signal/signal.h"
#include "vfs/fdtable.h"
#include "vfs/file.h"
#include "vfs/poll_set.h"

enum {
    READ,
    WRITE,
    EXCEPT,
    SETS
};

/* What each of the three sets asks for. */
static constexpr uint32_t events_of[SETS] = {
    EPOLLIN | EPOLLRDNORM | EPOLLRDBAND | EPOLLHUP | EPOLLERR,
    EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND | EPOLLERR,
    EPOLLPRI,
};

constexpr unsigned WORDS_FEW = 4; /* 256 numbers */

/* Three sets in, three sets out, of WORDS words each. */
struct sets {
    uint64_t few[2 * SETS * WORDS_FEW];
    uint64_t *in[SETS], *out[SETS];
    uint64_t *memory;
    unsigned n, words;
};

static int sets_begin(struct sets *s, unsigned n)
{
    s->n = MIN(n, current->files->size);
    s->words = (s->n + 63) / 64;
    s->memory = s->few;
    if (s->words > WORDS_FEW && !(s->memory = heap_calloc(2ul * SETS * s->words, 8)))
        return -ENOMEM;
    memset(s->memory, 0, 2ul * SETS * s->words * 8);
    for (unsigned i = 0; i < SETS; i++) {
        s->in[i] = s->memory + i * s->words;
        s->out[i] = s->memory + (SETS + i) * s->words;
    }
    return 0;
}

static void sets_end(struct sets *s)
{
    if (s->memory != s->few)
        heap_free(s->memory);
}

static uint32_t wanted(const struct sets *s, unsigned fd)
{
    uint32_t events = 0;
    for (unsigned i = 0; i < SETS; i++)
        if (s->in[i][fd / 64] >> (fd % 64) & 1)
            events |= events_of[i];
    return events;
}

/* How many of the sets report FD; -EBADF. */
static int check_one(struct sets *s, struct poll_set *set, unsigned fd)
{
    uint32_t events = wanted(s, fd);
    if (!events)
        return 0;
    struct file *file = fd_get((int)fd);
    if (!file)
        return -EBADF;
    uint32_t got = poll_set_check(set, file, events);
    int ready = 0;
    for (unsigned i = 0; i < SETS; i++) {
        if (s->in[i][fd / 64] >> (fd % 64) & 1 && got & events_of[i]) {
            s->out[i][fd / 64] |= 1ull << (fd % 64);
            ready++;
        }
    }
    file_put(file);
    return ready;
}

static long check_all(struct sets *s, struct poll_set *set)
{
    long ready = 0;
    for (unsigned word = 0; word < s->words; word++) {
        uint64_t bits = s->in[READ][word] | s->in[WRITE][word] | s->in[EXCEPT][word];
        for (; bits; bits &= bits - 1) {
            unsigned fd = word * 64 + (unsigned)__builtin_ctzll(bits);
            if (fd >= s->n)
                break;
            int result = check_one(s, set, fd);
            if (result < 0)
                return result;
            ready += result;
        }
    }
    return ready;
}

static long select_until(struct sets *s, uint64_t deadline_ns)
{
    struct poll_set set;
    poll_set_begin(&set);
    bool is_over = deadline_ns == 0;
    long ready;
    for (;;) {
        ready = check_all(s, &set);
        if (ready || is_over)
            break;
        int err = poll_set_sleep(&set, deadline_ns);
        if (err < 0 && err != -ETIMEDOUT) {
            ready = err;
            break;
        }
        is_over = err == -ETIMEDOUT;
    }
    poll_set_end(&set);
    return ready;
}

/* USER[i] may be NULL: nothing asked, nothing told. */
static long select_user(int n, const uaddr_t user[SETS], uint64_t deadline_ns)
{
    struct sets s;
    if (n < 0)
        return -EINVAL;
    if (sets_begin(&s, (unsigned)n) < 0)
        return -ENOMEM;
    long result = 0;
    for (unsigned i = 0; i < SETS && !result; i++)
        if (user[i])
            result = copy_from_user(s.in[i], user[i], s.words * 8ul);
    if (!result)
        result = select_until(&s, deadline_ns);
    for (unsigned i = 0; i < SETS && result >= 0; i++)
        if (user[i] && copy_to_user(user[i], s.out[i], s.words * 8ul) < 0)
            result = -EFAULT;
    sets_end(&s);
    return result == -EINTR ? -ERESTARTNOHAND : result;
}

long sys_select(const struct call *c)
{
    uint64_t deadline;
    long result = wait_deadline_timeval(c->arg[4], &deadline);
    if (result < 0)
        return result;
    result = select_user((int)c->arg[0], &c->arg[1], deadline);
    wait_put_timeval(c->arg[4], deadline);
    return result;
}

long sys_pselect6(const struct call *c)
{
    uint64_t deadline, mask[2] = {}; /* address and size (select(2), "C library/kernel") */
    if (c->arg[5] && copy_from_user(mask, c->arg[5], sizeof mask) < 0)
        return -EFAULT;
    long result = wait_deadline_timespec(c->arg[4], &deadline);
    if (!result && mask[0])
        result = signal_mask_push(mask[0], mask[1]);
    if (result < 0)
        return result;
    result = select_user((int)c->arg[0], &c->arg[1], deadline);
    signal_mask_pop(result == -ERESTARTNOHAND);
    wait_put_timespec(c->arg[4], deadline);
    return result;
}
