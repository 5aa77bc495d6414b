/* SPDX-License-Identifier: BSD-2-Clause */
/* user.c - how many threads each real user has (RLIMIT_NPROC). */
#include "base/assert.h"
#include "mm/heap.h"
#include "proc/internal.h"

constexpr unsigned CHAINS = 16;

struct user {
    struct user *next;
    uint32_t uid;
    uint32_t threads;
};

static struct user *chains[CHAINS];

static struct user **user_find(uint32_t uid)
{
    struct user **link = &chains[uid % CHAINS];
    while (*link && (*link)->uid != uid)
        link = &(*link)->next;
    return link;
}

bool user_count_add(uint32_t uid)
{
    struct user **link = user_find(uid);

    if (!*link) {
        struct user *user = heap_zalloc(sizeof *user);
        if (!user)
            return false;
        user->uid = uid;
        *link = user;
    }
    (*link)->threads++;
    return true;
}

void user_count_remove(uint32_t uid)
{
    struct user **link = user_find(uid), *user = *link;

    assert(user && user->threads > 0);
    if (--user->threads == 0) {
        *link = user->next;
        heap_free(user);
    }
}

uint32_t user_count(uint32_t uid)
{
    const struct user *user = *user_find(uid);
    return user ? user->threads : 0;
}
