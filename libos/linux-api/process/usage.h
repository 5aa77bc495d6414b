/* SPDX-License-Identifier: BSD-2-Clause */
/* usage.h - resource usage in Linux's form. */
#pragma once

struct process_usage;
struct rusage;

void rusage_fill(struct rusage *to, const struct process_usage *from);
