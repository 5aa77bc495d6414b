/* SPDX-License-Identifier: BSD-2-Clause */
/* exo_trap.h - exokernel calls of code under test: the test answers them.
 *
 * Stands in for the architecture's header of the same name, by the order of the include path.
 */
#pragma once

#include <exo/abi.h>

/* NR counts from EXO_BASE, as in exo/calls.def. */
enum exo_status exo_trap(uint64_t nr, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3,
                         uint64_t a4, uint64_t *second);
