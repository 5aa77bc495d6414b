/* SPDX-License-Identifier: BSD-2-Clause */
/* devfs.h - /dev: a tmpfs that is filled at the start. */
#pragma once

/* Register the devices and mount /dev, /dev/pts and /dev/shm, making the directories where the
 * file tree lacks them.  After the tree is unpacked.  0 or a negative errno. */
[[nodiscard]] int devfs_init(void);

/* memory.c: null, zero, full, random, urandom, kmsg. */
[[nodiscard]] int memory_devices_init(void);
