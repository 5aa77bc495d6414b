/* SPDX-License-Identifier: BSD-2-Clause */
/* call_rows.c - single calls: lmbench's lat_syscall and what is like it. */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

static int fd;
static const char *const PATH = "a-file";

static void file_setup(const struct row *)
{
    fd = OK(open(PATH, O_RDWR | O_CREAT, 0600));
    OK(write(fd, "12345678", 8));
}

static void getppid_run(const struct row *, long count)
{
    while (count--)
        getppid();
}

static void null_run(const struct row *, long count)
{
    while (count--)
        syscall(SYS_getppid);
}

static void read_setup(const struct row *)
{
    fd = OK(open("/dev/zero", O_RDONLY));
}

static void read_run(const struct row *, long count)
{
    char byte;
    while (count--)
        OK(read(fd, &byte, 1));
}

static void write_setup(const struct row *)
{
    fd = OK(open("/dev/null", O_WRONLY));
}

static void write_run(const struct row *, long count)
{
    while (count--)
        OK(write(fd, "x", 1));
}

static void pread_run(const struct row *, long count)
{
    char byte;
    while (count--)
        OK(pread(fd, &byte, 1, 0));
}

static void clock_run(const struct row *, long count)
{
    struct timespec t;
    while (count--)
        OK(clock_gettime(CLOCK_MONOTONIC, &t));
}

static void stat_run(const struct row *, long count)
{
    struct stat status;
    while (count--)
        OK(stat(PATH, &status));
}

static void fstat_run(const struct row *, long count)
{
    struct stat status;
    while (count--)
        OK(fstat(fd, &status));
}

static void open_run(const struct row *, long count)
{
    while (count--)
        OK(close(OK(open(PATH, O_RDONLY))));
}

static void lseek_run(const struct row *, long count)
{
    while (count--)
        OK(lseek(fd, count & 7, SEEK_SET));
}

static void handler(int) {}

static void sigaction_run(const struct row *, long count)
{
    struct sigaction action = {.sa_handler = handler};
    while (count--)
        OK(sigaction(SIGUSR1, &action, nullptr));
}

static const struct row call_rows[] = {
    {"getppid", "getppid of the C library: a call with next to no work", nullptr, getppid_run, 0,
     0},
    {"syscall", "the same by syscall(2), which does not know the number", nullptr, null_run, 0, 0},
    {"read1", "read 1 byte of /dev/zero", read_setup, read_run, 0, 0},
    {"write1", "write 1 byte to /dev/null", write_setup, write_run, 0, 0},
    {"pread1", "pread 1 byte of a file in tmpfs", file_setup, pread_run, 0, 0},
    {"clock_gettime", "clock_gettime of the C library", nullptr, clock_run, 0, 0},
    {"stat", "stat of a file in the working directory", file_setup, stat_run, 0, 0},
    {"fstat", "fstat of an open file", file_setup, fstat_run, 0, 0},
    {"open_close", "open and close a file", file_setup, open_run, 0, 0},
    {"lseek", "lseek in an open file", file_setup, lseek_run, 0, 0},
    {"sigaction", "install a signal handler", nullptr, sigaction_run, 0, 0},
};

GROUP("call", call_rows);
