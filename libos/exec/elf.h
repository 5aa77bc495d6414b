/* SPDX-License-Identifier: BSD-2-Clause */
/* elf.h - executable files as elf(5) has them: reading and checking, without mapping.
 *
 * Whatever a file holds, what comes out is safe to use: all sums have been checked, segments
 * lie where programs may have memory, and the interpreter's name is a string.
 */
#pragma once

#include <linux/elf.h>
#include <stddef.h>
#include <stdint.h>

struct file;

constexpr uint32_t ELF_HEAD_BYTES = 256; /* of a file, to tell what it is (binfmt of Linux) */

struct elf_image {
    Elf64_Ehdr header;
    Elf64_Phdr *segments; /* header.e_phnum of them, from the heap */
    char *interpreter;    /* from the heap, or NULL; after elf_read_interpreter */
    uint64_t low, high;   /* all PT_LOADs, page-aligned, as the file says */
    uint64_t alignment;   /* the largest of theirs, at least a page */
    uint64_t table;       /* the address of the segment table in memory, 0: in no segment */
    bool is_movable;      /* ET_DYN */
    bool stack_exec;      /* PT_GNU_STACK asks for it */
};

/* Is HEAD, N bytes, the start of an ELF file of this machine that could be run?  -ENOEXEC. */
[[nodiscard]] int elf_check_head(const uint8_t *head, size_t n, Elf64_Ehdr *header);

/* Read FILE, whose first N bytes are HEAD.  -ENOEXEC, -ENOMEM, -EIO as execve(2) says; nothing
 * has to be freed then. */
[[nodiscard]] int elf_read(struct file *file, const uint8_t *head, size_t n,
                           struct elf_image *image);
/* The name in PT_INTERP, if there is one.  Errors as of elf_read. */
[[nodiscard]] int elf_read_interpreter(struct file *file, struct elf_image *image);
void elf_free(struct elf_image *image);

/* Can the segments be mapped?  -EINVAL if not: Linux finds this out when the old program is gone
 * already. */
[[nodiscard]] int elf_check_segments(const struct elf_image *image);
