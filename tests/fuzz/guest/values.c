/* SPDX-License-Identifier: BSD-2-Clause */
/* values.c - arguments: descriptors, pointers, paths, structures, numbers, all sorts of wrong. */
#include "fuzz.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <unistd.h>

static const char *const paths[] = {
    "f",
    "d",
    "d/f",
    "l",
    "broken",
    "fifo",
    "new",
    "d/new",
    "..",
    ".",
    "",
    "/",
    "f/x",
    "d/../d/./f",
    "/dev/null",
    "/dev/zero",
    "/dev/full",
    "/dev/random",
    "/dev/tty",
    "/dev/ptmx",
    "/proc",
    "/proc/self",
    "/proc/self/maps",
    "/proc/self/mem",
    "/proc/self/fd",
    "/proc/self/exe",
    "/proc/self/comm",
    "/proc/self/oom_score_adj",
    "/proc/stat",
    "/proc/self/task",
    "socket",
    "user.name",
    "lo",
    "tmpfs",
    "proc",
    "#!/bin/sh",
};

static const uint64_t numbers[] = {
    0,
    1,
    2,
    3,
    4,
    7,
    8,
    9,
    10,
    15,
    16,
    17,
    24,
    31,
    32,
    33,
    63,
    64,
    65,
    100,
    127,
    128,
    255,
    256,
    511,
    512,
    1000,
    1023,
    1024,
    4095,
    4096,
    4097,
    8192,
    65535,
    65536,
    1 << 20,
    1 << 21,
    1 << 30,
    INT_MAX,
    (uint64_t)INT_MAX + 1,
    UINT_MAX,
    (uint64_t)UINT_MAX + 1,
    LONG_MAX,
    (uint64_t)LONG_MAX + 1,
    UINT64_MAX,
    UINT64_MAX - 1,
    UINT64_MAX - 4095,
    UINT64_MAX - 99,
};

/* Places in the address space where there is nothing, or nothing of ours. */
static const uint64_t places[] = {
    0,
    1,
    8,
    4096,
    0x7ffffffff000,
    0x7fffffffffff,
    0x800000000000,
    0xffff800000000000,
    0xffffffff80000000,
    0xfffffffffffff000,
    0x8000000000000000,
    0xdeadbeef00000000,
};

uint64_t random_next(struct random *r)
{
    r->state ^= r->state << 13;
    r->state ^= r->state >> 7;
    r->state ^= r->state << 17;
    return r->state;
}

uint64_t random_below(struct random *r, uint64_t limit)
{
    return random_next(r) % limit;
}

static void keep(struct values *v, int fd)
{
    if (fd >= 0 && v->fd_count < sizeof v->fds / sizeof v->fds[0])
        v->fds[v->fd_count++] = fd;
}

static void files_open(struct values *v)
{
    int pair[2];
    keep(v, open("f", O_RDWR | O_CREAT, 0666));
    keep(v, open("d", O_RDONLY | O_DIRECTORY));
    keep(v, open("/dev/zero", O_RDWR));
    keep(v, open("/dev/null", O_RDWR));
    keep(v, open("/proc/self/maps", O_RDONLY));
    keep(v, open("/proc/self/comm", O_RDWR));
    keep(v, open("f", O_PATH));
    keep(v, open("/dev/ptmx", O_RDWR | O_NOCTTY));
    keep(v, epoll_create1(0));
    keep(v, eventfd(0, EFD_NONBLOCK));
    keep(v, timerfd_create(CLOCK_MONOTONIC, 0));
    keep(v, inotify_init1(IN_NONBLOCK));
    keep(v, memfd_create("m", MFD_ALLOW_SEALING));
    if (pipe2(pair, O_NONBLOCK) == 0) {
        keep(v, pair[0]);
        keep(v, pair[1]);
    }
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) == 0) {
        keep(v, pair[0]);
        keep(v, pair[1]);
    }
    keep(v, socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0));
    keep(v, socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
    keep(v, socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK, 0));
    keep(v, socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK, 0));
}

void values_init(struct values *v, struct random *random)
{
    *v = (struct values){.random = random};
    uint8_t *at = mmap(nullptr, VALUES_BUFFER + 8192, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED)
        _exit(1);
    v->buffer = at;
    munmap(at + VALUES_BUFFER, 4096);
    v->fixed = at + VALUES_BUFFER + 4096;
    mprotect(v->fixed, 4096, PROT_READ);
    if (mkdir("d", 0777) == 0) {
        close(open("d/f", O_CREAT | O_RDWR, 0666));
        if (symlink("f", "l") || symlink("nowhere", "broken") || mkfifo("fifo", 0666))
            _exit(1);
    }
    values_renew(v);
}

void values_renew(struct values *v)
{
    for (unsigned i = 0; i < v->fd_count; i++)
        close(v->fds[i]);
    v->fd_count = 0;
    files_open(v);
}

/* Something that may pass for a structure: small numbers, descriptors and pointers in a row. */
static uint64_t structure(struct values *v)
{
    struct random *r = v->random;
    uint64_t offset = random_below(r, VALUES_BUFFER / 16) * 8;
    uint8_t *at = v->buffer + offset;
    size_t words = 1 + random_below(r, 16);
    for (size_t i = 0; i < words && offset + i * 8 + 8 <= VALUES_BUFFER; i++) {
        uint64_t word;
        switch (random_below(r, 6)) {
        case 0: word = numbers[random_below(r, sizeof numbers / sizeof numbers[0])]; break;
        case 1: word = v->fd_count ? (uint64_t)v->fds[random_below(r, v->fd_count)] : 0; break;
        case 2: word = (uint64_t)v->buffer + random_below(r, VALUES_BUFFER); break;
        case 3: word = random_next(r); break;
        case 4: word = random_below(r, 64) << 32 | random_below(r, 64); break;
        default: word = random_below(r, 8);
        }
        memcpy(at + i * 8, &word, sizeof word);
    }
    return (uint64_t)at;
}

static uint64_t path(struct values *v)
{
    struct random *r = v->random;
    char *at = (char *)v->buffer + random_below(r, VALUES_BUFFER / 2);
    const char *text = paths[random_below(r, sizeof paths / sizeof paths[0])];
    if (random_below(r, 32) == 0) {
        memset(at, 'x', PATH_MAX + 10);
        at[random_below(r, PATH_MAX + 9)] = '/';
        at[PATH_MAX + 10 - random_below(r, 20)] = '\0';
    } else {
        strcpy(at, text);
    }
    return (uint64_t)at;
}

static uint64_t pointer(struct values *v)
{
    struct random *r = v->random;
    switch (random_below(r, 8)) {
    case 0: return places[random_below(r, sizeof places / sizeof places[0])];
    /* Close to the end: the call runs out of it midway. */
    case 1: return (uint64_t)v->buffer + VALUES_BUFFER - random_below(r, 64);
    case 2: return (uint64_t)v->fixed + random_below(r, 4096);
    case 3: return (uint64_t)v->buffer + random_below(r, VALUES_BUFFER);
    case 4:
    case 5: return path(v);
    default: return structure(v);
    }
}

static uint64_t number(struct values *v)
{
    struct random *r = v->random;
    switch (random_below(r, 4)) {
    case 0: return random_below(r, 16);
    case 1: return UINT64_C(1) << random_below(r, 32) | UINT64_C(1) << random_below(r, 32);
    case 2: return random_next(r) >> random_below(r, 64);
    default: return numbers[random_below(r, sizeof numbers / sizeof numbers[0])];
    }
}

/* Few bits, or one of the first numbers. */
static uint64_t flags(struct values *v)
{
    struct random *r = v->random;
    switch (random_below(r, 4)) {
    case 0: return 0;
    case 1: return random_below(r, 64);
    case 2: return UINT64_C(1) << random_below(r, 32);
    default:
        return UINT64_C(1) << random_below(r, 24) | UINT64_C(1) << random_below(r, 24) |
               random_below(r, 8);
    }
}

/* Those of terminals, sockets and files, and what looks like one (ioctl_list(2)). */
static uint64_t command(struct values *v)
{
    struct random *r = v->random;
    static const uint64_t bases[] = {0x5400, 0x5420, 0x5450, 0x8900, 0x8910, 0x80045400, 0x6600};
    if (random_below(r, 8) == 0)
        return random_next(r) & UINT32_MAX;
    return bases[random_below(r, sizeof bases / sizeof bases[0])] + random_below(r, 0x40);
}

static uint64_t descriptor(struct values *v)
{
    return v->fd_count ? (uint64_t)v->fds[random_below(v->random, v->fd_count)] : 0;
}

static uint64_t any(struct values *v)
{
    switch (random_below(v->random, 8)) {
    case 0:
    case 1: return descriptor(v);
    case 2: return (uint64_t)getpid();
    case 3:
    case 4: return number(v);
    default: return pointer(v);
    }
}

uint64_t value_for(struct values *v, long call, unsigned i)
{
    if (random_below(v->random, 12) == 0)
        return any(v);
    switch (value_class_of(call, i)) {
    case VALUE_FD: return descriptor(v);
    case VALUE_PATH: return path(v);
    case VALUE_PID: return random_below(v->random, 2) ? (uint64_t)getpid() : 0;
    case VALUE_NUMBER: return number(v);
    case VALUE_FLAGS: return flags(v);
    case VALUE_COMMAND: return command(v);
    case VALUE_POINTER: return pointer(v);
    default: return any(v);
    }
}
