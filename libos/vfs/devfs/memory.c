/* SPDX-License-Identifier: BSD-2-Clause */
/* memory.c - devices without hardware: null(4), full(4), random(4), /dev/kmsg. */
#include "vfs/devfs/devfs.h"

#include <linux/capability.h>
#include <linux/random.h>
#include "base/bits.h"
#include "base/errno.h"
#include "base/log.h"
#include "mm/mm.h"
#include "mm/usermem.h"
#include "proc/cred.h"
#include "random/random.h"
#include "vfs/context.h"
#include "vfs/devfs/devices.h"
#include "vfs/file.h"
#include "vfs/inode.h"
#include "vfs/vfs.h"

constexpr size_t CHUNK = 512;
constexpr size_t ZERO_CHUNK = 65536;

static ssize_t null_read(struct file *, struct iter *, loff_t *)
{
    return 0;
}

static ssize_t null_write(struct file *, struct iter *from, loff_t *)
{
    size_t n = iter_count(from);
    iter_skip(from, n);
    return (ssize_t)n;
}

static loff_t null_seek(struct file *file, loff_t, int)
{
    return file->pos = 0;
}

static ssize_t zero_read(struct file *, struct iter *to, loff_t *)
{
    ssize_t done = 0;
    while (iter_count(to) > 0) {
        ssize_t n = iter_zero(to, MIN(ZERO_CHUNK, iter_count(to)));
        if (n <= 0)
            return done > 0 ? done : n;
        done += n;
        if (iter_count(to) == 0 || context_relax())
            break;
    }
    return done;
}

/* A private mapping is anonymous memory, a shared one a file of its own. */
static int zero_mmap(struct file *, struct vma *vma)
{
    struct file *memory = nullptr;
    uint64_t pages = vma_pages(vma);
    if (vma->flags & VMA_SHARED) {
        int err = tmpfs_create_unlinked("dev/zero", pages << PAGE_SHIFT, &memory);
        if (err)
            return err;
    } else if (vma->flags & VMA_EXEC) {
        vma->mm->exec -= pages; /* counts pages of files only */
    }
    list_remove(&vma->rmap);
    file_put(vma->file);
    vma->file = memory;
    vma->page_offset = memory ? 0 : vma->start >> PAGE_SHIFT;
    if (memory)
        list_push_back(&memory->inode->mappings, &vma->rmap);
    return 0;
}

static ssize_t full_write(struct file *, struct iter *, loff_t *)
{
    return -ENOSPC;
}

static ssize_t random_read(struct file *, struct iter *to, loff_t *)
{
    uint8_t chunk[CHUNK];
    ssize_t done = 0;
    while (iter_count(to) > 0) {
        size_t want = MIN(sizeof chunk, iter_count(to));
        random_bytes(chunk, want);
        ssize_t n = iter_copy_to(to, chunk, want);
        if (n <= 0)
            return done > 0 ? done : n;
        done += n;
        if (context_relax())
            break;
    }
    return done;
}

static ssize_t random_write(struct file *, struct iter *from, loff_t *)
{
    uint8_t chunk[CHUNK];
    ssize_t done = 0;
    while (iter_count(from) > 0) {
        ssize_t n = iter_copy_from(from, chunk, MIN(sizeof chunk, iter_count(from)));
        if (n <= 0)
            return done > 0 ? done : n;
        random_mix(chunk, (size_t)n);
        done += n;
        if (context_relax())
            break;
    }
    return done;
}

/* The entropy count never falls: the generator is always ready. */
static long random_ioctl(struct file *, unsigned cmd, uaddr_t arg)
{
    switch (cmd) {
    case RNDGETENTCNT: return put_user_u32(arg, 256);
    case RNDADDTOENTCNT:
    case RNDZAPENTCNT:
    case RNDCLEARPOOL:
    case RNDRESEEDCRNG: return capable(CAP_SYS_ADMIN) ? 0 : -EPERM;
    case RNDADDENTROPY: {
        struct rand_pool_info pool;
        if (!capable(CAP_SYS_ADMIN))
            return -EPERM;
        if (copy_from_user(&pool, arg, sizeof pool))
            return -EFAULT;
        if (pool.entropy_count < 0 || pool.buf_size < 0)
            return -EINVAL;
        struct iter from;
        iter_init_ubuf(&from, arg + sizeof pool, (size_t)pool.buf_size);
        ssize_t n = random_write(nullptr, &from, nullptr);
        return n < 0 ? n : 0;
    }
    default: return -EINVAL;
    }
}

static int kmsg_open(struct inode *, struct file *file)
{
    /* The log goes out of the machine; there is none to be read inside. */
    return file->mode & FILE_READ ? -EPERM : 0;
}

static ssize_t kmsg_write(struct file *, struct iter *from, loff_t *)
{
    char line[CHUNK];
    size_t n = iter_count(from);
    if (n >= sizeof line)
        return -EINVAL;
    ssize_t copied = iter_copy_from(from, line, n);
    if (copied < 0)
        return copied;
    size_t end = (size_t)copied;
    while (end > 0 && line[end - 1] == '\n')
        end--;
    line[end] = '\0';
    log_info("%s", line);
    return copied;
}

static const struct file_ops null_ops = {
    .read = null_read, .write = null_write, .llseek = null_seek};
static const struct file_ops zero_ops = {
    .read = zero_read, .write = null_write, .llseek = null_seek, .mmap = zero_mmap};
static const struct file_ops full_ops = {
    .read = zero_read, .write = full_write, .llseek = null_seek};
static const struct file_ops random_ops = {
    .read = random_read, .write = random_write, .ioctl = random_ioctl, .llseek = null_seek};
static const struct file_ops kmsg_ops = {
    .open = kmsg_open, .write = kmsg_write, .llseek = null_seek};

int memory_devices_init(void)
{
    static const struct {
        uint32_t minor;
        const struct file_ops *ops;
    } devices[] = {
        {MEMORY_NULL, &null_ops},     {MEMORY_ZERO, &zero_ops},      {MEMORY_FULL, &full_ops},
        {MEMORY_RANDOM, &random_ops}, {MEMORY_URANDOM, &random_ops}, {MEMORY_KMSG, &kmsg_ops},
    };
    for (unsigned i = 0; i < ARRAY_COUNT(devices); i++) {
        int err = vfs_register_chrdev(MAJOR_MEMORY, devices[i].minor, 1, devices[i].ops);
        if (err)
            return err;
    }
    return 0;
}
