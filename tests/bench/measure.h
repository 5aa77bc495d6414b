/* SPDX-License-Identifier: BSD-2-Clause */
/* measure.h - how long an operation takes: the least of many short repetitions. */
#pragma once

#include "bench.h"

/* How long and how often. */
struct effort {
    uint64_t cycles; /* of one repetition, at least */
    unsigned repetitions, repetitions_least;
    uint64_t cycles_most; /* of all repetitions together: beyond, only the least number is made */
};

struct measured {
    double cycles; /* of one operation */
    double median;
    long count; /* operations in a repetition */
    unsigned repetitions;
};

struct measured row_measure(const struct row *row, const struct effort *effort);

/* Counter cycles in a millisecond, by CLOCK_MONOTONIC over WINDOW_NS. */
uint64_t cycles_per_ms(uint64_t window_ns);
