/* SPDX-License-Identifier: BSD-2-Clause */
/* strings.c - the stack that a new program finds (execve(2), the x86-64 psABI 3.4.1).
 *
 * From its top down: the program's name, the environment, the arguments; then the platform's
 * name and 16 random bytes; then, as one array upwards from the stack pointer, argc, argv,
 * envp and the auxiliary vector.  All is written through the window into the new address space.
 */
#include <asm/auxvec.h>
#include <linux/auxvec.h>
#include <linux/limits.h>
#include <linux/mman.h>

#include "arch/arch.h"
#include "arch/elf_arch.h"
#include "base/bits.h"
#include "base/errno.h"
#include "base/string.h"
#include "exec/program.h"
#include "mm/mm.h"
#include "mm/mmap.h"
#include "mm/page.h"
#include "mm/range.h"
#include "mm/usermem.h"
#include "proc/cred.h"
#include "proc/process.h"
#include "random/random.h"
#include "sched/time.h"
#include "signal/signal.h"

constexpr uint64_t STRING_MOST = 32 * PAGE_SIZE;   /* one string, execve(2) */
constexpr uint64_t STRINGS_MOST = 6 << 20;         /* all, whatever RLIMIT_STACK says */
constexpr uint64_t STACK_MARGIN = 128 << 10;       /* left below what is there at the start */
constexpr uint64_t ARRAYS_ROOM = 64 << 10;         /* for the auxiliary vector and the like */
constexpr uint64_t STACK_GAP_LEAST = 128ull << 20; /* mappings stay that far from the top */

static int bytes_write(struct program *p, uint64_t to, const void *from, size_t n)
{
    return mm_write(p->mm, to, from, n) == n ? 0 : -ENOMEM;
}

/* Room for N bytes below what is there. */
static int room_take(struct program *p, uint64_t n)
{
    if (n > p->sp - p->sp_least)
        return -E2BIG;
    p->sp -= n;
    return 0;
}

int strings_push(struct program *p, const char *s)
{
    size_t n = strlen(s) + 1;
    int error = n > STRING_MOST ? -E2BIG : room_take(p, n);

    return error ? error : bytes_write(p, p->sp, s, n);
}

static int push_from_user(struct program *p, uaddr_t s)
{
    char chunk[512];
    ssize_t length = strnlen_user(s, STRING_MOST);
    int error;

    if (length < 0)
        return (int)length;
    if ((uint64_t)length >= STRING_MOST)
        return -E2BIG;
    error = room_take(p, (uint64_t)length + 1);
    for (uint64_t done = 0; error == 0 && done <= (uint64_t)length; done += sizeof chunk) {
        size_t n = MIN((uint64_t)length + 1 - done, sizeof chunk);
        error = copy_from_user(chunk, s + done, n);
        if (done + n == (uint64_t)length + 1)
            chunk[n - 1] = '\0'; /* whatever another thread has made of it since */
        if (error == 0)
            error = bytes_write(p, p->sp + done, chunk, n);
    }
    return error;
}

int strings_pop(struct program *p)
{
    char c = 'x';

    while (c != '\0') {
        if (mm_read(p->mm, p->sp, &c, 1) != 1)
            return -EFAULT;
        p->sp++;
    }
    p->argc--;
    return 0;
}

/* How many strings there are before the NULL; a NULL array is empty. */
static int count_strings(const struct exec_strings *strings, uint32_t *count)
{
    uint64_t pointer = 0;

    *count = 0;
    if (strings->kernel) {
        while (strings->kernel[*count])
            ++*count;
        return 0;
    }
    while (strings->user) {
        if (get_user_u64(&pointer, strings->user + *count * sizeof pointer) != 0)
            return -EFAULT;
        if (pointer == 0)
            break;
        if (++*count > STRINGS_MOST / sizeof pointer)
            return -E2BIG;
    }
    return 0;
}

/* The last first, so that they follow one another upwards. */
static int push_all(struct program *p, const struct exec_strings *strings, uint32_t count)
{
    int error = 0;

    for (uint32_t i = count; error == 0 && i-- > 0;) {
        uint64_t pointer;
        if (strings->kernel)
            error = strings_push(p, strings->kernel[i]);
        else if (get_user_u64(&pointer, strings->user + i * sizeof pointer) != 0)
            error = -EFAULT;
        else
            error = push_from_user(p, pointer);
    }
    return error;
}

/* The stack's range, with room for all strings; strings_finish cuts it. */
static int stack_make(struct program *p)
{
    constexpr uint32_t flags = VMA_READ | VMA_WRITE | VMA_MAY_READ | VMA_MAY_WRITE | VMA_MAY_EXEC |
                               VMA_GROWSDOWN | VMA_STACK;
    uint64_t limit = process_rlimit(process_current(), RLIMIT_STACK);
    uint64_t strings = MAX(MIN(limit / 4, STRINGS_MOST), (uint64_t)ARG_MAX);
    uint64_t arrays = (MAX(p->argc, 1u) + (uint64_t)p->envc) * sizeof(uint64_t);
    uint64_t bytes = page_round_up(strings + ARRAYS_ROOM);
    uint64_t gap = MIN(MAX(limit, STACK_GAP_LEAST), ARCH_USER_TOP / 6 * 5);

    if (arrays >= strings)
        return -E2BIG;
    p->stack = vma_create(p->mm, ARCH_USER_TOP - bytes, ARCH_USER_TOP, flags, nullptr,
                          (ARCH_USER_TOP - bytes) / PAGE_SIZE);
    if (!p->stack)
        return -ENOMEM;
    p->mm->mmap_top = page_round_down(ARCH_USER_TOP - gap - MM_STACK_GAP);
    p->sp = ARCH_USER_TOP - sizeof(uint64_t); /* a NULL ends the stack, as on Linux */
    p->sp_least = ARCH_USER_TOP - (strings - arrays);
    return 0;
}

int strings_begin(struct program *p, const struct exec_strings *argv,
                  const struct exec_strings *envp)
{
    int error = count_strings(argv, &p->argc);

    if (error == 0)
        error = count_strings(envp, &p->envc);
    if (error == 0)
        error = stack_make(p);
    if (error == 0)
        error = strings_push(p, p->name);
    p->name_at = p->sp;
    if (error == 0)
        error = push_all(p, envp, p->envc);
    p->env_at = p->sp;
    if (error == 0)
        error = push_all(p, argv, p->argc);
    if (error == 0 && p->argc == 0) {
        error = strings_push(p, ""); /* no program has to do without argv[0] */
        p->argc = 1;
    }
    return error;
}

/* Words written upwards from AT. */
struct words {
    struct program *program;
    uint64_t at;
    uint64_t word[64];
    unsigned count;
    int error;
};

static void words_flush(struct words *w)
{
    if (w->error == 0)
        w->error = bytes_write(w->program, w->at, w->word, w->count * sizeof w->word[0]);
    w->at += w->count * sizeof w->word[0];
    w->count = 0;
}

static void words_add(struct words *w, uint64_t word)
{
    if (w->count == ARRAY_COUNT(w->word))
        words_flush(w);
    w->word[w->count++] = word;
}

/* The addresses of COUNT strings from *AT on, and a NULL; *AT is left at their end. */
static void words_add_strings(struct words *w, uint64_t *at, uint32_t count)
{
    char chunk[256];
    size_t have = 0, used = 0;

    while (count-- > 0 && w->error == 0) {
        words_add(w, *at);
        for (bool ended = false; !ended;) {
            if (used == have) {
                have = mm_read(w->program->mm, *at, chunk, sizeof chunk);
                used = 0;
                if (have == 0) {
                    w->error = -EFAULT;
                    return;
                }
            }
            ended = chunk[used++] == '\0';
            ++*at;
        }
    }
    words_add(w, 0);
}

static void aux_add(struct mm *mm, uint64_t type, uint64_t value)
{
    mm->auxv[mm->auxv_count++] = type;
    mm->auxv[mm->auxv_count++] = value;
}

/* In Linux's order (getauxval(3)). */
static void aux_fill(const struct program *p, uint64_t random_at, uint64_t platform_at)
{
    struct mm *mm = p->mm;
    const struct cred *cred = p->cred;

    mm->auxv_count = 0;
    if (mm->vdso)
        aux_add(mm, AT_SYSINFO_EHDR, mm->vdso);
    aux_add(mm, AT_MINSIGSTKSZ, signal_frame_bytes_max());
    aux_add(mm, AT_HWCAP, arch_elf_hwcap());
    aux_add(mm, AT_PAGESZ, PAGE_SIZE);
    aux_add(mm, AT_CLKTCK, NSEC_PER_SEC / TICK_NS);
    aux_add(mm, AT_PHDR, p->image.table ? p->image.table + p->bias : 0);
    aux_add(mm, AT_PHENT, sizeof(Elf64_Phdr));
    aux_add(mm, AT_PHNUM, p->image.header.e_phnum);
    aux_add(mm, AT_BASE, p->loader_base);
    aux_add(mm, AT_FLAGS, 0);
    aux_add(mm, AT_ENTRY, p->image.header.e_entry + p->bias);
    aux_add(mm, AT_UID, cred->uid);
    aux_add(mm, AT_EUID, cred->euid);
    aux_add(mm, AT_GID, cred->gid);
    aux_add(mm, AT_EGID, cred->egid);
    aux_add(mm, AT_SECURE, p->is_secure);
    aux_add(mm, AT_RANDOM, random_at);
    aux_add(mm, AT_HWCAP2, ARCH_ELF_HWCAP2);
    aux_add(mm, AT_EXECFN, p->name_at);
    aux_add(mm, AT_PLATFORM, platform_at);
    aux_add(mm, AT_NULL, 0);
}

int strings_finish(struct program *p)
{
    struct mm *mm = p->mm;
    uint8_t random[16];
    uint64_t strings_at = p->sp, platform_at, random_at, words, margin;
    struct words w = {.program = p};
    int error;

    platform_at = (strings_at & ~15ull) - sizeof ARCH_ELF_PLATFORM;
    random_at = platform_at - sizeof random;
    random_bytes(random, sizeof random);
    error = bytes_write(p, platform_at, ARCH_ELF_PLATFORM, sizeof ARCH_ELF_PLATFORM);
    if (error == 0)
        error = bytes_write(p, random_at, random, sizeof random);
    if (error)
        return error;
    aux_fill(p, random_at, platform_at);
    words = 1 + (p->argc + 1) + (p->envc + 1) + mm->auxv_count;
    p->sp = w.at = (random_at - words * sizeof(uint64_t)) & ~15ull;
    words_add(&w, p->argc);
    mm->arg_start = strings_at;
    words_add_strings(&w, &strings_at, p->argc);
    mm->arg_end = mm->env_start = strings_at;
    words_add_strings(&w, &strings_at, p->envc);
    mm->env_end = strings_at;
    for (uint32_t i = 0; i < mm->auxv_count; i++)
        words_add(&w, mm->auxv[i]);
    words_flush(&w);
    if (w.error)
        return w.error;
    mm->stack_start = p->sp;
    margin = MIN(STACK_MARGIN, page_round_down(p->sp) - p->stack->start);
    vma_resize(p->stack, page_round_down(p->sp) - margin, p->stack->end);
    if (!p->image.stack_exec)
        return 0;
    return mm_protect(mm, p->stack->start, p->stack->end - p->stack->start,
                      PROT_READ | PROT_WRITE | PROT_EXEC);
}
