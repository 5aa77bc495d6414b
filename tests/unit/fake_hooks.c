/* SPDX-License-Identifier: BSD-2-Clause */
/* fake_hooks.c - nobody registered a restartable sequence, holds a semaphore, has filtered calls
 * or a namespace of his own, has System V objects to show in /proc, or reads lists of threads. */
#include "base/log.h"
#include "ipc/sem.h"
#include "linux-api/misc/uts.h"
#include "linux-api/uring/uring.h"
#include "proc/namespace.h"
#include "sched/rseq.h"
#include "sched/sched.h"
#include "seccomp/seccomp.h"
#include "vfs/procfs/procfs.h"

const struct proc_directory proc_sysvipc_directory;
const struct proc_directory proc_namespace_directory;
const struct proc_directory proc_net_directory;
const struct proc_directory proc_sys_net_directory;

bool rseq_signal(struct regs *) { return true; }
bool rseq_return(struct regs *) { return true; }
void rseq_renew(struct thread *) {}
void sem_process_exit(struct process *) {}
void seccomp_inherit(struct thread *, const struct thread *) {}
void seccomp_release(struct thread *) {}
uint32_t seccomp_filter_count(const struct thread *) { return 0; }
int namespaces_check(uint64_t flags) { return flags & NAMESPACES_ALL ? -22 : 0; }
int namespaces_clone(struct thread *, uint64_t, struct namespace *) { return 0; }
void namespaces_release(struct thread *) {}
void uring_thread_end(struct thread *) {}
void uring_thread_exit(struct thread *) {}

static struct new_utsname names = {.sysname = "Linux", .nodename = "seam"};
struct new_utsname *uts_current(void) { return &names; }

[[gnu::weak]] void sched_dump(void) {}
[[gnu::weak]] void log_write(const char *, size_t) {}
