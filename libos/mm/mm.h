/* SPDX-License-Identifier: BSD-2-Clause */
/* mm.h - a program's memory: its address space, ranges and figures.
 *
 * Page tables are the truth about what is present: they lie in frames of the domain,
 * readable through the window, and change only by the kernel calls of this part.
 * Each entry that maps a page (save the zero page) holds one reference to it.
 *
 * Life: mm_create (exec) or mm_fork; shared by mm_get; the last mm_put takes down the
 * mappings.  The space itself goes when no vcpu has it active any more.
 */
#pragma once

#include <exo/abi.h>
#include <stdint.h>
#include "base/setting.h"
#include "base/types.h"
#include "mm/vma.h"

struct iter;
struct page;

struct mm {
    uint32_t refs;
    struct list_node all; /* mm_for_each */
    exo_cap space;
    exo_frame object; /* the space's */
    exo_frame root;   /* its top table */
    uint32_t active;  /* bit per vcpu that runs in it */
    struct vma_tree vmas;
    struct list_node parked; /* pages of ranges without access, by address (parked.c) */
    uint64_t mmap_top;       /* automatic placement goes down from here */
    uint64_t brk_start, brk;
    uint64_t code_start, code_end, data_start, data_end;
    uint64_t stack_start; /* the stack pointer at the program's start */
    uint64_t arg_start, arg_end, env_start, env_end;
    uint64_t auxv[48];       /* as on the stack, for /proc/PID/auxv */
    uint32_t auxv_count;     /* words of it */
    struct file *exe;        /* one reference; mm_set_exe */
    bool dumpable;           /* prctl(PR_SET_DUMPABLE) */
    bool lock_future;        /* mlockall(MCL_FUTURE) */
    struct aio_context *aio; /* contexts of asynchronous I/O: vfs/aio.c */
    uint32_t barriers;       /* MEMBARRIER_CMD_REGISTER_* that were made */
    uint64_t vdso;           /* where the vDSO is mapped, 0: nowhere */
    bool unpatched;          /* it shows files as they are (mm/patch.h) */
    uint64_t refused[16];    /* call sites that cannot be patched, by a hash of their address */

    /* Figures, in pages. */
    uint64_t anonymous;    /* present private pages of the program's own */
    uint64_t file_pages;   /* present pages of files */
    uint64_t shared_pages; /* present pages of shared memory */
    uint64_t resident_most;
    uint64_t total; /* of all ranges */
    uint64_t total_most;
    uint64_t data;  /* private writable, for RLIMIT_DATA */
    uint64_t stack; /* of ranges that grow down */
    uint64_t exec;  /* executable file ranges */
    uint64_t locked;
    uint64_t faults_minor, faults_major;
};

/* What a fault that could not be resolved asks for. */
struct mm_fault_info {
    int signal; /* SIGSEGV, SIGBUS or SIGKILL */
    int code;   /* si_code: SEGV_MAPERR, SEGV_ACCERR, BUS_ADRERR */
};

[[nodiscard]] struct mm *mm_create(void);
struct mm *mm_get(struct mm *mm);
void mm_put(struct mm *mm);

/* A copy of MM for fork(2), private pages shared until written.  NULL: no memory. */
[[nodiscard]] struct mm *mm_fork(struct mm *mm);

/* FILE is what MM executes: it cannot be opened for writing until MM has gone (ETXTBSY). */
void mm_set_exe(struct mm *mm, struct file *file);

/* Call FN for every address space that exists. */
void mm_for_each(void (*fn)(const struct mm *mm));

/* Make the calling vcpu run in MM's space, or, if NULL, in none that can go away. */
void mm_activate(struct mm *mm);

/* Resolve a fault at ADDRESS; ERROR is the processor's code (SDM vol. 3A, 4.7).  0: try the
 * access again.  -EFAULT: *INFO, if not NULL, tells which signal the program has earned. */
int mm_fault(struct mm *mm, uaddr_t address, uint64_t error, struct mm_fault_info *info);

/* Read or write any process's memory; writing forces private copies as a debugger needs.
 * The bytes done before the first that could not be reached. */
size_t mm_read(struct mm *mm, uaddr_t address, void *to, size_t n);
size_t mm_write(struct mm *mm, uaddr_t address, const void *from, size_t n);
/* The same, but only what MM's program itself might do there (process_vm_readv(2)). */
size_t mm_copy(struct mm *mm, uaddr_t address, void *buffer, size_t n, bool write);

/* Ranges in order, for /proc/PID/maps: the one at ADDRESS or the first above it, or NULL. */
struct vma *mm_vma_from(struct mm *mm, uint64_t address);
#define mm_for_each_vma(vma, mm)                                                                   \
    for (struct vma *vma = mm_vma_from(mm, 0); vma; vma = vma_next(&(mm)->vmas, vma))
/* The name that /proc/PID/maps shows for a range without a file: "[heap]", "[stack]", or "". */
const char *mm_vma_name(const struct vma *vma);
/* What is in memory of ranges, in pages. */
constexpr unsigned MM_PROPORTION_SHIFT = 20;
struct mm_usage {
    uint64_t resident, anonymous, referenced;
    uint64_t shared[2], private[2]; /* mapped by others, too, or not; [1]: of that, dirty */
    /* Each page divided by those who map it; in 1 << MM_PROPORTION_SHIFT parts of a page. */
    uint64_t proportion, locked_proportion;
};
void mm_usage_add(const struct vma *vma, struct mm_usage *usage);
/* How many page-table entries map PAGE, 1 at least.  A pipe that holds it counts as one. */
uint32_t mm_page_mappers(const struct page *page);
/* Pages present in [start, end) of MM. */
uint64_t mm_resident_in(struct mm *mm, uint64_t start, uint64_t end);

static inline uint64_t mm_resident(const struct mm *mm)
{
    return mm->anonymous + mm->file_pages + mm->shared_pages;
}

/* What identifies a futex word: the same key from every process that shares it. */
struct mm_futex_key {
    const void *object; /* the mm, or the inode behind a shared mapping */
    uint64_t offset;    /* address, or page index * 4096 + offset in the page */
};
/* 0 or -EFAULT.  SHARED: the word may be in memory shared between processes.  The key of an
 * inode holds no reference: a waiter's own mapping keeps it alive while it matters. */
int mm_futex_key(struct mm *mm, uaddr_t address, bool shared, struct mm_futex_key *key);

/* The VFS is about to drop pages [first_index, +count) of INODE from its cache (truncate, hole
 * punching): nothing maps them afterwards.  PRIVATE: copies that programs have made go too. */
struct inode;
void mm_unmap_file(struct inode *inode, uint64_t first_index, uint64_t count);

/* Frames free and total as /proc/meminfo needs them are in page.h; here what programs use. */
struct mm_totals {
    uint64_t anonymous, shared, committed;
};
void mm_totals_read(struct mm_totals *totals);
/* vm.overcommit_memory and vm.overcommit_ratio of proc(5). */
extern struct setting mm_overcommit_mode, mm_overcommit_ratio;
/* The pages that programs may have been promised under OVERCOMMIT_NEVER. */
uint64_t mm_commit_limit(void);

extern uint64_t mm_faults; /* of all programs, ever */
