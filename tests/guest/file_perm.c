/* SPDX-License-Identifier: BSD-2-Clause */
/* file_perm.c - who may do what: modes, owners, sticky and set-group-id directories. */
#include "test.h"

#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static void owned_file(const char *path, unsigned mode, uid_t uid, gid_t gid)
{
    file_make(path, "text");
    OK(chown(path, uid, gid));
    OK(chmod(path, mode));
}

TEST(perm_owner_bits)
{
    owned_file("f", 0400, 1000, 1000);
    IN_CHILD_AS(1000, 1000)
    {
        OK(open("f", O_RDONLY));
        CHECK_ERRNO(open("f", O_WRONLY), EACCES);
        CHECK_ERRNO(open("f", O_RDWR), EACCES);
        CHECK_ERRNO(truncate("f", 0), EACCES);
    }
}

TEST(perm_group_bits)
{
    owned_file("f", 0040, 2000, 3000);
    IN_CHILD_AS(1000, 3000)
    {
        OK(open("f", O_RDONLY));
        CHECK_ERRNO(open("f", O_WRONLY), EACCES);
    }
    IN_CHILD_AS(1000, 1000)
    {
        CHECK_ERRNO(open("f", O_RDONLY), EACCES);
    }
}

TEST(perm_supplementary_groups_count)
{
    gid_t groups[2] = {3000, 4000};
    owned_file("f", 0060, 2000, 4000);
    IN_CHILD
    {
        OK(setgroups(2, groups));
        OK(setresgid(1000, 1000, 1000));
        OK(setresuid(1000, 1000, 1000));
        OK(open("f", O_RDWR));
    }
}

TEST(perm_other_bits)
{
    owned_file("f", 0006, 2000, 2000);
    IN_CHILD_AS(1000, 1000)
    {
        OK(open("f", O_RDWR));
    }
}

TEST(perm_first_match_decides)
{
    /* The owner is judged by the owner's bits alone, however open the others are. */
    owned_file("f", 0077, 1000, 1000);
    IN_CHILD_AS(1000, 1000)
    {
        CHECK_ERRNO(open("f", O_RDONLY), EACCES);
    }
    owned_file("g", 0707, 2000, 1000);
    IN_CHILD_AS(1000, 1000)
    {
        CHECK_ERRNO(open("g", O_RDONLY), EACCES);
    }
}

TEST(perm_root_may_read_and_write_all)
{
    owned_file("f", 0000, 1000, 1000);
    OK(open("f", O_RDWR));
    OK(mkdir("d", 0000));
    file_make("d/f", "");
    OK(unlink("d/f"));
}

TEST(perm_directory_needs_search)
{
    OK(mkdir("d", 0755));
    file_make("d/f", "");
    OK(chmod("d", 0744));
    IN_CHILD_AS(1000, 1000)
    {
        struct stat st;
        /* Names may be listed, but nothing reached. */
        OK(open("d", O_RDONLY));
        CHECK_ERRNO(stat("d/f", &st), EACCES);
        CHECK_ERRNO(stat("d/missing", &st), EACCES);
        CHECK_ERRNO(chdir("d"), EACCES);
    }
    OK(chmod("d", 0711));
    IN_CHILD_AS(1000, 1000)
    {
        struct stat st;
        CHECK_ERRNO(open("d", O_RDONLY), EACCES);
        OK(stat("d/f", &st));
        OK(chdir("d"));
    }
}

TEST(perm_changing_a_directory_needs_write)
{
    OK(mkdir("d", 0755));
    file_make("d/f", "");
    file_make("d/g", "");
    IN_CHILD_AS(1000, 1000)
    {
        CHECK_ERRNO(unlink("d/f"), EACCES);
        CHECK_ERRNO(open("d/new", O_CREAT | O_WRONLY, 0644), EACCES);
        CHECK_ERRNO(mkdir("d/new", 0755), EACCES);
        CHECK_ERRNO(rename("d/f", "d/h"), EACCES);
        CHECK_ERRNO(symlink("x", "d/new"), EACCES);
        CHECK_ERRNO(mkfifo("d/new", 0644), EACCES);
        /* What exists is told first. */
        CHECK_ERRNO(mkdir("d/f", 0755), EEXIST);
        CHECK_ERRNO(open("d/f", O_CREAT | O_EXCL | O_WRONLY, 0644), EEXIST);
    }
}

TEST(perm_of_an_open_file_is_not_checked_again)
{
    owned_file("f", 0600, 1000, 1000);
    IN_CHILD_AS(1000, 1000)
    {
        char byte;
        int fd = (int)OK(open("f", O_RDWR));
        OK(chmod("f", 0));
        CHECK_EQ(read(fd, &byte, 1), 1);
        CHECK_EQ(write(fd, "x", 1), 1);
        CHECK_ERRNO(open("f", O_RDONLY), EACCES);
    }
}

TEST(sticky_directory_protects_names)
{
    OK(mkdir("d", 0777));
    OK(chmod("d", 01777));
    owned_file("d/theirs", 0666, 2000, 2000);
    owned_file("d/mine", 0666, 1000, 1000);
    IN_CHILD_AS(1000, 1000)
    {
        CHECK_ERRNO(unlink("d/theirs"), EPERM);
        CHECK_ERRNO(rename("d/theirs", "d/x"), EPERM);
        CHECK_ERRNO(rename("d/mine", "d/theirs"), EPERM);
        OK(rename("d/mine", "d/renamed"));
        OK(unlink("d/renamed"));
    }
    OK(chown("d", 1000, 1000));
    IN_CHILD_AS(1000, 1000)
    {
        OK(unlink("d/theirs"));
    }
}

TEST(set_group_id_directory_gives_its_group)
{
    struct stat st;
    OK(mkdir("d", 0777));
    OK(chown("d", 0, 3000));
    OK(chmod("d", 02777));
    file_make("d/f", "");
    OK(stat("d/f", &st));
    CHECK_EQ(st.st_gid, 3000);
    OK(mkdir("d/e", 0755));
    OK(stat("d/e", &st));
    CHECK_EQ(st.st_gid, 3000);
    CHECK_EQ(st.st_mode & 07777, 02755);
    IN_CHILD_AS(1000, 1000)
    {
        OK(open("d/by_user", O_CREAT | O_WRONLY, 0644));
        OK(stat("d/by_user", &st));
        CHECK_EQ(st.st_uid, 1000);
        CHECK_EQ(st.st_gid, 3000);
    }
}

TEST(new_files_belong_to_the_effective_ids)
{
    struct stat st;
    OK(chmod(".", 0777));
    IN_CHILD
    {
        OK(setresgid(0, 3000, 0));
        OK(setresuid(0, 2000, 0));
        OK(open("f", O_CREAT | O_WRONLY, 0644));
        OK(mkdir("d", 0755));
        OK(symlink("x", "l"));
    }
    OK(lstat("f", &st));
    CHECK(st.st_uid == 2000 && st.st_gid == 3000);
    OK(lstat("d", &st));
    CHECK(st.st_uid == 2000 && st.st_gid == 3000);
    OK(lstat("l", &st));
    CHECK(st.st_uid == 2000 && st.st_gid == 3000);
}

TEST(write_by_others_drops_set_id_bits)
{
    struct stat st;
    owned_file("f", 06777, 0, 0);
    IN_CHILD_AS(1000, 1000)
    {
        int fd = (int)OK(open("f", O_WRONLY));
        CHECK_EQ(write(fd, "x", 1), 1);
    }
    OK(stat("f", &st));
    CHECK_EQ(st.st_mode & 07777, 0777);
}

TEST(fsuid_is_what_files_are_judged_by)
{
    owned_file("f", 0600, 2000, 2000);
    IN_CHILD
    {
        OK(setresuid(1000, 1000, 0));
        CHECK_ERRNO(open("f", O_RDONLY), EACCES);
        OK(setresuid(-1, 0, -1));
        OK(open("f", O_RDONLY));
        OK(setresuid(-1, 2000, -1));
        OK(open("f", O_RDONLY));
    }
}

TEST(link_to_anothers_file)
{
    owned_file("f", 0600, 0, 0);
    OK(chmod(".", 0777));
    IN_CHILD_AS(1000, 1000)
    {
        /* Allowed by POSIX, refused where protected_hardlinks is set. */
        long r = link("f", "mine");
        CHECK(r == 0 || errno == EPERM);
    }
}
