/* SPDX-License-Identifier: BSD-2-Clause */
/* load.c - a program's segments into its new address space. */
#include <linux/mman.h>

#include "arch/arch.h"
#include "arch/elf_arch.h"
#include "arch/vdso.h"
#include "base/bits.h"
#include "base/errno.h"
#include "exec/program.h"
#include "mm/mm.h"
#include "mm/mmap.h"
#include "mm/patch.h"
#include "mm/range.h"
#include "sched/thread.h"
#include "start/options.h"
#include "vfs/file.h"

static int segment_prot(const Elf64_Phdr *s)
{
    return (s->p_flags & PF_R ? PROT_READ : 0) | (s->p_flags & PF_W ? PROT_WRITE : 0) |
           (s->p_flags & PF_X ? PROT_EXEC : 0);
}

/* MAP_FIXED as Linux has it, save that nothing may come to lie on the stack. */
static int map_at(struct program *p, uint64_t start, uint64_t end, int prot, int flags,
                  struct file *file, uint64_t page_offset)
{
    int64_t at;

    if (start >= end)
        return 0;
    if (end > p->stack->start && start < p->stack->end)
        return -ENOMEM;
    at = mm_map(p->mm, start, end - start, prot, flags | MAP_PRIVATE | (file ? 0 : MAP_ANONYMOUS),
                file, page_offset);
    return at < 0 ? (int)at : 0;
}

/* Memory beyond the file's part is zero: the rest of the last page, then pages of its own. */
static int zero_tail(struct program *p, uint64_t from)
{
    static const char zeroes[512];
    uint64_t end = page_round_up(from);

    while (from < end) {
        size_t n = MIN(end - from, sizeof zeroes);
        if (mm_write(p->mm, from, zeroes, n) != n)
            return -EFAULT;
        from += n;
    }
    return 0;
}

static int segment_map(struct program *p, const Elf64_Phdr *s, uint64_t bias, struct file *file,
                       int flags)
{
    uint64_t start = page_round_down(s->p_vaddr + bias);
    uint64_t file_end = s->p_vaddr + bias + s->p_filesz, end = s->p_vaddr + bias + s->p_memsz;
    uint64_t pages_end = s->p_filesz ? page_round_up(file_end) : start;
    int prot = segment_prot(s), error;

    error = map_at(p, start, pages_end, prot, flags, file, s->p_offset / PAGE_SIZE);
    if (error == 0 && s->p_filesz && s->p_memsz > s->p_filesz && s->p_flags & PF_W)
        error = zero_tail(p, file_end);
    if (error == 0)
        error = map_at(p, pages_end, page_round_up(end), prot, flags, nullptr, 0);
    return error;
}

static int image_map(struct program *p, const struct elf_image *image, uint64_t bias,
                     struct file *file)
{
    /* As on Linux only the first segment must find its place free. */
    int flags = MAP_FIXED_NOREPLACE, error = 0;

    for (unsigned i = 0; error == 0 && i < image->header.e_phnum; i++) {
        const Elf64_Phdr *s = &image->segments[i];
        if (s->p_type != PT_LOAD)
            continue;
        error = segment_map(p, s, bias, file, flags);
        flags = MAP_FIXED;
    }
    return error;
}

/* Where a movable image goes so that its lowest address comes to lie at BASE or, if that is 0, at
 * a place that is free: what has to be added to its addresses. */
static int image_place(const struct program *p, const struct elf_image *image, uint64_t base,
                       uint64_t *bias)
{
    uint64_t room = image->high - image->low + (image->alignment - PAGE_SIZE);
    int64_t at;

    *bias = 0;
    if (!image->is_movable)
        return 0;
    at = base ? (int64_t)base : mm_place(p->mm, 0, room, 0);
    if (at < 0)
        return (int)at;
    if (!base)
        at += (int64_t)(image->alignment - PAGE_SIZE);
    *bias = ((uint64_t)at & ~(image->alignment - 1)) - image->low;
    return 0;
}

/* The figures of /proc/PID/stat, and the place of the heap. */
static void borders_note(struct program *p)
{
    struct mm *mm = p->mm;

    mm->code_start = UINT64_MAX;
    for (unsigned i = 0; i < p->image.header.e_phnum; i++) {
        const Elf64_Phdr *s = &p->image.segments[i];
        uint64_t start = s->p_vaddr + p->bias, end = start + s->p_filesz;
        if (s->p_type != PT_LOAD)
            continue;
        if (s->p_flags & PF_X) {
            mm->code_start = MIN(mm->code_start, start);
            mm->code_end = MAX(mm->code_end, end);
        }
        if (start > mm->data_start)
            mm->data_start = start;
        mm->data_end = MAX(mm->data_end, end);
    }
    if (mm->code_start == UINT64_MAX)
        mm->code_start = 0;
    mm->brk_start = mm->brk = p->image.high + p->bias;
}

static int loader_map(struct program *p)
{
    uint64_t bias;
    int error;

    if (!p->loader_file)
        return 0;
    error = elf_check_segments(&p->loader);
    if (error == 0)
        error = image_place(p, &p->loader, 0, &bias);
    if (error == 0)
        error = image_map(p, &p->loader, bias, p->loader_file);
    if (error)
        return error;
    p->loader_base = bias + (p->loader.is_movable ? p->loader.low : 0);
    p->entry = p->loader.header.e_entry + bias;
    return 0;
}

int program_map(struct program *p)
{
    int error = elf_check_segments(&p->image);

    if (error == 0)
        error = image_place(p, &p->image, ARCH_ELF_DYN_BASE, &p->bias);
    if (error == 0)
        error = image_map(p, &p->image, p->bias, p->file);
    if (error)
        return error;
    p->entry = p->image.header.e_entry + p->bias;
    borders_note(p);
    p->mm->unpatched = !options.patch || current->trace || current->seccomp_mode;
    patch_windows_map(p->mm);
    error = loader_map(p);
    if (error)
        return error;
    if (!mm_is_mappable(p->entry, 1))
        return -EINVAL;
    error = vdso_map(p->mm, &p->mm->vdso);
    if (error)
        return error;
    return strings_finish(p);
}
