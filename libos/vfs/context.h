/* SPDX-License-Identifier: BSD-2-Clause */
/* context.h - on whose behalf the VFS works: the current thread's part of it.
 *
 * The only place where the VFS looks into struct thread, so that unit tests can stand in.
 */
#pragma once

#include <stdint.h>

struct cred;
struct fd_table;
struct fs_context;

struct fd_table *context_files(void);
struct fs_context *context_fs(void);
const struct cred *context_cred(void);
/* Act as CRED until the swap back; returns what was there.  No reference changes hands. */
const struct cred *context_cred_swap(const struct cred *cred);
uint64_t context_rlimit(unsigned resource); /* RLIMIT_* soft limit of the current process */
int context_pid(void);
/* What the current process calls the process or thread PID, and the other way (pid_namespaces(7)):
 * 0 is nobody that it can see. */
int context_pid_number(int pid);
int context_pid_named(int number);
int context_tid(void);
void context_broken_pipe(void);    /* SIGPIPE for the current thread */
void context_file_too_large(void); /* SIGXFSZ */
bool context_signal_pending(void);
/* A point in a long call at which nothing is half done, as before a sleep: others may work now.
 * True: a signal waits. */
bool context_relax(void);
