/* SPDX-License-Identifier: BSD-2-Clause */
/* device.h - the memory of devices outside RAM, mapped in the libOS's region for good. */
#pragma once

#include <exo/info.h>

/* The Nth device of KIND that the kernel lists, counted from 0; or null. */
const struct exo_device *device_find(enum exo_device_kind kind, unsigned n);

/* Claim DEVICE and map it, for reading and writing.  Its first byte; null: another domain holds it,
 * or there is no memory for page tables. */
[[nodiscard]] void *device_map(const struct exo_device *device);
