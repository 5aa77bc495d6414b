/* SPDX-License-Identifier: BSD-2-Clause */
/* elf_fuzz.c - whatever a file holds, what elf.c makes of it is safe to use; so is a script's head.
 *
 * Input: the file.
 */
#include "arch/arch.h"
#include "arch/elf_arch.h"
#include "base/bits.h"
#include "base/errno.h"
#include "exec/elf.h"
#include "exec/program.h"
#include "fuzz.h"
#include "vfs/file.h"

bool script_parse(char *line, size_t size, char **interpreter, char **argument);

static const uint8_t *content;
static size_t content_bytes;

static int no_mmap(struct file *, struct vma *)
{
    return 0;
}

static const struct file_ops ops = {.mmap = no_mmap};
static struct file file = {.refs = 1, .ops = &ops};

ssize_t file_read_kernel(struct file *, void *to, size_t n, loff_t offset)
{
    MUST(offset >= 0);
    if ((size_t)offset >= content_bytes)
        return 0;
    if (n > content_bytes - (size_t)offset)
        n = content_bytes - (size_t)offset;
    memcpy(to, content + offset, n);
    return (ssize_t)n;
}

int file_open_exec(int, const char *, unsigned, struct file **)
{
    return -ENOENT;
}

int program_replace_file(struct program *, struct file *)
{
    return 0;
}

int strings_push(struct program *, const char *)
{
    return 0;
}

int strings_pop(struct program *)
{
    return 0;
}

static void image_check(const struct elf_image *image)
{
    MUST(image->low < image->high && image->low % PAGE_SIZE == 0 && image->high % PAGE_SIZE == 0);
    MUST(image->high <= page_round_up(ARCH_USER_TOP));
    MUST(image->alignment >= PAGE_SIZE && (image->alignment & (image->alignment - 1)) == 0);
    for (unsigned i = 0; i < image->header.e_phnum; i++) {
        const Elf64_Phdr *s = &image->segments[i];
        if (s->p_type != PT_LOAD)
            continue;
        MUST(s->p_filesz <= s->p_memsz && s->p_memsz <= image->high - image->low);
        MUST(s->p_vaddr >= image->low && s->p_vaddr <= image->high - s->p_memsz);
        MUST(s->p_offset <= INT64_MAX && s->p_filesz <= INT64_MAX - s->p_offset);
    }
}

static void elf_try(const uint8_t *head)
{
    struct elf_image image;
    if (elf_read(&file, head, content_bytes < ELF_HEAD_BYTES ? content_bytes : ELF_HEAD_BYTES,
                 &image) != 0)
        return;
    if (elf_read_interpreter(&file, &image) == 0) {
        if (image.interpreter)
            MUST(strlen(image.interpreter) <= 4096);
        if (elf_check_segments(&image) == 0)
            image_check(&image);
    }
    elf_free(&image);
}

static void script_try(const uint8_t *head)
{
    char *line = malloc(ELF_HEAD_BYTES - 1), *interpreter, *argument;
    memcpy(line, head + 2, ELF_HEAD_BYTES - 2);
    line[ELF_HEAD_BYTES - 2] = '\0';
    if (script_parse(line, ELF_HEAD_BYTES - 1, &interpreter, &argument)) {
        MUST(!strpbrk(interpreter, " \t\n"));
        MUST(!argument || (*argument && !strchr(argument, '\n')));
        MUST(!argument || argument[0] != ' ');
    }
    free(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t n)
{
    uint8_t *head = calloc(1, ELF_HEAD_BYTES);
    content = input;
    content_bytes = n;
    memcpy(head, input, n < ELF_HEAD_BYTES ? n : ELF_HEAD_BYTES);
    elf_try(head);
    script_try(head);
    free(head);
    return 0;
}
