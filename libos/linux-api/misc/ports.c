/* SPDX-License-Identifier: BSD-2-Clause */
/* ports.c - iopl(2), ioperm(2): no program gets at I/O ports, whatever its privileges; what takes
 * them away is granted. */
#include <stdint.h>
#include "base/errno.h"
#include "linux-api/call.h"

constexpr uint64_t PORTS = 65536;

long sys_iopl(const struct call *c)
{
    unsigned level = (unsigned)c->arg[0];
    if (level > 3)
        return -EINVAL;
    return level == 0 ? 0 : -EPERM;
}

long sys_ioperm(const struct call *c)
{
    uint64_t first = c->arg[0], end;
    if (__builtin_add_overflow(first, c->arg[1], &end) || end <= first || end > PORTS)
        return -EINVAL;
    return (int)c->arg[2] ? -EPERM : 0;
}
