/* SPDX-License-Identifier: BSD-2-Clause */
/* procfs_test.c - /proc and /dev as programs see them (proc(5), null(4)).
 * Links: as fake_vfs.h says, libos/vfs/procfs/, libos/vfs/devfs/, libos/random/, libos/base/text.c,
 * libos/linux-api/misc/uts.c, and what pty_test.c links of libos/tty/ */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include "base/errno.h"
#include "fake_vcpu.h"
#include "fake_vfs.h"
#include "ipc/ipc.h"
#include "linux-api/abi.h"
#include "mm/mm.h"
#include "proc/pgrp.h"
#include "proc/process.h"
#include "random/random.h"
#include "sched/cputime.h"
#include "sched/event.h"
#include "sched/sched.h"
#include "sched/time.h"
#include "tty/tty.h"
#include "vfs/context.h"
#include "vfs/devfs/devfs.h"
#include "vfs/fdtable.h"
#include "vfs/file.h"
#include "vfs/fs.h"
#include "vfs/inode.h"
#include "vfs/mount.h"
#include "vfs/procfs/procfs.h"
#include "vfs/vfs.h"

/* Process 1 runs, with a second thread 3; process 2 is its child. */
static struct session session;
static struct pgrp group;
static struct process first, child;
static struct thread thread1, thread3, thread2;
static struct mm memory;
static struct vma ranges[2];
static bool child_exists;
static uint64_t now_ns;

struct process *process_current(void)
{
    return &first;
}

struct session *process_session(const struct process *)
{
    return &session;
}

struct process *process_find(int32_t pid)
{
    return pid == 1 ? &first : pid == 2 && child_exists ? &child : nullptr;
}

struct pid *pid_find_in(const struct pid_namespace *, int32_t number)
{
    static struct pid found;
    found = (struct pid){.number = number, .process = process_find(number)};
    return &found;
}

struct process *process_next(int32_t pid)
{
    return pid <= 1 ? &first : pid <= 2 && child_exists ? &child : nullptr;
}

struct thread *process_main_thread(const struct process *p)
{
    return p->leader;
}

struct process *process_get(struct process *p)
{
    p->refs++;
    return p;
}

void process_put(struct process *p)
{
    p->refs--;
}

void thread_put(struct thread *t)
{
    if (t)
        t->refs--;
}

struct thread *thread_find(int32_t tid)
{
    return tid == 1                   ? &thread1
           : tid == 2 && child_exists ? &thread2
           : tid == 3                 ? &thread3
                                      : nullptr;
}

char thread_state_letter(const struct thread *t)
{
    return t == &thread1 ? 'R' : 'S';
}

void process_usage_read(struct process *, struct process_usage *usage)
{
    *usage = (struct process_usage){.user_ns = 30000000, .system_ns = 10000000, .faults_minor = 5};
}

struct cputime_split cputime_thread(const struct thread *)
{
    return (struct cputime_split){};
}

struct cputime_split cputime_process(const struct process *)
{
    return (struct cputime_split){3000000000, 1000000000};
}

uint64_t process_forks(void)
{
    return 4;
}

int32_t pid_last(const struct pid_namespace *)
{
    return 3;
}

size_t mm_read(struct mm *, uaddr_t address, void *to, size_t n)
{
    memcpy(to, (const void *)address, n);
    return n;
}

size_t mm_write(struct mm *, uaddr_t address, const void *from, size_t n)
{
    memcpy((void *)address, from, n);
    return n;
}

struct vma *mm_vma_from(struct mm *, uint64_t)
{
    return &ranges[0];
}

struct vma *vma_next(const struct vma_tree *, const struct vma *vma)
{
    return vma == &ranges[0] ? &ranges[1] : nullptr;
}

const char *mm_vma_name(const struct vma *vma)
{
    return vma == &ranges[1] ? "[heap]" : "";
}

uint64_t event_count(unsigned vcpu, unsigned bit)
{
    return vcpu + bit;
}

int event_device(unsigned n, unsigned *irq, const char **name)
{
    *irq = 4;
    *name = "serial";
    return n == 0 ? 8 : -1;
}

void mm_usage_add(const struct vma *, struct mm_usage *usage)
{
    usage->resident++;
}

uint32_t mm_page_mappers(const struct page *)
{
    return 1;
}

void mm_totals_read(struct mm_totals *totals)
{
    *totals = (struct mm_totals){.anonymous = 10, .shared = 2, .committed = 20};
}

struct setting mm_overcommit_mode, mm_overcommit_ratio;

uint64_t mm_commit_limit(void)
{
    return 50;
}

struct ipc_namespace *ipc_current(void)
{
    static struct ipc_namespace namespace;
    return &namespace;
}

size_t heap_pages(void)
{
    return 3;
}

unsigned vcpu_count(void)
{
    return 2;
}

uint64_t sched_idle_ns(unsigned vcpu)
{
    return now_ns / (vcpu + 1);
}

void sched_loadavg(uint64_t load[3])
{
    load[0] = 65536 + 32768;
    load[1] = 655;
    load[2] = 0;
}

unsigned sched_runnable(void)
{
    return 1;
}

uint64_t sched_switches(void)
{
    return 77;
}

uint64_t time_boot_ns(void)
{
    return now_ns;
}

int64_t time_boot_unix_sec(void)
{
    return 1700000000;
}

uint64_t time_deadline_after(uint64_t ns)
{
    return ns;
}

bool capable(int)
{
    return fake_cred.fsuid == 0;
}

void cpuinfo_add(struct text *text, unsigned vcpu, unsigned)
{
    text_add(text, "processor\t: %u\n\n", vcpu);
}

size_t string_copy(char *to, const char *from, size_t size)
{
    return (size_t)snprintf(to, size, "%s", from);
}

/* Of the terminals, which these tests only look at. */
void file_notify_owner(struct file *) {}
struct pgrp *pgrp_get(struct pgrp *g)
{
    return g;
}
void pgrp_put(struct pgrp *) {}
struct session *session_get(struct session *s)
{
    return s;
}
void session_put(struct session *) {}
struct pgrp *pgrp_find(int32_t)
{
    return nullptr;
}
bool pgrp_is_orphaned(const struct pgrp *, const struct process *)
{
    return false;
}
int pgrp_signal(struct pgrp *, int, const struct siginfo *)
{
    return 0;
}
int signal_send_process(struct process *, int, const struct siginfo *)
{
    return 0;
}
bool signal_is_ignored_or_blocked(int)
{
    return false;
}

static char arguments[] = "prog\0-x\0a b";

static void process_fill(struct process *p, struct thread *t, int32_t pid)
{
    *p = (struct process){.pid = pid, .refs = 1, .pgrp = &group, .leader = t, .thread_count = 1};
    *t = (struct thread){.tid = pid,
                         .refs = 1,
                         .process = p,
                         .cred = &fake_cred,
                         .fs = context_fs(),
                         .files = context_files(),
                         .affinity = 3,
                         .state = THREAD_RUNNING};
    list_init(&p->threads);
    list_init(&p->signal.pending.entries);
    list_init(&t->signal.pending.entries);
    list_push_back(&p->threads, &t->process_node);
    for (unsigned i = 0; i < RLIM_NLIMITS; i++)
        p->limits[i] = (struct process_rlimit){1024, RLIM_INFINITY};
}

static int setup(void **)
{
    static bool once;
    fake_vfs_begin();
    fake_vcpu_init();
    fake_vcpu_run(&thread1);
    now_ns = 12340000000;
    session = (struct session){.refs = 1, .sid = 1};
    group = (struct pgrp){.refs = 1, .pgid = 1, .session = &session};
    process_fill(&first, &thread1, 1);
    process_fill(&child, &thread2, 2);
    child.parent = &first;
    child_exists = true;
    strcpy(thread1.comm, "prog");
    thread3 = thread1;
    thread3.tid = 3;
    list_push_back(&first.threads, &thread3.process_node);
    first.thread_count = 2;
    strcpy(thread2.comm, "a (b) c");
    memory = (struct mm){.refs = 1,
                         .dumpable = true,
                         .arg_start = (uint64_t)arguments,
                         .arg_end = (uint64_t)arguments + sizeof arguments,
                         .total = 100,
                         .anonymous = 7,
                         .code_start = 0x400000,
                         .code_end = 0x401800};
    first.mm = child.mm = &memory;
    if (!once) {
        random_init();
        assert_int_equal(devfs_init(), 0);
        assert_int_equal(procfs_init(), 0);
    }
    once = true;
    return 0;
}

static int teardown(void **)
{
    /* Nobody holds on to what was only looked at. */
    assert_int_equal(first.refs, 1);
    assert_int_equal(child.refs, 1);
    assert_int_equal(thread3.refs, 1);
    fake_vfs_end();
    return 0;
}

static char buffer[16384];

static const char *content(const char *name)
{
    struct file *file = fake_open(name, O_RDONLY, 0);
    if (!file)
        return nullptr;
    ssize_t n = file_read_kernel(file, buffer, sizeof buffer - 1, 0);
    assert_in_range(n, 0, sizeof buffer - 1);
    buffer[n] = '\0';
    file_put(file);
    return buffer;
}

static void expect(const char *name, const char *text)
{
    assert_string_equal(content(name), text);
}

static const char *target(const char *name)
{
    struct path path;
    assert_int_equal(path_lookup(AT_FDCWD, name, 0, &path), 0);
    ssize_t n = vfs_readlink(&path, buffer, sizeof buffer - 1);
    path_put(&path);
    if (n < 0)
        return nullptr;
    buffer[n] = '\0';
    return buffer;
}

static char listing[8192];

static bool list_one(struct dir_sink *, const char *name, size_t n, uint64_t, unsigned)
{
    size_t at = strlen(listing);
    snprintf(listing + at, sizeof listing - at, "%.*s ", (int)n, name);
    return true;
}

static const char *names(const char *directory)
{
    struct dir_sink sink = {.emit = list_one};
    struct file *file = fake_open(directory, O_RDONLY | O_DIRECTORY, 0);
    assert_non_null(file);
    listing[0] = '\0';
    assert_int_equal(file->ops->iterate(file, &sink), 0);
    file_put(file);
    return listing;
}

static void the_devices_are_there(void **)
{
    const char *all = names("/dev");
    static const char *const wanted[] = {" null ", " zero ",    " full ",   " random ", " urandom ",
                                         " tty ",  " console ", " ptmx ",   " pts ",    " shm ",
                                         " fd ",   " stdin ",   " stdout ", " stderr "};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        assert_non_null(strstr(all, wanted[i]));
    assert_string_equal(names("/dev/pts"), ". .. ptmx ");
    assert_string_equal(target("/dev/stdin"), "/proc/self/fd/0");
}

static void null_zero_and_full_behave(void **)
{
    char bytes[4] = "abc";
    struct file *null = fake_open("/dev/null", O_RDWR, 0),
                *zero = fake_open("/dev/zero", O_RDWR, 0);
    struct file *full = fake_open("/dev/full", O_RDWR, 0);
    assert_int_equal(file_read_kernel(null, bytes, 4, 0), 0);
    assert_int_equal(file_write_kernel(null, bytes, 4, 0), 4);
    assert_int_equal(file_read_kernel(zero, bytes, 4, 0), 4);
    assert_memory_equal(bytes, "\0\0\0\0", 4);
    assert_int_equal(file_write_kernel(full, bytes, 1, 0), -ENOSPC);
    file_put(null);
    file_put(zero);
    file_put(full);
}

static void random_never_runs_dry(void **)
{
    static uint8_t a[70000], b[70000];
    struct file *random = fake_open("/dev/random", O_RDWR, 0);
    assert_int_equal(file_read_kernel(random, a, sizeof a, 0), sizeof a);
    assert_int_equal(file_read_kernel(random, b, sizeof b, 0), sizeof b);
    assert_memory_not_equal(a, b, sizeof a);
    assert_int_equal(file_write_kernel(random, "seed", 4, 0), 4);
    file_put(random);
}

static void without_a_terminal_dev_tty_is_enxio(void **)
{
    assert_null(fake_open("/dev/tty", O_RDWR, 0));
    assert_int_equal(fake_error, -ENXIO);
}

static void the_root_lists_files_and_processes(void **)
{
    const char *all = names("/proc");
    assert_non_null(strstr(all, " meminfo "));
    assert_non_null(strstr(all, " self "));
    assert_non_null(strstr(all, " 1 2 "));
    assert_null(strstr(all, " 3 "));
    assert_string_equal(names("/proc/1/task"), ". .. 1 3 ");
}

static void self_is_the_reader(void **)
{
    assert_string_equal(target("/proc/self"), "1");
    assert_string_equal(target("/proc/thread-self"), "1/task/1");
    expect("/proc/self/comm", "prog\n");
    expect("/proc/3/comm", "prog\n"); /* a thread, though not listed */
}

static void figures_of_the_system_have_linux_s_form(void **)
{
    expect("/proc/uptime", "12.34 18.51\n");
    expect("/proc/loadavg", "1.50 0.01 0.00 1/3 3\n");
    expect("/proc/sys/kernel/ostype", "Linux\n");
    assert_non_null(strstr(content("/proc/version"), "Linux version "));
    assert_non_null(strstr(content("/proc/filesystems"), "nodev\tproc\n"));
    assert_non_null(strstr(content("/proc/devices"), "  1 mem\n"));
    assert_non_null(strstr(content("/proc/cpuinfo"), "processor\t: 1\n"));
    assert_non_null(strstr(content("/proc/meminfo"), "MemTotal:         262144 kB\nMemFree: "));
    assert_non_null(strstr(content("/proc/meminfo"), "\nAnonPages:            40 kB\n"));
}

static void busy_time_divides_as_the_processes_used_it(void **)
{
    const char *text = content("/proc/stat");
    assert_non_null(strstr(text, "cpu  462 0 155 1851 0 0 0 0 0 0\ncpu0 0 0 0 1234 "));
    assert_non_null(strstr(text, "\nctxt 77\nbtime 1700000000\nprocesses 4\nprocs_running 1\n"));
}

static void arguments_are_separated_by_nul(void **)
{
    struct file *file = fake_open("/proc/1/cmdline", O_RDONLY, 0);
    assert_int_equal(file_read_kernel(file, buffer, sizeof buffer, 0), sizeof arguments);
    assert_memory_equal(buffer, "prog\0-x\0a b", sizeof arguments);
    file_put(file);
}

static void stat_begins_with_what_ps_looks_for(void **)
{
    const char *text = content("/proc/2/stat");
    static const char begin[] = "2 (a (b) c) S 1 1 1 0 -1 ";
    assert_memory_equal(text, begin, sizeof begin - 1);
    unsigned fields = 0;
    for (const char *p = strrchr(text, ')'); *p; p++)
        fields += *p == ' ';
    assert_int_equal(fields + 2, 52);
    expect("/proc/2/statm", "100 7 0 2 0 0 0\n");
}

static void status_has_names_and_tabs(void **)
{
    const char *text = content("/proc/1/status");
    assert_memory_equal(text, "Name:\tprog\nUmask:\t0000\nState:\tR (running)\nTgid:\t1\n", 48);
    assert_non_null(strstr(text, "\nVmSize:\t     400 kB\n"));
    assert_non_null(strstr(text, "\nThreads:\t2\n"));
    assert_non_null(strstr(text, "\nCpus_allowed_list:\t0-1\n"));
}

static void maps_name_stands_in_its_column(void **)
{
    ranges[0] = (struct vma){.start = 0x400000, .end = 0x401000, .flags = VMA_READ | VMA_EXEC};
    ranges[1] = (struct vma){
        .start = 0x555555554000, .end = 0x555555556000, .flags = VMA_READ | VMA_WRITE | VMA_SHARED};
    expect("/proc/1/maps",
           "00400000-00401000 r-xp 00000000 00:00 0 \n"
           "555555554000-555555556000 rw-s 00000000 00:00 0                          [heap]\n");
}

static void limits_are_a_table(void **)
{
    const char *text = content("/proc/1/limits");
    assert_non_null(strstr(text, "Limit                     Soft Limit           Hard Limit       "
                                 "    Units     \n"));
    assert_non_null(strstr(text, "Max open files            1024                 unlimited        "
                                 "    files     \n"));
}

static void descriptors_are_links_to_their_files(void **)
{
    struct file *file = fake_open("/dev/null", O_WRONLY, 0);
    int fd = fd_open(file, O_CLOEXEC);
    char name[64];
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    assert_string_equal(target(name), "/dev/null");
    struct file *again = fake_open(name, O_WRONLY, 0);
    assert_non_null(again);
    file_put(again);
    snprintf(name, sizeof name, "/proc/self/fdinfo/%d", fd);
    assert_memory_equal(content(name), "pos:\t0\nflags:\t02000001\nmnt_id:\t", 30);
    assert_int_equal(fd_close(fd), 0);
    assert_null(content(name));
    assert_int_equal(fake_error, -ENOENT);
}

static void cwd_and_root_are_links(void **)
{
    assert_string_equal(target("/proc/self/cwd"), "/");
    assert_string_equal(target("/proc/self/root"), "/");
    struct file *through = fake_open("/proc/self/root/dev", O_RDONLY, 0);
    assert_non_null(through);
    file_put(through);
}

static void a_process_that_ended_is_gone(void **)
{
    struct file *file = fake_open("/proc/2/comm", O_RDONLY, 0);
    struct file *directory = fake_open("/proc/2", O_RDONLY | O_DIRECTORY, 0);
    struct dir_sink sink = {.emit = list_one};
    child_exists = false;
    child.state = PROCESS_DEAD;
    assert_int_equal(file_read_kernel(file, buffer, 10, 0), -ESRCH);
    assert_int_equal(directory->ops->iterate(directory, &sink), -ENOENT);
    assert_null(fake_open("/proc/2/comm", O_RDONLY, 0));
    assert_int_equal(fake_error, -ENOENT);
    file_put(file);
    file_put(directory);
}

static void others_may_not_look_into_a_process(void **)
{
    struct cred mine = fake_cred;
    mine.uid = mine.euid = mine.suid = 0;
    thread2.cred = &mine;
    fake_be(1000, 1000);
    assert_null(fake_open("/proc/2/environ", O_RDONLY, 0));
    assert_int_equal(fake_error, -EACCES);
    assert_null(target("/proc/2/cwd"));
    assert_non_null(content("/proc/2/stat"));
    fake_be(0, 0);
    assert_non_null(content("/proc/2/environ"));
    thread2.cred = &fake_cred;
}

static void a_file_is_read_in_pieces_and_again(void **)
{
    char a[4], b[4];
    struct file *file = fake_open("/proc/uptime", O_RDONLY, 0);
    assert_int_equal(file_read_kernel(file, a, 3, 0), 3);
    now_ns = 99990000000;
    assert_int_equal(file_read_kernel(file, b, 3, 3), 3);
    assert_memory_equal(a, "12.", 3);
    assert_memory_equal(b, "34 ", 3);
    assert_int_equal(file_read_kernel(file, a, 3, 0), 3);
    assert_memory_equal(a, "99.", 3);
    assert_int_equal(file_read_kernel(file, a, 3, 1000), 0);
    file_put(file);
}

static void settings_can_be_written_where_linux_lets(void **)
{
    struct file *file = fake_open("/proc/sys/kernel/hostname", O_RDWR, 0);
    assert_int_equal(file_write_kernel(file, "box\n", 4, 0), 4);
    file_put(file);
    expect("/proc/sys/kernel/hostname", "box\n");
    file = fake_open("/proc/self/oom_score_adj", O_RDWR, 0);
    assert_int_equal(file_write_kernel(file, "-17", 3, 0), 3);
    assert_int_equal(first.oom_score_adj, -17);
    assert_int_equal(file_write_kernel(file, "1001", 4, 0), -EINVAL);
    assert_int_equal(file_write_kernel(file, "x", 1, 0), -EINVAL);
    file_put(file);
    file = fake_open("/proc/version", O_RDWR, 0);
    assert_int_equal(file_write_kernel(file, "x", 1, 0), -EIO);
    file_put(file);
}

static void nothing_can_be_made_or_removed_there(void **)
{
    assert_null(fake_open("/proc/new", O_RDWR | O_CREAT, 0644));
    assert_int_equal(vfs_mkdir(AT_FDCWD, "/proc/dir", 0755), -ENOENT);
    assert_int_equal(vfs_unlink(AT_FDCWD, "/proc/uptime"), -EPERM);
}

static void mounts_tell_where_what_is(void **)
{
    const char *text = content("/proc/mounts");
    assert_non_null(strstr(text, "\nproc /proc proc rw,nosuid,nodev,noexec"));
    assert_non_null(strstr(text, "\ndevpts /dev/pts devpts rw,nosuid,noexec"));
    assert_non_null(strstr(text, "gid=5,mode=620,ptmxmode=666 0 0\n"));
    assert_non_null(strstr(text, "\ntmpfs /dev/shm tmpfs rw,nosuid,nodev"));
    assert_non_null(strstr(content("/proc/1/mountinfo"), " / /proc rw,nosuid,nodev,noexec"));
}

static void inode_numbers_differ(void **)
{
    static const char *const some[] = {"/proc",          "/proc/1",          "/proc/2",
                                       "/proc/1/stat",   "/proc/2/stat",     "/proc/1/task",
                                       "/proc/1/task/1", "/proc/1/task/3",   "/proc/1/task/1/stat",
                                       "/proc/1/fd",     "/proc/1/fdinfo",   "/proc/stat",
                                       "/proc/sys",      "/proc/sys/kernel", "/proc/sys/vm"};
    uint64_t ino[sizeof some / sizeof some[0]];
    for (size_t i = 0; i < sizeof some / sizeof some[0]; i++) {
        struct path path;
        assert_int_equal(path_lookup(AT_FDCWD, some[i], 0, &path), 0);
        ino[i] = path_inode(&path)->ino;
        path_put(&path);
        for (size_t j = 0; j < i; j++)
            assert_int_not_equal(ino[i], ino[j]);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_devices_are_there),
        TEST(null_zero_and_full_behave),
        TEST(random_never_runs_dry),
        TEST(without_a_terminal_dev_tty_is_enxio),
        TEST(the_root_lists_files_and_processes),
        TEST(self_is_the_reader),
        TEST(figures_of_the_system_have_linux_s_form),
        TEST(busy_time_divides_as_the_processes_used_it),
        TEST(arguments_are_separated_by_nul),
        TEST(stat_begins_with_what_ps_looks_for),
        TEST(status_has_names_and_tabs),
        TEST(maps_name_stands_in_its_column),
        TEST(limits_are_a_table),
        TEST(descriptors_are_links_to_their_files),
        TEST(cwd_and_root_are_links),
        TEST(a_process_that_ended_is_gone),
        TEST(others_may_not_look_into_a_process),
        TEST(a_file_is_read_in_pieces_and_again),
        TEST(settings_can_be_written_where_linux_lets),
        TEST(nothing_can_be_made_or_removed_there),
        TEST(mounts_tell_where_what_is),
        TEST(inode_numbers_differ),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
