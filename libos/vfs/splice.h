/* SPDX-License-Identifier: BSD-2-Clause */
/* splice.h - moving data between files inside the libOS (splice(2), sendfile(2)).
 *
 * Pages of a file go into a pipe as they are; everything else is copied once.  Positions are
 * advanced by what was moved.
 */
#pragma once

#include <stdint.h>
#include "base/types.h"
#include "vfs/iter.h"

struct file;
struct pipe;

ssize_t splice_to_pipe(struct file *in, loff_t *pos, struct pipe *out, size_t n, bool nonblock);
ssize_t splice_from_pipe(struct pipe *in, struct file *out, loff_t *pos, size_t n, bool nonblock);
/* What is moved leaves IN, or, for tee(2), stays. */
enum splice_keep {
    SPLICE_MOVE,
    SPLICE_TEE
};
ssize_t splice_pipes(struct pipe *in, struct pipe *out, size_t n, bool nonblock,
                     enum splice_keep keep);
/* vmsplice(2). */
ssize_t splice_user_to_pipe(struct iter *from, struct pipe *out, bool nonblock);
ssize_t splice_pipe_to_user(struct pipe *in, struct iter *to, bool nonblock);

/* IN has pages or can at least be read; OUT is anything that can be written. */
ssize_t splice_files(struct file *in, loff_t *in_pos, struct file *out, loff_t *out_pos, size_t n);
