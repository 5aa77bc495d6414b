/* SPDX-License-Identifier: BSD-2-Clause */
/* sys.c - /proc/sys: settings of the system, nearly all of them fixed (proc(5)). */
#include <linux/capability.h>
#include <linux/limits.h>
#include "base/bits.h"
#include "base/errno.h"
#include "base/string.h"
#include "ipc/mqueue.h"
#include "ipc/msg.h"
#include "ipc/sem.h"
#include "ipc/shm.h"
#include "linux-api/misc/uts.h"
#include "mm/page.h"
#include "proc/cred.h"
#include "proc/pid.h"
#include "random/random.h"
#include "tty/pty.h"
#include "vfs/procfs/procfs.h"

/* A file with one line in it. */
#define SHOW_LINE(function, ...)                                                                   \
    static int function(struct text *text, const struct proc_node *)                               \
    {                                                                                              \
        text_add(text, __VA_ARGS__);                                                               \
        text_add_char(text, '\n');                                                                 \
        return 0;                                                                                  \
    }

SHOW_LINE(show_ostype, "%s", uts.sysname)
SHOW_LINE(show_osrelease, "%s", uts.release)
SHOW_LINE(show_version, "%s", uts.version)
SHOW_LINE(show_hostname, "%s", uts_current()->nodename)
SHOW_LINE(show_domainname, "%s", uts_current()->domainname)
SHOW_LINE(show_pid_max, "%d", PID_MOST)
/* As Linux sets it at boot: an eighth of the memory may be thread stacks. */
SHOW_LINE(show_threads_max, "%llu",
          (unsigned long long)MIN(MAX(page_total() / 32, 20ull), (uint64_t)PID_MOST))
SHOW_LINE(show_ngroups_max, "%d", NGROUPS_MAX)
SHOW_LINE(show_cap_last_cap, "%d", CAP_LAST_CAP)
SHOW_LINE(show_pty_max, "%u", PTY_MOST)
SHOW_LINE(show_pty_count, "%u", pty_count())
SHOW_LINE(show_shm_max, "%llu", (unsigned long long)SHM_BYTES_MOST)
SHOW_LINE(show_shm_mni, "%u", SHM_SEGMENTS_MOST)
SHOW_LINE(show_sem, "%u\t%u\t%u\t%u", SEM_PER_SET_MOST, SEM_PER_SET_MOST * SEM_SETS_MOST,
          SEM_OPS_MOST, SEM_SETS_MOST)
SHOW_LINE(show_msg_max, "%llu", (unsigned long long)MSG_BYTES_MOST)
SHOW_LINE(show_msg_mnb, "%llu", (unsigned long long)MSG_QUEUE_BYTES)
SHOW_LINE(show_msg_mni, "%u", MSG_QUEUES_MOST)
SHOW_LINE(show_mq_messages, "%lld", (long long)MQ_MESSAGES_DEFAULT)
SHOW_LINE(show_mq_bytes, "%lld", (long long)MQ_BYTES_DEFAULT)
SHOW_LINE(show_mq_queues, "%u", MQ_QUEUES_MOST)

static int show_uuid(struct text *text, const struct proc_node *)
{
    char uuid[37];
    random_uuid(uuid);
    text_add(text, "%s\n", uuid);
    return 0;
}

static int show_boot_id(struct text *text, const struct proc_node *)
{
    static char uuid[37];
    if (!uuid[0])
        random_uuid(uuid);
    text_add(text, "%s\n", uuid);
    return 0;
}

/* One line, without its end, into NAME. */
static ssize_t store_name(char name[__NEW_UTS_LEN + 1], const char *bytes, size_t n)
{
    if (!capable(CAP_SYS_ADMIN))
        return -EPERM;
    size_t length = 0;
    while (length < n && length < __NEW_UTS_LEN && bytes[length] != '\n' && bytes[length])
        length++;
    memset(name, 0, __NEW_UTS_LEN + 1);
    memcpy(name, bytes, length);
    return (ssize_t)n;
}

static ssize_t store_hostname(const struct proc_node *, const char *bytes, size_t n)
{
    return store_name(uts_current()->nodename, bytes, n);
}

static ssize_t store_domainname(const struct proc_node *, const char *bytes, size_t n)
{
    return store_name(uts_current()->domainname, bytes, n);
}

static const struct proc_entry random_entries[] = {
    PROC_FILE("boot_id", 0444, show_boot_id),
    PROC_LINE("entropy_avail", "256"),
    PROC_LINE("poolsize", "256"),
    PROC_FILE("uuid", 0444, show_uuid),
};
static const struct proc_directory random_directory = {
    .id = 11, .entries = random_entries, .count = ARRAY_COUNT(random_entries)};

static const struct proc_entry pty_entries[] = {
    PROC_FILE("max", 0444, show_pty_max),
    PROC_FILE("nr", 0444, show_pty_count),
};
static const struct proc_directory pty_directory = {
    .id = 12, .entries = pty_entries, .count = ARRAY_COUNT(pty_entries)};

static const struct proc_entry kernel_entries[] = {
    PROC_FILE("cap_last_cap", 0444, show_cap_last_cap),
    PROC_LINE("auto_msgmni", "0"),
    PROC_LINE("core_pipe_limit", "0"),
    PROC_LINE("core_pattern", "core"),
    PROC_LINE("core_uses_pid", "0"),
    PROC_LINE("dmesg_restrict", "0"),
    PROC_FILE("domainname", 0644, show_domainname, .store = store_domainname),
    PROC_FILE("hostname", 0644, show_hostname, .store = store_hostname),
    PROC_LINE("kptr_restrict", "0"),
    PROC_FILE("msgmax", 0444, show_msg_max),
    PROC_FILE("msgmnb", 0444, show_msg_mnb),
    PROC_FILE("msgmni", 0444, show_msg_mni),
    PROC_FILE("ngroups_max", 0444, show_ngroups_max),
    PROC_FILE("osrelease", 0444, show_osrelease),
    PROC_FILE("ostype", 0444, show_ostype),
    PROC_LINE("overflowgid", "65534"),
    PROC_LINE("overflowuid", "65534"),
    PROC_LINE("panic", "0"),
    PROC_LINE("panic_on_oops", "0"),
    PROC_FILE("pid_max", 0444, show_pid_max),
    PROC_DIR("pty", 0555, pty_directory),
    PROC_DIR("random", 0555, random_directory),
    PROC_LINE("randomize_va_space", "0"),
    PROC_LINE("sched_rr_timeslice_ms", "100"),
    PROC_FILE("sem", 0444, show_sem),
    PROC_FILE("shmall", 0444, show_shm_max),
    PROC_FILE("shmmax", 0444, show_shm_max),
    PROC_FILE("shmmni", 0444, show_shm_mni),
    PROC_LINE("sysrq", "0"),
    PROC_LINE("tainted", "0"),
    PROC_FILE("threads-max", 0444, show_threads_max),
    PROC_FILE("version", 0444, show_version),
};
static const struct proc_directory kernel_directory = {
    .id = 13, .entries = kernel_entries, .count = ARRAY_COUNT(kernel_entries)};

static const struct proc_entry vm_entries[] = {
    PROC_LINE("legacy_va_layout", "0"),
    PROC_LINE("max_map_count", "65530"),
    PROC_LINE("mmap_min_addr", "65536"),
    PROC_LINE("nr_hugepages", "0"),
    PROC_LINE("oom_kill_allocating_task", "0"),
    PROC_LINE("overcommit_kbytes", "0"),
    PROC_LINE("overcommit_memory", "0"),
    PROC_LINE("overcommit_ratio", "50"),
    PROC_LINE("panic_on_oom", "0"),
    PROC_LINE("swappiness", "0"),
};
static const struct proc_directory vm_directory = {
    .id = 14, .entries = vm_entries, .count = ARRAY_COUNT(vm_entries)};

static const struct proc_entry mqueue_entries[] = {
    PROC_FILE("msg_default", 0444, show_mq_messages),
    PROC_FILE("msg_max", 0444, show_mq_messages),
    PROC_FILE("msgsize_default", 0444, show_mq_bytes),
    PROC_FILE("msgsize_max", 0444, show_mq_bytes),
    PROC_FILE("queues_max", 0444, show_mq_queues),
};
static const struct proc_directory mqueue_directory = {
    .id = 31, .entries = mqueue_entries, .count = ARRAY_COUNT(mqueue_entries)};

static const struct proc_entry fs_entries[] = {
    PROC_LINE("file-max", "9223372036854775807"),
    PROC_DIR("mqueue", 0555, mqueue_directory),
    PROC_LINE("nr_open", "1048576"),
    PROC_LINE("pipe-max-size", "1048576"),
    PROC_LINE("suid_dumpable", "0"),
};
static const struct proc_directory fs_directory = {
    .id = 15, .entries = fs_entries, .count = ARRAY_COUNT(fs_entries)};

static const struct proc_entry sys_entries[] = {
    PROC_DIR("fs", 0555, fs_directory),
    PROC_DIR("kernel", 0555, kernel_directory),
    PROC_DIR("net", 0555, proc_sys_net_directory),
    PROC_DIR("vm", 0555, vm_directory),
};
const struct proc_directory proc_sys_directory = {
    .id = 16, .entries = sys_entries, .count = ARRAY_COUNT(sys_entries)};
