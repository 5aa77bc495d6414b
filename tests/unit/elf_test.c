/* SPDX-License-Identifier: BSD-2-Clause */
/* elf_test.c - executable files, good, broken and hostile; the first line of scripts.
 * Links: libos/exec/elf.c libos/exec/script.c fake_heap_malloc.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/errno.h"
#include "exec/elf.h"
#include "exec/program.h"
#include "vfs/file.h"

static uint8_t content[8192];
static size_t content_bytes;
static int read_error;

static int no_mmap(struct file *, struct vma *)
{
    return 0;
}

static const struct file_ops ops = {.mmap = no_mmap};
static struct file file = {.refs = 1, .ops = &ops};

ssize_t file_read_kernel(struct file *, void *to, size_t n, loff_t offset)
{
    if (read_error)
        return read_error;
    if (offset < 0 || (size_t)offset >= content_bytes)
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

static Elf64_Ehdr *header(void)
{
    return (Elf64_Ehdr *)content;
}

static Elf64_Phdr *segment(unsigned i)
{
    return (Elf64_Phdr *)(content + 64) + i;
}

/* Two segments to load, an interpreter, a stack. */
static int setup(void **)
{
    memset(content, 0, sizeof content);
    content_bytes = sizeof content;
    read_error = 0;
    memcpy(header()->e_ident, "\177ELF\2\1\1", 7);
    header()->e_type = ET_DYN;
    header()->e_machine = EM_X86_64;
    header()->e_phoff = 64;
    header()->e_phentsize = sizeof(Elf64_Phdr);
    header()->e_phnum = 4;
    header()->e_entry = 0x1000;
    *segment(0) = (Elf64_Phdr){.p_type = PT_LOAD,
                               .p_flags = PF_R | PF_X,
                               .p_filesz = 0x1800,
                               .p_memsz = 0x1800,
                               .p_align = 0x1000};
    *segment(1) = (Elf64_Phdr){.p_type = PT_LOAD,
                               .p_flags = PF_R | PF_W,
                               .p_offset = 0x1800,
                               .p_vaddr = 0x200800,
                               .p_filesz = 0x100,
                               .p_memsz = 0x5000,
                               .p_align = 0x200000};
    *segment(2) = (Elf64_Phdr){.p_type = PT_INTERP, .p_offset = 0x300, .p_filesz = 8};
    *segment(3) = (Elf64_Phdr){.p_type = PT_GNU_STACK, .p_flags = PF_R | PF_W | PF_X};
    memcpy(content + 0x300, "/lib/ld", 8);
    return 0;
}

static int read_all(struct elf_image *image)
{
    int error = elf_read(&file, content, content_bytes < 256 ? content_bytes : 256, image);
    if (error)
        return error;
    error = elf_read_interpreter(&file, image);
    if (error == 0)
        error = elf_check_segments(image);
    if (error)
        elf_free(image);
    return error;
}

static int result(void)
{
    struct elf_image image;
    int error = read_all(&image);
    if (error == 0)
        elf_free(&image);
    return error;
}

static void a_good_file_is_understood(void **)
{
    struct elf_image image;
    assert_int_equal(read_all(&image), 0);
    assert_string_equal(image.interpreter, "/lib/ld");
    assert_int_equal(image.low, 0);
    assert_int_equal(image.high, 0x206000);
    assert_int_equal(image.alignment, 0x200000);
    assert_int_equal(image.table, 64);
    assert_true(image.is_movable && image.stack_exec);
    elf_free(&image);
}

static void other_files_are_not_executable(void **)
{
    content[0] = 'x';
    assert_int_equal(result(), -ENOEXEC);
    setup(nullptr);
    header()->e_machine = EM_AARCH64;
    assert_int_equal(result(), -ENOEXEC);
    setup(nullptr);
    header()->e_type = ET_REL;
    assert_int_equal(result(), -ENOEXEC);
    setup(nullptr);
    header()->e_ident[EI_CLASS] = ELFCLASS32;
    assert_int_equal(result(), -ENOEXEC);
    setup(nullptr);
    header()->e_phentsize = 32;
    assert_int_equal(result(), -ENOEXEC);
    setup(nullptr);
    header()->e_phnum = 0;
    assert_int_equal(result(), -ENOEXEC);
    header()->e_phnum = 74; /* more than a page of them */
    assert_int_equal(result(), -ENOEXEC);
    setup(nullptr);
    header()->e_phoff = UINT64_MAX - 8;
    assert_int_equal(result(), -ENOEXEC);
}

static void every_truncation_is_refused_or_safe(void **)
{
    for (size_t n = 0; n < 0x400; n++) {
        content_bytes = n;
        int error = result();
        if (n < 64 + 4 * sizeof(Elf64_Phdr))
            assert_int_equal(error, -ENOEXEC);
        else if (n < 0x308)
            assert_int_equal(error, -EIO);
        else
            assert_int_equal(error, 0);
    }
}

static void bad_interpreters_are_refused(void **)
{
    segment(2)->p_filesz = 1;
    assert_int_equal(result(), -ENOEXEC);
    segment(2)->p_filesz = 5000;
    assert_int_equal(result(), -ENOEXEC);
    segment(2)->p_filesz = 7; /* no NUL at its end */
    assert_int_equal(result(), -ENOEXEC);
    segment(2)->p_filesz = 8;
    segment(2)->p_offset = UINT64_MAX;
    assert_int_equal(result(), -EIO);
}

static void impossible_segments_are_refused(void **)
{
    segment(1)->p_filesz = 0x6000;
    assert_int_equal(result(), -EINVAL);
    setup(nullptr);
    segment(1)->p_memsz = UINT64_MAX - 5;
    assert_int_equal(result(), -EINVAL);
    setup(nullptr);
    segment(1)->p_vaddr = UINT64_MAX - 0xfff;
    segment(1)->p_offset = 0x1001;
    assert_int_equal(result(), -EINVAL);
    setup(nullptr);
    segment(1)->p_offset = 0x1801;
    assert_int_equal(result(), -EINVAL);
    setup(nullptr);
    segment(0)->p_type = segment(1)->p_type = PT_NULL;
    assert_int_equal(result(), -EINVAL);
}

static void read_errors_come_through(void **)
{
    struct elf_image image;
    assert_int_equal(elf_read(&file, content, 256, &image), 0);
    read_error = -EISDIR;
    assert_int_equal(elf_read_interpreter(&file, &image), -EISDIR);
    elf_free(&image);
}

static void random_damage_does_no_harm(void **)
{
    srand(7);
    for (int i = 0; i < 50000; i++) {
        setup(nullptr);
        for (int n = 1 + rand() % 6; n > 0; n--)
            content[rand() % 300] = (uint8_t)rand();
        (void)result();
    }
}

/* ------------------------------------------------------------------ scripts */

bool script_parse(char *line, size_t size, char **interpreter, char **argument);

static void expect(const char *text, const char *interpreter, const char *argument)
{
    char line[255] = {}, *i = nullptr, *a = nullptr;
    size_t n = strlen(text);
    memcpy(line, text, n < 254 ? n : 254);
    bool ok = script_parse(line, sizeof line, &i, &a);
    assert_int_equal(ok, interpreter != nullptr);
    if (!interpreter)
        return;
    assert_string_equal(i, interpreter);
    if (argument)
        assert_string_equal(a, argument);
    else
        assert_null(a);
}

static void first_lines_of_scripts(void **)
{
    char long_line[300];
    expect("/bin/sh\necho", "/bin/sh", nullptr);
    expect("  /bin/sh  \t -x  y \n", "/bin/sh", "-x  y");
    expect("/bin/sh", "/bin/sh", nullptr);
    expect("/bin/sh -e", "/bin/sh", "-e");
    expect("\n/bin/sh", nullptr, nullptr);
    expect("   \n", nullptr, nullptr);
    expect("", "", nullptr);
    expect(" \t", "", nullptr);
    memset(long_line, 'a', sizeof long_line);
    long_line[299] = '\0';
    expect(long_line, nullptr, nullptr); /* the name is cut */
    long_line[7] = ' ';
    char argument[255];
    memcpy(argument, long_line + 8, 254 - 8);
    argument[254 - 8] = '\0';
    expect(long_line, "aaaaaaa", argument); /* only the argument is */
    memset(long_line, ' ', 299);
    expect(long_line, nullptr, nullptr);
}

static void a_line_ends_at_a_nul(void **)
{
    char line[255] = "/bin/sh -e\0x\n", *i, *a;
    assert_true(script_parse(line, sizeof line, &i, &a));
    assert_string_equal(i, "/bin/sh");
    assert_string_equal(a, "-e");
    memcpy(line, "\0\n", 2);
    assert_true(script_parse(line, sizeof line, &i, &a));
    assert_string_equal(i, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_good_file_is_understood, setup),
        cmocka_unit_test_setup(other_files_are_not_executable, setup),
        cmocka_unit_test_setup(every_truncation_is_refused_or_safe, setup),
        cmocka_unit_test_setup(bad_interpreters_are_refused, setup),
        cmocka_unit_test_setup(impossible_segments_are_refused, setup),
        cmocka_unit_test_setup(read_errors_come_through, setup),
        cmocka_unit_test_setup(random_damage_does_no_harm, setup),
        cmocka_unit_test_setup(first_lines_of_scripts, setup),
        cmocka_unit_test(a_line_ends_at_a_nul),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
