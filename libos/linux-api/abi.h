/* SPDX-License-Identifier: BSD-2-Clause */
/* abi.h - parts of the Linux ABI that the UAPI headers leave to the C library.
 *
 * Everything else comes from <linux/...> and <asm/...>.  A name that a host's C library
 * has already defined (unit tests) is left alone: the values are the same.
 */
#pragma once

#include <linux/stat.h>
#include <stdint.h>

/* File types and mode bits: <linux/stat.h> hides them where a C library is present (inode(7)). */
#ifndef S_IFMT
#    define S_IFMT   00170000
#    define S_IFSOCK 0140000
#    define S_IFLNK  0120000
#    define S_IFREG  0100000
#    define S_IFBLK  0060000
#    define S_IFDIR  0040000
#    define S_IFCHR  0020000
#    define S_IFIFO  0010000
#    define S_ISUID  0004000
#    define S_ISGID  0002000
#    define S_ISVTX  0001000
#endif
#ifndef S_ISLNK
#    define S_ISLNK(m)  (((m) & S_IFMT) == S_IFLNK)
#    define S_ISREG(m)  (((m) & S_IFMT) == S_IFREG)
#    define S_ISDIR(m)  (((m) & S_IFMT) == S_IFDIR)
#    define S_ISCHR(m)  (((m) & S_IFMT) == S_IFCHR)
#    define S_ISBLK(m)  (((m) & S_IFMT) == S_IFBLK)
#    define S_ISFIFO(m) (((m) & S_IFMT) == S_IFIFO)
#    define S_ISSOCK(m) (((m) & S_IFMT) == S_IFSOCK)
#endif
#ifndef S_IRWXU
#    define S_IRWXU 00700
#    define S_IRUSR 00400
#    define S_IWUSR 00200
#    define S_IXUSR 00100
#    define S_IRWXG 00070
#    define S_IRGRP 00040
#    define S_IWGRP 00020
#    define S_IXGRP 00010
#    define S_IRWXO 00007
#    define S_IROTH 00004
#    define S_IWOTH 00002
#    define S_IXOTH 00001
#endif
#define S_PERMISSIONS 07777 /* what chmod can change */
#define S_RWXALL      00777

/* lseek(2). */
#ifndef SEEK_SET
#    define SEEK_SET 0
#    define SEEK_CUR 1
#    define SEEK_END 2
#endif
#ifndef SEEK_DATA
#    define SEEK_DATA 3
#    define SEEK_HOLE 4
#endif

/* access(2). */
#ifndef F_OK
#    define F_OK 0
#    define X_OK 1
#    define W_OK 2
#    define R_OK 4
#endif

/* d_type of getdents64(2): the file type's four bits. */
#define DT_OF_MODE(mode) (((mode) & S_IFMT) >> 12)

/* preadv2(2), getdents(2) and getdents64(2). */
struct linux_dirent {
    unsigned long d_ino;
    unsigned long d_off;
    unsigned short d_reclen;
    char d_name[];
};

struct linux_dirent64 {
    uint64_t d_ino;
    int64_t d_off;
    uint16_t d_reclen;
    uint8_t d_type;
    char d_name[];
} __attribute__((packed)); /* records are padded to 8; the header alone is 19 bytes */

/* utimensat(2). */
#ifndef UTIME_NOW
#    define UTIME_NOW  ((1l << 30) - 1l)
#    define UTIME_OMIT ((1l << 30) - 2l)
#endif

/* Device numbers as user space sees them (makedev(3)). */
static inline uint64_t dev_make(uint32_t major, uint32_t minor)
{
    return (minor & 0xffull) | (major & 0xfffull) << 8 | (uint64_t)(minor & ~0xffu) << 12 |
           (uint64_t)(major & ~0xfffu) << 32;
}

static inline uint32_t dev_major(uint64_t dev)
{
    return (uint32_t)(dev >> 8 & 0xfff) | (uint32_t)(dev >> 32 & ~0xfffull);
}

static inline uint32_t dev_minor(uint64_t dev)
{
    return (uint32_t)(dev & 0xff) | (uint32_t)(dev >> 12 & ~0xffull);
}

/* umount2(2). */
#ifndef MNT_FORCE
#    define MNT_FORCE       1
#    define MNT_DETACH      2
#    define MNT_EXPIRE      4
#    define UMOUNT_NOFOLLOW 8
#endif

/* memfd_create(2) and F_ADD_SEALS, as of Linux 6.3. */
#ifndef MFD_NOEXEC_SEAL
#    define MFD_NOEXEC_SEAL 8u
#    define MFD_EXEC        16u
#endif
#ifndef F_SEAL_EXEC
#    define F_SEAL_EXEC 0x20
#endif

/* eventfd(2); O_CLOEXEC and O_NONBLOCK serve as its other flags. */
#ifndef EFD_SEMAPHORE
#    define EFD_SEMAPHORE 1
#endif
