/* SPDX-License-Identifier: BSD-2-Clause */
/* vhangup.c - vhangup. */
#include <linux/capability.h>
#include "base/errno.h"
#include "linux-api/call.h"
#include "proc/cred.h"
#include "tty/tty.h"

long sys_vhangup(const struct call *)
{
    if (!capable(CAP_SYS_TTY_CONFIG))
        return -EPERM;
    tty_vhangup_current();
    return 0;
}
