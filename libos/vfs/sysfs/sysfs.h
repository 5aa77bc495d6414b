/* SPDX-License-Identifier: BSD-2-Clause */
/* sysfs.h - /sys (sysfs(5)): the machine's devices and the kernel's settings as files.
 *
 * What is there is what programs look for when they size themselves: CPUs and their topology,
 * memory nodes, the loopback interface, huge pages.  The tables are those of procfs's engine.
 */
#pragma once

#include "vfs/procfs/procfs.h"

/* Register the file system "sysfs" and mount it on /sys.  0 or a negative errno. */
[[nodiscard]] int sysfs_init(void);

extern const struct proc_directory sysfs_cpus;   /* /sys/devices/system/cpu */
extern const struct proc_directory sysfs_nodes;  /* /sys/devices/system/node */
extern const struct proc_directory sysfs_lo;     /* /sys/devices/virtual/net/lo */
extern const struct proc_directory sysfs_kernel; /* /sys/kernel */

/* The numbers from 0 to the last CPU as a list ("0-3") and as a mask ("f"), without line end. */
void sysfs_add_cpu_list(struct text *text);
void sysfs_add_cpu_mask(struct text *text, uint64_t mask);
uint64_t sysfs_all_cpus(void);
