/* SPDX-License-Identifier: BSD-2-Clause */
/* random.c - getrandom. */
#include <linux/random.h>
#include "base/bits.h"
#include "base/errno.h"
#include "base/types.h"
#include "linux-api/call.h"
#include "mm/usermem.h"
#include "random/random.h"
#include "vfs/context.h"

constexpr size_t GETRANDOM_MOST = 33554431; /* getrandom(2) */
constexpr size_t CHUNK = 256;               /* so much is never cut short by a signal */

long sys_getrandom(const struct call *c)
{
    uaddr_t to = c->arg[0];
    size_t n = MIN(c->arg[1], GETRANDOM_MOST);
    unsigned flags = (unsigned)c->arg[2];
    if (flags & ~(unsigned)(GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE))
        return -EINVAL;
    if ((flags & (GRND_RANDOM | GRND_INSECURE)) == (GRND_RANDOM | GRND_INSECURE))
        return -EINVAL;

    size_t done = 0;
    while (done < n) {
        uint8_t chunk[CHUNK];
        size_t part = MIN(sizeof chunk, n - done);
        random_bytes(chunk, part);
        if (copy_to_user(to + done, chunk, part))
            return done > 0 ? (long)done : -EFAULT;
        done += part;
        if (context_signal_pending())
            break;
    }
    return (long)done;
}
