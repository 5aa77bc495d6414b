/* SPDX-License-Identifier: BSD-2-Clause */
/* procfs.h - /proc (proc(5)): facts about processes and the system as files.
 *
 * The tree is described by tables of struct proc_entry, one table per directory.  What stands in a
 * file is written anew each time somebody reads it from its beginning.  Directories of numbers
 * (processes, threads, descriptors) ask a pair of functions.
 *
 * The same engine shows sysfs: a struct proc_tree is a file system with such tables behind it.
 *
 * An inode is made at each lookup; its private part is a struct proc_node, which says what it is
 * about.  It holds references to its process and thread, so that a number which is used again is
 * never taken for the old one: then reads say ESRCH.
 */
#pragma once

#include <stdint.h>
#include "base/text.h"
#include "base/types.h"
#include "linux-api/abi.h"
#include "vfs/fs.h"
#include "vfs/path.h"

struct file;
struct file_ops;
struct pid_namespace;
struct process;
struct thread;
struct proc_entry;
struct proc_node;
struct setting;

/* Register the file system "proc" and mount it on /proc.  0 or a negative errno. */
[[nodiscard]] int procfs_init(void);

/* A file system made of tables. */
struct proc_tree {
    struct filesystem fs; /* its `mount` is proc_tree_mount */
    const struct proc_entry *root;
    uint64_t magic;         /* statfs(2) */
    bool shows_processes;   /* each pid namespace has an instance of its own */
    struct super *instance; /* of the first pid namespace, made by the first mount */
};
/* Register TREE and mount it on PATH, a directory that is made.  0 or a negative errno. */
[[nodiscard]] int proc_tree_init(struct proc_tree *tree, const char *path);
/* As struct filesystem has it; FS is in a struct proc_tree. */
int proc_tree_mount(const struct filesystem *fs, const char *source, unsigned flags,
                    const char *data, struct super **super);

/* The process of which FILE is the directory /proc/PID; no reference.  Null: FILE is no such. */
struct process *procfs_process_of(const struct file *file);

struct proc_node {
    const struct proc_entry *entry;
    struct process *process;    /* referenced; null outside of /proc/PID */
    struct thread *thread;      /* referenced; null: the process as a whole */
    int32_t number;             /* the descriptor, the CPU ... that it belongs to */
    bool by_mode_alone;         /* as its directory says */
    struct pid_namespace *pids; /* whose numbers it shows: those of the mounter; the super's */
};

/* The numbers in a directory. */
struct proc_numbers {
    const struct proc_entry *entry; /* what each of them is; its name stands before the number */
    /* The lowest number >= FROM, or -1. */
    int64_t (*next)(const struct proc_node *dir, int64_t from);
    /* What NUMBER is: fills in CHILD, which holds no references yet.  False: nothing. */
    bool (*find)(const struct proc_node *dir, int32_t number, struct proc_node *child);
};

struct proc_directory {
    uint16_t id; /* makes inode numbers differ */
    uint16_t count;
    const struct proc_entry *entries;
    const struct proc_numbers *numbers; /* or null */
    /* What the modes of its files do not allow, capabilities do not either (/proc/sys). */
    bool by_mode_alone;
};

struct proc_entry {
    const char *name;
    uint32_t mode;   /* type and permissions */
    bool restricted; /* only for those who may trace the process (ptrace(2)) */
    const struct proc_directory *directory;
    const char *line;            /* what stands in a file that never changes, without its end */
    const char *target;          /* of a symbolic link that never changes */
    const struct file_ops *fops; /* of a file that is no text written by show */
    int (*show)(struct text *text, const struct proc_node *node);
    /* BYTES is ended by NUL.  Returns N or a negative errno. */
    ssize_t (*store)(const struct proc_node *node, const char *bytes, size_t n);
    struct setting *(*settings)(void); /* the first of those in a file of /proc/sys */
    uint8_t setting_count;
    ssize_t (*readlink)(const struct proc_node *node, char *to, size_t size);
    int (*follow)(const struct proc_node *node, struct path *to);
};

extern const struct proc_directory proc_root_directory;
extern const struct proc_directory proc_net_directory; /* /proc/PID/net */
extern const struct proc_directory proc_sys_directory;
extern const struct proc_directory proc_sys_net_directory; /* /proc/sys/net */
extern const struct proc_directory proc_sysvipc_directory;
extern const struct proc_directory proc_namespace_directory; /* /proc/PID/ns */
extern const struct proc_directory proc_process_directory;
extern const struct proc_directory proc_task_directory; /* /proc/PID/task/TID */
extern const struct proc_numbers proc_processes;        /* /proc/PID */
extern const struct proc_numbers proc_threads;          /* /proc/PID/task/TID */
extern const struct proc_numbers proc_fds, proc_fdinfos;

/* node.c */
/* The thread that a file is about: the node's, else the process's first, or what is left of it in a
 * zombie.  Null: there is none any more. */
struct thread *proc_thread(const struct proc_node *node);
bool proc_is_gone(const struct proc_node *node);
/* The process that a directory of numbers found; adds the references that CHILD needs. */
void proc_node_set(struct proc_node *child, struct process *process, struct thread *thread);
/* 0, -EACCES, or -ESRCH. */
[[nodiscard]] int proc_may_trace(const struct proc_node *node);
/* The number in a name of N bytes, or -1. */
int32_t proc_number_of(const char *name, size_t n);
/* As seen from the current process's root. */
[[nodiscard]] int proc_add_path(struct text *text, const struct path *path, const char *special);

/* Entries in the tables. */
#define PROC_FILE(name, mode, ...) {name, S_IFREG | (mode), .show = __VA_ARGS__}
#define PROC_DIR(name, mode, dir)  {name, S_IFDIR | (mode), .directory = &(dir)}
#define PROC_LINE(name, text)      {name, S_IFREG | 0444, .line = (text)}
/* FUNCTION() tells where a setting is, for PROC_SETTING. */
#define PROC_SETTING_AT(function, place)                                                           \
    static struct setting *function(void)                                                          \
    {                                                                                              \
        return &(place);                                                                           \
    }
/* COUNT settings that root may change; FIRST() tells where they are. */
#define PROC_SETTING(name, first, count)                                                           \
    {name,                                                                                         \
     S_IFREG | 0644,                                                                               \
     .show = proc_show_settings,                                                                   \
     .store = proc_store_settings,                                                                 \
     .settings = (first),                                                                          \
     .setting_count = (count)}
#define PROC_LINK(name, to) {name, S_IFLNK | 0777, .target = (to)}

/* Writers that several tables use. */
int proc_show_settings(struct text *text, const struct proc_node *node);
ssize_t proc_store_settings(const struct proc_node *node, const char *bytes, size_t n);
int proc_show_maps(struct text *text, const struct proc_node *node);
int proc_show_smaps(struct text *text, const struct proc_node *node);
int proc_show_stat(struct text *text, const struct proc_node *node);
int proc_show_statm(struct text *text, const struct proc_node *node);
int proc_show_status(struct text *text, const struct proc_node *node);
int proc_show_limits(struct text *text, const struct proc_node *node);
int proc_show_smaps_rollup(struct text *text, const struct proc_node *node);
int proc_show_io(struct text *text, const struct proc_node *node);
int proc_show_children(struct text *text, const struct proc_node *node);
int proc_show_timer_slack(struct text *text, const struct proc_node *node);
int proc_show_meminfo(struct text *text, const struct proc_node *node);
int proc_show_locks(struct text *text, const struct proc_node *node);
int proc_show_interrupts(struct text *text, const struct proc_node *node);
int proc_show_iomem(struct text *text, const struct proc_node *node);
int proc_show_vmstat(struct text *text, const struct proc_node *node);
int proc_show_system_stat(struct text *text, const struct proc_node *node);
