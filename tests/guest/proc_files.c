/* SPDX-License-Identifier: BSD-2-Clause */
/* proc_files.c - what programs read in /proc. */
#include "test.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char text[65536];

static const char *field(const char *name)
{
    char key[64];
    snprintf(key, sizeof key, "\n%s", name);
    const char *at = strstr(text, key);
    if (!strncmp(text, name, strlen(name)))
        return text + strlen(name);
    if (!at)
        FAIL("no line \"%s\"", name);
    return at + strlen(key);
}

TEST(proc_self_is_the_reader)
{
    char link[64] = {}, want[16];
    snprintf(want, sizeof want, "%d", getpid());
    OK(readlink("/proc/self", link, sizeof link - 1));
    CHECK_STR(link, want);
    IN_CHILD
    {
        char other[64] = {};
        OK(readlink("/proc/self", other, sizeof other - 1));
        CHECK_EQ(atoi(other), getpid());
    }
}

TEST(proc_stat_fields)
{
    int pid, ppid, pgrp, session, tty, tpgid;
    char name[64], state;
    OK(prctl(PR_SET_NAME, "a (b) c"));
    file_read("/proc/self/stat", text, sizeof text);
    pid = atoi(text);
    char *open = strchr(text, '('), *close = strrchr(text, ')');
    CHECK(open && close);
    memcpy(name, open + 1, (size_t)(close - open - 1));
    name[close - open - 1] = 0;
    CHECK_STR(name, "a (b) c");
    CHECK_EQ(sscanf(close + 2, "%c %d %d %d %d %d", &state, &ppid, &pgrp, &session, &tty, &tpgid),
             6);
    CHECK_EQ(state, 'R');
    CHECK_EQ(pid, getpid());
    CHECK_EQ(ppid, getppid());
    CHECK_EQ(pgrp, getpgrp());
    CHECK_EQ(session, getsid(0));
    int fields = 2;
    for (char *at = close + 1; *at; at++)
        fields += *at == ' ';
    CHECK(fields >= 44);
    CHECK_EQ(text[strlen(text) - 1], '\n');
}

TEST(proc_status_fields)
{
    OK(prctl(PR_SET_NAME, "named"));
    umask(027);
    file_read("/proc/self/status", text, sizeof text);
    CHECK(!strncmp(field("Name:"), "\tnamed\n", 7));
    CHECK(!strncmp(field("State:"), "\tR (running)\n", 13));
    CHECK(!strncmp(field("Umask:"), "\t0027\n", 6));
    CHECK_EQ(atoi(field("Tgid:")), getpid());
    CHECK_EQ(atoi(field("Pid:")), getpid());
    CHECK_EQ(atoi(field("PPid:")), getppid());
    CHECK(!strncmp(field("Uid:"), "\t0\t0\t0\t0\n", 9));
    CHECK(!strncmp(field("Gid:"), "\t0\t0\t0\t0\n", 9));
    CHECK_EQ(atoi(field("Threads:")), 1);
    CHECK(atoi(field("VmSize:")) > 0);
    CHECK(atoi(field("VmRSS:")) > 0);
}

TEST(proc_status_signals)
{
    sigset_t set;
    signal(SIGUSR1, SIG_IGN);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    OK(sigprocmask(SIG_BLOCK, &set, nullptr));
    OK(raise(SIGUSR2));
    file_read("/proc/self/status", text, sizeof text);
    CHECK_EQ(strtoul(field("SigIgn:"), nullptr, 16), 1UL << (SIGUSR1 - 1));
    CHECK_EQ(strtoul(field("SigBlk:"), nullptr, 16), 1UL << (SIGUSR2 - 1));
    CHECK_EQ(strtoul(field("SigPnd:"), nullptr, 16), 1UL << (SIGUSR2 - 1));
}

TEST(proc_cmdline_and_environ)
{
    size_t len = file_read("/proc/self/cmdline", text, sizeof text);
    CHECK(len > 0 && text[len - 1] == 0);
    CHECK(strstr(text, "guest-tests") || strstr(text, "/"));
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        char *argv[] = {"first", "--helper=shows_itself", "a b", "", nullptr};
        char *envp[] = {"ONE=1", "TWO=2 2", nullptr};
        execve(self_path, argv, envp);
        _exit(126);
    }
    child_wait_ok(pid);
}

HELPER(shows_itself)
{
    size_t len = file_read("/proc/self/cmdline", text, sizeof text);
    static const char want[] = "first\0--helper=shows_itself\0a b\0";
    CHECK_EQ(len, sizeof want);
    CHECK(!memcmp(text, want, sizeof want));
    len = file_read("/proc/self/environ", text, sizeof text);
    CHECK_EQ(len, sizeof "ONE=1\0TWO=2 2");
    CHECK(!memcmp(text, "ONE=1\0TWO=2 2", len));
    file_read("/proc/self/comm", text, sizeof text);
    const char *base = strrchr(self_path, '/') + 1;
    CHECK(!strncmp(text, base, strnlen(base, 15)));
    return 0;
}

TEST(proc_links)
{
    char here[PATH_MAX], link[PATH_MAX] = {};
    CHECK(getcwd(here, sizeof here));
    OK(readlink("/proc/self/cwd", link, sizeof link - 1));
    CHECK_STR(link, here);
    memset(link, 0, sizeof link);
    OK(readlink("/proc/self/exe", link, sizeof link - 1));
    CHECK_STR(link, self_path);
    memset(link, 0, sizeof link);
    OK(readlink("/proc/self/root", link, sizeof link - 1));
    CHECK_STR(link, "/");
}

TEST(proc_fd_lists_open_files)
{
    char path[64], link[PATH_MAX] = {}, here[PATH_MAX], want[PATH_MAX + 8];
    bool is_listed = false;
    file_make("f", "content");
    int fd = (int)OK(open("f", O_RDONLY));
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    OK(readlink(path, link, sizeof link - 1));
    CHECK(getcwd(here, sizeof here));
    snprintf(want, sizeof want, "%s/f", here);
    CHECK_STR(link, want);
    file_expect(path, "content");
    DIR *dir = opendir("/proc/self/fd");
    CHECK(dir);
    for (struct dirent *entry; (entry = readdir(dir));)
        is_listed |= atoi(entry->d_name) == fd;
    CHECK(is_listed);
    OK(close(fd));
    CHECK_ERRNO(readlink(path, link, sizeof link), ENOENT);
}

TEST(proc_fd_of_pipes)
{
    int p[2];
    char path[64], link[64] = {};
    struct stat st;
    unsigned long inode;
    OK(pipe(p));
    snprintf(path, sizeof path, "/proc/self/fd/%d", p[0]);
    OK(readlink(path, link, sizeof link - 1));
    CHECK_EQ(sscanf(link, "pipe:[%lu]", &inode), 1);
    OK(fstat(p[0], &st));
    CHECK_EQ(inode, st.st_ino);
}

TEST(proc_fdinfo)
{
    char path[64];
    file_make("f", "0123456789");
    int fd = (int)OK(open("f", O_RDWR | O_APPEND));
    CHECK_EQ(lseek(fd, 7, SEEK_SET), 7);
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
    file_read(path, text, sizeof text);
    CHECK_EQ(atoi(field("pos:")), 7);
    CHECK_EQ(strtol(field("flags:"), nullptr, 8) & (O_ACCMODE | O_APPEND), O_RDWR | O_APPEND);
}

TEST(proc_maps_shows_mappings)
{
    char want[64];
    file_make("mapped", "x");
    int fd = (int)OK(open("mapped", O_RDWR));
    char *p = mmap(nullptr, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 4096);
    CHECK(p != MAP_FAILED);
    file_read("/proc/self/maps", text, sizeof text);
    snprintf(want, sizeof want, "%lx-%lx rw-s 00001000 ", (unsigned long)p,
             (unsigned long)p + 8192);
    const char *line = strstr(text, want);
    CHECK(line);
    CHECK(!strncmp(strchr(line, '\n') - 7, "/mapped", 7));
    CHECK(strstr(text, "[stack]\n"));
    CHECK(strstr(text, "[vdso]\n"));
    CHECK(strstr(text, self_path));
    OK(munmap(p, 8192));
    file_read("/proc/self/maps", text, sizeof text);
    CHECK(!strstr(text, want));
}

TEST(proc_maps_lines_are_in_order)
{
    unsigned long last = 0, start, end;
    char prot[8];
    file_read("/proc/self/maps", text, sizeof text);
    for (char *line = strtok(text, "\n"); line; line = strtok(nullptr, "\n")) {
        CHECK_EQ(sscanf(line, "%lx-%lx %7s", &start, &end, prot), 3);
        CHECK(start >= last && end > start);
        CHECK_EQ(strlen(prot), 4);
        last = end;
    }
}

static void *sleeps(void *)
{
    for (;;)
        pause();
}

TEST(proc_task_lists_threads)
{
    int tasks = 0;
    pthread_t thread;
    for (int i = 0; i < 3; i++)
        CHECK_EQ(pthread_create(&thread, nullptr, sleeps, nullptr), 0);
    DIR *dir = opendir("/proc/self/task");
    CHECK(dir);
    for (struct dirent *entry; (entry = readdir(dir));)
        tasks += entry->d_name[0] != '.';
    CHECK_EQ(tasks, 4);
    file_read("/proc/self/status", text, sizeof text);
    CHECK_EQ(atoi(field("Threads:")), 4);
}

TEST(proc_lists_processes)
{
    bool has_self = false, has_child = false;
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0)
        sleeps(nullptr);
    DIR *dir = opendir("/proc");
    CHECK(dir);
    for (struct dirent *entry; (entry = readdir(dir));) {
        has_self |= atoi(entry->d_name) == getpid();
        has_child |= atoi(entry->d_name) == pid;
    }
    CHECK(has_self && has_child);
    OK(kill(pid, SIGKILL));
    child_wait(pid);
    char path[32];
    snprintf(path, sizeof path, "/proc/%d", pid);
    CHECK(!path_exists(path));
}

TEST(proc_of_a_zombie)
{
    char path[64];
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0)
        _exit(0);
    process_await_state(pid, "Z");
    snprintf(path, sizeof path, "/proc/%d/cmdline", pid);
    CHECK_EQ(file_read(path, text, sizeof text), 0);
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    file_read(path, text, sizeof text);
    CHECK(!strncmp(field("State:"), "\tZ (zombie)\n", 12));
    child_wait_ok(pid);
}

TEST(proc_states_of_processes)
{
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0)
        sleeps(nullptr);
    process_await_state(pid, "S");
    OK(kill(pid, SIGSTOP));
    process_await_state(pid, "T");
    OK(kill(pid, SIGKILL));
    process_await_state(pid, "Z");
    child_wait(pid);
    pid = (pid_t)OK(fork());
    if (pid == 0)
        for (;;)
            ;
    process_await_state(pid, "R");
    OK(kill(pid, SIGKILL));
    child_wait(pid);
}

TEST(proc_meminfo)
{
    file_read("/proc/meminfo", text, sizeof text);
    long total = atol(field("MemTotal:")), free = atol(field("MemFree:"));
    CHECK(total > 0 && free > 0 && free <= total);
    CHECK(atol(field("MemAvailable:")) <= total);
    field("Cached:");
    field("SwapTotal:");
}

TEST(proc_cpuinfo_and_stat)
{
    unsigned long user, nice, system, idle;
    file_read("/proc/cpuinfo", text, sizeof text);
    CHECK(!strncmp(field("processor"), "\t: 0\n", 5));
    field("model name");
    CHECK(strstr(field("flags"), " sse2 "));
    file_read("/proc/stat", text, sizeof text);
    CHECK_EQ(sscanf(field("cpu "), "%lu %lu %lu %lu", &user, &nice, &system, &idle), 4);
    field("cpu0 ");
    CHECK(atol(field("btime ")) > 0);
    CHECK(atol(field("processes ")) > 0);
}

static long now_ms(void)
{
    struct timespec t;
    OK(clock_gettime(CLOCK_MONOTONIC, &t));
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void spend_cpu(bool in_system)
{
    long until = now_ms() + 60;
    while (now_ms() < until) {
        if (in_system)
            for (int i = 0; i < 200; i++)
                close(dup(1));
        else
            for (volatile int i = 0; i < 20000; i++)
                ;
    }
}

/* Programs show differences of two readings. */
TEST(proc_stat_never_goes_back)
{
    unsigned long before[3] = {}, now[3];
    for (int round = 0; round < 12; round++) {
        file_read("/proc/stat", text, sizeof text);
        CHECK_EQ(sscanf(field("cpu "), "%lu %lu %lu", &now[0], &now[1], &now[2]), 3);
        for (int i = 0; i < 3; i++) {
            CHECK(now[i] >= before[i]);
            before[i] = now[i];
        }
        pid_t pid = fork();
        if (pid == 0) {
            spend_cpu(round / 2 % 2);
            _exit(0);
        }
        CHECK_EQ(waitpid(pid, nullptr, 0), pid);
    }
}

TEST(proc_uptime_and_loadavg)
{
    double up, idle, one, five, fifteen;
    int running, all;
    file_read("/proc/uptime", text, sizeof text);
    CHECK_EQ(sscanf(text, "%lf %lf", &up, &idle), 2);
    CHECK(up > 0);
    file_read("/proc/loadavg", text, sizeof text);
    CHECK_EQ(sscanf(text, "%lf %lf %lf %d/%d", &one, &five, &fifteen, &running, &all), 5);
    CHECK(running >= 1 && all >= running);
}

TEST(proc_version_matches_uname)
{
    struct utsname name;
    OK(uname(&name));
    file_read("/proc/version", text, sizeof text);
    CHECK(!strncmp(text, "Linux version ", 14));
    CHECK(!strncmp(text + 14, name.release, strlen(name.release)));
    CHECK_STR(name.sysname, "Linux");
    CHECK_STR(name.machine, "x86_64");
    CHECK(name.nodename[0] && name.version[0]);
}

TEST(proc_filesystems_and_mounts)
{
    file_read("/proc/filesystems", text, sizeof text);
    CHECK(strstr(text, "nodev\tproc\n"));
    CHECK(strstr(text, "nodev\ttmpfs\n"));
    file_read("/proc/self/mounts", text, sizeof text);
    CHECK(strstr(text, " /proc proc "));
    CHECK(strstr(text, " / "));
    file_read("/proc/mounts", text, sizeof text);
    CHECK(strstr(text, " /proc proc "));
    file_read("/proc/self/mountinfo", text, sizeof text);
    CHECK(strstr(text, " / /proc "));
}

TEST(proc_sys_kernel)
{
    struct utsname name;
    OK(uname(&name));
    file_read("/proc/sys/kernel/ostype", text, sizeof text);
    CHECK_STR(text, "Linux\n");
    file_read("/proc/sys/kernel/osrelease", text, sizeof text);
    CHECK_EQ(strlen(text), strlen(name.release) + 1);
    CHECK(!strncmp(text, name.release, strlen(name.release)));
    file_read("/proc/sys/kernel/hostname", text, sizeof text);
    CHECK(!strncmp(text, name.nodename, strlen(name.nodename)));
    file_read("/proc/sys/kernel/pid_max", text, sizeof text);
    CHECK(atoi(text) >= 300);
    file_read("/proc/sys/kernel/random/uuid", text, sizeof text);
    CHECK_EQ(strlen(text), 37);
    CHECK_EQ(text[14], '4');
}

TEST(proc_statm)
{
    long size, resident, shared;
    file_read("/proc/self/statm", text, sizeof text);
    CHECK_EQ(sscanf(text, "%ld %ld %ld", &size, &resident, &shared), 3);
    CHECK(size >= resident && resident > 0);
}

TEST(proc_files_can_be_read_in_small_pieces)
{
    char piece[4096], whole[4096];
    size_t len = file_read("/proc/self/status", whole, sizeof whole), have = 0;
    int fd = (int)OK(open("/proc/self/status", O_RDONLY));
    for (long got; (got = OK(read(fd, piece + have, 7))) > 0;)
        have += (size_t)got;
    /* Only the numbers may have changed meanwhile. */
    CHECK(have + 100 > len && have < len + 100);
    CHECK(!memcmp(piece, whole, 20));
    CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
    CHECK_EQ(read(fd, piece, 5), 5);
    CHECK(!memcmp(piece, "Name:", 5));
}

TEST(proc_errors)
{
    CHECK_ERRNO(open("/proc/999999/stat", O_RDONLY), ENOENT);
    CHECK_ERRNO(open("/proc/self/no_such_file", O_RDONLY), ENOENT);
    CHECK_ERRNO(mkdir("/proc/new", 0755), ENOENT);
    CHECK_ERRNO(open("/proc/new", O_CREAT | O_WRONLY, 0644), ENOENT);
    CHECK_ERRNO(unlink("/proc/self/stat"), EPERM);
    struct stat st;
    OK(stat("/proc/self/stat", &st));
    CHECK_EQ(st.st_size, 0);
    CHECK_EQ(st.st_mode, S_IFREG | 0444);
}

TEST(proc_comm_can_be_written)
{
    char name[16];
    int fd = (int)OK(open("/proc/self/comm", O_WRONLY));
    CHECK_EQ(write(fd, "written", 7), 7);
    OK(prctl(PR_GET_NAME, name));
    CHECK_STR(name, "written");
}

TEST(proc_of_an_ended_process_is_esrch)
{
    char path[64], byte;
    struct gate gate = gate_make();
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        gate_wait(&gate);
        _exit(0);
    }
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    int fd = (int)OK(open(path, O_RDONLY));
    gate_open(&gate);
    child_wait_ok(pid);
    CHECK_ERRNO(read(fd, &byte, 1), ESRCH);
}

/* pidfd_send_signal(2): the directory of a process stands for it; what is in it does not. */
TEST(a_process_directory_takes_signals_as_a_pidfd)
{
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0)
        for (;;)
            pause();
    char path[64];
    snprintf(path, sizeof path, "/proc/%d", pid);
    int dir = (int)OK(open(path, O_DIRECTORY | O_CLOEXEC));
    OK(syscall(SYS_pidfd_send_signal, dir, 0, nullptr, 0));
    OK(syscall(SYS_pidfd_send_signal, dir, SIGTERM, nullptr, 0));
    int status;
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    CHECK_ERRNO(syscall(SYS_pidfd_send_signal, dir, SIGTERM, nullptr, 0), ESRCH);
    int other = (int)OK(open("/proc/self/task", O_DIRECTORY));
    CHECK_ERRNO(syscall(SYS_pidfd_send_signal, other, 0, nullptr, 0), EBADF);
    other = (int)OK(open("/proc", O_DIRECTORY));
    CHECK_ERRNO(syscall(SYS_pidfd_send_signal, other, 0, nullptr, 0), EBADF);
}

static long proc_io_field(const char *name)
{
    char text[512];
    file_read("/proc/self/io", text, sizeof text);
    const char *at = strstr(text, name);
    CHECK(at != nullptr);
    return atol(at + strlen(name));
}

TEST(proc_io_counts_calls_and_bytes)
{
    char bytes[1000] = {};
    int fd = (int)OK(open("f", O_CREAT | O_RDWR, 0644));
    long read_before = proc_io_field("rchar: "), written = proc_io_field("wchar: ");
    long reads = proc_io_field("syscr: "), writes = proc_io_field("syscw: ");
    OK(write(fd, bytes, sizeof bytes));
    OK(pwrite(fd, bytes, 10, 0));
    OK(pread(fd, bytes, 500, 0));
    CHECK_EQ(proc_io_field("wchar: ") - written, 1010);
    CHECK_EQ(proc_io_field("syscw: ") - writes, 2);
    CHECK(proc_io_field("rchar: ") - read_before >= 500);
    CHECK(proc_io_field("syscr: ") - reads >= 1);
}

TEST(proc_children_lists_them)
{
    char path[64], text[64], want[64];
    snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
    file_read(path, text, sizeof text);
    CHECK_STR(text, "");
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0)
        for (;;)
            pause();
    snprintf(want, sizeof want, "%d ", pid);
    file_read(path, text, sizeof text);
    CHECK_STR(text, want);
    OK(kill(pid, SIGKILL));
    OK(waitpid(pid, nullptr, 0));
    file_read(path, text, sizeof text);
    CHECK_STR(text, "");
}

TEST(proc_smaps_rollup_sums_up)
{
    char text[1024];
    file_read("/proc/self/smaps_rollup", text, sizeof text);
    CHECK(strstr(text, "[rollup]\n") != nullptr);
    const char *rss = strstr(text, "\nRss:");
    CHECK(rss != nullptr && atol(rss + 5) > 0);
}

/* A field of the range that begins at ADDRESS, in kB, from smaps. */
static long smaps_field(const void *address, const char *field)
{
    static char text[262144];
    char start[32];
    file_read("/proc/self/smaps", text, sizeof text);
    snprintf(start, sizeof start, "%lx-", (unsigned long)address);
    char *line = strstr(text, start);
    CHECK(line != nullptr);
    line = strstr(line, field);
    CHECK(line != nullptr);
    return strtol(line + strlen(field), nullptr, 10);
}

/* COUNT pages, a range of their own, written to. */
static char *pages_make(size_t count)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *all = mmap(NULL, (count + 2) * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(all != MAP_FAILED);
    char *pages = all + page;
    OK(mprotect(pages, count * page, PROT_READ | PROT_WRITE));
    madvise(pages, count * page, MADV_NOHUGEPAGE);
    memset(pages, 1, count * page);
    return pages;
}

TEST(proc_smaps_divides_pages_among_those_who_have_them)
{
    long all = 64 * sysconf(_SC_PAGESIZE) / 1024;
    struct gate seen = gate_make(), done = gate_make();
    char *pages = pages_make(64);
    CHECK_EQ(smaps_field(pages, "\nRss:"), all);
    CHECK_EQ(smaps_field(pages, "\nPss:"), all);
    CHECK_EQ(smaps_field(pages, "\nPrivate_Dirty:"), all);
    CHECK_EQ(smaps_field(pages, "\nShared_Dirty:"), 0);
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        memset(pages, 2, 16 * (size_t)sysconf(_SC_PAGESIZE));
        gate_open(&seen);
        gate_wait(&done);
        _exit(0);
    }
    gate_wait(&seen);
    CHECK_EQ(smaps_field(pages, "\nRss:"), all);
    CHECK_EQ(smaps_field(pages, "\nPss:"), all / 4 + all * 3 / 8);
    CHECK_EQ(smaps_field(pages, "\nPrivate_Dirty:"), all / 4);
    CHECK_EQ(smaps_field(pages, "\nShared_Dirty:"), all * 3 / 4);
    CHECK_EQ(smaps_field(pages, "\nAnonymous:"), all);
    gate_open(&done);
    child_wait_ok(pid);
    CHECK_EQ(smaps_field(pages, "\nPss:"), all);
}

static uint64_t pagemap_of(int fd, const void *address)
{
    uint64_t entry = 0, page = (uint64_t)sysconf(_SC_PAGESIZE);
    CHECK_EQ(pread(fd, &entry, sizeof entry, (off_t)((uint64_t)address / page * 8)), 8);
    return entry;
}

TEST(proc_pagemap_tells_what_is_present)
{
    constexpr uint64_t present = 1ull << 63, shared = 1ull << 61, alone = 1ull << 56;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *own = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *file = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    char word[8];
    CHECK(own != MAP_FAILED && file != MAP_FAILED);
    madvise(own, 2 * page, MADV_NOHUGEPAGE);
    own[page] = file[0] = 1;
    int fd = (int)OK(open("/proc/self/pagemap", O_RDONLY));
    CHECK_EQ(pagemap_of(fd, own) & (present | shared | alone), 0);
    CHECK_EQ(pagemap_of(fd, own + page) & (present | shared | alone), present | alone);
    CHECK_EQ(pagemap_of(fd, file) & (present | shared), present | shared);
    CHECK_ERRNO(pread(fd, word, 4, 0), EINVAL);
    CHECK_ERRNO(pread(fd, word, 8, 4), EINVAL);
    CHECK_EQ(OK(pread(fd, word, 8, (off_t)1 << 60)), 0);
}

TEST(proc_pagemap_tells_frames_to_the_privileged_only)
{
    char *page = pages_make(1);
    IN_CHILD_AS(1000, 1000)
    {
        OK(prctl(PR_SET_DUMPABLE, 1));
        page[0] = 2;
        int fd = (int)OK(open("/proc/self/pagemap", O_RDONLY));
        uint64_t entry = pagemap_of(fd, page);
        CHECK(entry & 1ull << 63);
        CHECK_EQ(entry & ((1ull << 55) - 1), 0);
    }
}
