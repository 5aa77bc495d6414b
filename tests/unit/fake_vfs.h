/* SPDX-License-Identifier: BSD-2-Clause */
/* fake_vfs.h - a world for the VFS on the host: pages, one process, a clock, a sleep.
 *
 * Links with libos/vfs/ (all but context, file_owner, pivot, signalfd, timerfd, devfs/, procfs/),
 * libos/sched/wait.c, fake_heap_malloc.c, fake_vcpu.c, zlib.  "User memory" is the test's own; addresses below 4096 fault.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include "proc/cred.h"
#include "sched/wait.h"

struct file;
struct fd_table;
struct fs_context;

/* A fresh process over the one root that the tests of a program share. */
void fake_vfs_begin(void);
/* Give everything back; fails the test if pages are missing that were free before. */
void fake_vfs_end(void);

extern struct cred fake_cred; /* who the process is; root with all capabilities at first */
extern uint64_t fake_limit_files, fake_limit_bytes; /* RLIMIT_NOFILE, RLIMIT_FSIZE */
extern int64_t fake_time_sec;                       /* the wall clock; moves only by hand */
extern int fake_last_signal;                        /* sent to the process */
extern uint64_t fake_pages_left;                    /* page_alloc fails beyond */
/* What happens while the process sleeps; its result is thread_sleep's.  NULL: the test fails. */
extern int (*fake_sleep)(void);
extern unsigned fake_unmapped;      /* calls of mm_unmap_file */
extern const char *fake_last_error; /* log_error's last line */

/* COUNT pages in the window that follow one another, for archives. */
uint8_t *fake_pages(size_t count);
void fake_be(uint32_t uid, uint32_t gid);                                /* an ordinary user */
struct file *fake_open(const char *name, uint32_t flags, uint32_t mode); /* NULL: fake_error */
extern int fake_error;
