/* SPDX-License-Identifier: BSD-2-Clause */
/* signalfd.h - pending signals read as a file (signalfd(2)). */
#pragma once

#include <stdint.h>

struct file;

/* SET: bit SIG - 1.  FLAGS: SFD_NONBLOCK. */
[[nodiscard]] int signalfd_create_file(uint64_t set, uint32_t flags, struct file **file);
/* Change the set of an existing one; -EINVAL: FILE is none. */
[[nodiscard]] int signalfd_change(struct file *file, uint64_t set);
