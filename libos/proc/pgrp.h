/* SPDX-License-Identifier: BSD-2-Clause */
/* pgrp.h - process groups and sessions (setpgid(2), setsid(2), credentials(7)).
 *
 * A group exists as long as it has members or somebody (a terminal) refers to it; so does a
 * session.  A group refers to its session.
 */
#pragma once

#include <stdint.h>
#include "base/list.h"

struct process;
struct siginfo;
struct tty;

struct session {
    uint32_t refs;
    int32_t sid;
    struct process *leader;  /* NULL once it has exited */
    struct tty *tty;         /* the controlling terminal; the tty code sets and clears it */
    struct pgrp *foreground; /* of the terminal; one reference; the tty code's */
    struct list_node pgrps;  /* by session_node */
};

struct pgrp {
    uint32_t refs;
    int32_t pgid;
    struct session *session; /* one reference */
    struct list_node session_node;
    struct list_node members; /* by process->pgrp_node; zombies too */
};

struct pgrp *pgrp_get(struct pgrp *pgrp);
void pgrp_put(struct pgrp *pgrp);
struct session *session_get(struct session *session);
void session_put(struct session *session);

/* No reference is taken. */
struct pgrp *pgrp_find(int32_t pgid);
struct session *session_find(int32_t sid);

/* Send SIGNAL to all members.  0, or -ESRCH if there is none. */
int pgrp_signal(struct pgrp *pgrp, int signal, const struct siginfo *info);

/* Has no member a parent outside the group but inside its session?  (POSIX: stop signals of the
 * terminal do nothing then.)  IGNORE is taken as gone; may be NULL. */
bool pgrp_is_orphaned(const struct pgrp *pgrp, const struct process *ignore);
bool pgrp_has_stopped(const struct pgrp *pgrp);

/* New group of the session of PROCESS, led by it, or join PGRP. */
[[nodiscard]] int pgrp_create(struct process *process, struct session *session);
void pgrp_join(struct process *process, struct pgrp *pgrp);
void pgrp_leave(struct process *process);

/* setsid(2) for PROCESS: the session's id, or -EPERM, -ENOMEM. */
int32_t session_create(struct process *process);
