/* SPDX-License-Identifier: BSD-2-Clause */
/* mqueue_file.h - what the two files of POSIX message queues share. */
#pragma once

struct file_ops;
struct mq;

extern const struct file_ops mq_file_ops;

void mq_put(struct mq *q);
