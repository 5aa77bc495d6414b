/* SPDX-License-Identifier: BSD-2-Clause */
/* fake_vfs.c - a world for the VFS on the host. */
#include "fake_vfs.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <signal.h>
#include <cmocka.h>
#include "base/errno.h"
#include "base/log.h"
#include "fake_vcpu.h"
#include "mm/mm.h"
#include "mm/page.h"
#include "mm/usermem.h"
#include "proc/process.h"
#include "sched/thread.h"
#include "sched/time.h"
#include "vfs/context.h"
#include "vfs/fdtable.h"
#include "vfs/file.h"
#include "vfs/fs_context.h"
#include "vfs/vfs.h"

constexpr size_t PAGES = 65536; /* 256 MiB of address space, touched only as used */

struct cred fake_cred;
uint64_t fake_limit_files, fake_limit_bytes, fake_pages_left;
int64_t fake_time_sec = 1000;
int fake_last_signal, fake_error;
int (*fake_sleep)(void);
unsigned fake_unmapped;
const char *fake_last_error;
const struct cred cred_root = {
    .refs = 1, .cap_permitted = CRED_CAP_ALL, .cap_effective = CRED_CAP_ALL};
static const struct cred *acting = &fake_cred;

struct page *page_array;
uint64_t page_window;
static size_t first_never_used;
static struct list_node free_pages;
static uint64_t used_pages, used_at_begin;
static struct fd_table *files;
static struct fs_context *fs;
static struct thread thread;

struct page *page_alloc_run(size_t count, unsigned flags)
{
    if (count > fake_pages_left || first_never_used + count > PAGES)
        return nullptr;
    struct page *page = &page_array[first_never_used];
    first_never_used += count;
    used_pages += count;
    fake_pages_left -= count;
    for (size_t i = 0; i < count; i++) {
        page[i] = (struct page){.refs = 1};
        memset(page_address(&page[i]), flags & PAGE_ZEROED ? 0 : 0xa5, PAGE_SIZE);
    }
    return page;
}

struct page *page_alloc(unsigned flags)
{
    struct list_node *node = list_first(&free_pages);
    if (!node || fake_pages_left == 0)
        return page_alloc_run(1, flags);
    list_remove(node);
    struct page *page = container_of(node, struct page, node);
    *page = (struct page){.refs = 1};
    used_pages++;
    fake_pages_left--;
    memset(page_address(page), flags & PAGE_ZEROED ? 0 : 0xa5, PAGE_SIZE);
    return page;
}

void page_release(struct page *page)
{
    memset(page_address(page), 0xdd, PAGE_SIZE);
    list_push_back(&free_pages, &page->node);
    used_pages--;
    fake_pages_left++;
    if (used_pages == 0) { /* all are free again: runs can be had anew */
        list_init(&free_pages);
        first_never_used = 0;
    }
}

uint64_t page_free_count(void)
{
    return fake_pages_left;
}

uint64_t page_total(void)
{
    return PAGES;
}

uint8_t *fake_pages(size_t count)
{
    struct page *page = page_alloc_run(count, PAGE_ZEROED);
    return page ? page_address(page) : nullptr;
}

/* User memory. */
bool usermem_is_valid(uaddr_t address, size_t n)
{
    return address >= PAGE_SIZE || n == 0;
}

size_t copy_from_user_partial(void *to, uaddr_t from, size_t n)
{
    if (!usermem_is_valid(from, n))
        return n;
    memcpy(to, (const void *)from, n);
    return 0;
}

size_t copy_to_user_partial(uaddr_t to, const void *from, size_t n)
{
    if (!usermem_is_valid(to, n))
        return n;
    memcpy((void *)to, from, n);
    return 0;
}

size_t clear_user_partial(uaddr_t to, size_t n)
{
    if (!usermem_is_valid(to, n))
        return n;
    memset((void *)to, 0, n);
    return 0;
}

int copy_from_user(void *to, uaddr_t from, size_t n)
{
    return copy_from_user_partial(to, from, n) ? -EFAULT : 0;
}

int copy_to_user(uaddr_t to, const void *from, size_t n)
{
    return copy_to_user_partial(to, from, n) ? -EFAULT : 0;
}

ssize_t strncpy_from_user(char *to, uaddr_t from, size_t size)
{
    if (!usermem_is_valid(from, 1))
        return -EFAULT;
    const char *end = memchr((const char *)from, 0, size);
    size_t n = end ? (size_t)(end - (const char *)from) : size;
    memcpy(to, (const char *)from, n < size ? n + 1 : n);
    return (ssize_t)n;
}

void mm_unmap_file(struct inode *, uint64_t, uint64_t)
{
    fake_unmapped++;
}

/* The process. */
struct fd_table *context_files(void)
{
    return files;
}

struct fs_context *context_fs(void)
{
    return fs;
}

const struct cred *context_cred(void)
{
    return acting;
}

const struct cred *context_cred_swap(const struct cred *cred)
{
    const struct cred *old = acting;
    acting = cred;
    return old;
}

uint64_t context_rlimit(unsigned resource)
{
    return resource == RLIMIT_NOFILE  ? fake_limit_files
           : resource == RLIMIT_FSIZE ? fake_limit_bytes
                                      : UINT64_MAX;
}

int context_pid(void)
{
    return 1;
}

int context_pid_number(int pid)
{
    return pid;
}

int context_pid_named(int number)
{
    return number;
}

int context_tid(void)
{
    return 1;
}

void context_broken_pipe(void)
{
    fake_last_signal = SIGPIPE;
}

void context_file_too_large(void)
{
    fake_last_signal = SIGXFSZ;
}

bool context_signal_pending(void)
{
    return false;
}

bool context_relax(void)
{
    return false;
}

bool cred_capable(const struct cred *cred, int capability)
{
    return cred->cap_effective >> capability & 1;
}

bool cred_in_group(const struct cred *cred, uint32_t gid)
{
    if (cred->fsgid == gid)
        return true;
    for (uint32_t i = 0; i < cred->group_count; i++)
        if (cred->groups[i] == gid)
            return true;
    return false;
}

struct timespec64 time_real_now(void)
{
    return (struct timespec64){fake_time_sec, 0};
}

void thread_wake(struct thread *) {}

int thread_sleep(uint64_t, enum sleep_mode)
{
    if (!fake_sleep)
        fail_msg("nobody was to sleep here");
    return fake_sleep();
}

static void say(const char *what, const char *format, va_list args)
{
    static char line[1024];
    vsnprintf(line, sizeof line, format, args);
    if (!strcmp(what, "error"))
        fake_last_error = line;
}

#define LOG(level)                                                                                 \
    void log_##level(const char *format, ...)                                                      \
    {                                                                                              \
        va_list args;                                                                              \
        va_start(args, format);                                                                    \
        say(#level, format, args);                                                                 \
        va_end(args);                                                                              \
    }
LOG(debug)
LOG(info)
LOG(warn)
LOG(error)

void panic(const char *format, ...)
{
    printf("panic: %s\n", format);
    abort();
}

void fake_be(uint32_t uid, uint32_t gid)
{
    fake_cred = (struct cred){.refs = 1,
                              .uid = uid,
                              .gid = gid,
                              .euid = uid,
                              .egid = gid,
                              .suid = uid,
                              .sgid = gid,
                              .fsuid = uid,
                              .fsgid = gid,
                              .cap_effective = uid ? 0 : CRED_CAP_ALL};
}

struct file *fake_open(const char *name, uint32_t flags, uint32_t mode)
{
    struct file *file = nullptr;
    fake_error = vfs_open_at(AT_FDCWD, name, flags, mode, 0, &file);
    return fake_error < 0 ? nullptr : file;
}

static void start(void)
{
    page_array = calloc(PAGES, sizeof *page_array);
    page_window = (uint64_t)aligned_alloc(PAGE_SIZE, PAGES * PAGE_SIZE);
    list_init(&free_pages);
    fake_pages_left = 20000;
    vfs_init();
}

void fake_vfs_begin(void)
{
    if (!page_array)
        start();
    fake_vcpu_init();
    fake_vcpu_run(&thread);
    fake_be(0, 0);
    acting = &fake_cred;
    fake_limit_files = 1024;
    fake_limit_bytes = UINT64_MAX;
    fake_last_signal = 0;
    fake_unmapped = 0;
    fake_sleep = nullptr;
    used_at_begin = used_pages;
    files = fd_table_create();
    fs = fs_context_create();
    fs->umask = 0;
}

void fake_vfs_end(void)
{
    fd_table_put(files);
    fs_context_put(fs);
    files = nullptr;
    fs = nullptr;
    assert_int_equal(used_pages, used_at_begin);
}
