/* SPDX-License-Identifier: BSD-2-Clause */
/* elf_bad.c - programs that are cut short, lie about themselves or are not for this machine. */
#include "test.h"

#include <elf.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

constexpr unsigned long IMAGE_BASE = 0x400000;

/* A whole program: exits with 42. */
struct image {
    Elf64_Ehdr head;
    Elf64_Phdr segments[3];
    char interpreter[32];
    unsigned char code[16];
};

static struct image image_make(void)
{
    struct image image = {
        .head =
            {
                .e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
                .e_type = ET_EXEC,
                .e_machine = EM_X86_64,
                .e_version = EV_CURRENT,
                .e_entry = IMAGE_BASE + offsetof(struct image, code),
                .e_phoff = offsetof(struct image, segments),
                .e_ehsize = sizeof(Elf64_Ehdr),
                .e_phentsize = sizeof(Elf64_Phdr),
                .e_phnum = 1,
            },
        .segments[0] =
            {
                .p_type = PT_LOAD,
                .p_flags = PF_R | PF_X,
                .p_vaddr = IMAGE_BASE,
                .p_paddr = IMAGE_BASE,
                .p_filesz = sizeof(struct image),
                .p_memsz = sizeof(struct image),
                .p_align = 4096,
            },
        /* mov $60, %eax; mov $42, %edi; syscall */
        .code = {0xb8, 60, 0, 0, 0, 0xbf, 42, 0, 0, 0, 0x0f, 0x05},
    };
    return image;
}

static void image_write(const struct image *image, size_t len)
{
    unlink("prog");
    int fd = (int)OK(open("prog", O_CREAT | O_TRUNC | O_WRONLY, 0755));
    CHECK_EQ(write(fd, image, len), len);
    OK(close(fd));
}

/* The wait status of running the image; the errno of a refused execve as exit status. */
static int image_run(const struct image *image)
{
    char *argv[] = {"prog", nullptr};
    image_write(image, sizeof *image);
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        execv("./prog", argv);
        _exit(errno);
    }
    return child_wait(pid);
}

TEST(elf_smallest_program_runs)
{
    struct image image = image_make();
    CHECK_EQ(image_run(&image), 42 << 8);
}

TEST(elf_position_independent_program_runs)
{
    struct image image = image_make();
    image.head.e_type = ET_DYN;
    image.head.e_entry = offsetof(struct image, code);
    image.segments[0].p_vaddr = image.segments[0].p_paddr = 0;
    CHECK_EQ(image_run(&image), 42 << 8);
}

TEST(elf_truncated_header_is_enoexec)
{
    struct image image = image_make();
    char *argv[] = {"prog", nullptr};
    for (size_t len = 0; len < sizeof image.head; len += 7) {
        image_write(&image, len);
        CHECK_ERRNO(execv("./prog", argv), ENOEXEC);
    }
}

TEST(elf_program_headers_cut_off)
{
    struct image image = image_make();
    char *argv[] = {"prog", nullptr};
    image_write(&image, sizeof image.head + 20);
    /* Linux reads fewer bytes than it asked for and calls that an input error. */
    CHECK(execv("./prog", argv) == -1);
    CHECK(errno == EIO || errno == ENOEXEC);
}

TEST(elf_wrong_magic_is_enoexec)
{
    for (int i = 0; i < 4; i++) {
        struct image image = image_make();
        image.head.e_ident[i] ^= 1;
        CHECK_EQ(image_run(&image), ENOEXEC << 8);
    }
}

TEST(elf_wrong_machine_is_enoexec)
{
    struct image image = image_make();
    image.head.e_machine = EM_AARCH64;
    CHECK_EQ(image_run(&image), ENOEXEC << 8);
    image.head.e_machine = EM_RISCV;
    CHECK_EQ(image_run(&image), ENOEXEC << 8);
    image.head.e_machine = 0;
    CHECK_EQ(image_run(&image), ENOEXEC << 8);
}

TEST(elf_wrong_type_is_enoexec)
{
    struct image image = image_make();
    image.head.e_type = ET_REL;
    CHECK_EQ(image_run(&image), ENOEXEC << 8);
    image.head.e_type = ET_CORE;
    CHECK_EQ(image_run(&image), ENOEXEC << 8);
    image.head.e_type = 0xffff;
    CHECK_EQ(image_run(&image), ENOEXEC << 8);
}

TEST(elf_wrong_entry_size_is_enoexec)
{
    struct image image = image_make();
    image.head.e_phentsize = 32;
    CHECK_EQ(image_run(&image), ENOEXEC << 8);
    image = image_make();
    image.head.e_phentsize = 0;
    CHECK_EQ(image_run(&image), ENOEXEC << 8);
}

TEST(elf_no_program_headers_is_enoexec)
{
    struct image image = image_make();
    image.head.e_phnum = 0;
    CHECK_EQ(image_run(&image), ENOEXEC << 8);
    image.head.e_phnum = 0xffff;
    CHECK_EQ(image_run(&image), ENOEXEC << 8);
}

TEST(elf_header_offset_beyond_the_file)
{
    struct image image = image_make();
    image.head.e_phoff = 0x7fffffff;
    int status = image_run(&image);
    CHECK(status == EIO << 8 || status == ENOEXEC << 8);
    image.head.e_phoff = ~0UL - 10;
    status = image_run(&image);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) != 42);
}

TEST(elf_missing_interpreter_is_enoent)
{
    struct image image = image_make();
    strcpy(image.interpreter, "/no/such/ld.so");
    image.head.e_phnum = 2;
    image.segments[1] = image.segments[0];
    image.segments[0] = (Elf64_Phdr){
        .p_type = PT_INTERP,
        .p_offset = offsetof(struct image, interpreter),
        .p_filesz = sizeof "/no/such/ld.so",
        .p_memsz = sizeof "/no/such/ld.so",
    };
    CHECK_EQ(image_run(&image), ENOENT << 8);
}

TEST(elf_interpreter_name_rules)
{
    struct image image = image_make();
    strcpy(image.interpreter, "/dev/null");
    image.head.e_phnum = 2;
    image.segments[1] = image.segments[0];
    image.segments[0] = (Elf64_Phdr){
        .p_type = PT_INTERP,
        .p_offset = offsetof(struct image, interpreter),
        .p_filesz = 9,
    };
    /* Not terminated within its size. */
    CHECK_EQ(image_run(&image), ENOEXEC << 8);
    image.segments[0].p_filesz = 1;
    CHECK_EQ(image_run(&image), ENOEXEC << 8);
    image.segments[0].p_filesz = 5000;
    CHECK_EQ(image_run(&image), ENOEXEC << 8);
    image.segments[0].p_filesz = 10;
    CHECK_EQ(image_run(&image), EACCES << 8);
}

TEST(elf_interpreter_that_is_no_program)
{
    struct image image = image_make();
    file_make_mode("/tmp/guest-ld-junk", "junk", 0755);
    strcpy(image.interpreter, "/tmp/guest-ld-junk");
    image.head.e_phnum = 2;
    image.segments[1] = image.segments[0];
    image.segments[0] = (Elf64_Phdr){
        .p_type = PT_INTERP,
        .p_offset = offsetof(struct image, interpreter),
        .p_filesz = sizeof "/tmp/guest-ld-junk",
    };
    int status = image_run(&image);
    OK(unlink("/tmp/guest-ld-junk"));
    /* Too short to hold a header: an input error; else a library that is no library. */
    CHECK(status == EIO << 8 || status == ELIBBAD << 8);
}

/* Past the point of no return execve cannot fail any more: the program is killed. */
static void image_expect_death(const struct image *image)
{
    int status = image_run(image);
    if (WIFEXITED(status))
        CHECK(WEXITSTATUS(status) == EINVAL || WEXITSTATUS(status) == ENOMEM ||
              WEXITSTATUS(status) == ENOEXEC);
    else
        CHECK(WTERMSIG(status) == SIGSEGV || WTERMSIG(status) == SIGKILL ||
              WTERMSIG(status) == SIGBUS);
}

TEST(elf_segment_in_the_kernel_half)
{
    struct image image = image_make();
    image.segments[0].p_vaddr = 0xffffffff80000000;
    image.head.e_entry = image.segments[0].p_vaddr + offsetof(struct image, code);
    image_expect_death(&image);
}

TEST(elf_file_size_larger_than_memory_size)
{
    struct image image = image_make();
    image.segments[0].p_memsz = 10;
    image_expect_death(&image);
}

TEST(elf_segment_that_wraps_around)
{
    struct image image = image_make();
    image.segments[0].p_memsz = ~0UL - 4096;
    image_expect_death(&image);
    image = image_make();
    image.segments[0].p_vaddr = 0x7fffffffe000;
    image.segments[0].p_memsz = 1UL << 40;
    image_expect_death(&image);
}

TEST(elf_segment_offset_beyond_the_file)
{
    struct image image = image_make();
    image.segments[0].p_offset = 1UL << 40;
    image_expect_death(&image);
}

TEST(elf_segment_misaligned_to_its_offset)
{
    struct image image = image_make();
    image.segments[0].p_offset = 1;
    int status = image_run(&image);
    CHECK(!(WIFEXITED(status) && WEXITSTATUS(status) == 42));
}

TEST(elf_entry_point_nowhere)
{
    struct image image = image_make();
    image.head.e_entry = 0x10;
    CHECK_EQ(image_run(&image) & 0x7f, SIGSEGV);
    image.head.e_entry = 0xffff800000000000;
    CHECK_EQ(image_run(&image) & 0x7f, SIGSEGV);
}

TEST(elf_entry_point_not_executable)
{
    struct image image = image_make();
    image.segments[0].p_flags = PF_R | PF_W;
    CHECK_EQ(image_run(&image) & 0x7f, SIGSEGV);
}

TEST(elf_bss_is_zero_and_writable)
{
    struct image image = image_make();
    /* cmpl $0, (bss); jne fail; movl $1, (bss); exit(42), as bytes: */
    static const unsigned char code[] = {
        0xbb, 0x00, 0x30, 0x40, 0x00, /* mov $0x403000, %ebx */
        0x8b, 0x3b,                   /* mov (%rbx), %edi */
        0xff, 0x03,                   /* incl (%rbx) */
        0xb0, 60,   0x0f, 0x05,       /* mov $60, %al; syscall: exits with 0 */
    };
    memcpy(image.code, code, sizeof code);
    image.segments[0].p_memsz = 0x4000;
    image.segments[0].p_flags = PF_R | PF_W | PF_X;
    CHECK_EQ(image_run(&image), 0);
}

TEST(elf_random_bytes_never_harm)
{
    unsigned seed = 12345;
    for (int round = 0; round < 100; round++) {
        struct image image = image_make();
        for (int i = 0; i < 6; i++) {
            seed = seed * 1103515245 + 12345;
            ((unsigned char *)&image)[8 + (seed >> 8) % 160] = (unsigned char)(seed >> 16);
        }
        /* Whatever it does, it does it alone and ends. */
        char *argv[] = {"prog", nullptr};
        image_write(&image, sizeof image);
        pid_t pid = (pid_t)OK(fork());
        if (pid == 0) {
            alarm(2);
            execv("./prog", argv);
            _exit(1);
        }
        child_wait(pid);
    }
}
