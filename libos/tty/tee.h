/* SPDX-License-Identifier: BSD-2-Clause */
/* tee.h - two ports as one: what is sent goes to both, what either receives is received.
 *
 * The first port's pace is that of both; the second must take whatever it is given at once.
 */
#pragma once

#include "tty/port.h"

struct tee {
    struct port port; /* first */
    struct port *paced, *quick;
    bool is_sending; /* the parts' news must not begin it again */
};

/* PACED and QUICK have no other user from now on. */
void tee_init(struct tee *tee, struct port *paced, struct port *quick);
