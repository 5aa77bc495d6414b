/* SPDX-License-Identifier: BSD-2-Clause */
/* fake_exo.c - a small exokernel on the host. */
#define _GNU_SOURCE
#include "fake_exo.h"

#include <exo_trap.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

constexpr uint64_t PRESENT = 1, WRITE = 2, USER = 4, LARGE = 0x80, NX = 1ull << 63;
constexpr uint64_t FRAME_MASK = 0x000ffffffffff000;
constexpr unsigned SPACES = 128;

struct frame {
    uint8_t type;
    uint32_t maps;
    uint32_t used; /* entries of a table */
};

static struct {
    int fd;
    uint32_t frames;
    char *ram;
    struct frame *frame;
    exo_frame pool[65536];
    uint32_t pool_count;
    exo_frame region; /* the level-3 table of the libOS region */
    struct {
        exo_frame root, object;
    } space[SPACES];
    exo_cap current;
} kernel;

uint32_t fake_exo_calls, fake_exo_spaces, fake_exo_batch_most;

static bool is_region(uint64_t va)
{
    return va >= EXO_REGION_BASE && va < EXO_REGION_BASE + EXO_REGION_BYTES;
}

void *fake_exo_frame(exo_frame frame)
{
    assert_true(frame < kernel.frames);
    return kernel.ram + (uint64_t)frame * 4096;
}

static uint64_t *entry_of(exo_frame table, uint64_t va, unsigned level)
{
    return (uint64_t *)fake_exo_frame(table) + (va >> (12 + 9 * (level - 1)) & 511);
}

/* What the libOS sees in its region is mapped on the host too. */
static void region_show(uint64_t va, exo_frame frame, uint32_t count, bool writable)
{
    void *at = mmap((void *)va, (uint64_t)count * 4096, PROT_READ | (writable ? PROT_WRITE : 0),
                    MAP_SHARED | MAP_FIXED, kernel.fd, (off_t)frame * 4096);
    assert_ptr_equal(at, (void *)va);
}

static void region_hide(uint64_t va, uint64_t pages)
{
    assert_int_equal(munmap((void *)va, pages * 4096), 0);
}

static exo_frame pool_take(void)
{
    if (kernel.pool_count == 0)
        return 0;
    exo_frame frame = kernel.pool[--kernel.pool_count];
    memset(fake_exo_frame(frame), 0, 4096);
    kernel.frame[frame].used = 0;
    return frame;
}

static void pool_put(exo_frame frame)
{
    memset(fake_exo_frame(frame), 0, 4096);
    kernel.pool[kernel.pool_count++] = frame;
}

/* The entry for VA at LEVEL; NULL: no table and, if CREATE, none to be had. */
static uint64_t *walk(exo_frame root, uint64_t va, unsigned level, bool create, exo_frame *table)
{
    *table = root;
    for (unsigned l = 4; l > level; l--) {
        uint64_t *entry = entry_of(*table, va, l);
        if (!(*entry & PRESENT)) {
            exo_frame below = create ? pool_take() : 0;
            if (!below)
                return nullptr;
            *entry = (uint64_t)below << 12 | PRESENT | WRITE | USER;
            kernel.frame[*table].used++;
        } else if (l == 2 && *entry & LARGE) {
            return nullptr;
        }
        *table = (exo_frame)((*entry & FRAME_MASK) >> 12);
    }
    return entry_of(*table, va, level);
}

/* VA's entry is gone: tables that are empty now go back to the pool. */
static void shrink(exo_frame root, uint64_t va, unsigned level)
{
    exo_frame path[5] = {[4] = root};
    for (unsigned l = 4; l > level; l--)
        path[l - 1] = (exo_frame)((*entry_of(path[l], va, l) & FRAME_MASK) >> 12);
    for (unsigned l = level; l < 4; l++) {
        if (path[l] == kernel.region || --kernel.frame[path[l]].used > 0)
            return;
        *entry_of(path[l + 1], va, l + 1) = 0;
        pool_put(path[l]);
    }
}

static enum exo_status map_one(exo_frame root, uint64_t va, uint32_t perms, exo_frame frame)
{
    unsigned level = perms & EXO_LARGE ? 2 : 1;
    uint32_t span = level == 2 ? 512 : 1;
    exo_frame table;

    for (exo_frame f = frame; f < frame + span; f++) {
        if (f >= kernel.frames)
            return EXO_RANGE;
        if (kernel.frame[f].type != EXO_FRAME_PLAIN &&
            (kernel.frame[f].type != EXO_FRAME_TABLE || (perms & EXO_RWX) != EXO_READ))
            return EXO_TYPE;
    }
    uint64_t *entry = walk(root, va, level, true, &table);
    if (!entry)
        return EXO_NOTABLE;
    uint64_t old = *entry;
    for (exo_frame f = frame; f < frame + span; f++)
        kernel.frame[f].maps++;
    *entry = (uint64_t)frame << 12 | PRESENT | USER | (perms & EXO_WRITE ? WRITE : 0) |
             (perms & EXO_EXEC ? 0 : NX) | (level == 2 ? LARGE : 0);
    if (old & PRESENT) {
        assert_int_equal(level, 1);
        kernel.frame[(old & FRAME_MASK) >> 12].maps--;
    } else {
        kernel.frame[table].used++;
    }
    if (is_region(va))
        region_show(va, frame, span, perms & EXO_WRITE);
    return EXO_OK;
}

static enum exo_status check_perms(uint32_t perms)
{
    if (!(perms & EXO_READ))
        return EXO_INVAL;
    if ((perms & EXO_WRITE) && (perms & EXO_EXEC) && !(perms & EXO_WX))
        return EXO_INVAL;
    return EXO_OK;
}

static enum exo_status map_run(exo_frame root, uint64_t va_perms, exo_frame frame, uint32_t count,
                               uint64_t *done)
{
    uint32_t perms = va_perms & EXO_PERM_MASK;
    uint32_t span = perms & EXO_LARGE ? 512 : 1;
    uint64_t va = va_perms & ~(uint64_t)EXO_PERM_MASK;

    *done = 0;
    if (check_perms(perms) != EXO_OK)
        return EXO_INVAL;
    if (count == 0 || count > 4096 || va + (uint64_t)count * span * 4096 > EXO_USER_TOP)
        return EXO_RANGE;
    for (; *done < count; ++*done) {
        enum exo_status status =
            map_one(root, va + *done * span * 4096, perms, frame + (exo_frame)*done * span);
        if (status != EXO_OK)
            return *done && status != EXO_NOTABLE ? EXO_AGAIN : status;
        if (fake_exo_batch_most && *done + 1 == fake_exo_batch_most && *done + 1 < count) {
            ++*done;
            return EXO_AGAIN;
        }
    }
    return EXO_OK;
}

static enum exo_status map_batch(exo_frame root, const struct exo_map *map, uint32_t count,
                                 uint64_t *done)
{
    *done = 0;
    if (count == 0 || count > 1024)
        return EXO_RANGE;
    for (; *done < count; ++*done) {
        uint64_t n;
        enum exo_status status =
            map_run(root, map[*done].va_perms, map[*done].frame, map[*done].count, &n);
        if (status != EXO_OK)
            return *done && status != EXO_NOTABLE ? EXO_AGAIN : status;
        if (fake_exo_batch_most && *done + 1 == fake_exo_batch_most && *done + 1 < count) {
            ++*done;
            return EXO_AGAIN;
        }
    }
    return EXO_OK;
}

static enum exo_status unmap(exo_frame root, uint64_t va, uint64_t pages, uint64_t *done)
{
    uint64_t end = va + pages * 4096;

    for (uint64_t at = va; at < end;) {
        exo_frame table;
        uint64_t *upper = walk(root, at, 2, false, &table);
        if (!upper || !(*upper & PRESENT)) {
            at = (at | ((1ull << (upper ? 21 : 30)) - 1)) + 1;
            continue;
        }
        unsigned level = *upper & LARGE ? 2 : 1;
        uint32_t span = level == 2 ? 512 : 1;
        uint64_t *entry = level == 2 ? upper : walk(root, at, 1, false, &table);
        if (*entry & PRESENT) {
            assert_true(at % (span * 4096ull) == 0 && at + span * 4096ull <= end);
            exo_frame frame = (exo_frame)((*entry & FRAME_MASK) >> 12);
            for (exo_frame f = frame; f < frame + span; f++)
                kernel.frame[f].maps--;
            *entry = 0;
            shrink(root, at, level);
            if (is_region(at))
                region_hide(at, span);
        }
        at += span * 4096ull;
    }
    *done = pages;
    return EXO_OK;
}

static enum exo_status protect(exo_frame root, uint64_t va_perms, uint64_t pages, uint64_t *done)
{
    uint32_t perms = va_perms & EXO_PERM_MASK;
    uint64_t va = va_perms & ~(uint64_t)EXO_PERM_MASK;

    if (check_perms(perms) != EXO_OK || perms & EXO_LARGE)
        return EXO_INVAL;
    for (uint64_t i = 0; i < pages; i++) {
        exo_frame table;
        uint64_t *entry = walk(root, va + i * 4096, 1, false, &table);
        if (!entry || !(*entry & PRESENT))
            continue;
        exo_frame frame = (exo_frame)((*entry & FRAME_MASK) >> 12);
        if (kernel.frame[frame].type != EXO_FRAME_PLAIN)
            return EXO_TYPE;
        *entry = (uint64_t)frame << 12 | PRESENT | USER | (perms & EXO_WRITE ? WRITE : 0) |
                 (perms & EXO_EXEC ? 0 : NX);
    }
    *done = pages;
    return EXO_OK;
}

static enum exo_status table_give(const exo_frame *list, uint32_t count, uint64_t *done)
{
    if (count == 0 || count > 64)
        return EXO_RANGE;
    for (*done = 0; *done < count; ++*done) {
        struct frame *f = &kernel.frame[list[*done]];
        enum exo_status status = f->type != EXO_FRAME_PLAIN ? EXO_TYPE
                                 : f->maps                  ? EXO_INUSE
                                                            : EXO_OK;
        if (status != EXO_OK)
            return *done ? EXO_AGAIN : status;
        f->type = EXO_FRAME_TABLE;
        pool_put(list[*done]);
    }
    return EXO_OK;
}

/* Frames that are mapped stay in the pool. */
static enum exo_status table_take(exo_frame *list, uint32_t count, uint64_t *taken)
{
    if (count == 0 || count > 64)
        return EXO_RANGE;
    for (uint32_t i = 0; i < kernel.pool_count && *taken < count;) {
        exo_frame frame = kernel.pool[i];
        if (kernel.frame[frame].maps) {
            i++;
            continue;
        }
        kernel.pool[i] = kernel.pool[--kernel.pool_count];
        kernel.frame[frame].type = EXO_FRAME_PLAIN;
        list[(*taken)++] = frame;
    }
    return EXO_OK;
}

static enum exo_status space_create(exo_frame object, uint64_t *cap)
{
    struct frame *f = &kernel.frame[object];

    if (f->type != EXO_FRAME_PLAIN)
        return EXO_TYPE;
    if (f->maps)
        return EXO_INUSE;
    for (*cap = 2; kernel.space[*cap].root; ++*cap)
        if (*cap + 1 == SPACES)
            return EXO_NOSLOT;
    exo_frame root = pool_take();
    if (!root)
        return EXO_NOTABLE;
    f->type = EXO_FRAME_OBJECT;
    *entry_of(root, EXO_REGION_BASE, 4) = (uint64_t)kernel.region << 12 | PRESENT | WRITE | USER;
    kernel.frame[root].used = 1;
    kernel.space[*cap].root = root;
    kernel.space[*cap].object = object;
    fake_exo_spaces++;
    return EXO_OK;
}

static enum exo_status space_destroy(exo_cap cap)
{
    uint64_t done;
    exo_frame root = kernel.space[cap].root;

    if (kernel.current == cap)
        return EXO_INUSE;
    unmap(root, 0, EXO_REGION_BASE / 4096, &done);
    unmap(root, EXO_REGION_BASE + EXO_REGION_BYTES,
          (EXO_USER_TOP - EXO_REGION_BASE - EXO_REGION_BYTES) / 4096, &done);
    pool_put(root);
    kernel.frame[kernel.space[cap].object].type = EXO_FRAME_PLAIN;
    kernel.space[cap].root = 0;
    fake_exo_spaces--;
    return EXO_OK;
}

enum exo_status exo_trap(uint64_t nr, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t,
                         uint64_t *second)
{
    exo_frame root;

    fake_exo_calls++;
    *second = 0;
    if (nr == 0x09)
        return table_give((const exo_frame *)a1, (uint32_t)a2, second);
    if (nr == 0x0a)
        return table_take((exo_frame *)a0, (uint32_t)a1, second);
    if (nr == 0x0c)
        return space_create((exo_frame)a1, second);
    if (a0 >= SPACES || !kernel.space[a0].root)
        return EXO_CAP;
    root = kernel.space[a0].root;
    switch (nr) {
    case 0x0d: return space_destroy((exo_cap)a0);
    case 0x0e: return map_run(root, a1, (exo_frame)a2, (uint32_t)a3, second);
    case 0x0f: return map_batch(root, (const struct exo_map *)a1, (uint32_t)a2, second);
    case 0x10: return unmap(root, a1, a2, second);
    case 0x11: return protect(root, a1, a2, second);
    case 0x1b: kernel.current = (exo_cap)a0; return EXO_OK;
    case 0x32:
        *(struct exo_cap_answer *)a1 =
            (struct exo_cap_answer){.kind = EXO_CAP_SPACE, .first = root};
        return EXO_OK;
    default: fail_msg("exokernel call %#lx is not simulated", nr); return EXO_NOCALL;
    }
}

exo_frame fake_exo_translate(exo_frame root, uint64_t va, bool write, bool fetch, uint64_t *error)
{
    exo_frame table;
    uint64_t *entry = walk(root, va, 1, false, &table);

    *error = (write ? 2 : 0) | (fetch ? 16 : 0) | 4;
    if (!entry || !(*entry & PRESENT))
        return 0;
    if ((write && !(*entry & WRITE)) || (fetch && *entry & NX)) {
        *error |= 1;
        return 0;
    }
    return (exo_frame)((*entry & FRAME_MASK) >> 12);
}

void fake_exo_begin(uint32_t frames, struct exo_info *info)
{
    memset(&kernel, 0, sizeof kernel);
    memset(info, 0, sizeof *info);
    kernel.frames = frames;
    kernel.fd = memfd_create("ram", 0);
    assert_int_equal(ftruncate(kernel.fd, (off_t)frames * 4096), 0);
    kernel.ram =
        mmap(nullptr, (size_t)frames * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, kernel.fd, 0);
    assert_ptr_not_equal(kernel.ram, MAP_FAILED);
    kernel.frame = test_calloc(frames, sizeof kernel.frame[0]);
    for (exo_frame f = 0; f < frames; f++)
        kernel.frame[f].type = EXO_FRAME_PLAIN;

    /* 0-15 are firmware's, 16-259 the kernel's, 260-309 boot objects. */
    info->boot_objects = (struct exo_range){260, 50};
    info->module = (struct exo_range){frames - 100, 90};
    info->ranges[0] = (struct exo_range){310, 200};
    info->ranges[1] = (struct exo_range){520, frames - 100 - 520};
    info->range_count = 2;
    info->ram_frames = frames;
    kernel.space[EXO_CAP_BOOT_SPACE].root = 300;
    kernel.region = 301;
    kernel.frame[300].type = kernel.frame[301].type = EXO_FRAME_TABLE;
    *entry_of(300, EXO_REGION_BASE, 4) = 301ull << 12 | PRESENT | WRITE | USER;
    for (exo_frame f = 302; f < 310; f++)
        kernel.frame[f].type = EXO_FRAME_OBJECT;
    kernel.current = EXO_CAP_BOOT_SPACE;
    fake_exo_calls = fake_exo_spaces = fake_exo_batch_most = 0;
}

void fake_exo_end(void)
{
    munmap((void *)EXO_REGION_BASE, EXO_REGION_BYTES);
    munmap(kernel.ram, (size_t)kernel.frames * 4096);
    close(kernel.fd);
    test_free(kernel.frame);
}
