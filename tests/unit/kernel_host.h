/* SPDX-License-Identifier: BSD-2-Clause */
/* kernel_host.h - the kernel's sources on the host: included before everything else (-include).
 *
 * All of the architecture's headers are the real ones; only physical memory lies elsewhere, at an
 * address that a process on the host can have (fake_kernel.c maps it).
 */
#pragma once

#include "layout.h"

#undef DIRECT_BASE
#define DIRECT_BASE 0x300000000000
