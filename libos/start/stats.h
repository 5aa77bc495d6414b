/* SPDX-License-Identifier: BSD-2-Clause */
/* stats.h - what `seam run --stats` prints at the end. */
#pragma once

/* Calls by category, upcalls, exokernel calls, faults, switches and frames used at most, as
 * lines `stats: ...` on the log. */
void stats_print(void);
