/* SPDX-License-Identifier: BSD-2-Clause */
/* file_rows.c - files in tmpfs: lmbench's lat_fs and bw_file_rd, and a directory's listing. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bench.h"

constexpr int FILES = 100;
constexpr size_t CHUNK_BYTES = 64 * 1024, MAPPED_BYTES = 1 << 20;

static char buffer[CHUNK_BYTES];
static char names[FILES][16];
static int fd;

static void names_setup(const struct row *)
{
    for (int i = 0; i < FILES; i++)
        snprintf(names[i], sizeof(names[i]), "f%d", i);
}

static void create(const char *name, size_t bytes)
{
    int file = OK(open(name, O_CREAT | O_WRONLY | O_EXCL, 0600));
    if (bytes)
        OK(write(file, buffer, bytes));
    OK(close(file));
}

static void create_run(const struct row *row, long count)
{
    while (count > 0) {
        int n = count < FILES ? (int)count : FILES;
        for (int i = 0; i < n; i++)
            create(names[i], (size_t)row->arg);
        timer_stop();
        for (int i = 0; i < n; i++)
            OK(unlink(names[i]));
        timer_start();
        count -= n;
    }
}

static void delete_run(const struct row *row, long count)
{
    while (count > 0) {
        int n = count < FILES ? (int)count : FILES;
        timer_stop();
        for (int i = 0; i < n; i++)
            create(names[i], (size_t)row->arg);
        timer_start();
        for (int i = 0; i < n; i++)
            OK(unlink(names[i]));
        count -= n;
    }
}

static void chunk_setup(const struct row *row)
{
    fd = OK(open("data", O_CREAT | O_RDWR, 0600));
    for (long done = 0; done < row->arg; done += (long)CHUNK_BYTES)
        OK(write(fd, buffer, CHUNK_BYTES));
}

static void read_run(const struct row *, long count)
{
    while (count--)
        if (OK(pread(fd, buffer, CHUNK_BYTES, 0)) != (ssize_t)CHUNK_BYTES)
            fail("a short read");
}

static volatile uint64_t sum_kept;

static void mmap_read_run(const struct row *, long count)
{
    while (count--) {
        int file = OK(open("data", O_RDONLY));
        const uint64_t *words = OK(mmap(nullptr, MAPPED_BYTES, PROT_READ, MAP_SHARED, file, 0));
        uint64_t sum = 0;
        for (size_t i = 0; i < MAPPED_BYTES / sizeof(*words); i++)
            sum += words[i];
        sum_kept = sum;
        OK(munmap((void *)words, MAPPED_BYTES));
        OK(close(file));
    }
}

static void getdents_setup(const struct row *row)
{
    char name[16];
    for (long i = 0; i < row->arg; i++) {
        snprintf(name, sizeof(name), "entry-%ld", i);
        create(name, 0);
    }
    fd = OK(open(".", O_RDONLY | O_DIRECTORY));
}

static void getdents_run(const struct row *, long count)
{
    while (count--) {
        OK(lseek(fd, 0, SEEK_SET));
        while (OK(syscall(SYS_getdents64, fd, buffer, 32 * 1024)) > 0)
            ;
    }
}

static const struct row file_rows[] = {
    {"create_0k", "create an empty file", names_setup, create_run, 0, 0},
    {"delete_0k", "delete an empty file", names_setup, delete_run, 0, 0},
    {"create_10k", "create a file and write 10 KiB", names_setup, create_run, 10 * 1024, 0},
    {"delete_10k", "delete a file of 10 KiB", names_setup, delete_run, 10 * 1024, 0},
    {"read_64k", "pread 64 KiB of a file", chunk_setup, read_run, CHUNK_BYTES, CHUNK_BYTES},
    {"mmap_read_1m", "open, map, sum up and unmap a file of 1 MiB", chunk_setup, mmap_read_run,
     MAPPED_BYTES, MAPPED_BYTES},
    {"getdents_1000", "list a directory of 1,000 entries", getdents_setup, getdents_run, 1000, 0},
};

GROUP("file", file_rows);
