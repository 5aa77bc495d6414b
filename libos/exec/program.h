/* SPDX-License-Identifier: BSD-2-Clause */
/* program.h - a program on its way to being executed; private to exec/.
 *
 * It is put together beside the old one: its address space with the strings and segments, its
 * credentials, its descriptors.  Only then is the old program given up (exec.c).
 */
#pragma once

#include <stdint.h>
#include "base/types.h"
#include "exec/elf.h"
#include "exec/exec.h"

struct cred;
struct file;
struct mm;
struct vma;

struct program {
    char *name;                   /* as asked for, from the heap */
    char *interpreter;            /* a script's, once one was met; from the heap */
    struct file *file;            /* what is to be run: the script, then its interpreter */
    bool denies_write;            /* FILE may not be opened for writing meanwhile */
    bool is_closing;              /* NAME leads through a descriptor that will be closed */
    uint8_t head[ELF_HEAD_BYTES]; /* of FILE, zeroes after its end */

    struct mm *mm;
    struct vma *stack;
    uint64_t sp, sp_least; /* the strings reach down to SP, and may reach down to SP_LEAST */
    uint64_t name_at;      /* address of NAME on the stack */
    uint64_t env_at;       /* end of the arguments' strings */
    uint32_t argc, envc;

    struct elf_image image;
    struct file *loader_file; /* PT_INTERP's */
    struct elf_image loader;
    uint64_t bias, loader_base, entry;

    struct cred *cred;
    bool is_secure;         /* AT_SECURE */
    struct fd_table *files; /* an own table, if the thread's is shared */
};

/* Open what DIRFD, PATH and FLAGS (AT_*) name and read its head. */
[[nodiscard]] int program_open(struct program *p, int dirfd, const char *path, int flags);
/* The next file to look at instead: a script's interpreter. */
[[nodiscard]] int program_replace_file(struct program *p, struct file *file);

/* strings.c: the new stack, from the top down. */
[[nodiscard]] int strings_begin(struct program *p, const struct exec_strings *argv,
                                const struct exec_strings *envp);
[[nodiscard]] int strings_push(struct program *p, const char *s);
/* Take away the lowest string, which is argv[0]. */
[[nodiscard]] int strings_pop(struct program *p);
/* Below the strings: argc, the arrays of pointers, the auxiliary vector. */
[[nodiscard]] int strings_finish(struct program *p);

/* script.c: 1 if FILE is a script, and now its interpreter with the arguments that execve(2)
 * says; 0 if it is none. */
[[nodiscard]] int script_interpret(struct program *p);

/* load.c: the segments and the loader's, vDSO, heap. */
[[nodiscard]] int program_map(struct program *p);

/* file_capabilities.c: what capabilities(7) calls F(permitted), F(inheritable), F(effective).
 * false: FILE gives none. */
struct file_capabilities {
    uint64_t permitted, inheritable;
    bool effective;
};
bool file_capabilities_get(const struct file *file, struct file_capabilities *caps);

/* identity.c: who the new program runs as. */
[[nodiscard]] int program_identify(struct program *p);
