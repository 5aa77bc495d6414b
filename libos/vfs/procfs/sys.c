/* SPDX-License-Identifier: BSD-2-Clause */
/* sys.c - /proc/sys: settings of the system, as far as there are any (proc(5)).
 *
 * What can be changed takes effect; the others are fixed, and cannot be opened for writing. */
#include <linux/capability.h>
#include <linux/limits.h>
#include "base/bits.h"
#include "base/errno.h"
#include "base/string.h"
#include "ipc/ipc.h"
#include "linux-api/misc/uts.h"
#include "mm/mm.h"
#include "mm/page.h"
#include "proc/cred.h"
#include "proc/pid.h"
#include "random/random.h"
#include "tty/pty.h"
#include "vfs/notify.h"
#include "vfs/pipe.h"
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

/* Limits of an IPC namespace are those of whoever reads or writes. */
PROC_SETTING_AT(shm_bytes, ipc_current()->limits.shm_bytes)
PROC_SETTING_AT(shm_pages, ipc_current()->limits.shm_pages)
PROC_SETTING_AT(shm_segments, ipc_current()->limits.shm_segments)
PROC_SETTING_AT(msg_bytes, ipc_current()->limits.msg_bytes)
PROC_SETTING_AT(msg_queue_bytes, ipc_current()->limits.msg_queue_bytes)
PROC_SETTING_AT(msg_queues, ipc_current()->limits.msg_queues)
PROC_SETTING_AT(sem_limits, ipc_current()->limits.sem[0])
PROC_SETTING_AT(mq_queues, ipc_current()->limits.mq_queues)
PROC_SETTING_AT(mq_messages_default, ipc_current()->limits.mq_messages_default)
PROC_SETTING_AT(mq_messages, ipc_current()->limits.mq_messages)
PROC_SETTING_AT(mq_bytes_default, ipc_current()->limits.mq_bytes_default)
PROC_SETTING_AT(mq_bytes, ipc_current()->limits.mq_bytes)
PROC_SETTING_AT(overcommit_mode, mm_overcommit_mode)
PROC_SETTING_AT(overcommit_ratio, mm_overcommit_ratio)
PROC_SETTING_AT(pipe_bytes, pipe_bytes_most)
PROC_SETTING_AT(inotify_events, notify_events_most)
PROC_SETTING_AT(inotify_instances, notify_instances_most)
PROC_SETTING_AT(inotify_watches, notify_watches_most)

/* fcntl(2), F_SETPIPE_SZ: a power of two, a page at least. */
static ssize_t store_pipe_bytes(const struct proc_node *node, const char *bytes, size_t n)
{
    ssize_t result = proc_store_settings(node, bytes, n);
    uint64_t rounded = PAGE_SIZE;
    while (result > 0 && rounded < pipe_bytes_most.value)
        rounded *= 2;
    if (result > 0)
        pipe_bytes_most.value = rounded;
    return result;
}

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
static const struct proc_directory random_directory = {.id = 11,
                                                       .by_mode_alone = true,
                                                       .entries = random_entries,
                                                       .count = ARRAY_COUNT(random_entries)};

static const struct proc_entry pty_entries[] = {
    PROC_FILE("max", 0444, show_pty_max),
    PROC_FILE("nr", 0444, show_pty_count),
};
static const struct proc_directory pty_directory = {
    .id = 12, .by_mode_alone = true, .entries = pty_entries, .count = ARRAY_COUNT(pty_entries)};

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
    PROC_SETTING("msgmax", msg_bytes, 1),
    PROC_SETTING("msgmnb", msg_queue_bytes, 1),
    PROC_SETTING("msgmni", msg_queues, 1),
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
    PROC_SETTING("sem", sem_limits, 4),
    PROC_SETTING("shmall", shm_pages, 1),
    PROC_SETTING("shmmax", shm_bytes, 1),
    PROC_SETTING("shmmni", shm_segments, 1),
    PROC_LINE("sysrq", "0"),
    PROC_LINE("tainted", "0"),
    PROC_FILE("threads-max", 0444, show_threads_max),
    PROC_FILE("version", 0444, show_version),
};
static const struct proc_directory kernel_directory = {.id = 13,
                                                       .by_mode_alone = true,
                                                       .entries = kernel_entries,
                                                       .count = ARRAY_COUNT(kernel_entries)};

static const struct proc_entry vm_entries[] = {
    PROC_LINE("legacy_va_layout", "0"),
    PROC_LINE("max_map_count", "65530"),
    PROC_LINE("mmap_min_addr", "65536"),
    PROC_LINE("nr_hugepages", "0"),
    PROC_LINE("oom_kill_allocating_task", "0"),
    PROC_LINE("overcommit_kbytes", "0"),
    PROC_SETTING("overcommit_memory", overcommit_mode, 1),
    PROC_SETTING("overcommit_ratio", overcommit_ratio, 1),
    PROC_LINE("panic_on_oom", "0"),
    PROC_LINE("swappiness", "0"),
};
static const struct proc_directory vm_directory = {
    .id = 14, .by_mode_alone = true, .entries = vm_entries, .count = ARRAY_COUNT(vm_entries)};

static const struct proc_entry mqueue_entries[] = {
    PROC_SETTING("msg_default", mq_messages_default, 1),
    PROC_SETTING("msg_max", mq_messages, 1),
    PROC_SETTING("msgsize_default", mq_bytes_default, 1),
    PROC_SETTING("msgsize_max", mq_bytes, 1),
    PROC_SETTING("queues_max", mq_queues, 1),
};
static const struct proc_directory mqueue_directory = {.id = 31,
                                                       .by_mode_alone = true,
                                                       .entries = mqueue_entries,
                                                       .count = ARRAY_COUNT(mqueue_entries)};

static const struct proc_entry inotify_entries[] = {
    PROC_SETTING("max_queued_events", inotify_events, 1),
    PROC_SETTING("max_user_instances", inotify_instances, 1),
    PROC_SETTING("max_user_watches", inotify_watches, 1),
};
static const struct proc_directory inotify_directory = {.id = 32,
                                                        .by_mode_alone = true,
                                                        .entries = inotify_entries,
                                                        .count = ARRAY_COUNT(inotify_entries)};

static const struct proc_entry fs_entries[] = {
    PROC_LINE("file-max", "9223372036854775807"),
    PROC_DIR("inotify", 0555, inotify_directory),
    PROC_DIR("mqueue", 0555, mqueue_directory),
    PROC_LINE("nr_open", "1048576"),
    {"pipe-max-size", S_IFREG | 0644, .show = proc_show_settings, .store = store_pipe_bytes,
     .settings = pipe_bytes, .setting_count = 1},
    PROC_LINE("suid_dumpable", "0"),
};
static const struct proc_directory fs_directory = {
    .id = 15, .by_mode_alone = true, .entries = fs_entries, .count = ARRAY_COUNT(fs_entries)};

static const struct proc_entry sys_entries[] = {
    PROC_DIR("fs", 0555, fs_directory),
    PROC_DIR("kernel", 0555, kernel_directory),
    PROC_DIR("net", 0555, proc_sys_net_directory),
    PROC_DIR("vm", 0555, vm_directory),
};
const struct proc_directory proc_sys_directory = {
    .id = 16, .by_mode_alone = true, .entries = sys_entries, .count = ARRAY_COUNT(sys_entries)};
