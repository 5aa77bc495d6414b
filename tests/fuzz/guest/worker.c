/* SPDX-License-Identifier: BSD-2-Clause */
/* worker.c - the process that makes the calls. */
#include "fuzz.h"

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

constexpr unsigned RENEW_EVERY = 64;
constexpr unsigned DEADLY_ONE_IN = 16;

/* Calls that would only end the worker, or wait for what never comes. */
static bool is_boring(long number)
{
    switch (number) {
    case SYS_exit:
    case SYS_exit_group:
    case SYS_pause:
    case SYS_rt_sigsuspend:
    case SYS_reboot: /* its purpose is to end the machine */ return true;
    default: return false;
    }
}

/* Calls that soon end the worker, as they take away its memory or its right to make calls. */
static bool is_deadly(long number)
{
    switch (number) {
    case SYS_rt_sigreturn:
    case SYS_munmap:
    case SYS_mprotect:
    case SYS_mremap:
    case SYS_mmap:
    case SYS_brk:
    case SYS_arch_prctl:
    case SYS_seccomp:
    case SYS_prctl:
    case SYS_kill:
    case SYS_tkill:
    case SYS_tgkill:
    case SYS_clone:
    case SYS_clone3:
    case SYS_vfork:
    case SYS_rt_sigaction:
    case SYS_setrlimit:
    case SYS_prlimit64:
    case SYS_madvise:
    case SYS_process_vm_writev:
    case SYS_ptrace:
    case SYS_shmat:
    case SYS_pkey_mprotect:
    case SYS_rseq:
    case SYS_set_robust_list:
    case SYS_setpgid:
    case SYS_set_tid_address: return true;
    default: return false;
    }
}

/* Calls that take a process: root's worker must not reach beyond itself. */
static bool takes_process(long number)
{
    switch (number) {
    case SYS_kill:
    case SYS_tkill:
    case SYS_tgkill:
    case SYS_rt_sigqueueinfo:
    case SYS_rt_tgsigqueueinfo:
    case SYS_pidfd_open:
    case SYS_process_vm_readv:
    case SYS_process_vm_writev:
    case SYS_prlimit64:
    case SYS_sched_setparam:
    case SYS_sched_setscheduler:
    case SYS_sched_setattr:
    case SYS_sched_setaffinity:
    case SYS_migrate_pages:
    case SYS_move_pages: return true;
    default: return false;
    }
}

/* Calls whose process is the second argument. */
static bool takes_process_second(long number)
{
    return number == SYS_ptrace || number == SYS_setpriority || number == SYS_ioprio_set;
}

static void child_leave(pid_t own)
{
    /* A call has made a child that runs here, too. */
    if (syscall(SYS_getpid) != own)
        _exit(0);
}

static void limits_set(void)
{
    struct rlimit memory = {256 << 20, 256 << 20}, files = {256, 256}, size = {8 << 20, 8 << 20};
    setrlimit(RLIMIT_AS, &memory);
    setrlimit(RLIMIT_NOFILE, &files);
    setrlimit(RLIMIT_FSIZE, &size);
    for (int signal_number = 1; signal_number < NSIG; signal_number++)
        if (signal_number != SIGSEGV && signal_number != SIGBUS && signal_number != SIGCHLD)
            signal(signal_number, SIG_IGN);
}

static void do_nothing(int) {}

/* A signal that comes all the time, so that calls which wait come back. */
static void alarm_set(void)
{
    struct sigaction action = {.sa_handler = do_nothing};
    struct itimerval often = {{0, 10000}, {0, 10000}};
    sigaction(SIGALRM, &action, nullptr);
    setitimer(ITIMER_REAL, &often, nullptr);
}

static void device_make(const char *path, unsigned major, unsigned minor)
{
    mknod(path, S_IFCHR | 0666, makedev(major, minor));
    chmod(path, 0666);
}

void worker_cage(bool is_root)
{
    limits_set();
    setsid();
    if (unshare(CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS))
        _exit(2);
    mkdir("dev", 0755);
    mkdir("proc", 0755);
    device_make("dev/null", 1, 3);
    device_make("dev/zero", 1, 5);
    device_make("dev/full", 1, 7);
    device_make("dev/random", 1, 8);
    device_make("dev/tty", 5, 0);
    device_make("dev/ptmx", 5, 2);
    if (mount("proc", "proc", "proc", 0, nullptr) || chroot("."))
        _exit(2);
    if (is_root)
        return;
    struct rlimit processes = {64, 64};
    setrlimit(RLIMIT_NPROC, &processes);
    if (setgroups(0, nullptr) || setgid(1000) || setuid(1000))
        _exit(2);
}

static void one_call(struct values *v, struct progress *progress, pid_t own, bool is_root)
{
    long number = (long)random_below(v->random, CALLS);
    uint64_t a[6];
    for (unsigned i = 0; i < 6; i++)
        a[i] = value_for(v, number, i);
    if (is_boring(number) || (is_deadly(number) && random_below(v->random, DEADLY_ONE_IN) > 0))
        return;
    if (is_root && takes_process(number))
        a[0] = random_below(v->random, 2) ? (uint64_t)own : 0;
    if (is_root && takes_process_second(number))
        a[1] = (uint64_t)own;
    if (is_root && number == SYS_kill && a[0] == 0)
        a[0] = (uint64_t)own;
    progress->last = (uint32_t)number;
    syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
    progress->calls++;
    child_leave(own);
}

void worker_run(uint64_t seed, uint64_t calls, struct progress *progress)
{
    struct random random = {seed ? seed : 1};
    struct values values;
    pid_t own = getpid();
    bool is_root = geteuid() == 0;
    values_init(&values, &random);
    alarm_set();
    for (uint64_t i = 1; i <= calls; i++) {
        one_call(&values, progress, own, is_root);
        while (waitpid(-1, nullptr, WNOHANG) > 0)
            continue;
        if (i % RENEW_EVERY == 0) {
            values_renew(&values);
            alarm_set();
        }
    }
    _exit(0);
}
