/* SPDX-License-Identifier: BSD-2-Clause */
/* fake_mm.c - a process and a file system for tests of libos/mm/. */
#include "fake_mm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/errno.h"
#include "base/log.h"
#include "fake_exo.h"
#include "fake_vcpu.h"
#include "mm/buddy.h"
#include "mm/heap.h"
#include "mm/mm.h"
#include "mm/page.h"
#include "sched/thread.h"
#include "vfs/aio.h"
#include "vfs/file.h"
#include "vfs/inode.h"
#include "vfs/pagecache.h"
#include "vfs/vfs.h"

struct page *page_array = (struct page *)PAGE_ARRAY_BASE;
uint64_t page_window = WINDOW_BASE;
struct process fake_process;

void aio_mm_gone(struct mm *) {}

unsigned fake_oom_kills;
static struct thread thread;
static uint32_t frames;

void fake_mm_begin(uint32_t count)
{
    static struct exo_info info;

    fake_vcpu_init();
    fake_vcpu_run(&thread);
    thread.process = &fake_process;
    frames = count;
    fake_exo_begin(count, &info);
    page_init(&info);
    fake_mm_reset();
}

void fake_mm_reset(void)
{
    fake_exo_batch_most = 0;
    fake_process = (struct process){.pid = 1};
    for (unsigned i = 0; i < RLIM_NLIMITS; i++)
        fake_process.limits[i] = (struct process_rlimit){UINT64_MAX, UINT64_MAX};
    fake_oom_kills = 0;
}

void fake_mm_end(void)
{
    fake_exo_end();
}

uint64_t fake_pages_held(void)
{
    uint64_t held = 0;
    for (exo_frame f = 310; f < frames - 10; f++) {
        const struct page *page = page_of_frame(f);
        if (page->refs && !(page->flags & (PAGE_TABLE | PAGE_RESERVED | PAGE_OBJECT | PAGE_SLAB |
                                           PAGE_RUN | PAGE_FREE)))
            held++;
    }
    return held;
}

static bool reach(struct mm *mm, uint64_t address, bool write, uint8_t **at, int *signal)
{
    for (int tries = 0; tries < 4; tries++) {
        uint64_t error;
        struct mm_fault_info info = {};
        exo_frame frame = fake_exo_translate(mm->root, address, write, false, &error);
        if (frame) {
            *at = (uint8_t *)fake_exo_frame(frame) + (address & PAGE_MASK);
            return true;
        }
        if (mm_fault(mm, address, error, &info) != 0) {
            *signal = info.signal;
            return false;
        }
    }
    fail_msg("address %#lx faults again and again", address);
    return false;
}

bool fake_load(struct mm *mm, uint64_t address, uint8_t *byte, int *signal)
{
    uint8_t *at;
    if (!reach(mm, address, false, &at, signal))
        return false;
    *byte = *at;
    return true;
}

bool fake_store(struct mm *mm, uint64_t address, uint8_t byte, int *signal)
{
    uint8_t *at;
    if (!reach(mm, address, true, &at, signal))
        return false;
    *at = byte;
    return true;
}

/* ------------------------------------------------------------------ what mm/ asks of others */

struct process *process_current(void)
{
    return &fake_process;
}

[[gnu::weak]] bool capable(int)
{
    return false;
}

void process_oom_kill(void)
{
    fake_oom_kills++;
}

bool signal_fatal_pending(const struct thread *)
{
    return fake_oom_kills > 0;
}

void panic(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    printf("\n");
    fail_msg("panic");
    abort();
}

void log_warn(const char *, ...) {}

/* ------------------------------------------------------------------ files */

constexpr unsigned CACHE_PAGES = 64;

struct fake_inode {
    struct inode inode;
    struct page *cache[CACHE_PAGES];
};

static int fake_mmap(struct file *, struct vma *)
{
    return 0;
}

static const struct file_ops fake_file_ops = {.mmap = fake_mmap};

static struct file *file_make(uint64_t size)
{
    struct file *file = calloc(1, sizeof *file);
    struct fake_inode *fake = calloc(1, sizeof *fake);
    file->refs = 1;
    file->mode = FILE_READ | FILE_WRITE;
    file->ops = &fake_file_ops;
    file->inode = &fake->inode;
    fake->inode.size = size;
    list_init(&fake->inode.mappings);
    return file;
}

struct file *fake_file_create(uint64_t size)
{
    struct file *file = file_make(size);
    for (uint64_t i = 0; i * PAGE_SIZE < size; i++) {
        struct page *page;
        assert_int_equal(pagecache_get(file->inode, i, PAGECACHE_CREATE, &page), 0);
        memset(page_address(page), 'a' + (int)(i % 26), PAGE_SIZE);
        page_put(page);
    }
    return file;
}

int tmpfs_create_unlinked(const char *, uint64_t size, struct file **file)
{
    *file = file_make(size);
    return 0;
}

void file_end(struct file *file)
{
    struct fake_inode *fake = (struct fake_inode *)file->inode;
    assert_true(list_is_empty(&fake->inode.mappings));
    for (unsigned i = 0; i < CACHE_PAGES; i++)
        if (fake->cache[i])
            page_put(fake->cache[i]);
    free(fake);
    free(file);
}

struct page *pagecache_find(const struct inode *inode, uint64_t index)
{
    return index < CACHE_PAGES ? ((const struct fake_inode *)inode)->cache[index] : nullptr;
}

void pagecache_find_run(const struct inode *inode, uint64_t index, uint32_t count,
                        struct page *pages[])
{
    for (uint32_t i = 0; i < count; i++)
        pages[i] = pagecache_find(inode, index + i);
}

int pagecache_get(struct inode *inode, uint64_t index, unsigned, struct page **page)
{
    struct fake_inode *fake = (struct fake_inode *)inode;
    if (index * PAGE_SIZE >= inode->size || index >= CACHE_PAGES)
        return -ENXIO;
    if (!fake->cache[index]) {
        fake->cache[index] = page_alloc(PAGE_ZEROED);
        if (!fake->cache[index])
            return -ENOMEM;
        fake->cache[index]->owner = inode;
        fake->cache[index]->index = index;
    }
    *page = page_get(fake->cache[index]);
    return 0;
}

void inode_touch_mtime(struct inode *) {}

int inode_deny_write(struct inode *)
{
    return 0;
}

void inode_allow_write(struct inode *) {}
