/* SPDX-License-Identifier: BSD-2-Clause */
/* file_inotify.c - inotify(7): which event comes for what, and the errors of its calls. */
#include "test.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* What was read and not yet looked at. */
static struct stream {
    int fd;
    size_t at, end;
    char bytes[4096] __attribute__((aligned(8)));
} stream;

static void stream_open(void)
{
    stream.fd = (int)OK(inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
}

/* The next event, which must be of WATCH with MASK and about NAME ("": none). */
static const struct inotify_event *expect(int watch, uint32_t mask, const char *name)
{
    if (stream.at == stream.end) {
        stream.end = (size_t)OK(read(stream.fd, stream.bytes, sizeof stream.bytes));
        stream.at = 0;
    }
    const struct inotify_event *event = (const void *)(stream.bytes + stream.at);
    stream.at += sizeof *event + event->len;
    CHECK(stream.at <= stream.end);
    CHECK_EQ(event->wd, watch);
    CHECK_EQ(event->mask, mask);
    CHECK_STR(event->len ? event->name : "", name);
    return event;
}

static void expect_none(void)
{
    CHECK_EQ(stream.at, stream.end);
    CHECK_ERRNO(read(stream.fd, stream.bytes, sizeof stream.bytes), EAGAIN);
}

TEST(inotify_file_life)
{
    stream_open();
    int watch = (int)OK(inotify_add_watch(stream.fd, ".", IN_ALL_EVENTS));
    int fd = (int)OK(open("file", O_CREAT | O_RDWR, 0644));
    expect(watch, IN_CREATE, "file");
    expect(watch, IN_OPEN, "file");
    OK(write(fd, "abc", 3));
    expect(watch, IN_MODIFY, "file");
    OK(pread(fd, &(char[4]){}, 3, 0));
    expect(watch, IN_ACCESS, "file");
    OK(close(fd));
    expect(watch, IN_CLOSE_WRITE, "file");
    OK(close((int)OK(open("file", O_RDONLY))));
    expect(watch, IN_OPEN, "file");
    expect(watch, IN_CLOSE_NOWRITE, "file");
    OK(chmod("file", 0600));
    expect(watch, IN_ATTRIB, "file");
    OK(truncate("file", 1));
    expect(watch, IN_MODIFY, "file");
    OK(unlink("file"));
    expect(watch, IN_DELETE, "file");
    expect_none();
}

TEST(inotify_renames_have_a_cookie)
{
    stream_open();
    OK(mkdir("a", 0755));
    OK(mkdir("b", 0755));
    file_make("a/file", "");
    int a = (int)OK(inotify_add_watch(stream.fd, "a", IN_MOVE | IN_MOVE_SELF));
    int b = (int)OK(inotify_add_watch(stream.fd, "b", IN_MOVE));
    CHECK(a != b);
    OK(rename("a/file", "b/other"));
    uint32_t cookie = expect(a, IN_MOVED_FROM, "file")->cookie;
    CHECK_EQ(expect(b, IN_MOVED_TO, "other")->cookie, cookie);
    CHECK(cookie != 0);
    OK(rename("a", "c"));
    expect(a, IN_MOVE_SELF, "");
    expect_none();
}

TEST(inotify_directories_are_marked)
{
    stream_open();
    int watch = (int)OK(inotify_add_watch(stream.fd, ".", IN_CREATE | IN_DELETE | IN_ATTRIB));
    OK(mkdir("sub", 0755));
    expect(watch, IN_CREATE | IN_ISDIR, "sub");
    OK(chmod("sub", 0700));
    expect(watch, IN_ATTRIB | IN_ISDIR, "sub");
    OK(rmdir("sub"));
    expect(watch, IN_DELETE | IN_ISDIR, "sub");
    OK(symlink("x", "link"));
    expect(watch, IN_CREATE, "link");
    expect_none();
}

TEST(inotify_watched_file_goes)
{
    stream_open();
    file_make("file", "");
    int watch = (int)OK(inotify_add_watch(stream.fd, "file", IN_DELETE_SELF | IN_ATTRIB));
    OK(unlink("file"));
    expect(watch, IN_ATTRIB, ""); /* its number of links */
    expect(watch, IN_DELETE_SELF, "");
    expect(watch, IN_IGNORED, "");
    CHECK_ERRNO(inotify_rm_watch(stream.fd, watch), EINVAL);
    expect_none();
}

TEST(inotify_watch_is_removed)
{
    stream_open();
    int watch = (int)OK(inotify_add_watch(stream.fd, ".", IN_CREATE));
    OK(inotify_rm_watch(stream.fd, watch));
    expect(watch, IN_IGNORED, "");
    file_make("file", "");
    expect_none();
    CHECK_ERRNO(inotify_rm_watch(stream.fd, watch), EINVAL);
    CHECK_ERRNO(inotify_rm_watch(-1, watch), EBADF);
    CHECK_ERRNO(inotify_rm_watch(0, watch), EINVAL);
}

TEST(inotify_masks_replace_or_add)
{
    stream_open();
    file_make("file", "");
    int watch = (int)OK(inotify_add_watch(stream.fd, "file", IN_OPEN));
    CHECK_EQ(OK(inotify_add_watch(stream.fd, "file", IN_CLOSE_NOWRITE)), watch);
    OK(close((int)OK(open("file", O_RDONLY))));
    expect(watch, IN_CLOSE_NOWRITE, "");
    CHECK_EQ(OK(inotify_add_watch(stream.fd, "file", IN_OPEN | IN_MASK_ADD)), watch);
    OK(close((int)OK(open("file", O_RDONLY))));
    expect(watch, IN_OPEN, "");
    expect(watch, IN_CLOSE_NOWRITE, "");
    CHECK_ERRNO(inotify_add_watch(stream.fd, "file", IN_OPEN | IN_MASK_CREATE), EEXIST);
    CHECK_ERRNO(inotify_add_watch(stream.fd, "file", IN_OPEN | IN_MASK_CREATE | IN_MASK_ADD),
                EINVAL);
    expect_none();
}

TEST(inotify_oneshot)
{
    stream_open();
    int watch = (int)OK(inotify_add_watch(stream.fd, ".", IN_CREATE | IN_ONESHOT));
    file_make("first", "");
    expect(watch, IN_CREATE, "first");
    expect(watch, IN_IGNORED, "");
    file_make("second", "");
    expect_none();
}

TEST(inotify_read_and_poll)
{
    int available = -1;
    stream_open();
    int watch = (int)OK(inotify_add_watch(stream.fd, ".", IN_CREATE));
    struct pollfd p = {.fd = stream.fd, .events = POLLIN};
    CHECK_EQ(OK(poll(&p, 1, 0)), 0);
    file_make("file", "");
    CHECK_EQ(OK(poll(&p, 1, 0)), 1);
    OK(ioctl(stream.fd, FIONREAD, &available));
    CHECK_EQ(available, sizeof(struct inotify_event) + 16);
    CHECK_ERRNO(read(stream.fd, stream.bytes, 16), EINVAL);
    expect(watch, IN_CREATE, "file");
    CHECK_ERRNO(write(stream.fd, "x", 1), EBADF);
}

/* Equal events in a row are one; inotify(7). */
TEST(inotify_equal_events_merge)
{
    stream_open();
    int fd = (int)OK(open("file", O_CREAT | O_RDWR, 0644));
    int watch = (int)OK(inotify_add_watch(stream.fd, "file", IN_MODIFY));
    OK(write(fd, "a", 1));
    OK(write(fd, "b", 1));
    expect(watch, IN_MODIFY, "");
    expect_none();
}

TEST(inotify_add_watch_errors)
{
    stream_open();
    file_make_mode("secret", "", 0600);
    OK(symlink("secret", "link"));
    CHECK_ERRNO(inotify_init1(0x40), EINVAL);
    CHECK_ERRNO(inotify_add_watch(-1, ".", IN_CREATE), EBADF);
    CHECK_ERRNO(inotify_add_watch(0, ".", IN_CREATE), EINVAL);
    CHECK_ERRNO(inotify_add_watch(stream.fd, "missing", IN_CREATE), ENOENT);
    CHECK_ERRNO(inotify_add_watch(stream.fd, ".", 0), EINVAL);
    CHECK_ERRNO(inotify_add_watch(stream.fd, "secret", IN_OPEN | IN_ONLYDIR), ENOTDIR);
    int file = (int)OK(inotify_add_watch(stream.fd, "secret", IN_OPEN));
    CHECK_EQ(OK(inotify_add_watch(stream.fd, "link", IN_OPEN)), file);
    CHECK(OK(inotify_add_watch(stream.fd, "link", IN_OPEN | IN_DONT_FOLLOW)) != file);
    OK(chmod(".", 0755));
    IN_CHILD_AS(99, 99)
    {
        CHECK_ERRNO(inotify_add_watch(stream.fd, "secret", IN_OPEN), EACCES);
    }
}
