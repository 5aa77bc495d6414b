/* SPDX-License-Identifier: BSD-2-Clause */
/* measure.c - repetitions, and the least of them.
 *
 * A host that runs other things lengthens a repetition and never shortens one, so the least is
 * what stays the same from run to run; a short repetition has a chance to stay undisturbed.
 */
#include "measure.h"

#include <stdlib.h>
#include <time.h>

constexpr unsigned REPETITIONS_MOST = 128;
constexpr long COUNT_MOST = 1 << 20;

static uint64_t stopped_at, stopped_cycles;

void timer_stop(void)
{
    stopped_at = cycles_now();
}

void timer_start(void)
{
    stopped_cycles += cycles_now() - stopped_at;
}

static uint64_t repetition(const struct row *row, long count)
{
    stopped_cycles = 0;
    uint64_t start = cycles_now();
    row->run(row, count);
    return cycles_now() - start - stopped_cycles;
}

/* One that takes this much longer than wanted is no accident of the host's. */
constexpr uint64_t CLEARLY = 16;

/* How many operations fill a repetition.  The first ones also warm up what is cached. */
static long count_find(const struct row *row, uint64_t wanted)
{
    long count = 1;
    repetition(row, 1);
    for (;;) {
        uint64_t cycles = repetition(row, count);
        if (cycles >= wanted && cycles < CLEARLY * wanted) {
            uint64_t again = repetition(row, count);
            cycles = again < cycles ? again : cycles;
        }
        if (cycles >= wanted || count >= COUNT_MOST)
            return count;
        uint64_t each = cycles / (uint64_t)count + 1;
        long guess = (long)(wanted / each) + 1;
        count = guess > 8 * count ? 8 * count : guess > count ? guess : 2 * count;
    }
}

static int cycles_compare(const void *one, const void *other)
{
    uint64_t a = *(const uint64_t *)one, b = *(const uint64_t *)other;
    return a < b ? -1 : a > b;
}

struct measured row_measure(const struct row *row, const struct effort *effort)
{
    static uint64_t cycles[REPETITIONS_MOST];
    struct measured result = {.count = count_find(row, effort->cycles)};
    uint64_t start = cycles_now();
    unsigned done = 0;
    while (done < effort->repetitions && done < REPETITIONS_MOST) {
        if (done >= effort->repetitions_least && cycles_now() - start > effort->cycles_most)
            break;
        cycles[done++] = repetition(row, result.count);
    }
    qsort(cycles, done, sizeof(cycles[0]), cycles_compare);
    result.cycles = (double)cycles[0] / (double)result.count;
    result.median = (double)cycles[done / 2] / (double)result.count;
    result.repetitions = done;
    return result;
}

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* Both clocks at one moment: of several readings the one with the least between its two halves,
 * as the host may run something else there. */
static void clocks_read(uint64_t *cycles, uint64_t *ns)
{
    uint64_t least = UINT64_MAX;
    for (int i = 0; i < 16; i++) {
        uint64_t before = cycles_now(), time = now_ns(), between = cycles_now() - before;
        if (between < least) {
            least = between;
            *cycles = before + between / 2;
            *ns = time;
        }
    }
}

uint64_t cycles_per_ms(uint64_t window_ns)
{
    uint64_t cycles, ns, cycles_end, ns_end;
    clocks_read(&cycles, &ns);
    while (now_ns() - ns < window_ns)
        ;
    clocks_read(&cycles_end, &ns_end);
    return (cycles_end - cycles) * 1000000 / (ns_end - ns);
}
