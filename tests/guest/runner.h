/* SPDX-License-Identifier: BSD-2-Clause */
/* runner.h - what the runner and the checks share: where a report goes. */
#pragma once

/* One report is one write of at most PIPE_BUF bytes, so that reports never mix. */
constexpr int REPORT_MAX = 1024;

/* Where a test's process finds the runner's pipe. */
constexpr int REPORT_FD = 250;

/* The runner's pipe, or -1: to standard output. */
extern int report_fd;
