/* SPDX-License-Identifier: BSD-2-Clause */
/* device.h - which operations a device number stands for (registered by vfs_register_chrdev). */
#pragma once

struct file_ops;
struct inode;

/* NULL: no such device. */
const struct file_ops *device_ops(const struct inode *inode);
