/* SPDX-License-Identifier: BSD-2-Clause */
/* ranges.h - a small sorted set of frame ranges, for the start-up of the window. */
#pragma once

#include <exo/info.h>
#include <stdint.h>

constexpr uint32_t RANGES_MOST = 2 * EXO_MAX_RANGES;

/* By rising number, without overlaps; what no longer fits is left out. */
struct range_set {
    struct exo_range range[RANGES_MOST];
    uint32_t count;
};

void ranges_add(struct range_set *set, struct exo_range what);
void ranges_subtract(struct range_set *set, struct exo_range what);
bool ranges_contain(const struct range_set *set, exo_frame first, uint32_t count);
/* The largest; an empty one if there is none. */
struct exo_range ranges_largest(const struct range_set *set);
uint64_t ranges_frames(const struct range_set *set);
