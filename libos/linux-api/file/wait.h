/* SPDX-License-Identifier: BSD-2-Clause */
/* wait.h - time-outs of the calls that wait for files.
 *
 * A deadline of 0 means not to wait at all.
 */
#pragma once

#include <stdint.h>
#include "base/types.h"

/* The struct timespec (relative) at USER, NULL for ever.  -EFAULT, -EINVAL. */
[[nodiscard]] int wait_deadline_timespec(uaddr_t user, uint64_t *deadline_ns);
/* The same with struct timeval. */
[[nodiscard]] int wait_deadline_timeval(uaddr_t user, uint64_t *deadline_ns);
/* Tell the program what is left (select(2), "Linux"); where it cannot be written, nothing. */
void wait_put_timespec(uaddr_t user, uint64_t deadline_ns);
void wait_put_timeval(uaddr_t user, uint64_t deadline_ns);
