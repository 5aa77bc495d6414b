/* SPDX-License-Identifier: BSD-2-Clause */
/* proc_system.c - the auxiliary vector, uname(2), sysinfo(2), getrandom(2), host name. */
#include "test.h"

#include <elf.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

TEST(auxv_is_complete)
{
    CHECK_EQ(getauxval(AT_PAGESZ), 4096);
    CHECK_EQ(getauxval(AT_CLKTCK), 100);
    CHECK_EQ(getauxval(AT_UID), getuid());
    CHECK_EQ(getauxval(AT_EUID), geteuid());
    CHECK_EQ(getauxval(AT_GID), getgid());
    CHECK_EQ(getauxval(AT_EGID), getegid());
    CHECK_EQ(getauxval(AT_SECURE), 0);
    CHECK_EQ(getauxval(AT_PHENT), sizeof(Elf64_Phdr));
    CHECK(getauxval(AT_PHNUM) > 0);
    CHECK(getauxval(AT_ENTRY) != 0);
    CHECK(getauxval(AT_HWCAP) != 0);
    CHECK(getauxval(AT_SYSINFO_EHDR) != 0);
    CHECK(getauxval(AT_MINSIGSTKSZ) >= 1024);
    CHECK_STR((const char *)getauxval(AT_PLATFORM), "x86_64");
    CHECK_EQ(getauxval(AT_FLAGS), 0);
    CHECK_EQ(getauxval(AT_BASE), 0);
}

TEST(auxv_program_headers_are_ours)
{
    extern const Elf64_Ehdr __ehdr_start;
    const Elf64_Phdr *segments = (const Elf64_Phdr *)getauxval(AT_PHDR);
    CHECK((const char *)segments == (const char *)&__ehdr_start + __ehdr_start.e_phoff);
    CHECK_EQ(getauxval(AT_PHNUM), __ehdr_start.e_phnum);
    CHECK_EQ(getauxval(AT_ENTRY), __ehdr_start.e_entry);
}

HELPER(writes_random)
{
    CHECK_EQ(write(1, (const void *)getauxval(AT_RANDOM), 16), 16);
    return 0;
}

TEST(auxv_random_differs_per_program)
{
    char bytes[2][16];
    for (int i = 0; i < 2; i++) {
        int p[2];
        OK(pipe(p));
        pid_t pid = (pid_t)OK(fork());
        if (pid == 0) {
            char *argv[] = {"t", "--helper=writes_random", nullptr};
            OK(dup2(p[1], 1));
            execv(self_path, argv);
            _exit(126);
        }
        child_wait_ok(pid);
        CHECK_EQ(read(p[0], bytes[i], 16), 16);
    }
    CHECK(memcmp(bytes[0], bytes[1], 16) != 0);
}

HELPER(execfn_is)
{
    CHECK_STR((const char *)getauxval(AT_EXECFN), argv[2]);
    return 0;
}

TEST(auxv_execfn_is_the_path_as_given)
{
    OK(symlink(self_path, "link"));
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        char *argv[] = {"t", "--helper=execfn_is", "./link", nullptr};
        execv("./link", argv);
        _exit(126);
    }
    child_wait_ok(pid);
}

HELPER(stack_is_aligned)
{
    /* argc lies at the initial stack pointer, right below the argument vector. */
    CHECK_EQ(((uintptr_t)argv - 8) % 16, 0);
    CHECK_EQ(((long *)argv)[-1], argc);
    CHECK(argv[argc] == nullptr);
    return 0;
}

TEST(initial_stack_is_aligned)
{
    CHECK_EQ(helper_run("stack_is_aligned", nullptr, nullptr, nullptr), 0);
    CHECK_EQ(helper_run("stack_is_aligned", "x", nullptr, nullptr), 0);
    CHECK_EQ(helper_run("stack_is_aligned", "x", "yy", nullptr), 0);
    CHECK_EQ(helper_run("stack_is_aligned", "x", "yy", "zzz"), 0);
}

HELPER(secure_is)
{
    return getauxval(AT_SECURE) == (unsigned long)atol(argv[2]) ? 0 : 1;
}

TEST(auxv_secure_is_zero_for_plain_programs)
{
    CHECK_EQ(helper_run("secure_is", "0", nullptr, nullptr), 0);
}

TEST(uname_fields)
{
    struct utsname name;
    memset(&name, 0xff, sizeof name);
    OK(uname(&name));
    CHECK_STR(name.sysname, "Linux");
    CHECK(strlen(name.release) >= 3);
    CHECK(atoi(name.release) >= 5);
    CHECK_STR(name.machine, "x86_64");
    CHECK(strnlen(name.domainname, 65) < 65);
}

TEST(hostname_can_be_read_and_not_set_by_others)
{
    char name[65];
    struct utsname un;
    OK(uname(&un));
    OK(gethostname(name, sizeof name));
    CHECK_STR(name, un.nodename);
    IN_CHILD_AS(1000, 1000)
    {
        CHECK_ERRNO(sethostname("other", 5), EPERM);
        CHECK_ERRNO(setdomainname("other", 5), EPERM);
    }
    CHECK_ERRNO(sethostname(name, 65), EINVAL);
}

TEST(sysinfo_fields)
{
    struct sysinfo info;
    memset(&info, 0xff, sizeof info);
    OK(sysinfo(&info));
    CHECK(info.uptime >= 0);
    CHECK(info.totalram > 0 && info.freeram <= info.totalram);
    CHECK(info.procs >= 1);
    CHECK(info.mem_unit >= 1);
    CHECK(sysconf(_SC_NPROCESSORS_ONLN) >= 1);
    CHECK(sysconf(_SC_PHYS_PAGES) > 0);
}

TEST(getrandom_fills_and_differs)
{
    unsigned char a[256] = {}, b[256] = {};
    CHECK_EQ(getrandom(a, sizeof a, 0), sizeof a);
    CHECK_EQ(getrandom(b, sizeof b, GRND_RANDOM | GRND_NONBLOCK), sizeof b);
    CHECK(memcmp(a, b, sizeof a) != 0);
    int distinct = 0;
    bool seen[256] = {};
    for (int i = 0; i < 256; i++) {
        distinct += !seen[a[i]];
        seen[a[i]] = true;
    }
    CHECK(distinct > 100);
    CHECK_EQ(getrandom(a, 0, 0), 0);
    CHECK_ERRNO(getrandom(a, 16, 0x100), EINVAL);
    CHECK_ERRNO(syscall(SYS_getrandom, 8L, 16, 0), EFAULT);
}

TEST(getrandom_differs_after_fork)
{
    unsigned char mine[16], theirs[16];
    int p[2];
    OK(pipe(p));
    IN_CHILD
    {
        CHECK_EQ(getrandom(theirs, 16, 0), 16);
        CHECK_EQ(write(p[1], theirs, 16), 16);
    }
    CHECK_EQ(getrandom(mine, 16, 0), 16);
    CHECK_EQ(read(p[0], theirs, 16), 16);
    CHECK(memcmp(mine, theirs, 16) != 0);
}

TEST(unknown_call_is_enosys)
{
    CHECK_ERRNO(syscall(9999), ENOSYS);
    CHECK_ERRNO(syscall(-1L), ENOSYS);
    CHECK_ERRNO(syscall(0x7fffffff), ENOSYS);
    CHECK_ERRNO(syscall(SYS_create_module), ENOSYS);
}

TEST(arch_prctl_fs_base)
{
    unsigned long base = 0;
    OK(syscall(SYS_arch_prctl, 0x1003 /* ARCH_GET_FS */, &base));
    CHECK(base != 0);
    unsigned long word;
    asm volatile("mov %%fs:0, %0" : "=r"(word));
    CHECK_EQ(word, base);
    CHECK_ERRNO(syscall(SYS_arch_prctl, 0x9999, 0), EINVAL);
    CHECK_ERRNO(syscall(SYS_arch_prctl, 0x1002 /* ARCH_SET_FS */, 0xffff800000000000UL), EPERM);
    CHECK_ERRNO(syscall(SYS_arch_prctl, 0x1003, 8L), EFAULT);
}

TEST(arch_prctl_gs_base)
{
    static unsigned long area[4] = {0x1234, 0x5678};
    IN_CHILD
    {
        unsigned long word, base = 0;
        OK(syscall(SYS_arch_prctl, 0x1001 /* ARCH_SET_GS */, area));
        for (int i = 0; i < 100; i++) {
            asm volatile("mov %%gs:8, %0" : "=r"(word));
            CHECK_EQ(word, 0x5678);
            CHECK(getppid() > 0);
        }
        OK(syscall(SYS_arch_prctl, 0x1004 /* ARCH_GET_GS */, &base));
        CHECK_EQ(base, (unsigned long)area);
        sleep_ms(2);
        asm volatile("mov %%gs:0, %0" : "=r"(word));
        CHECK_EQ(word, 0x1234);
    }
}

/* The sum over all CPUs of the line that begins with ID in /proc/interrupts; -1: there is none. */
static long interrupts_of(const char *id)
{
    static char text[262144];
    file_read("/proc/interrupts", text, sizeof text);
    char *p = strstr(text, id);
    if (!p)
        return -1;
    long sum = 0;
    for (p += strlen(id); *p == ' ' || (*p >= '0' && *p <= '9');) {
        char *end;
        sum += strtol(p, &end, 10);
        if (end == p)
            break;
        p = end;
    }
    return sum;
}

TEST(proc_interrupts_counts_the_timer)
{
    char text[64];
    long before = interrupts_of("LOC:");
    FILE *file = fopen("/proc/interrupts", "r");
    CHECK(file && fgets(text, sizeof text, file));
    CHECK(strstr(text, "CPU0") != nullptr);
    CHECK_EQ(fclose(file), 0);
    CHECK(before >= 0);
    while (interrupts_of("LOC:") <= before)
        sleep_ms(1);
}
