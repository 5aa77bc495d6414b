/* SPDX-License-Identifier: BSD-2-Clause */
/* exo_trap.h - the way into the simulated exokernel (fake_exo.c) instead of the real one. */
#pragma once

#include <exo/abi.h>

enum exo_status exo_trap(uint64_t nr, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3,
                         uint64_t a4, uint64_t *second);
