/* SPDX-License-Identifier: BSD-2-Clause */
/* stdio.h - a standard stream of the first process that is no terminal at the host.
 *
 * To programs it is one end of a pipe whose other end lies outside of the machine: fstat says FIFO,
 * reads wait for bytes and end with the host's end of file, writes wait for room.
 */
#pragma once

#include <stdint.h>
#include "sched/wait.h"
#include "tty/port.h"
#include "vfs/file.h"

constexpr uint32_t STDIO_RING = 4096;

struct stdio {
    struct file_ops ops; /* an open file's ops leads back here */
    struct wait_queue queue;
    struct port *port;                      /* output: where to */
    void (*has_room)(struct stdio *stream); /* input: called after a read */
    bool ended;                             /* input: nothing comes after what is here */
    uint32_t head, tail;
    uint8_t ring[STDIO_RING];
};

void stdio_init_input(struct stdio *stream, void (*has_room)(struct stdio *));
void stdio_init_output(struct stdio *stream, struct port *port);

/* A new open file on STREAM. */
[[nodiscard]] int stdio_open(struct stdio *stream, struct file **file);

/* Input from the host: how many bytes were taken.  The rest may be offered after has_room. */
size_t stdio_receive(struct stdio *stream, const uint8_t *bytes, size_t n);
void stdio_end(struct stdio *stream);
/* The port can take output again. */
void stdio_has_room(struct stdio *stream);
