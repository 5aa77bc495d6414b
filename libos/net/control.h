/* SPDX-License-Identifier: BSD-2-Clause */
/* control.h - ancillary data: credentials and open files that go along with a message (cmsg(3)).
 *
 * Files under way form a struct passed.  When the last message with a file is dropped, that may
 * close a socket whose own queue holds more files, and so on: passed_drop works through such
 * chains one by one, never by recursion.
 */
#pragma once

#include <stdint.h>
#include "base/list.h"
#include "base/types.h"
#include "net/abi.h"
#include "net/inbox.h"

struct file;
struct message;

struct passed {
    struct list_node node; /* while it waits to be dropped */
    uint32_t count;
    uint32_t uid, charged; /* who sends them, and for how many files that user pays */
    struct file *file[];   /* referenced */
};

void passed_drop(struct passed *files); /* NULL is fine */
/* Is a passed_drop under way further up? */
bool passed_is_dropping(void);
/* A copy with references of its own.  NULL: no memory. */
struct passed *passed_copy(const struct passed *files);

/* A program's buffer for control messages, as far as it is filled. */
struct control_out {
    uaddr_t user;
    uint64_t room, used;
    unsigned flags; /* MSG_CTRUNC, once something did not fit */
};
/* Append a message; what does not fit is cut.  -EFAULT. */
[[nodiscard]] int control_put(struct control_out *out, int level, int type, const void *data,
                              size_t n);

/* Decode what sendmsg(2) got: N bytes at USER.  On failure nothing is held.  -EINVAL, -EBADF,
 * -EPERM, -EFAULT, -ENOBUFS, -ENOMEM, -ETOOMANYREFS. */
[[nodiscard]] int control_read(struct control *c, uaddr_t user, uint64_t n);
/* Give C's content to the program: new descriptors, credentials.  Its files are dropped. */
[[nodiscard]] int control_write(struct control *c, struct control_out *out, unsigned flags);
void control_clear(struct control *c);
