/* SPDX-License-Identifier: BSD-2-Clause */
/* memory_rows.c - mappings and first touches: lmbench's lat_mmap and lat_pagefault, and copies. */
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

constexpr size_t PAGE_BYTES = 4096;
constexpr int PAGES = 256; /* 1 MiB: less than any huge page */

static int fd;
static char *region, *places[2];

static char *anonymous(size_t bytes)
{
    return OK(mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}

static void mmap_run(const struct row *, long count)
{
    while (count--)
        OK(munmap(anonymous(PAGE_BYTES), PAGE_BYTES));
}

static void touch_run(const struct row *, long count)
{
    while (count--) {
        volatile char *pages = anonymous(PAGES * PAGE_BYTES);
        for (int i = 0; i < PAGES; i++)
            pages[(size_t)i * PAGE_BYTES] = 1;
        OK(munmap((char *)pages, PAGES * PAGE_BYTES));
    }
}

/* Downwards, so that no guess about what comes next helps; only the touches count. */
static void fault_run(const struct row *, long count)
{
    while (count > 0) {
        int n = count < PAGES ? (int)count : PAGES;
        timer_stop();
        volatile char *pages = anonymous((size_t)n * PAGE_BYTES);
        timer_start();
        for (int i = n - 1; i >= 0; i--)
            pages[(size_t)i * PAGE_BYTES] = 1;
        timer_stop();
        OK(munmap((char *)pages, (size_t)n * PAGE_BYTES));
        timer_start();
        count -= n;
    }
}

static void file_setup(const struct row *)
{
    static char page[PAGE_BYTES] = {1};
    fd = OK(open("pages", O_CREAT | O_RDWR, 0600));
    for (int i = 0; i < PAGES; i++)
        OK(write(fd, page, sizeof(page)));
}

static void file_fault_run(const struct row *, long count)
{
    while (count > 0) {
        int n = count < PAGES ? (int)count : PAGES;
        timer_stop();
        volatile const char *pages =
            OK(mmap(nullptr, PAGES * PAGE_BYTES, PROT_READ, MAP_SHARED, fd, 0));
        timer_start();
        for (int i = n - 1; i >= 0; i--)
            (void)pages[(size_t)i * PAGE_BYTES];
        timer_stop();
        OK(munmap((char *)pages, PAGES * PAGE_BYTES));
        timer_start();
        count -= n;
    }
}

static void copy_setup(const struct row *)
{
    region = anonymous(PAGES * PAGE_BYTES);
    for (int i = 0; i < PAGES; i++)
        region[(size_t)i * PAGE_BYTES] = 1;
}

static pid_t holder_start(void)
{
    pid_t pid = OK(fork());
    if (pid == 0)
        for (;;)
            pause();
    return pid;
}

/* The child keeps the old pages, so that each write of the parent's must copy. */
static void copy_run(const struct row *, long count)
{
    while (count > 0) {
        int n = count < PAGES ? (int)count : PAGES;
        timer_stop();
        pid_t pid = holder_start();
        timer_start();
        for (int i = n - 1; i >= 0; i--)
            (*(volatile char *)(region + (size_t)i * PAGE_BYTES))++;
        timer_stop();
        OK(kill(pid, SIGKILL));
        OK(waitpid(pid, nullptr, 0));
        timer_start();
        count -= n;
    }
}

static void mprotect_run(const struct row *, long count)
{
    while (count--)
        OK(mprotect(region, PAGE_BYTES, count & 1 ? PROT_READ : PROT_READ | PROT_WRITE));
}

static void mremap_setup(const struct row *row)
{
    size_t bytes = (size_t)row->arg;
    places[0] = anonymous(bytes);
    places[1] = anonymous(bytes);
    for (size_t i = 0; i < bytes; i += PAGE_BYTES)
        places[0][i] = 1;
}

static void mremap_run(const struct row *row, long count)
{
    size_t bytes = (size_t)row->arg;
    while (count--) {
        OK(mremap(places[0], bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, places[1]));
        char *old = places[0];
        places[0] = places[1];
        places[1] = old;
    }
}

static const struct row memory_rows[] = {
    {"mmap_munmap", "map and unmap a page that is not touched", nullptr, mmap_run, 0, 0},
    {"touch_1m", "map 1 MiB, touch each page upwards, unmap", nullptr, touch_run, 0, 0},
    {"fault_anonymous", "first touch of a page, downwards", nullptr, fault_run, 0, 0},
    {"fault_file", "first touch of a file's page, downwards", file_setup, file_fault_run, 0, 0},
    {"fault_copy", "first write to a page after fork", copy_setup, copy_run, 0, 0},
    {"mprotect", "change the protection of a page in use", copy_setup, mprotect_run, 0, 0},
    {"mremap_64k", "move 16 pages in use to another place", mremap_setup, mremap_run, 64 * 1024, 0},
};

GROUP("memory", memory_rows);
