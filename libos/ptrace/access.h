/* SPDX-License-Identifier: BSD-2-Clause */
/* access.h - may one process look into another? (ptrace(2), "Ptrace access mode checking"). */
#pragma once

struct process;

/* By the current thread's real ids, as for attaching.  0 or -EPERM. */
[[nodiscard]] int ptrace_may_access(const struct process *p);
