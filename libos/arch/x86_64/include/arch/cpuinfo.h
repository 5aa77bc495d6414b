/* SPDX-License-Identifier: BSD-2-Clause */
/* cpuinfo.h - a processor's paragraph of /proc/cpuinfo. */
#pragma once

struct text;

/* For the CPU with this number out of COUNT; all are taken to be alike. */
void cpuinfo_add(struct text *text, unsigned number, unsigned count);
