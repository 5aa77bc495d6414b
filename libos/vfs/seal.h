/* SPDX-License-Identifier: BSD-2-Clause */
/* seal.h - file sealing (fcntl(2), F_ADD_SEALS). */
#pragma once

#include <stdint.h>

struct file;

/* -EINVAL: not a file in memory, or unknown seals; -EPERM; -EBUSY: mapped writable. */
[[nodiscard]] int seal_add(struct file *file, uint32_t seals);
[[nodiscard]] int seal_get(const struct file *file);
