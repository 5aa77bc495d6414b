/* SPDX-License-Identifier: BSD-2-Clause */
/* record.c - writes records to the ring. */
#include "trace/record.h"

#include <linux/limits.h>
#include "arch/arch.h"
#include "base/assert.h"
#include "base/bits.h"
#include "base/format.h"
#include "base/log.h"
#include "base/string.h"
#include "linux-api/call.h"
#include "mm/mm.h"
#include "mm/page.h"
#include "mm/vma.h"
#include "proc/process.h"
#include "sched/thread.h"
#include "vfs/file.h"
#include "vfs/mount.h"
#include "vfs/path.h"

/* Of the domain's memory at most this part, and never more than this. */
constexpr uint64_t PART = 32;
constexpr uint64_t RECORDS_MOST = 1 << 16;
constexpr uint64_t RECORDS_LEAST = PAGE_SIZE / sizeof(struct record);
constexpr size_t TEXT_BYTES = sizeof((struct record){}.arg);

enum record_level record_level;

static struct {
    struct record_head *head;
    struct record *ring;
} state;

void record_start(enum record_level level, uint64_t cycles_hz)
{
    uint64_t room = RECORDS_MOST;
    while (room > RECORDS_LEAST && room * sizeof(struct record) > page_total() * PAGE_SIZE / PART)
        room /= 2;
    struct page *pages = page_alloc_run(1 + room * sizeof(struct record) / PAGE_SIZE, 0);
    if (!pages) {
        log_warn("no memory for records of what happens");
        return;
    }
    state.head = page_address(pages);
    state.ring = page_address(pages + 1);
    *state.head = (struct record_head){.magic = RECORD_MAGIC, .cycles_hz = cycles_hz, .room = room};
    char line[64];
    int n =
        snprintf(line, sizeof line, "seam: record %llu\n", (unsigned long long)page_frame(pages));
    log_write(line, (size_t)n);
    record_level = level;
}

/* The next record, zeroed but for what all have in common; it counts once record_end is called. */
static struct record *record_begin(enum record_kind kind, unsigned number, int32_t tid)
{
    struct record *r = &state.ring[state.head->end & (state.head->room - 1)];
    *r = (struct record){
        .cycles = arch_cycles(),
        .kind = kind,
        .vcpu = (uint8_t)vcpu_local()->number,
        .number = (uint16_t)number,
        .tid = tid,
    };
    return r;
}

static void record_end(void)
{
    /* Release: the host, which sees the count, sees the record. */
    __atomic_store_n(&state.head->end, state.head->end + 1, __ATOMIC_RELEASE);
}

void record_add(enum record_kind kind, unsigned number, int32_t tid, uint64_t a, uint64_t b,
                uint64_t c)
{
    struct record *r = record_begin(kind, number, tid);
    r->arg[0] = a;
    r->arg[1] = b;
    r->arg[2] = c;
    record_end();
}

void record_add_call(const struct call *call)
{
    struct record *r = record_begin(RECORD_CALL, (unsigned)call->nr, current->tid);
    memcpy(r->arg, call->arg, sizeof r->arg);
    record_end();
}

void record_add_thread(const struct thread *t)
{
    struct record *r = record_begin(RECORD_THREAD, 0, t->tid);
    r->arg[0] = (uint64_t)(t->process ? t->process->pid : 0);
    memcpy(&r->arg[1], t->comm, sizeof t->comm);
    record_end();
}

void record_add_space(const struct mm *mm)
{
    record_add(RECORD_SPACE, 0, current->tid, mm->root, 0, 0);
}

static void add_text(const char *text, size_t n)
{
    for (size_t at = 0; at < n; at += TEXT_BYTES) {
        struct record *r = record_begin(RECORD_TEXT, 0, current->tid);
        memcpy(r->arg, text + at, MIN(n - at, TEXT_BYTES));
        record_end();
    }
}

/* What is mapped: a path, a name in brackets, or nothing. */
static const char *name_of(const struct vma *vma, char *buffer)
{
    if (!vma->file)
        return vma->name ? vma->name : "";
    char *text;
    int err = path_to_string(&vma->file->path, &root_path, buffer, PATH_MAX, &text);
    return err < 0 ? "[file]" : text;
}

void record_add_map(const struct vma *vma)
{
    char *buffer = path_buffer_get();
    const char *name = buffer ? name_of(vma, buffer) : "";
    size_t n = strlen(name);
    struct record *r =
        record_begin(RECORD_MAP, (unsigned)((n + TEXT_BYTES - 1) / TEXT_BYTES), current->tid);
    r->arg[0] = vma->mm->root;
    r->arg[1] = vma->start;
    r->arg[2] = vma->end;
    r->arg[3] = vma->page_offset * PAGE_SIZE;
    record_end();
    add_text(name, n);
    path_buffer_put(buffer);
}
