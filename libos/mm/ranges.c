/* SPDX-License-Identifier: BSD-2-Clause */
/* ranges.c - a small sorted set of frame ranges. */
#include "mm/ranges.h"

static void range_insert(struct range_set *set, uint32_t at, struct exo_range what)
{
    if (set->count == RANGES_MOST)
        return;
    for (uint32_t i = set->count; i > at; i--)
        set->range[i] = set->range[i - 1];
    set->range[at] = what;
    set->count++;
}

void ranges_add(struct range_set *set, struct exo_range what)
{
    uint32_t at = 0;

    if (what.count == 0)
        return;
    ranges_subtract(set, what);
    while (at < set->count && set->range[at].first < what.first)
        at++;
    if (at > 0 && set->range[at - 1].first + set->range[at - 1].count == what.first) {
        set->range[--at].count += what.count;
    } else if (set->count == RANGES_MOST) {
        return;
    } else {
        range_insert(set, at, what);
    }
    if (at + 1 < set->count &&
        set->range[at].first + set->range[at].count == set->range[at + 1].first) {
        set->range[at].count += set->range[at + 1].count;
        set->count--;
        for (uint32_t i = at + 1; i < set->count; i++)
            set->range[i] = set->range[i + 1];
    }
}

void ranges_subtract(struct range_set *set, struct exo_range what)
{
    exo_frame end = what.first + what.count;

    for (uint32_t i = 0; i < set->count; i++) {
        struct exo_range *r = &set->range[i];
        exo_frame r_end = r->first + r->count;
        if (what.count == 0 || r_end <= what.first || end <= r->first)
            continue;
        if (what.first > r->first && end < r_end) {
            r->count = what.first - r->first;
            range_insert(set, i + 1, (struct exo_range){end, r_end - end});
        } else if (what.first > r->first) {
            r->count = what.first - r->first;
        } else if (end < r_end) {
            *r = (struct exo_range){end, r_end - end};
        } else {
            set->count--;
            for (uint32_t j = i; j < set->count; j++)
                set->range[j] = set->range[j + 1];
            i--;
        }
    }
}

bool ranges_contain(const struct range_set *set, exo_frame first, uint32_t count)
{
    for (uint32_t i = 0; i < set->count; i++) {
        const struct exo_range *r = &set->range[i];
        if (first >= r->first && first - r->first < r->count)
            return r->count - (first - r->first) >= count;
    }
    return false;
}

struct exo_range ranges_largest(const struct range_set *set)
{
    struct exo_range largest = {};
    for (uint32_t i = 0; i < set->count; i++)
        if (set->range[i].count > largest.count)
            largest = set->range[i];
    return largest;
}

uint64_t ranges_frames(const struct range_set *set)
{
    uint64_t n = 0;
    for (uint32_t i = 0; i < set->count; i++)
        n += set->range[i].count;
    return n;
}
