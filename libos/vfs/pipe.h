/* SPDX-License-Identifier: BSD-2-Clause */
/* pipe.h - pipes and FIFOs: a ring of pages between writers and readers (pipe(7)). */
#pragma once

#include <stdint.h>
#include "base/setting.h"
#include "base/types.h"
#include "sched/wait.h"

struct file;
struct file_ops;
struct page;

constexpr uint32_t PIPE_SLOTS_FIRST = 16; /* 64 KiB */
/* fs.pipe-max-size of proc(5): for those without CAP_SYS_RESOURCE. */
extern struct setting pipe_bytes_most;

enum {
    SLOT_MERGE = 1,  /* the pipe's own page: writes may add to it */
    SLOT_PACKET = 2, /* O_DIRECT: a read takes no more than this slot and discards the rest */
};

struct pipe_slot {
    struct page *page; /* one reference */
    uint32_t offset, bytes;
    uint32_t flags;
};

struct pipe {
    uint32_t readers, writers;           /* open files for each direction */
    uint32_t reader_opens, writer_opens; /* ever, for open(2) on FIFOs */
    uint32_t size;                       /* slots; a power of two */
    uint32_t head, tail;                 /* head - tail slots are full; both only grow */
    struct pipe_slot *slot;
    struct page *spare; /* the page emptied last */
    uint64_t bytes;     /* in all slots */
    struct wait_queue read_wait, write_wait;
};

extern const struct file_ops pipe_file_ops;

/* pipe2(2): FILE[0] reads, FILE[1] writes; FLAGS: O_NONBLOCK, O_DIRECT. */
[[nodiscard]] int pipe_create_files(uint32_t flags, struct file *file[2]);
/* FILE's pipe, or NULL if it is none. */
struct pipe *file_pipe(const struct file *file);

static inline uint32_t pipe_used(const struct pipe *p)
{
    return p->head - p->tail;
}
static inline bool pipe_is_full(const struct pipe *p)
{
    return pipe_used(p) >= p->size;
}
static inline struct pipe_slot *pipe_slot_at(const struct pipe *p, uint32_t index)
{
    return &p->slot[index & (p->size - 1)];
}

/* Append a slot; there is room.  PAGE's reference passes to the pipe. */
void pipe_push(struct pipe *p, struct page *page, uint32_t offset, uint32_t bytes, uint32_t flags);
/* Take N bytes, no more than the first slot has, away. */
void pipe_consume(struct pipe *p, uint32_t n);
/* Sleep until there is something to read, or room: 0; 1: no writers; -EPIPE: no readers (with
 * SIGPIPE unless QUIET); -EAGAIN if NONBLOCK; -ERESTARTSYS. */
[[nodiscard]] int pipe_wait_data(struct pipe *p, bool nonblock);
[[nodiscard]] int pipe_wait_room(struct pipe *p, bool nonblock);
void pipe_wake_readers(struct pipe *p);
void pipe_wake_writers(struct pipe *p);
/* F_SETPIPE_SZ: the size set, -EBUSY, -EINVAL, -EPERM, -ENOMEM. */
[[nodiscard]] int pipe_resize(struct pipe *p, uint64_t bytes);
