/* SPDX-License-Identifier: BSD-2-Clause */
/* file_dir.c - mkdir(2), rmdir(2), getdents64(2), chdir(2), getcwd(2), chroot(2). */
#include "test.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

struct dirent_raw {
    uint64_t ino;
    int64_t off;
    unsigned short reclen;
    unsigned char type;
    char name[];
};

TEST(mkdir_makes_an_empty_directory)
{
    struct stat st;
    umask(022);
    OK(mkdir("d", 0777));
    OK(stat("d", &st));
    CHECK(S_ISDIR(st.st_mode));
    CHECK_EQ(st.st_mode & 07777, 0755);
    OK(mkdir("e", 01777));
    OK(stat("e", &st));
    CHECK_EQ(st.st_mode & 07777, 01755);
    OK(mkdir("slash/", 0755));
}

TEST(mkdir_errors)
{
    file_make("f", "");
    OK(mkdir("d", 0755));
    OK(symlink("nowhere", "link"));
    CHECK_ERRNO(mkdir("d", 0755), EEXIST);
    CHECK_ERRNO(mkdir("f", 0755), EEXIST);
    CHECK_ERRNO(mkdir("link", 0755), EEXIST);
    CHECK_ERRNO(mkdir("/", 0755), EEXIST);
    CHECK_ERRNO(mkdir(".", 0755), EEXIST);
    CHECK_ERRNO(mkdir("x/y", 0755), ENOENT);
    CHECK_ERRNO(mkdir("f/y", 0755), ENOTDIR);
    CHECK_ERRNO(mkdir("", 0755), ENOENT);
    CHECK_ERRNO(mkdir("x/.", 0755), ENOENT);
    CHECK_ERRNO(syscall(SYS_mkdir, nullptr, 0755), EFAULT);
    CHECK_ERRNO(mkdirat(999, "x", 0755), EBADF);
}

TEST(rmdir_errors)
{
    file_make("f", "");
    OK(mkdir("d", 0755));
    file_make("d/f", "");
    CHECK_ERRNO(rmdir("d"), ENOTEMPTY);
    CHECK_ERRNO(rmdir("f"), ENOTDIR);
    CHECK_ERRNO(rmdir("missing"), ENOENT);
    CHECK_ERRNO(rmdir("."), EINVAL);
    CHECK_ERRNO(rmdir("d/.."), ENOTEMPTY);
    CHECK_ERRNO(rmdir("/"), EBUSY);
    OK(unlink("d/f"));
    OK(rmdir("d/"));
    CHECK(!path_exists("d"));
}

TEST(rmdir_of_a_link_is_enotdir)
{
    OK(mkdir("d", 0755));
    OK(symlink("d", "link"));
    CHECK_ERRNO(rmdir("link"), ENOTDIR);
    CHECK_ERRNO(unlinkat(AT_FDCWD, "d", 0), EISDIR);
    OK(unlinkat(AT_FDCWD, "d", AT_REMOVEDIR));
    CHECK_ERRNO(unlinkat(AT_FDCWD, "link", 0x4000), EINVAL);
}

TEST(rmdir_of_the_working_directory)
{
    char path[PATH_MAX];
    OK(mkdir("d", 0755));
    OK(chdir("d"));
    OK(rmdir("../d"));
    CHECK(getcwd(path, sizeof path) == nullptr && errno == ENOENT);
    CHECK_ERRNO(open("new", O_CREAT | O_WRONLY, 0644), ENOENT);
    CHECK_ERRNO(mkdir("new", 0755), ENOENT);
    CHECK_ERRNO(syscall(SYS_getcwd, path, sizeof path), ENOENT);
    OK(chdir(".."));
}

TEST(getdents_lists_every_entry_once)
{
    char buffer[512], name[16];
    bool seen[100] = {};
    int dots = 0, total = 0;
    OK(mkdir("d", 0755));
    OK(chdir("d"));
    for (int i = 0; i < 100; i++) {
        snprintf(name, sizeof name, "entry%02d", i);
        file_make(name, "");
    }
    int fd = (int)OK(open(".", O_RDONLY | O_DIRECTORY));
    for (long len; (len = OK(syscall(SYS_getdents64, fd, buffer, sizeof buffer))) > 0;) {
        for (long at = 0; at < len;) {
            struct dirent_raw *entry = (struct dirent_raw *)(buffer + at);
            at += entry->reclen;
            CHECK_EQ(entry->reclen % 8, 0);
            total++;
            if (entry->name[0] == '.') {
                dots++;
                CHECK_EQ(entry->type, DT_DIR);
                continue;
            }
            int number = atoi(entry->name + 5);
            CHECK(!seen[number]);
            seen[number] = true;
            CHECK_EQ(entry->type, DT_REG);
        }
    }
    CHECK_EQ(dots, 2);
    CHECK_EQ(total, 102);
}

TEST(getdents_types_and_inodes)
{
    struct stat st;
    OK(mkdir("d", 0755));
    OK(symlink("x", "l"));
    OK(mkfifo("p", 0644));
    file_make("f", "");
    DIR *dir = opendir(".");
    CHECK(dir);
    for (struct dirent *entry; (entry = readdir(dir));) {
        unsigned char want = DT_REG;
        switch (entry->d_name[0]) {
        case 'd': want = DT_DIR; break;
        case 'l': want = DT_LNK; break;
        case 'p': want = DT_FIFO; break;
        case '.': continue;
        }
        CHECK_EQ(entry->d_type, want);
        OK(lstat(entry->d_name, &st));
        CHECK_EQ(entry->d_ino, st.st_ino);
    }
    closedir(dir);
}

TEST(getdents_errors)
{
    char buffer[512];
    file_make("f", "");
    int file = (int)OK(open("f", O_RDONLY));
    int dir = (int)OK(open(".", O_RDONLY));
    CHECK_ERRNO(syscall(SYS_getdents64, file, buffer, sizeof buffer), ENOTDIR);
    CHECK_ERRNO(syscall(SYS_getdents64, 999, buffer, sizeof buffer), EBADF);
    CHECK_ERRNO(syscall(SYS_getdents64, dir, buffer, 8), EINVAL);
    CHECK_ERRNO(syscall(SYS_getdents64, dir, nullptr, 512), EFAULT);
    OK(mkdir("gone", 0755));
    int gone = (int)OK(open("gone", O_RDONLY));
    OK(rmdir("gone"));
    CHECK_ERRNO(syscall(SYS_getdents64, gone, buffer, sizeof buffer), ENOENT);
}

TEST(getdents_rewind_and_seek)
{
    int count = 0, again = 0;
    for (int i = 0; i < 10; i++) {
        char name[8] = {(char)('a' + i)};
        file_make(name, "");
    }
    DIR *dir = opendir(".");
    CHECK(dir);
    while (readdir(dir))
        count++;
    rewinddir(dir);
    CHECK(readdir(dir) && readdir(dir) && readdir(dir));
    long place = telldir(dir);
    char next[NAME_MAX + 1];
    strcpy(next, readdir(dir)->d_name);
    seekdir(dir, place);
    CHECK_STR(readdir(dir)->d_name, next);
    rewinddir(dir);
    while (readdir(dir))
        again++;
    CHECK_EQ(count, 12);
    CHECK_EQ(again, 12);
}

TEST(unlink_while_reading_a_directory)
{
    char name[16];
    int left = 0;
    OK(mkdir("d", 0755));
    OK(chdir("d"));
    for (int i = 0; i < 300; i++) {
        snprintf(name, sizeof name, "file%03d", i);
        file_make(name, "");
    }
    DIR *dir = opendir(".");
    CHECK(dir);
    for (struct dirent *entry; (entry = readdir(dir));)
        if (entry->d_name[0] == 'f')
            OK(unlink(entry->d_name));
    rewinddir(dir);
    while (readdir(dir))
        left++;
    CHECK_EQ(left, 2);
    OK(chdir(".."));
    OK(rmdir("d"));
}

TEST(chdir_and_getcwd)
{
    char base[PATH_MAX], want[PATH_MAX + 8], got[PATH_MAX];
    CHECK(getcwd(base, sizeof base));
    CHECK_EQ(base[0], '/');
    OK(mkdir("d", 0755));
    OK(mkdir("d/e", 0755));
    OK(chdir("d/e"));
    snprintf(want, sizeof want, "%s/d/e", base);
    CHECK(getcwd(got, sizeof got));
    CHECK_STR(got, want);
    CHECK_EQ(syscall(SYS_getcwd, got, sizeof got), strlen(want) + 1);
    OK(chdir("../.."));
    CHECK(getcwd(got, sizeof got));
    CHECK_STR(got, base);
    OK(chdir("/"));
    CHECK(getcwd(got, sizeof got));
    CHECK_STR(got, "/");
}

TEST(getcwd_follows_a_rename)
{
    char base[PATH_MAX], want[PATH_MAX + 8], got[PATH_MAX];
    CHECK(getcwd(base, sizeof base));
    OK(mkdir("old", 0755));
    OK(chdir("old"));
    OK(rename("../old", "../new"));
    snprintf(want, sizeof want, "%s/new", base);
    CHECK(getcwd(got, sizeof got));
    CHECK_STR(got, want);
}

TEST(getcwd_errors)
{
    char tiny[2];
    OK(mkdir("d", 0755));
    OK(chdir("d"));
    CHECK_ERRNO(syscall(SYS_getcwd, tiny, 2), ERANGE);
    CHECK_ERRNO(syscall(SYS_getcwd, nullptr, 4096), EFAULT);
}

TEST(chdir_errors)
{
    file_make("f", "");
    CHECK_ERRNO(chdir("missing"), ENOENT);
    CHECK_ERRNO(chdir("f"), ENOTDIR);
    CHECK_ERRNO(chdir(""), ENOENT);
    CHECK_ERRNO(syscall(SYS_chdir, nullptr), EFAULT);
    int fd = (int)OK(open("f", O_RDONLY));
    CHECK_ERRNO(fchdir(fd), ENOTDIR);
    CHECK_ERRNO(fchdir(999), EBADF);
    OK(mkdir("closed", 0600));
    IN_CHILD_AS(1000, 1000)
    {
        CHECK_ERRNO(chdir("closed"), EACCES);
    }
}

TEST(chdir_is_per_process)
{
    char before[PATH_MAX], after[PATH_MAX];
    CHECK(getcwd(before, sizeof before));
    IN_CHILD
    {
        OK(chdir("/"));
    }
    CHECK(getcwd(after, sizeof after));
    CHECK_STR(after, before);
}

TEST(fchdir_goes_back)
{
    struct stat before, after;
    int here = (int)OK(open(".", O_RDONLY));
    OK(stat(".", &before));
    OK(chdir("/"));
    OK(fchdir(here));
    OK(stat(".", &after));
    CHECK_EQ(before.st_ino, after.st_ino);
}

TEST(chroot_moves_the_root)
{
    OK(mkdir("jail", 0755));
    file_make("jail/inside", "jailed");
    file_make("outside", "");
    IN_CHILD
    {
        char path[PATH_MAX];
        OK(chroot("jail"));
        OK(chdir("/"));
        CHECK(getcwd(path, sizeof path));
        CHECK_STR(path, "/");
        file_expect("/inside", "jailed");
        CHECK(!path_exists("/../outside"));
        CHECK(!path_exists("/tmp"));
        OK(symlink("/inside", "/link"));
        file_expect("link", "jailed");
    }
    CHECK(path_exists("/tmp"));
}

TEST(chroot_errors)
{
    file_make("f", "");
    CHECK_ERRNO(chroot("missing"), ENOENT);
    CHECK_ERRNO(chroot("f"), ENOTDIR);
    IN_CHILD_AS(1000, 1000)
    {
        CHECK_ERRNO(chroot("."), EPERM);
    }
}

TEST(directory_tree_is_deep)
{
    for (int i = 0; i < 200; i++) {
        OK(mkdir("deeper", 0755));
        OK(chdir("deeper"));
    }
    char path[8192];
    CHECK(syscall(SYS_getcwd, path, sizeof path) > 1400);
    for (int i = 0; i < 200; i++) {
        OK(chdir(".."));
        OK(rmdir("deeper"));
    }
}

TEST(directory_of_2000_entries)
{
    char name[16];
    struct stat st;
    int count = 0;
    OK(mkdir("d", 0755));
    OK(chdir("d"));
    for (int i = 0; i < 2000; i++) {
        snprintf(name, sizeof name, "n%d", i);
        OK(close((int)OK(open(name, O_CREAT | O_WRONLY, 0644))));
    }
    OK(stat("n1999", &st));
    CHECK_ERRNO(stat("n2000", &st), ENOENT);
    DIR *dir = opendir(".");
    CHECK(dir);
    while (readdir(dir))
        count++;
    closedir(dir);
    CHECK_EQ(count, 2002);
    for (int i = 0; i < 2000; i++) {
        snprintf(name, sizeof name, "n%d", i);
        OK(unlink(name));
    }
    OK(rmdir("../d"));
}
