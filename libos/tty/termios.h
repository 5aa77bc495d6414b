/* SPDX-License-Identifier: BSD-2-Clause */
/* termios.h - the three layouts in which programs pass a terminal's settings: struct termio
 * (TCGETA ...), struct termios (TCGETS ...) and struct termios2 (TCGETS2 ...). */
#pragma once

#include <asm/termbits.h>
#include "base/types.h"

/* By the call's number CMD.  0 or -EFAULT. */
[[nodiscard]] int termios_to_user(unsigned cmd, const struct termios2 *settings, uaddr_t to);
/* Changes what the layout has in SETTINGS. */
[[nodiscard]] int termios_from_user(unsigned cmd, struct termios2 *settings, uaddr_t from);
/* What LOCKED has set stays in SETTINGS as it is in OLD (TIOCSLCKTRMIOS in ioctl_tty(2)). */
void termios_keep_locked(struct termios2 *settings, const struct termios2 *old,
                         const struct termios *locked);
/* Does CMD wait for the output first; does it drop unread input? */
bool termios_drains(unsigned cmd);
bool termios_flushes(unsigned cmd);
