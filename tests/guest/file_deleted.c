/* SPDX-License-Identifier: BSD-2-Clause */
/* file_deleted.c - directories that are gone while somebody stands in them, and files that are
 * replaced while they are open. */
#include "test.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Stand in a directory without a name. */
static void cwd_delete(void)
{
    OK(mkdir("gone", 0755));
    OK(chdir("gone"));
    OK(rmdir("../gone"));
}

TEST(deleted_cwd_has_no_path)
{
    char text[4096], link[4096];
    cwd_delete();
    CHECK_ERRNO(syscall(SYS_getcwd, text, sizeof text), ENOENT);
    ssize_t n = OK(readlink("/proc/self/cwd", link, sizeof link - 1));
    link[n] = '\0';
    CHECK_STR(link + n - strlen("/gone (deleted)"), "/gone (deleted)");
}

TEST(deleted_cwd_takes_nothing_new)
{
    file_make("file", "text");
    cwd_delete();
    CHECK_ERRNO(open("x", O_CREAT | O_WRONLY, 0644), ENOENT);
    CHECK_ERRNO(mkdir("x", 0755), ENOENT);
    CHECK_ERRNO(symlink("to", "x"), ENOENT);
    CHECK_ERRNO(mknod("x", S_IFIFO | 0644, 0), ENOENT);
    CHECK_ERRNO(link("../file", "x"), ENOENT);
    CHECK_ERRNO(rename("../file", "x"), ENOENT);
    CHECK_ERRNO(execl("./x", "x", nullptr), ENOENT);
    file_expect("../file", "text");
}

TEST(deleted_cwd_is_still_a_directory)
{
    struct stat here;
    cwd_delete();
    OK(stat(".", &here));
    CHECK(S_ISDIR(here.st_mode));
    CHECK_EQ(here.st_nlink, 0);
    OK(access(".", R_OK | X_OK));
    OK(chmod(".", 0700));
    OK(open(".", O_RDONLY | O_DIRECTORY));
    OK(chdir("."));
    CHECK_ERRNO(rmdir("."), EINVAL);
    CHECK_ERRNO(rmdir("../gone"), ENOENT);
    IN_CHILD
    {
        CHECK_ERRNO(stat("x", &here), ENOENT);
    }
    OK(chdir(".."));
    OK(mkdir("gone", 0755));
}

TEST(deleted_directory_has_no_entries_to_read)
{
    char room[512];
    OK(mkdir("d", 0755));
    int before = (int)OK(open("d", O_RDONLY | O_DIRECTORY));
    OK(rmdir("d"));
    CHECK_ERRNO(syscall(SYS_getdents64, before, room, sizeof room), ENOENT);
    OK(lseek(before, 0, SEEK_SET));
    CHECK_ERRNO(syscall(SYS_getdents64, before, room, sizeof room), ENOENT);
}

TEST(rename_over_a_directory_deletes_it_for_those_inside)
{
    struct stat st;
    OK(mkdir("new", 0755));
    file_make("new/f", "text");
    OK(mkdir("old", 0755));
    int inside = (int)OK(open("old", O_RDONLY | O_DIRECTORY));
    OK(rename("new", "old"));
    file_expect("old/f", "text");
    CHECK_ERRNO(fstatat(inside, "f", &st, 0), ENOENT);
    CHECK_ERRNO(openat(inside, "g", O_CREAT | O_WRONLY, 0644), ENOENT);
    OK(fstat(inside, &st));
    CHECK_EQ(st.st_nlink, 0);
    OK(fchdir(inside));
    CHECK_ERRNO(rename("../old/f", "f"), ENOENT);
}

TEST(rename_over_an_open_file_leaves_it_to_its_users)
{
    char text[8] = {};
    struct stat st, after;
    file_make("old", "first");
    file_make("new", "second");
    int fd = (int)OK(open("old", O_RDWR));
    char *map = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK(map != MAP_FAILED);
    OK(stat("new", &st));
    OK(rename("new", "old"));
    OK(stat("old", &after));
    CHECK_EQ(after.st_ino, st.st_ino);
    OK(fstat(fd, &st));
    CHECK_EQ(st.st_nlink, 0);
    map[0] = 'F';
    CHECK_EQ(pread(fd, text, 5, 0), 5);
    CHECK_STR(text, "First");
    CHECK_EQ(pwrite(fd, "!", 1, 5), 1);
    CHECK_EQ(map[5], '!');
    file_expect("old", "second");
    ssize_t n = OK(readlink("/proc/self/fd/0", text, sizeof text));
    CHECK(n > 0);
}

TEST(rename_over_one_of_two_names_keeps_the_other)
{
    struct stat st;
    file_make("a", "kept");
    OK(link("a", "b"));
    int fd = (int)OK(open("a", O_RDONLY));
    file_make("new", "new");
    OK(rename("new", "a"));
    OK(fstat(fd, &st));
    CHECK_EQ(st.st_nlink, 1);
    file_expect("a", "new");
    file_expect("b", "kept");
}

TEST(deleted_file_gets_its_name_back_only_from_otmpfile)
{
    char path[64];
    int fd = (int)OK(open("f", O_CREAT | O_RDWR, 0644));
    OK(unlink("f"));
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    CHECK_ERRNO(linkat(AT_FDCWD, path, AT_FDCWD, "g", AT_SYMLINK_FOLLOW), ENOENT);
    CHECK_ERRNO(linkat(fd, "", AT_FDCWD, "g", AT_EMPTY_PATH), ENOENT);
    /* Opened anew it is the same file, with a position of its own. */
    CHECK_EQ(write(fd, "text", 4), 4);
    int again = (int)OK(open(path, O_RDONLY));
    char text[8] = {};
    CHECK_EQ(read(again, text, 8), 4);
    CHECK_STR(text, "text");
}
