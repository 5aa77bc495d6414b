/* SPDX-License-Identifier: BSD-2-Clause */
/* elf.c - executable files: reading and checking. */
#include "exec/elf.h"

#include <linux/limits.h>

#include "arch/arch.h"
#include "arch/elf_arch.h"
#include "base/bits.h"
#include "base/errno.h"
#include "base/string.h"
#include "mm/heap.h"
#include "vfs/file.h"

constexpr size_t SEGMENTS_BYTES_MOST = 4096; /* Linux's limit: the table fits a page */

int elf_check_head(const uint8_t *head, size_t n, Elf64_Ehdr *header)
{
    size_t bytes;

    if (n < sizeof *header)
        return -ENOEXEC;
    memcpy(header, head, sizeof *header);
    if (memcmp(header->e_ident, ELFMAG, SELFMAG) != 0)
        return -ENOEXEC;
    if (header->e_type != ET_EXEC && header->e_type != ET_DYN)
        return -ENOEXEC;
    if (header->e_machine != ARCH_ELF_MACHINE || header->e_ident[EI_CLASS] != ELFCLASS64 ||
        header->e_ident[EI_DATA] != ELFDATA2LSB)
        return -ENOEXEC;
    if (header->e_phentsize != sizeof(Elf64_Phdr))
        return -ENOEXEC;
    bytes = (size_t)header->e_phnum * sizeof(Elf64_Phdr);
    if (bytes == 0 || bytes > SEGMENTS_BYTES_MOST)
        return -ENOEXEC;
    return 0;
}

static int read_exactly(struct file *file, void *to, size_t n, uint64_t offset)
{
    if (offset > INT64_MAX - n)
        return -EIO;
    ssize_t got = file_read_kernel(file, to, n, (loff_t)offset);
    if (got < 0)
        return (int)got;
    return (size_t)got == n ? 0 : -EIO;
}

/* The name must fill its segment, NUL included. */
static int interpreter_read(struct file *file, const Elf64_Phdr *segment, char **name)
{
    int error;

    if (segment->p_filesz < 2 || segment->p_filesz > PATH_MAX)
        return -ENOEXEC;
    *name = heap_alloc(segment->p_filesz);
    if (!*name)
        return -ENOMEM;
    error = read_exactly(file, *name, segment->p_filesz, segment->p_offset);
    if (error == 0 && (*name)[segment->p_filesz - 1] != '\0')
        error = -ENOEXEC;
    if (error) {
        heap_free(*name);
        *name = nullptr;
    }
    return error;
}

/* What the segment table says about the whole.  Sums may be nonsense: elf_check_segments. */
static void table_survey(struct elf_image *image)
{
    const Elf64_Ehdr *header = &image->header;

    image->low = UINT64_MAX;
    image->alignment = PAGE_SIZE;
    for (unsigned i = 0; i < header->e_phnum; i++) {
        const Elf64_Phdr *s = &image->segments[i];
        if (s->p_type == PT_GNU_STACK)
            image->stack_exec = s->p_flags & PF_X;
        if (s->p_type != PT_LOAD)
            continue;
        image->low = MIN(image->low, page_round_down(s->p_vaddr));
        image->high = MAX(image->high, page_round_up(s->p_vaddr + s->p_memsz));
        if (s->p_align > image->alignment && (s->p_align & (s->p_align - 1)) == 0)
            image->alignment = s->p_align;
        if (s->p_offset <= header->e_phoff && header->e_phoff - s->p_offset < s->p_filesz)
            image->table = s->p_vaddr + (header->e_phoff - s->p_offset);
    }
}

int elf_read(struct file *file, const uint8_t *head, size_t n, struct elf_image *image)
{
    size_t bytes;
    int error;

    *image = (struct elf_image){};
    error = elf_check_head(head, n, &image->header);
    if (error)
        return error;
    if (!file->ops->mmap)
        return -ENOEXEC;
    bytes = (size_t)image->header.e_phnum * sizeof(Elf64_Phdr);
    image->segments = heap_alloc(bytes);
    if (!image->segments)
        return -ENOMEM;
    if (read_exactly(file, image->segments, bytes, image->header.e_phoff) != 0)
        error = -ENOEXEC;
    if (error) {
        elf_free(image);
        return error;
    }
    table_survey(image);
    image->is_movable = image->header.e_type == ET_DYN;
    return 0;
}

int elf_read_interpreter(struct file *file, struct elf_image *image)
{
    for (unsigned i = 0; i < image->header.e_phnum; i++)
        if (image->segments[i].p_type == PT_INTERP) /* only the first counts */
            return interpreter_read(file, &image->segments[i], &image->interpreter);
    return 0;
}

void elf_free(struct elf_image *image)
{
    heap_free(image->segments);
    heap_free(image->interpreter);
    image->segments = nullptr;
    image->interpreter = nullptr;
}

int elf_check_segments(const struct elf_image *image)
{
    bool has_load = false;

    for (unsigned i = 0; i < image->header.e_phnum; i++) {
        const Elf64_Phdr *s = &image->segments[i];
        if (s->p_type != PT_LOAD)
            continue;
        if (s->p_filesz > s->p_memsz || s->p_memsz > ARCH_USER_TOP ||
            s->p_vaddr > ARCH_USER_TOP - s->p_memsz)
            return -EINVAL;
        if (s->p_filesz && (s->p_offset & PAGE_MASK) != (s->p_vaddr & PAGE_MASK))
            return -EINVAL;
        if (s->p_offset > INT64_MAX - s->p_filesz)
            return -EINVAL;
        has_load = true;
    }
    return has_load && image->high > image->low ? 0 : -EINVAL;
}
