/* SPDX-License-Identifier: BSD-2-Clause */
/* misc_old.c - ustat(2), remap_file_pages(2), iopl(2), ioperm(2), file handles: what few
 * programs ask. */
#include "test.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

TEST(ustat_of_a_device)
{
    struct {
        int32_t free_blocks;
        unsigned long free_inodes;
        char names[12];
    } u = {.free_blocks = -1, .names = "x"};
    struct stat st;
    OK(stat(".", &st));
    if (syscall(SYS_ustat, st.st_dev, &u) == -1 && errno == ENOSYS)
        test_skip("this kernel has no ustat");
    CHECK(u.free_blocks > 0);
    CHECK_EQ(u.names[0], 0);
    CHECK_ERRNO(syscall(SYS_ustat, 0xfffffff, &u), EINVAL);
    CHECK_ERRNO(syscall(SYS_ustat, st.st_dev, nullptr), EFAULT);
}

TEST(remap_file_pages_moves_the_view)
{
    static char text[3 * 4096];
    int fd = (int)OK(open("file", O_CREAT | O_RDWR, 0644));
    for (int i = 0; i < 3; i++)
        text[i * 4096] = (char)('a' + i);
    OK(write(fd, text, sizeof text));
    char *at = mmap(nullptr, 3 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK(at != MAP_FAILED);
    OK(syscall(SYS_remap_file_pages, at, 4096, 0, 2, 0));
    CHECK_EQ(at[0], 'c');
    CHECK_EQ(at[4096], 'b');
    at[1] = 'x';
    CHECK_EQ(at[2 * 4096 + 1], 'x');
    CHECK_ERRNO(syscall(SYS_remap_file_pages, at, 4096, PROT_READ, 1, 0), EINVAL);
    CHECK_ERRNO(syscall(SYS_remap_file_pages, at, 0, 0, 1, 0), EINVAL);
    char *own = mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
    CHECK_ERRNO(syscall(SYS_remap_file_pages, own, 4096, 0, 1, 0), EINVAL);
}

TEST(ports_are_refused)
{
    IN_CHILD_AS(99, 99)
    {
        if (syscall(SYS_ioperm, 0x80, 1, 1) == -1 && errno == ENOSYS)
            _exit(0); /* a kernel without */
        CHECK_ERRNO(syscall(SYS_ioperm, 0x80, 1, 1), EPERM);
        CHECK_ERRNO(syscall(SYS_ioperm, 0x80, 0, 1), EINVAL);
        CHECK_ERRNO(syscall(SYS_ioperm, 65535, 2, 1), EINVAL);
        OK(syscall(SYS_ioperm, 0x80, 1, 0));
        CHECK_ERRNO(syscall(SYS_iopl, 3), EPERM);
        CHECK_ERRNO(syscall(SYS_iopl, 4), EINVAL);
        OK(syscall(SYS_iopl, 0));
    }
}

TEST(handles_of_files)
{
    struct {
        struct file_handle head;
        char bytes[128];
    } h = {.head.handle_bytes = 128};
    int id, here = (int)OK(open(".", O_RDONLY));
    /* procfs has none on Linux either. */
    CHECK_ERRNO(name_to_handle_at(AT_FDCWD, "/proc/self/stat", &h.head, &id, 0), EOPNOTSUPP);
    CHECK_ERRNO(name_to_handle_at(AT_FDCWD, "missing", &h.head, &id, 0), ENOENT);
    CHECK_ERRNO(name_to_handle_at(AT_FDCWD, ".", &h.head, &id, 0x8000), EINVAL);
    CHECK_ERRNO(name_to_handle_at(-1, "x", &h.head, &id, 0), EBADF);
    CHECK_ERRNO(name_to_handle_at(here, "", &h.head, &id, 0), ENOENT);
    CHECK_ERRNO(name_to_handle_at(AT_FDCWD, ".", nullptr, &id, 0), EFAULT);
    h.head.handle_bytes = 4096;
    CHECK_ERRNO(name_to_handle_at(AT_FDCWD, ".", &h.head, &id, 0), EINVAL);
    CHECK_ERRNO(open_by_handle_at(here, &h.head, O_RDONLY), EINVAL);
    h.head.handle_bytes = 0;
    CHECK_ERRNO(open_by_handle_at(here, &h.head, O_RDONLY), EINVAL);
    h.head.handle_bytes = 8;
    IN_CHILD_AS(99, 99)
    {
        CHECK_ERRNO(open_by_handle_at(here, &h.head, O_RDONLY), EPERM);
    }
}
