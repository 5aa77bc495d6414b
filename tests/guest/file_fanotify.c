/* SPDX-License-Identifier: BSD-2-Clause */
/* file_fanotify.c - fanotify_init(2), fanotify_mark(2): what is opened, read, written, closed. */
#include "test.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int group_make(void)
{
    return (int)OK(fanotify_init(FAN_CLASS_NOTIF | FAN_NONBLOCK | FAN_CLOEXEC, O_RDONLY));
}

static void text_make(const char *name)
{
    int fd = (int)OK(open(name, O_CREAT | O_WRONLY | O_TRUNC, 0644));
    OK(write(fd, "text", 4));
    OK(close(fd));
}

/* The next event's mask; its descriptor must lead to a file called NAME. */
static uint64_t next_event(int group, const char *name)
{
    struct fanotify_event_metadata e;
    char link[64], place[256] = "";
    CHECK_EQ(read(group, &e, sizeof e), sizeof e);
    CHECK_EQ(e.vers, FANOTIFY_METADATA_VERSION);
    CHECK_EQ(e.event_len, sizeof e);
    CHECK_EQ(e.metadata_len, sizeof e);
    snprintf(link, sizeof link, "/proc/self/fd/%d", e.fd);
    OK(readlink(link, place, sizeof place - 1));
    const char *last = strrchr(place, '/');
    CHECK(last != nullptr);
    CHECK_STR(last + 1, name);
    OK(close(e.fd));
    return e.mask;
}

static void read_all(const char *name)
{
    char bytes[16];
    int fd = (int)OK(open(name, O_RDONLY));
    OK(read(fd, bytes, sizeof bytes));
    OK(close(fd));
}

TEST(fanotify_tells_of_a_file)
{
    text_make("f");
    text_make("other");
    int group = group_make();
    OK(fanotify_mark(group, FAN_MARK_ADD, FAN_OPEN | FAN_ACCESS | FAN_CLOSE | FAN_MODIFY, AT_FDCWD,
                     "f"));
    CHECK_ERRNO(read(group, &(struct fanotify_event_metadata){}, 24), EAGAIN);
    read_all("other");
    CHECK_ERRNO(read(group, &(struct fanotify_event_metadata){}, 24), EAGAIN);
    read_all("f");
    CHECK_EQ(next_event(group, "f"), FAN_OPEN | FAN_ACCESS | FAN_CLOSE_NOWRITE);
    text_make("f");
    uint64_t mask = next_event(group, "f");
    CHECK_EQ(mask & (FAN_OPEN | FAN_MODIFY | FAN_CLOSE_WRITE),
             FAN_OPEN | FAN_MODIFY | FAN_CLOSE_WRITE);
    /* What is done through the event's descriptor is no event. */
    CHECK_ERRNO(read(group, &(struct fanotify_event_metadata){}, 24), EAGAIN);
}

TEST(fanotify_names_the_process)
{
    text_make("f");
    int group = group_make();
    OK(fanotify_mark(group, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, "f"));
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        read_all("f");
        _exit(0);
    }
    OK(waitpid(pid, nullptr, 0));
    struct pollfd p = {.fd = group, .events = POLLIN};
    CHECK_EQ(poll(&p, 1, 0), 1);
    struct fanotify_event_metadata e;
    CHECK_EQ(read(group, &e, sizeof e), sizeof e);
    CHECK_EQ(e.pid, pid);
    OK(close(e.fd));
    CHECK_EQ(poll(&p, 1, 0), 0);
}

TEST(fanotify_of_a_directory_and_its_children)
{
    OK(mkdir("d", 0755));
    text_make("d/f");
    int group = group_make();
    OK(fanotify_mark(group, FAN_MARK_ADD | FAN_MARK_ONLYDIR, FAN_OPEN | FAN_EVENT_ON_CHILD,
                     AT_FDCWD, "d"));
    OK(close((int)OK(open("d", O_RDONLY | O_DIRECTORY))));
    CHECK_ERRNO(read(group, &(struct fanotify_event_metadata){}, 24), EAGAIN);
    read_all("d/f");
    CHECK_EQ(next_event(group, "f"), FAN_OPEN);
    OK(fanotify_mark(group, FAN_MARK_ADD, FAN_OPEN | FAN_ONDIR, AT_FDCWD, "d"));
    OK(close((int)OK(open("d", O_RDONLY | O_DIRECTORY))));
    CHECK_EQ(next_event(group, "d") & FAN_OPEN, FAN_OPEN);
}

TEST(fanotify_marks_are_taken_away)
{
    text_make("f");
    int group = group_make();
    OK(fanotify_mark(group, FAN_MARK_ADD, FAN_OPEN | FAN_CLOSE, AT_FDCWD, "f"));
    OK(fanotify_mark(group, FAN_MARK_REMOVE, FAN_CLOSE, AT_FDCWD, "f"));
    read_all("f");
    CHECK_EQ(next_event(group, "f"), FAN_OPEN);
    OK(fanotify_mark(group, FAN_MARK_REMOVE, FAN_OPEN, AT_FDCWD, "f"));
    read_all("f");
    CHECK_ERRNO(read(group, &(struct fanotify_event_metadata){}, 24), EAGAIN);
    CHECK_ERRNO(fanotify_mark(group, FAN_MARK_REMOVE, FAN_OPEN, AT_FDCWD, "f"), ENOENT);
    OK(fanotify_mark(group, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, "f"));
    OK(fanotify_mark(group, FAN_MARK_FLUSH, 0, AT_FDCWD, nullptr));
    read_all("f");
    CHECK_ERRNO(read(group, &(struct fanotify_event_metadata){}, 24), EAGAIN);
}

TEST(fanotify_ignores_until_the_file_changes)
{
    text_make("f");
    int group = group_make();
    OK(fanotify_mark(group, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, "f"));
    OK(fanotify_mark(group, FAN_MARK_ADD | FAN_MARK_IGNORED_MASK, FAN_OPEN, AT_FDCWD, "f"));
    read_all("f");
    CHECK_ERRNO(read(group, &(struct fanotify_event_metadata){}, 24), EAGAIN);
    int fd = (int)OK(open("f", O_WRONLY));
    OK(write(fd, "x", 1));
    OK(close(fd));
    read_all("f");
    CHECK_EQ(next_event(group, "f"), FAN_OPEN);
}

TEST(fanotify_of_a_mount_and_a_file_system)
{
    OK(mkdir("m", 0755));
    OK(mount("t", "m", "tmpfs", 0, nullptr));
    text_make("m/f");
    int group = group_make();
    OK(fanotify_mark(group, FAN_MARK_ADD | FAN_MARK_MOUNT, FAN_OPEN, AT_FDCWD, "m"));
    read_all("m/f");
    CHECK_EQ(next_event(group, "f"), FAN_OPEN);
    OK(fanotify_mark(group, FAN_MARK_FLUSH | FAN_MARK_MOUNT, 0, AT_FDCWD, nullptr));
    OK(fanotify_mark(group, FAN_MARK_ADD | FAN_MARK_FILESYSTEM, FAN_CLOSE_NOWRITE, AT_FDCWD,
                     "m/f"));
    read_all("m/f");
    CHECK_EQ(next_event(group, "f"), FAN_CLOSE_NOWRITE);
    /* A mark keeps no mount busy. */
    OK(umount("m"));
    OK(mount("t", "m", "tmpfs", 0, nullptr));
    text_make("m/f");
    read_all("m/f");
    CHECK_ERRNO(read(group, &(struct fanotify_event_metadata){}, 24), EAGAIN);
    OK(umount("m"));
}

TEST(fanotify_arguments_are_checked)
{
    text_make("f");
    CHECK_ERRNO(fanotify_init(1 << 30, O_RDONLY), EINVAL);
    CHECK_ERRNO(fanotify_init(FAN_CLASS_NOTIF, O_CREAT), EINVAL);
    int group = group_make();
    CHECK_ERRNO(fanotify_mark(group, 0, FAN_OPEN, AT_FDCWD, "f"), EINVAL);
    CHECK_ERRNO(fanotify_mark(group, FAN_MARK_ADD | FAN_MARK_REMOVE, FAN_OPEN, AT_FDCWD, "f"),
                EINVAL);
    CHECK_ERRNO(fanotify_mark(group, FAN_MARK_ADD, 0, AT_FDCWD, "f"), EINVAL);
    CHECK_ERRNO(fanotify_mark(group, FAN_MARK_ADD, FAN_OPEN_PERM, AT_FDCWD, "f"), EINVAL);
    CHECK_ERRNO(fanotify_mark(group, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, "none"), ENOENT);
    CHECK_ERRNO(fanotify_mark(group, FAN_MARK_ADD | FAN_MARK_ONLYDIR, FAN_OPEN, AT_FDCWD, "f"),
                ENOTDIR);
    CHECK_ERRNO(fanotify_mark(999, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, "f"), EBADF);
    int other = (int)OK(open("f", O_RDONLY));
    CHECK_ERRNO(fanotify_mark(other, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, "f"), EINVAL);
    OK(fanotify_mark(group, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, "f"));
    read_all("f");
    CHECK_ERRNO(read(group, &(struct fanotify_event_metadata){}, 10), EINVAL);
    IN_CHILD_AS(1000, 1000)
    {
        CHECK_ERRNO(fanotify_init(FAN_CLASS_NOTIF, O_RDONLY), EPERM);
    }
}
