/* SPDX-License-Identifier: BSD-2-Clause */
/* wait.h - waiting for children (wait4(2), waitid(2)). */
#pragma once

#include <asm/siginfo.h>
#include <stdint.h>
#include "proc/process.h"

struct wait_request {
    int which; /* P_ALL, P_PID, P_PGID */
    int32_t id;
    int options; /* WEXITED ... WNOHANG, WNOWAIT, __WALL, __WCLONE, __WNOTHREAD */
};

struct wait_result {
    int32_t pid; /* 0: WNOHANG, and no child has anything to tell */
    int wait_status;
    struct siginfo info;
    struct process_usage usage;
};

/* 0; -ECHILD: there is no such child; -ERESTARTSYS: a signal came. */
[[nodiscard]] int process_wait(const struct wait_request *request, struct wait_result *result);
