/* SPDX-License-Identifier: BSD-2-Clause */
/* vdso.h - the shared object that serves clock calls inside the program. */
#pragma once

#include <stdint.h>

struct mm;

/* Map it and its parameters into MM; *BASE is for AT_SYSINFO_EHDR.  0 or a negative errno. */
[[nodiscard]] int vdso_map(struct mm *mm, uint64_t *base);
