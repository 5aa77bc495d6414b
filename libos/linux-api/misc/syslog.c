/* SPDX-License-Identifier: BSD-2-Clause */
/* syslog.c - syslog(2): the libOS's messages. */
#include <linux/capability.h>
#include "base/bits.h"
#include "base/errno.h"
#include "base/log_ring.h"
#include "linux-api/call.h"
#include "mm/usermem.h"
#include "proc/cred.h"

/* syslog(2) gives these numbers; UAPI has no names for them. */
enum action {
    ACTION_CLOSE,
    ACTION_OPEN,
    ACTION_READ,
    ACTION_READ_ALL,
    ACTION_READ_CLEAR,
    ACTION_CLEAR,
    ACTION_CONSOLE_OFF,
    ACTION_CONSOLE_ON,
    ACTION_CONSOLE_LEVEL,
    ACTION_SIZE_UNREAD,
    ACTION_SIZE_BUFFER,
};

static uint64_t unread, cleared; /* positions in the ring */

static int bytes_put(uaddr_t to, uint64_t from, uint64_t n)
{
    char part[128];
    while (n > 0) {
        uint64_t now = MIN(n, sizeof part);
        for (uint64_t i = 0; i < now; i++)
            part[i] = log_ring_byte(from + i);
        if (copy_to_user(to, part, now))
            return -EFAULT;
        to += now;
        from += now;
        n -= now;
    }
    return 0;
}

/* The last bytes that fit, of what was not cleared. */
static long read_all(uaddr_t to, uint64_t size)
{
    uint64_t from = MAX(cleared, log_ring_begin()), n = MIN(log_ring_end() - from, size);
    int error = bytes_put(to, log_ring_end() - n, n);
    return error ? error : (long)n;
}

/* What was not read yet.  There is nothing to wait for but the libOS itself. */
static long read_new(uaddr_t to, uint64_t size)
{
    unread = MAX(unread, log_ring_begin());
    uint64_t n = MIN(log_ring_end() - unread, size);
    int error = bytes_put(to, unread, n);
    if (error)
        return error;
    unread += n;
    return (long)n;
}

long sys_syslog(const struct call *c)
{
    int action = (int)c->arg[0], size = (int)c->arg[2];
    if (action != ACTION_READ_ALL && action != ACTION_SIZE_BUFFER && !capable(CAP_SYSLOG) &&
        !capable(CAP_SYS_ADMIN))
        return -EPERM;
    switch (action) {
    case ACTION_CLOSE:
    case ACTION_OPEN:
    case ACTION_CONSOLE_OFF:
    case ACTION_CONSOLE_ON: return 0;
    case ACTION_READ:
    case ACTION_READ_ALL:
    case ACTION_READ_CLEAR: break;
    case ACTION_CLEAR: cleared = log_ring_end(); return 0;
    case ACTION_CONSOLE_LEVEL: return size < 1 || size > 8 ? -EINVAL : 0;
    case ACTION_SIZE_UNREAD: return (long)(log_ring_end() - MAX(unread, log_ring_begin()));
    case ACTION_SIZE_BUFFER: return LOG_RING_BYTES;
    default: return -EINVAL;
    }
    if (!c->arg[1] || size < 0)
        return -EINVAL;
    if (size == 0)
        return 0;
    if (action == ACTION_READ)
        return read_new(c->arg[1], (uint64_t)size);
    long n = read_all(c->arg[1], (uint64_t)size);
    if (n >= 0 && action == ACTION_READ_CLEAR)
        cleared = log_ring_end();
    return n;
}
