/* SPDX-License-Identifier: BSD-2-Clause */
/* trace_flags.c - names of flags and choices. */
#include "linux-api/trace_flags.h"

#include <asm/mman.h>
#include <asm/prctl.h>
#include <asm/signal.h>
#include <linux/close_range.h>
#include <linux/eventpoll.h>
#include <linux/falloc.h>
#include <linux/fadvise.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/futex.h>
#include <linux/inotify.h>
#include <linux/memfd.h>
#include <linux/mman.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <linux/prctl.h>
#include <linux/random.h>
#include <linux/resource.h>
#include <linux/sched.h>
#include <linux/signalfd.h>
#include <linux/stat.h>
#include <linux/time.h>
#include <linux/timerfd.h>
#include <linux/wait.h>
#include <linux/xattr.h>
#include <asm/poll.h>
#include "linux-api/abi.h"

#define F(name) {(uint64_t)(name), #name}
#define SET(table, unknown, ...)                                                                   \
    const struct trace_flags trace_flags_##table = {                                               \
        unknown, (const struct trace_flag[]){__VA_ARGS__, {0, nullptr}}};

void trace_add_flags(struct text *text, const struct trace_flags *flags, uint64_t value)
{
    const char *separator = "";
    for (const struct trace_flag *f = flags->list; f->name; f++) {
        if (f->value == 0 ? value != 0 : (value & f->value) != f->value)
            continue;
        text_add(text, "%s%s", separator, f->name);
        if (f->value == 0)
            return;
        separator = "|";
        value &= ~f->value;
    }
    if (value != 0 || !*separator)
        text_add(text, value ? "%s0x%llx" : "%s%llu", separator, (unsigned long long)value);
}

void trace_add_choice(struct text *text, const struct trace_flags *flags, uint64_t value)
{
    for (const struct trace_flag *f = flags->list; f->name; f++) {
        if (f->value == value) {
            text_add(text, "%s", f->name);
            return;
        }
    }
    text_add(text, "0x%llx /* %s */", (unsigned long long)value, flags->unknown);
}

SET(open, "O_???", F(O_WRONLY), F(O_RDWR), F(O_CREAT), F(O_EXCL), F(O_NOCTTY), F(O_TRUNC),
    F(O_APPEND), F(O_NONBLOCK), F(O_SYNC), F(O_DSYNC), F(O_DIRECT), F(O_LARGEFILE), F(O_NOFOLLOW),
    F(O_NOATIME), F(O_CLOEXEC), F(O_PATH), {__O_TMPFILE | O_DIRECTORY, "O_TMPFILE"}, F(O_DIRECTORY),
    {FASYNC, "O_ASYNC"})
SET(prot, "PROT_???", F(PROT_NONE), F(PROT_READ), F(PROT_WRITE), F(PROT_EXEC), F(PROT_SEM),
    F(PROT_GROWSDOWN), F(PROT_GROWSUP))
SET(mmap_type, "MAP_???", F(MAP_SHARED), F(MAP_PRIVATE), F(MAP_SHARED_VALIDATE))
SET(mmap, "MAP_???", F(MAP_FIXED), F(MAP_ANONYMOUS), F(MAP_32BIT), F(MAP_NORESERVE),
    F(MAP_POPULATE), F(MAP_NONBLOCK), F(MAP_GROWSDOWN), F(MAP_DENYWRITE), F(MAP_EXECUTABLE),
    F(MAP_LOCKED), F(MAP_STACK), F(MAP_HUGETLB), F(MAP_SYNC), F(MAP_FIXED_NOREPLACE))
SET(mremap, "MREMAP_???", F(MREMAP_MAYMOVE), F(MREMAP_FIXED), F(MREMAP_DONTUNMAP))
SET(msync, "MS_???", F(MS_ASYNC), F(MS_INVALIDATE), F(MS_SYNC))
SET(madvice, "MADV_???", F(MADV_NORMAL), F(MADV_RANDOM), F(MADV_SEQUENTIAL), F(MADV_WILLNEED),
    F(MADV_DONTNEED), F(MADV_FREE), F(MADV_REMOVE), F(MADV_DONTFORK), F(MADV_DOFORK),
    F(MADV_MERGEABLE), F(MADV_UNMERGEABLE), F(MADV_HUGEPAGE), F(MADV_NOHUGEPAGE), F(MADV_DONTDUMP),
    F(MADV_DODUMP), F(MADV_WIPEONFORK), F(MADV_KEEPONFORK), F(MADV_COLD), F(MADV_PAGEOUT),
    F(MADV_POPULATE_READ), F(MADV_POPULATE_WRITE))
SET(fadvice, "POSIX_FADV_???", F(POSIX_FADV_NORMAL), F(POSIX_FADV_RANDOM), F(POSIX_FADV_SEQUENTIAL),
    F(POSIX_FADV_WILLNEED), F(POSIX_FADV_DONTNEED), F(POSIX_FADV_NOREUSE))
SET(at, "AT_???", F(AT_SYMLINK_NOFOLLOW), F(AT_EACCESS), F(AT_SYMLINK_FOLLOW), F(AT_NO_AUTOMOUNT),
    F(AT_EMPTY_PATH), F(AT_STATX_FORCE_SYNC), F(AT_STATX_DONT_SYNC), F(AT_RECURSIVE))
SET(unlink, "AT_???", F(AT_REMOVEDIR))
SET(access, "?_OK", F(R_OK), F(W_OK), F(X_OK))
SET(whence, "SEEK_???", F(SEEK_SET), F(SEEK_CUR), F(SEEK_END), F(SEEK_DATA), F(SEEK_HOLE))
SET(fcntl, "F_???", F(F_DUPFD), F(F_GETFD), F(F_SETFD), F(F_GETFL), F(F_SETFL), F(F_GETLK),
    F(F_SETLK), F(F_SETLKW), F(F_SETOWN), F(F_GETOWN), F(F_SETSIG), F(F_GETSIG), F(F_SETOWN_EX),
    F(F_GETOWN_EX), F(F_OFD_GETLK), F(F_OFD_SETLK), F(F_OFD_SETLKW), F(F_SETLEASE), F(F_GETLEASE),
    F(F_NOTIFY), F(F_DUPFD_CLOEXEC), F(F_SETPIPE_SZ), F(F_GETPIPE_SZ), F(F_ADD_SEALS),
    F(F_GET_SEALS))
SET(fd, "FD_???", F(FD_CLOEXEC))
SET(lock_type, "F_???", F(F_RDLCK), F(F_WRLCK), F(F_UNLCK))
SET(seal, "F_SEAL_???", F(F_SEAL_SEAL), F(F_SEAL_SHRINK), F(F_SEAL_GROW), F(F_SEAL_WRITE),
    F(F_SEAL_FUTURE_WRITE))
SET(resolve, "RESOLVE_???", F(RESOLVE_NO_XDEV), F(RESOLVE_NO_MAGICLINKS), F(RESOLVE_NO_SYMLINKS),
    F(RESOLVE_BENEATH), F(RESOLVE_IN_ROOT), F(RESOLVE_CACHED))
SET(flock, "LOCK_???", F(LOCK_SH), F(LOCK_EX), F(LOCK_NB), F(LOCK_UN))
SET(file_type, "S_IF???", F(S_IFREG), F(S_IFDIR), F(S_IFCHR), F(S_IFBLK), F(S_IFIFO), F(S_IFLNK),
    F(S_IFSOCK))
SET(falloc, "FALLOC_FL_???", F(FALLOC_FL_KEEP_SIZE), F(FALLOC_FL_PUNCH_HOLE),
    F(FALLOC_FL_COLLAPSE_RANGE), F(FALLOC_FL_ZERO_RANGE), F(FALLOC_FL_INSERT_RANGE),
    F(FALLOC_FL_UNSHARE_RANGE))
SET(rename, "RENAME_???", F(RENAME_NOREPLACE), F(RENAME_EXCHANGE), F(RENAME_WHITEOUT))
SET(memfd, "MFD_???", F(MFD_CLOEXEC), F(MFD_ALLOW_SEALING), F(MFD_HUGETLB))
SET(rwf, "RWF_???", F(RWF_HIPRI), F(RWF_DSYNC), F(RWF_SYNC), F(RWF_NOWAIT), F(RWF_APPEND))
SET(close_range, "CLOSE_RANGE_???", F(CLOSE_RANGE_UNSHARE), F(CLOSE_RANGE_CLOEXEC))
SET(splice, "SPLICE_F_???", {1, "SPLICE_F_MOVE"}, {2, "SPLICE_F_NONBLOCK"}, {4, "SPLICE_F_MORE"},
    {8, "SPLICE_F_GIFT"})
SET(statx_mask, "STATX_???", F(STATX_ALL), F(STATX_BASIC_STATS), F(STATX_TYPE), F(STATX_MODE),
    F(STATX_NLINK), F(STATX_UID), F(STATX_GID), F(STATX_ATIME), F(STATX_MTIME), F(STATX_CTIME),
    F(STATX_INO), F(STATX_SIZE), F(STATX_BLOCKS), F(STATX_BTIME), F(STATX_MNT_ID))
SET(mount, "MS_???", F(MS_RDONLY), F(MS_NOSUID), F(MS_NODEV), F(MS_NOEXEC), F(MS_SYNCHRONOUS),
    F(MS_REMOUNT), F(MS_MANDLOCK), F(MS_DIRSYNC), F(MS_NOATIME), F(MS_NODIRATIME), F(MS_BIND),
    F(MS_MOVE), F(MS_REC), F(MS_SILENT), F(MS_UNBINDABLE), F(MS_PRIVATE), F(MS_SLAVE), F(MS_SHARED),
    F(MS_RELATIME), F(MS_STRICTATIME), F(MS_LAZYTIME))
SET(umount, "MNT_???", {1, "MNT_FORCE"}, {2, "MNT_DETACH"}, {4, "MNT_EXPIRE"},
    {8, "UMOUNT_NOFOLLOW"})
SET(xattr, "XATTR_???", F(XATTR_CREATE), F(XATTR_REPLACE))
SET(inotify, "IN_???", F(IN_ACCESS), F(IN_MODIFY), F(IN_ATTRIB), F(IN_CLOSE_WRITE),
    F(IN_CLOSE_NOWRITE), F(IN_OPEN), F(IN_MOVED_FROM), F(IN_MOVED_TO), F(IN_CREATE), F(IN_DELETE),
    F(IN_DELETE_SELF), F(IN_MOVE_SELF), F(IN_ONLYDIR), F(IN_DONT_FOLLOW), F(IN_EXCL_UNLINK),
    F(IN_MASK_ADD), F(IN_ISDIR), F(IN_ONESHOT))
SET(eventfd, "EFD_???", {1, "EFD_SEMAPHORE"}, {O_NONBLOCK, "EFD_NONBLOCK"},
    {O_CLOEXEC, "EFD_CLOEXEC"})
SET(signalfd, "SFD_???", F(SFD_CLOEXEC), F(SFD_NONBLOCK))
SET(epoll, "EPOLL_???", F(EPOLL_CLOEXEC))
SET(epoll_op, "EPOLL_CTL_???", F(EPOLL_CTL_ADD), F(EPOLL_CTL_DEL), F(EPOLL_CTL_MOD))
SET(epoll_events, "EPOLL???", F(EPOLLIN), F(EPOLLPRI), F(EPOLLOUT), F(EPOLLERR), F(EPOLLHUP),
    F(EPOLLRDNORM), F(EPOLLRDBAND), F(EPOLLWRNORM), F(EPOLLWRBAND), F(EPOLLRDHUP),
    F(EPOLLEXCLUSIVE), F(EPOLLWAKEUP), F(EPOLLONESHOT), F(EPOLLET))
SET(poll, "POLL???", F(POLLIN), F(POLLPRI), F(POLLOUT), F(POLLERR), F(POLLHUP), F(POLLNVAL),
    F(POLLRDNORM), F(POLLRDBAND), F(POLLWRNORM), F(POLLWRBAND), F(POLLRDHUP))
SET(timerfd, "TFD_???", F(TFD_CLOEXEC), F(TFD_NONBLOCK))
SET(timer, "TIMER_???", F(TIMER_ABSTIME), {2, "TFD_TIMER_CANCEL_ON_SET"})
SET(clock, "CLOCK_???", F(CLOCK_REALTIME), F(CLOCK_MONOTONIC), F(CLOCK_PROCESS_CPUTIME_ID),
    F(CLOCK_THREAD_CPUTIME_ID), F(CLOCK_MONOTONIC_RAW), F(CLOCK_REALTIME_COARSE),
    F(CLOCK_MONOTONIC_COARSE), F(CLOCK_BOOTTIME), F(CLOCK_REALTIME_ALARM), F(CLOCK_BOOTTIME_ALARM),
    F(CLOCK_TAI))
SET(itimer, "ITIMER_???", F(ITIMER_REAL), F(ITIMER_VIRTUAL), F(ITIMER_PROF))
SET(random, "GRND_???", F(GRND_NONBLOCK), F(GRND_RANDOM), F(GRND_INSECURE))
