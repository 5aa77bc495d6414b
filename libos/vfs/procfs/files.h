/* SPDX-License-Identifier: BSD-2-Clause */
/* files.h - operations on the open files of procfs. */
#pragma once

struct file_ops;

extern const struct file_ops proc_file_ops;    /* text written by an entry's show */
extern const struct file_ops proc_memory_ops;  /* /proc/PID/mem */
extern const struct file_ops proc_pagemap_ops; /* /proc/PID/pagemap */
