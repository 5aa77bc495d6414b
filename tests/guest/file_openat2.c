/* SPDX-License-Identifier: BSD-2-Clause */
/* file_openat2.c - openat2(2), faccessat2(2), fchmodat2(2), pwritev2(2) and calls for one file's
 * pages. */
#include "test.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef SYS_fchmodat2 /* newer than some C libraries */
#define SYS_fchmodat2 452
#endif

static long openat2(int dirfd, const char *name, uint64_t flags, uint64_t mode, uint64_t resolve)
{
    struct open_how how = {.flags = flags, .mode = mode, .resolve = resolve};
    return syscall(SYS_openat2, dirfd, name, &how, sizeof how);
}

TEST(openat2_opens_and_makes)
{
    struct stat st;
    umask(0);
    int fd = (int)OK(openat2(AT_FDCWD, "file", O_CREAT | O_RDWR | O_CLOEXEC, 0640, 0));
    OK(fstat(fd, &st));
    CHECK_EQ(st.st_mode & 07777, 0640);
    CHECK_EQ(OK(fcntl(fd, F_GETFD)), FD_CLOEXEC);
    CHECK_EQ(OK(write(fd, "abc", 3)), 3);
}

TEST(openat2_checks_its_arguments)
{
    struct {
        struct open_how how;
        uint64_t more;
    } big = {.how = {.flags = O_RDONLY}};
    file_make("file", "");
    CHECK_ERRNO(openat2(AT_FDCWD, "file", 1ull << 40, 0, 0), EINVAL);
    CHECK_ERRNO(openat2(AT_FDCWD, "file", O_RDONLY, 0600, 0), EINVAL); /* a mode without O_CREAT */
    CHECK_ERRNO(openat2(AT_FDCWD, "new", O_CREAT, 010000, 0), EINVAL);
    CHECK_ERRNO(openat2(AT_FDCWD, "file", O_RDONLY, 0, 1ull << 50), EINVAL);
    CHECK_ERRNO(openat2(AT_FDCWD, "file", O_RDONLY, 0, RESOLVE_BENEATH | RESOLVE_IN_ROOT), EINVAL);
    CHECK_ERRNO(openat2(AT_FDCWD, "file", O_PATH | O_RDWR, 0, 0), EINVAL);
    CHECK_ERRNO(syscall(SYS_openat2, AT_FDCWD, "file", &big, 8), EINVAL);
    CHECK_ERRNO(syscall(SYS_openat2, AT_FDCWD, "file", &big, 0), EINVAL);
    OK(syscall(SYS_openat2, AT_FDCWD, "file", &big, sizeof big));
    big.more = 1;
    CHECK_ERRNO(syscall(SYS_openat2, AT_FDCWD, "file", &big, sizeof big), E2BIG);
    CHECK_ERRNO(syscall(SYS_openat2, AT_FDCWD, "file", &big, 8192), E2BIG);
    CHECK_ERRNO(syscall(SYS_openat2, AT_FDCWD, "file", nullptr, sizeof big.how), EFAULT);
    CHECK_ERRNO(openat2(-1, "file", O_RDONLY, 0, 0), EBADF);
    CHECK_ERRNO(openat2(AT_FDCWD, "missing", O_RDONLY, 0, 0), ENOENT);
}

static void tree_make(void)
{
    OK(mkdir("root", 0755));
    OK(mkdir("root/sub", 0755));
    file_make("root/file", "inside");
    file_make("file", "outside");
    OK(symlink("../file", "root/up"));
    OK(symlink("/file", "root/top"));
    OK(symlink("file", "root/plain"));
}

TEST(openat2_beneath)
{
    tree_make();
    int root = (int)OK(open("root", O_PATH | O_DIRECTORY));
    OK(openat2(root, "file", O_RDONLY, 0, RESOLVE_BENEATH));
    OK(openat2(root, "sub/../file", O_RDONLY, 0, RESOLVE_BENEATH));
    OK(openat2(root, "plain", O_RDONLY, 0, RESOLVE_BENEATH));
    CHECK_ERRNO(openat2(root, "../file", O_RDONLY, 0, RESOLVE_BENEATH), EXDEV);
    CHECK_ERRNO(openat2(root, "up", O_RDONLY, 0, RESOLVE_BENEATH), EXDEV);
    CHECK_ERRNO(openat2(root, "top", O_RDONLY, 0, RESOLVE_BENEATH), EXDEV);
    CHECK_ERRNO(openat2(root, "/file", O_RDONLY, 0, RESOLVE_BENEATH), EXDEV);
}

TEST(openat2_in_root)
{
    char text[8] = "";
    tree_make();
    int root = (int)OK(open("root", O_PATH | O_DIRECTORY));
    static const char *const names[] = {"/file", "../../file", "up", "top", "sub/../../file"};
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        int fd = (int)OK(openat2(root, names[i], O_RDONLY, 0, RESOLVE_IN_ROOT));
        CHECK_EQ(OK(read(fd, text, sizeof text)), 6);
        CHECK(memcmp(text, "inside", 6) == 0);
    }
}

TEST(openat2_links_and_devices)
{
    tree_make();
    CHECK_ERRNO(openat2(AT_FDCWD, "root/plain", O_RDONLY, 0, RESOLVE_NO_SYMLINKS), ELOOP);
    OK(openat2(AT_FDCWD, "root/file", O_RDONLY, 0, RESOLVE_NO_SYMLINKS));
    CHECK_ERRNO(openat2(AT_FDCWD, "/proc/self/exe", O_RDONLY, 0, RESOLVE_NO_MAGICLINKS), ELOOP);
    OK(openat2(AT_FDCWD, "root/plain", O_RDONLY, 0, RESOLVE_NO_MAGICLINKS));
    CHECK_ERRNO(openat2(AT_FDCWD, "/proc/stat", O_RDONLY, 0, RESOLVE_NO_XDEV), EXDEV);
    int proc = (int)OK(open("/proc", O_PATH));
    OK(openat2(proc, "stat", O_RDONLY, 0, RESOLVE_NO_XDEV));
}

static long accessat(int dirfd, const char *name, int mode, int flags)
{
    return syscall(SYS_faccessat2, dirfd, name, mode, flags);
}

TEST(faccessat2_flags)
{
    file_make_mode("file", "", 0600);
    OK(symlink("missing", "link"));
    OK(accessat(AT_FDCWD, "file", R_OK | W_OK, 0));
    CHECK_ERRNO(accessat(AT_FDCWD, "file", X_OK, AT_EACCESS), EACCES);
    CHECK_ERRNO(accessat(AT_FDCWD, "link", F_OK, 0), ENOENT);
    OK(accessat(AT_FDCWD, "link", F_OK, AT_SYMLINK_NOFOLLOW));
    int fd = (int)OK(open("file", O_RDONLY));
    OK(accessat(fd, "", R_OK, AT_EMPTY_PATH));
    CHECK_ERRNO(accessat(fd, "", R_OK, 0), ENOENT);
    CHECK_ERRNO(accessat(AT_FDCWD, "file", 8, 0), EINVAL);
    CHECK_ERRNO(accessat(AT_FDCWD, "file", R_OK, 0x8000), EINVAL);
    CHECK_ERRNO(accessat(-1, "file", R_OK, 0), EBADF);
    OK(chmod(".", 0755));
    IN_CHILD
    {
        /* access(2) asks for the real user, AT_EACCESS for the effective one. */
        OK(setresuid(99, 0, 0));
        CHECK_ERRNO(accessat(AT_FDCWD, "file", R_OK, 0), EACCES);
        OK(accessat(AT_FDCWD, "file", R_OK, AT_EACCESS));
    }
}

TEST(fchmodat2_flags)
{
    struct stat st;
    file_make_mode("file", "", 0600);
    OK(syscall(SYS_fchmodat2, AT_FDCWD, "file", 0640, 0));
    OK(stat("file", &st));
    CHECK_EQ(st.st_mode & 07777, 0640);
    int fd = (int)OK(open("file", O_PATH));
    OK(syscall(SYS_fchmodat2, fd, "", 0604, AT_EMPTY_PATH));
    OK(stat("file", &st));
    CHECK_EQ(st.st_mode & 07777, 0604);
    OK(symlink("file", "link"));
    CHECK_ERRNO(syscall(SYS_fchmodat2, AT_FDCWD, "link", 0600, AT_SYMLINK_NOFOLLOW), EOPNOTSUPP);
    CHECK_ERRNO(syscall(SYS_fchmodat2, AT_FDCWD, "file", 0600, 0x8000), EINVAL);
    CHECK_ERRNO(syscall(SYS_fchmodat2, AT_FDCWD, "missing", 0600, 0), ENOENT);
    CHECK_ERRNO(syscall(SYS_fchmodat2, fd, "", 0600, 0), ENOENT);
}

TEST(pwritev2_flags)
{
    struct iovec parts[2] = {{"ab", 2}, {"cd", 2}};
    char text[16] = "";
    int fd = (int)OK(open("file", O_CREAT | O_RDWR, 0644));
    CHECK_EQ(OK(pwritev2(fd, parts, 2, 2, 0)), 4);
    CHECK_EQ(OK(lseek(fd, 0, SEEK_CUR)), 0);
    CHECK_EQ(OK(pwritev2(fd, parts, 1, -1, 0)), 2);
    CHECK_EQ(OK(lseek(fd, 0, SEEK_CUR)), 2);
    CHECK_EQ(OK(pwritev2(fd, parts, 2, 0, RWF_APPEND | RWF_DSYNC)), 4);
    CHECK_EQ(OK(pread(fd, text, sizeof text, 0)), 10);
    CHECK_STR(text, "ababcdabcd");
    CHECK_ERRNO(pwritev2(fd, parts, 2, 0, 0x4000000), EOPNOTSUPP);
    CHECK_ERRNO(pwritev2(fd, parts, 2, -2, 0), EINVAL);
    CHECK_ERRNO(pwritev2(-1, parts, 2, 0, 0), EBADF);
    struct gate g = gate_make();
    CHECK_ERRNO(pwritev2(g.fd[1], parts, 2, 0, 0), ESPIPE);
    CHECK_EQ(OK(pwritev2(g.fd[1], parts, 2, -1, 0)), 4);
}

TEST(readahead_is_a_hint)
{
    file_make("file", "text");
    int fd = (int)OK(open("file", O_RDONLY)), out = (int)OK(open("file", O_WRONLY));
    struct gate g = gate_make();
    OK(readahead(fd, 0, 4096));
    CHECK_EQ(OK(lseek(fd, 0, SEEK_CUR)), 0);
    CHECK_ERRNO(readahead(out, 0, 4096), EBADF);
    CHECK_ERRNO(readahead(-1, 0, 4096), EBADF);
    CHECK_ERRNO(readahead(g.fd[0], 0, 4096), EINVAL);
}

TEST(sync_file_range_checks)
{
    struct gate g = gate_make();
    int fd = (int)OK(open("file", O_CREAT | O_RDWR, 0644));
    OK(write(fd, "text", 4));
    OK(sync_file_range(fd, 0, 0,
                       SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE |
                           SYNC_FILE_RANGE_WAIT_AFTER));
    CHECK_ERRNO(sync_file_range(fd, 0, 0, 8), EINVAL);
    CHECK_ERRNO(sync_file_range(fd, -1, 1, 0), EINVAL);
    CHECK_ERRNO(sync_file_range(fd, 1, -2, 0), EINVAL);
    CHECK_ERRNO(sync_file_range(-1, 0, 0, 0), EBADF);
    CHECK_ERRNO(sync_file_range(g.fd[0], 0, 0, 0), ESPIPE);
}

TEST(syncfs_of_a_file)
{
    int fd = (int)OK(open(".", O_RDONLY));
    OK(syncfs(fd));
    CHECK_ERRNO(syncfs(-1), EBADF);
    CHECK_ERRNO(syncfs((int)OK(open(".", O_PATH))), EBADF);
}

TEST(epoll_pwait2_nanoseconds)
{
    struct epoll_event event = {.events = EPOLLIN};
    struct timespec zero = {0, 0}, little = {0, 1000000}, bad = {0, 1000000000};
    struct gate g = gate_make();
    int set = (int)OK(epoll_create1(0));
    uint64_t mask = 0;
    OK(epoll_ctl(set, EPOLL_CTL_ADD, g.fd[0], &event));
    CHECK_EQ(OK(syscall(SYS_epoll_pwait2, set, &event, 1, &zero, nullptr, 8)), 0);
    int64_t before = clock_now_ns();
    CHECK_EQ(OK(syscall(SYS_epoll_pwait2, set, &event, 1, &little, &mask, 8)), 0);
    CHECK(clock_now_ns() - before >= 1000000);
    CHECK_ERRNO(syscall(SYS_epoll_pwait2, set, &event, 1, &bad, nullptr, 8), EINVAL);
    CHECK_ERRNO(syscall(SYS_epoll_pwait2, set, &event, 1, &zero, &mask, 4), EINVAL);
    CHECK_ERRNO(syscall(SYS_epoll_pwait2, set, &event, 0, &zero, nullptr, 8), EINVAL);
    CHECK_ERRNO(syscall(SYS_epoll_pwait2, -1, &event, 1, &zero, nullptr, 8), EBADF);
    gate_open(&g);
    CHECK_EQ(OK(syscall(SYS_epoll_pwait2, set, &event, 1, nullptr, nullptr, 8)), 1);
}
