/* SPDX-License-Identifier: BSD-2-Clause */
/* context_rows.c - switches between many processes: after lmbench's lat_ctx.
 *
 * Processes stand in a ring of pipes.  Each takes a byte, sums up a working set of its own, and
 * passes the byte on.  A row is one round, as many steps as there are processes.  Unlike
 * lat_ctx, nothing is subtracted: the time for the pipes and the sums is in it.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

constexpr int PROCESSES_MOST = 16;

/* A row's argument: processes, and KiB of the working set. */
#define RING(processes, kib) ((long)(processes) << 16 | (kib))

static int pipes[PROCESSES_MOST][2];
static int ring_processes;
static size_t set_words;
static volatile uint64_t sum_kept;

static uint64_t *set_make(void)
{
    uint64_t *set = calloc(set_words + 1, sizeof(*set));
    if (!set)
        fail("calloc");
    memset(set, 1, set_words * sizeof(*set));
    return set;
}

static void step(const uint64_t *set, int in, int out)
{
    char byte;
    if (OK(read(in, &byte, 1)) != 1)
        fail("the ring is broken");
    uint64_t sum = 0;
    for (size_t i = 0; i < set_words; i++)
        sum += set[i];
    sum_kept = sum;
    OK(write(out, &byte, 1));
}

static void member_main(int number)
{
    uint64_t *set = set_make();
    for (;;)
        step(set, pipes[number][0], pipes[(number + 1) % ring_processes][1]);
}

static uint64_t *own_set;

static void ring_setup(const struct row *row)
{
    ring_processes = (int)(row->arg >> 16);
    set_words = (size_t)(row->arg & 0xffff) * 1024 / sizeof(uint64_t);
    for (int i = 0; i < ring_processes; i++)
        OK(pipe(pipes[i]));
    for (int i = 1; i < ring_processes; i++)
        if (OK(fork()) == 0)
            member_main(i);
    own_set = set_make();
    OK(write(pipes[0][1], "x", 1));
}

/* Whole rounds: an operation is a step of this process, and so a step of each other one. */
static void ring_run(const struct row *, long count)
{
    while (count--)
        step(own_set, pipes[0][0], pipes[1][1]);
}

static const struct row context_rows[] = {
    {"ring_2_0k", "a byte once around a ring of 2 processes, 0 KiB each", ring_setup, ring_run,
     RING(2, 0), 0},
    {"ring_2_16k", "a byte once around a ring of 2 processes, 16 KiB each", ring_setup, ring_run,
     RING(2, 16), 0},
    {"ring_8_0k", "a byte once around a ring of 8 processes, 0 KiB each", ring_setup, ring_run,
     RING(8, 0), 0},
    {"ring_8_16k", "a byte once around a ring of 8 processes, 16 KiB each", ring_setup, ring_run,
     RING(8, 16), 0},
    {"ring_16_0k", "a byte once around a ring of 16 processes, 0 KiB each", ring_setup, ring_run,
     RING(16, 0), 0},
    {"ring_16_16k", "a byte once around a ring of 16 processes, 16 KiB each", ring_setup, ring_run,
     RING(16, 16), 0},
};

GROUP("context", context_rows);
