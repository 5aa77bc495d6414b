/* SPDX-License-Identifier: BSD-2-Clause */
/* fdtable.c - descriptor tables. */
#include "vfs/fdtable.h"

#include <asm-generic/resource.h>
#include "base/bits.h"
#include "base/errno.h"
#include "base/string.h"
#include "mm/heap.h"
#include "vfs/context.h"
#include "vfs/file.h"
#include "vfs/lock.h"

constexpr uint32_t SIZE_FIRST = 64;
constexpr uint32_t SIZE_MOST = 1u << 20; /* Linux's sysctl fs.nr_open */

static bool bit_is_set(const uint64_t *bits, uint32_t n)
{
    return bits[n / 64] >> (n % 64) & 1;
}

static void bit_set(uint64_t *bits, uint32_t n, bool value)
{
    if (value)
        bits[n / 64] |= 1ull << (n % 64);
    else
        bits[n / 64] &= ~(1ull << (n % 64));
}

/* The first number >= FROM whose bit in BITS is VALUE; SIZE if there is none. */
static uint32_t bit_find(const uint64_t *bits, uint32_t size, uint32_t from, bool value)
{
    while (from < size) {
        uint64_t word = (value ? bits[from / 64] : ~bits[from / 64]) >> (from % 64);
        if (word)
            return from + (uint32_t)__builtin_ctzll(word);
        from = (from / 64 + 1) * 64;
    }
    return size;
}

/* One block holds the files and both bit sets. */
static bool resize(struct fd_table *t, uint32_t size)
{
    size_t words = size / 64;
    struct file **files = heap_zalloc(size * sizeof *files + 2 * words * sizeof(uint64_t));
    if (!files)
        return false;
    uint64_t *used = (uint64_t *)(files + size), *cloexec = used + words;
    if (t->size) {
        memcpy(files, t->files, t->size * sizeof *files);
        memcpy(used, t->used, t->size / 8);
        memcpy(cloexec, t->cloexec, t->size / 8);
    }
    heap_free(t->files);
    t->files = files;
    t->used = used;
    t->cloexec = cloexec;
    t->size = size;
    return true;
}

struct fd_table *fd_table_create(void)
{
    struct fd_table *t = heap_zalloc(sizeof *t);
    if (!t)
        return nullptr;
    t->refs = 1;
    if (!resize(t, SIZE_FIRST)) {
        heap_free(t);
        return nullptr;
    }
    return t;
}

struct fd_table *fd_table_clone(const struct fd_table *from)
{
    struct fd_table *t = heap_zalloc(sizeof *t);
    if (!t)
        return nullptr;
    uint32_t size = from->size;
    while (size > SIZE_FIRST && bit_find(from->used, size, size / 2, true) == size)
        size /= 2;
    if (!resize(t, size)) {
        heap_free(t);
        return nullptr;
    }
    t->refs = 1;
    t->first_free = MIN(from->first_free, size);
    /* Numbers that another thread has only reserved are free in the copy. */
    for (uint32_t fd = 0; (fd = bit_find(from->used, size, fd, true)) < size; fd++) {
        if (!from->files[fd]) {
            t->first_free = MIN(t->first_free, fd);
            continue;
        }
        t->files[fd] = file_get(from->files[fd]);
        bit_set(t->used, fd, true);
        bit_set(t->cloexec, fd, bit_is_set(from->cloexec, fd));
    }
    return t;
}

/* Take FD out of T; its file, or NULL. */
static struct file *take_out(struct fd_table *t, uint32_t fd)
{
    struct file *file = t->files[fd];
    if (!file)
        return nullptr;
    t->files[fd] = nullptr;
    bit_set(t->used, fd, false);
    bit_set(t->cloexec, fd, false);
    t->first_free = MIN(t->first_free, fd);
    return file;
}

/* What close(2) does with a file that has left its table: its owner's record locks go. */
static int close_file(struct fd_table *t, struct file *file)
{
    int err = 0;
    if (!(file->mode & FILE_PATH)) {
        if (file->ops->flush)
            err = file->ops->flush(file);
        lock_table_closed(t, file);
    }
    file_put(file);
    return err;
}

void fd_table_put(struct fd_table *t)
{
    if (!t || --t->refs > 0)
        return;
    for (uint32_t fd = 0; (fd = bit_find(t->used, t->size, fd, true)) < t->size; fd++) {
        struct file *file = take_out(t, fd);
        if (file)
            close_file(t, file);
    }
    heap_free(t->files);
    heap_free(t);
}

void fd_close_on_exec(struct fd_table *t)
{
    for (uint32_t fd = 0; (fd = bit_find(t->cloexec, t->size, fd, true)) < t->size; fd++) {
        struct file *file = take_out(t, fd);
        if (file)
            close_file(t, file);
    }
}

struct file *fd_table_file(const struct fd_table *t, unsigned fd)
{
    return fd < t->size ? t->files[fd] : nullptr;
}

bool fd_table_is_cloexec(const struct fd_table *t, unsigned fd)
{
    return fd < t->size && bit_is_set(t->cloexec, fd);
}

void fd_table_set_cloexec(struct fd_table *t, unsigned fd, bool value)
{
    if (fd < t->size && t->files[fd])
        bit_set(t->cloexec, fd, value);
}

int fd_table_next(const struct fd_table *t, unsigned from)
{
    for (uint32_t fd = from; (fd = bit_find(t->used, t->size, fd, true)) < t->size; fd++)
        if (t->files[fd])
            return (int)fd;
    return -1;
}

struct file *fd_get_any(int fd)
{
    struct file *file = fd < 0 ? nullptr : fd_table_file(context_files(), (unsigned)fd);
    return file ? file_get(file) : nullptr;
}

struct file *fd_get(int fd)
{
    struct file *file = fd < 0 ? nullptr : fd_table_file(context_files(), (unsigned)fd);
    return file && !(file->mode & FILE_PATH) ? file_get(file) : nullptr;
}

/* Make room for the number FD. */
static int make_room(struct fd_table *t, uint32_t fd)
{
    uint32_t size = t->size;
    while (size <= fd)
        size *= 2;
    return size == t->size || resize(t, size) ? 0 : -ENOMEM;
}

int fd_alloc(unsigned first, unsigned flags)
{
    struct fd_table *t = context_files();
    uint64_t limit = MIN(context_rlimit(RLIMIT_NOFILE), (uint64_t)SIZE_MOST);
    uint32_t fd = bit_find(t->used, t->size, MAX(first, t->first_free), false);
    fd = MAX(fd, first);
    if (fd >= limit)
        return -EMFILE;
    int err = make_room(t, fd);
    if (err < 0)
        return err;
    bit_set(t->used, fd, true);
    bit_set(t->cloexec, fd, flags & O_CLOEXEC);
    if (first <= t->first_free)
        t->first_free = fd + 1;
    return (int)fd;
}

void fd_free(int fd)
{
    struct fd_table *t = context_files();
    bit_set(t->used, (uint32_t)fd, false);
    bit_set(t->cloexec, (uint32_t)fd, false);
    t->first_free = MIN(t->first_free, (uint32_t)fd);
}

void fd_install(int fd, struct file *file)
{
    context_files()->files[fd] = file;
}

int fd_open(struct file *file, unsigned flags)
{
    int fd = fd_alloc(0, flags);
    if (fd < 0)
        file_put(file);
    else
        fd_install(fd, file);
    return fd;
}

int fd_close(int fd)
{
    struct fd_table *t = context_files();
    struct file *file = fd < 0 || (uint32_t)fd >= t->size ? nullptr : take_out(t, (uint32_t)fd);
    return file ? close_file(t, file) : -EBADF;
}

int fd_replace(struct fd_table *t, int fd, struct file *file, unsigned flags)
{
    if (fd < 0 || (uint64_t)fd >= MIN(context_rlimit(RLIMIT_NOFILE), (uint64_t)SIZE_MOST))
        return -EBADF;
    int err = make_room(t, (uint32_t)fd);
    if (err < 0)
        return err;
    struct file *old = t->files[fd];
    if (!old && bit_is_set(t->used, (uint32_t)fd))
        return -EBUSY; /* dup2(2): open(2) in another thread has just reserved it */
    t->files[fd] = file_get(file);
    bit_set(t->used, (uint32_t)fd, true);
    bit_set(t->cloexec, (uint32_t)fd, flags & O_CLOEXEC);
    if (old)
        close_file(t, old);
    return fd;
}
