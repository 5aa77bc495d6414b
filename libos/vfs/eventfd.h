/* SPDX-License-Identifier: BSD-2-Clause */
/* eventfd.h - a counter as a file (eventfd(2)). */
#pragma once

#include <stdint.h>

struct file;

bool file_is_eventfd(const struct file *file);
/* Add COUNT to FILE's counter, as far as there is room, without sleeping. */
void eventfd_add(struct file *file, uint64_t count);
/* FLAGS: EFD_SEMAPHORE, EFD_NONBLOCK.  0 or -ENOMEM. */
[[nodiscard]] int eventfd_create_file(uint32_t count, uint32_t flags, struct file **file);
