/* SPDX-License-Identifier: BSD-2-Clause */
/* policy.c - the policies that are built in. */
#include "sched/policy.h"

#include "base/bits.h"
#include "base/string.h"

static const struct sched_policy *const policies[] = {&policy_rr};

const struct sched_policy *sched_policy_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_COUNT(policies); i++)
        if (strcmp(policies[i]->name, name) == 0)
            return policies[i];
    return nullptr;
}
