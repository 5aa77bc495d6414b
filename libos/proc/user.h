/* SPDX-License-Identifier: BSD-2-Clause */
/* user.h - what users have of the things that are limited for a user, not for a process. */
#pragma once

#include <stdint.h>

enum user_thing {
    USER_THREADS,         /* RLIMIT_NPROC; by real user id */
    USER_FILES_IN_FLIGHT, /* unix(7), ETOOMANYREFS; by real user id */
    USER_NOTIFIERS,       /* fs.inotify.max_user_instances of proc(5) */
    USER_WATCHES,         /* fs.inotify.max_user_watches */
    USER_THINGS,
};

/* User UID has N more of THING.  False: no memory. */
[[nodiscard]] bool user_charge(uint32_t uid, enum user_thing thing, uint32_t n);
/* N that were charged are gone. */
void user_discharge(uint32_t uid, enum user_thing thing, uint32_t n);
uint32_t user_charged(uint32_t uid, enum user_thing thing);
