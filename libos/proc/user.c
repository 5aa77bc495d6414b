/* SPDX-License-Identifier: BSD-2-Clause */
/* user.c - what users have of the things that are limited for a user. */
#include "proc/user.h"

#include "base/assert.h"
#include "mm/heap.h"

constexpr unsigned CHAINS = 16;

struct user {
    struct user *next;
    uint32_t uid;
    uint32_t things[USER_THINGS];
    uint64_t sum; /* of them; 0: the user is forgotten */
};

static struct user *chains[CHAINS];

static struct user **user_find(uint32_t uid)
{
    struct user **link = &chains[uid % CHAINS];
    while (*link && (*link)->uid != uid)
        link = &(*link)->next;
    return link;
}

bool user_charge(uint32_t uid, enum user_thing thing, uint32_t n)
{
    struct user **link = user_find(uid);

    if (!*link) {
        struct user *user = heap_zalloc(sizeof *user);
        if (!user)
            return false;
        user->uid = uid;
        *link = user;
    }
    (*link)->things[thing] += n;
    (*link)->sum += n;
    return true;
}

void user_discharge(uint32_t uid, enum user_thing thing, uint32_t n)
{
    struct user **link = user_find(uid), *user = *link;

    assert(user && user->things[thing] >= n);
    user->things[thing] -= n;
    user->sum -= n;
    if (user->sum == 0) {
        *link = user->next;
        heap_free(user);
    }
}

uint32_t user_charged(uint32_t uid, enum user_thing thing)
{
    const struct user *user = *user_find(uid);
    return user ? user->things[thing] : 0;
}
