/* SPDX-License-Identifier: BSD-2-Clause */
/* limits.c - getrlimit(2), setrlimit(2), prlimit(2), getrusage(2), times(2). */
#include <linux/capability.h>
#include <linux/resource.h>
#include <linux/times.h>

#include "base/errno.h"
#include "linux-api/call.h"
#include "linux-api/process/usage.h"
#include "mm/mm.h"
#include "mm/usermem.h"
#include "proc/pid_namespace.h"
#include "proc/process.h"
#include "sched/thread.h"
#include "sched/time.h"

constexpr uint64_t FILES_MOST = 1048576; /* fs.nr_open of proc(5) */

/* The new limits are in NEW, or it is NULL; what they were goes to OLD. */
static int limit_change(struct process *p, unsigned resource, const struct rlimit64 *new,
                        struct rlimit64 *old)
{
    struct process_rlimit *limit;

    if (resource >= RLIM_NLIMITS)
        return -EINVAL;
    limit = &p->limits[resource];
    *old = (struct rlimit64){limit->soft, limit->hard};
    if (!new)
        return 0;
    if (new->rlim_cur > new->rlim_max)
        return -EINVAL;
    if (resource == RLIMIT_NOFILE && new->rlim_max > FILES_MOST)
        return -EPERM;
    if (new->rlim_max > limit->hard && !capable(CAP_SYS_RESOURCE))
        return -EPERM;
    *limit = (struct process_rlimit){new->rlim_cur, new->rlim_max};
    return 0;
}

long sys_getrlimit(const struct call *c)
{
    struct rlimit64 old;
    int error = limit_change(current->process, (unsigned)c->arg[0], nullptr, &old);

    return error ? error : copy_to_user(c->arg[1], &old, sizeof old);
}

long sys_setrlimit(const struct call *c)
{
    struct rlimit64 new, old;

    if (copy_from_user(&new, c->arg[1], sizeof new))
        return -EFAULT;
    return limit_change(current->process, (unsigned)c->arg[0], &new, &old);
}

/* prlimit(2): all ids must be the caller's real ones. */
static bool may_limit(const struct process *p)
{
    const struct thread *main = process_main_thread(p);
    const struct cred *mine = current->cred, *theirs = main ? main->cred : nullptr;

    if (p == current->process || cred_capable(mine, CAP_SYS_RESOURCE))
        return true;
    return theirs && mine->uid == theirs->euid && mine->uid == theirs->suid &&
           mine->uid == theirs->uid && mine->gid == theirs->egid && mine->gid == theirs->sgid &&
           mine->gid == theirs->gid;
}

long sys_prlimit64(const struct call *c)
{
    int32_t pid = (int32_t)c->arg[0];
    uaddr_t from = c->arg[2], to = c->arg[3];
    struct process *p = current->process;
    struct rlimit64 new, old;

    if (from && copy_from_user(&new, from, sizeof new))
        return -EFAULT;
    if (pid != 0) {
        struct thread *t = thread_lookup(pid);
        p = t ? t->process : process_lookup(pid);
    }
    if (!p)
        return -ESRCH;
    if (!may_limit(p))
        return -EPERM;
    int error = limit_change(p, (unsigned)c->arg[1], from ? &new : nullptr, &old);
    if (error)
        return error;
    return to ? copy_to_user(to, &old, sizeof old) : 0;
}

static void time_fill(struct __kernel_old_timeval *to, uint64_t ns)
{
    to->tv_sec = (__kernel_long_t)(ns / NSEC_PER_SEC);
    to->tv_usec = (__kernel_long_t)(ns % NSEC_PER_SEC / NSEC_PER_USEC);
}

void rusage_fill(struct rusage *to, const struct process_usage *from)
{
    struct __kernel_old_timeval user, system;

    *to = (struct rusage){};
    time_fill(&user, from->user_ns);
    time_fill(&system, from->system_ns);
    to->ru_utime.tv_sec = user.tv_sec;
    to->ru_utime.tv_usec = user.tv_usec;
    to->ru_stime.tv_sec = system.tv_sec;
    to->ru_stime.tv_usec = system.tv_usec;
    to->ru_maxrss = (__kernel_long_t)(from->resident_most * PAGE_SIZE / 1024);
    to->ru_minflt = (__kernel_long_t)from->faults_minor;
    to->ru_majflt = (__kernel_long_t)from->faults_major;
    to->ru_inblock = (__kernel_long_t)from->blocks_in;
    to->ru_oublock = (__kernel_long_t)from->blocks_out;
    to->ru_nvcsw = (__kernel_long_t)from->switches_voluntary;
    to->ru_nivcsw = (__kernel_long_t)from->switches_forced;
}

long sys_getrusage(const struct call *c)
{
    struct process *p = current->process;
    struct process_usage usage;
    struct rusage rusage;

    switch ((int)c->arg[0]) {
    case RUSAGE_SELF: process_usage_read(p, &usage); break;
    case RUSAGE_CHILDREN: usage = p->children_usage; break;
    case RUSAGE_THREAD: {
        const struct thread *t = current;
        struct cputime_split cpu = cputime_thread(t);
        usage = (struct process_usage){
            .user_ns = cpu.user_ns,
            .system_ns = cpu.system_ns,
            .faults_minor = t->faults_minor,
            .faults_major = t->faults_major,
            .switches_voluntary = t->switches_voluntary,
            .switches_forced = t->switches_forced,
            .resident_most = p->mm->resident_most,
        };
        break;
    }
    default: return -EINVAL;
    }
    rusage_fill(&rusage, &usage);
    return copy_to_user(c->arg[1], &rusage, sizeof rusage);
}

long sys_times(const struct call *c)
{
    struct process *p = current->process;
    struct cputime_split cpu = cputime_process(p);
    struct tms tms = {
        .tms_utime = (__kernel_clock_t)(cpu.user_ns / TICK_NS),
        .tms_stime = (__kernel_clock_t)(cpu.system_ns / TICK_NS),
        .tms_cutime = (__kernel_clock_t)(p->children_usage.user_ns / TICK_NS),
        .tms_cstime = (__kernel_clock_t)(p->children_usage.system_ns / TICK_NS),
    };

    if (c->arg[0] && copy_to_user(c->arg[0], &tms, sizeof tms))
        return -EFAULT;
    return (long)(time_boot_ns() / TICK_NS);
}
