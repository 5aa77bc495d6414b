/* SPDX-License-Identifier: BSD-2-Clause */
/* partner.h - the other side of a row: a thread of this process, or a process of its own. */
#pragma once

enum partner {
    PROCESS = 0,
    THREAD = 1
};

/* Run MAIN(), which does not return, beside this thread; it ends with the row. */
void partner_start(enum partner kind, void (*main)(void));
