/* SPDX-License-Identifier: BSD-2-Clause */
/* exec_test.c - a whole program is put into a new address space: segments, stack, errors.
 * Links: libos/exec/{elf,exec,file_capabilities,identity,load,script,strings}.c libos/proc/cred.c
 * libos/mm/{fault,fork,heap,lock,mm,mmap,page,parked,protect,ranges,reclaim,remap,table,vma,
 * vma_tree,window,zap}.c libos/base/string.c fake_exo.c fake_mm.c fake_vcpu.c
 * Include path: tests/unit/exo first.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <linux/auxvec.h>
#include <linux/mman.h>
#include <stdlib.h>
#include <string.h>

#include "base/errno.h"
#include "exec/elf.h"
#include "exec/exec.h"
#include "fake_mm.h"
#include "linux-api/uring/uring.h"
#include "mm/mm.h"
#include "mm/mmap.h"
#include "mm/page.h"
#include "proc/internal.h"
#include "sched/thread.h"
#include "vfs/fdtable.h"
#include "vfs/file.h"
#include "vfs/inode.h"
#include "vfs/mount.h"
#include "vfs/pagecache.h"
#include "vfs/xattr.h"

/* ------------------------------------------------------------------ the world of exec/ */

static struct mount mount;
static struct fd_table files = {.refs = 1};
static struct {
    const char *name;
    struct file *file;
} names[8];
static uint64_t started_entry, started_sp;
static int killed_by;

int file_open_exec(int, const char *name, unsigned, struct file **file)
{
    for (unsigned i = 0; i < 8; i++) {
        if (names[i].name && strcmp(name, names[i].name) == 0) {
            *file = file_get(names[i].file);
            return 0;
        }
    }
    return -ENOENT;
}

ssize_t file_read_kernel(struct file *file, void *to, size_t n, loff_t offset)
{
    size_t done = 0;
    if ((uint64_t)offset >= file->inode->size)
        return 0;
    if (n > file->inode->size - (uint64_t)offset)
        n = file->inode->size - (uint64_t)offset;
    while (done < n) {
        uint64_t at = (uint64_t)offset + done;
        size_t part = PAGE_SIZE - at % PAGE_SIZE;
        if (part > n - done)
            part = n - done;
        struct page *page = pagecache_find(file->inode, at / PAGE_SIZE);
        memcpy((char *)to + done, (char *)page_address(page) + at % PAGE_SIZE, part);
        done += part;
    }
    return (ssize_t)done;
}

const void *xattr_peek(const struct inode *, const char *, size_t *)
{
    return nullptr;
}

void uring_thread_end(struct thread *) {}

void thread_reset_context(uaddr_t entry, uaddr_t stack)
{
    started_entry = entry;
    started_sp = stack;
}

void signal_force_segv(int)
{
    killed_by = SIGSEGV;
}

int inode_permission_as(struct inode *, unsigned, const struct cred *)
{
    return 0;
}
void fd_close_on_exec(struct fd_table *) {}
struct fd_table *fd_table_clone(const struct fd_table *)
{
    return nullptr;
}
void fd_table_put(struct fd_table *) {}
bool fd_table_is_cloexec(const struct fd_table *, unsigned)
{
    return false;
}
void futex_thread_release(struct thread *) {}
int signal_exec_prepare(struct process *)
{
    return 0;
}
void signal_exec_finish(struct thread *) {}
void signal_kill_thread(struct thread *) {}
uint64_t signal_frame_bytes_max(void)
{
    return 3000;
}
void process_vfork_finish(struct process *) {}
void process_take_lead(struct process *, struct thread *) {}
int wait_on(struct wait_queue *, uint64_t, enum sleep_mode)
{
    return 0;
}
int vdso_map(struct mm *, uint64_t *base)
{
    *base = 0x7000;
    return 0;
}
void random_bytes(void *to, size_t n)
{
    memset(to, 0x5a, n);
}
ssize_t strnlen_user(uaddr_t, size_t)
{
    return -EFAULT;
}
int copy_from_user(void *, uaddr_t, size_t)
{
    return -EFAULT;
}

/* ------------------------------------------------------------------ files */

static uint8_t *page_of(struct file *file, unsigned i)
{
    return page_address(pagecache_find(file->inode, i));
}

static void name_add(const char *name, struct file *file)
{
    file->path.mount = &mount;
    file->inode->mode = 0100755;
    for (unsigned i = 0; i < 8; i++) {
        if (!names[i].name) {
            names[i].name = name;
            names[i].file = file;
            return;
        }
    }
}

/* Text of two pages at BASE, data at BASE + 0x3000 with memory beyond the file. */
static struct file *elf_file(const char *name, uint16_t type, uint64_t base, const char *loader)
{
    struct file *file = fake_file_create(4 * PAGE_SIZE);
    uint8_t *head = page_of(file, 0);
    Elf64_Ehdr *h = (Elf64_Ehdr *)head;
    Elf64_Phdr *p = (Elf64_Phdr *)(head + 64);
    memset(head, 0, PAGE_SIZE);
    *h = (Elf64_Ehdr){.e_ident = "\177ELF\2\1\1",
                      .e_type = type,
                      .e_machine = EM_X86_64,
                      .e_phoff = 64,
                      .e_phentsize = sizeof *p,
                      .e_phnum = loader ? 3 : 2,
                      .e_entry = base + 0x1010};
    p[0] = (Elf64_Phdr){.p_type = PT_LOAD,
                        .p_flags = PF_R | PF_X,
                        .p_vaddr = base,
                        .p_filesz = 2 * PAGE_SIZE,
                        .p_memsz = 2 * PAGE_SIZE,
                        .p_align = PAGE_SIZE};
    p[1] = (Elf64_Phdr){.p_type = PT_LOAD,
                        .p_flags = PF_R | PF_W,
                        .p_offset = 2 * PAGE_SIZE,
                        .p_vaddr = base + 0x3000,
                        .p_filesz = 100,
                        .p_memsz = 3 * PAGE_SIZE,
                        .p_align = PAGE_SIZE};
    if (loader) {
        p[2] = (Elf64_Phdr){.p_type = PT_INTERP, .p_offset = 0x800, .p_filesz = strlen(loader) + 1};
        strcpy((char *)head + 0x800, loader);
    }
    name_add(name, file);
    return file;
}

static void script_file(const char *name, const char *text)
{
    struct file *file = fake_file_create(strlen(text));
    memcpy(page_of(file, 0), text, strlen(text));
    name_add(name, file);
}

static int setup(void **)
{
    fake_mm_reset();
    fake_process.limits[RLIMIT_STACK].soft = 8 << 20;
    fake_process.thread_count = 1;
    fake_process.leader = current;
    fake_process.mm = nullptr;
    list_init(&fake_process.threads);
    current->cred = &cred_root;
    current->files = &files;
    killed_by = 0;
    started_entry = started_sp = 0;
    return 0;
}

static int teardown(void **)
{
    mm_activate(nullptr);
    mm_put(fake_process.mm);
    fake_process.mm = nullptr;
    for (unsigned i = 0; i < 8; i++) {
        if (names[i].name)
            file_put(names[i].file);
        names[i].name = nullptr;
    }
    cred_put(current->cred);
    assert_int_equal(fake_pages_held(), 90); /* the module's */
    return 0;
}

static char *const envp[] = {"A=1", "PATH=/bin", nullptr};

static int run(const char *name, char *const *argv)
{
    struct exec_strings arguments = {.kernel = argv}, environment = {.kernel = envp};
    return exec_program(AT_FDCWD, name, 0, &arguments, &environment);
}

static uint64_t word(uint64_t i)
{
    uint64_t value = 0;
    assert_int_equal(mm_read(fake_process.mm, started_sp + i * 8, &value, 8), 8);
    return value;
}

static const char *text_at(uint64_t address)
{
    static char text[4][200];
    static unsigned turn;
    char *to = text[turn++ % 4];
    memset(to, 0, 200);
    mm_read(fake_process.mm, address, to, 199);
    return to;
}

static uint64_t aux(uint64_t type)
{
    uint64_t i = 1 + word(0) + 1;
    while (word(i))
        i++;
    for (i++; word(i); i += 2)
        if (word(i) == type)
            return word(i + 1);
    return 0;
}

static uint8_t byte_at(uint64_t address)
{
    uint8_t byte = 0;
    int signal;
    assert_true(fake_load(fake_process.mm, address, &byte, &signal));
    return byte;
}

/* ------------------------------------------------------------------ tests */

static void a_static_program_starts(void **)
{
    char *const argv[] = {"prog", "one", "", nullptr};
    int signal = 0;
    elf_file("/bin/prog", ET_EXEC, 0x400000, nullptr);
    assert_int_equal(run("/bin/prog", argv), 0);
    struct mm *mm = fake_process.mm;
    assert_int_equal(started_entry, 0x401010);
    assert_int_equal(started_sp % 16, 0);
    assert_int_equal(word(0), 3);
    assert_string_equal(text_at(word(1)), "prog");
    assert_string_equal(text_at(word(2)), "one");
    assert_string_equal(text_at(word(3)), "");
    assert_int_equal(word(4), 0);
    assert_string_equal(text_at(word(5)), "A=1");
    assert_string_equal(text_at(word(6)), "PATH=/bin");
    assert_int_equal(word(7), 0);
    assert_string_equal(text_at(aux(AT_EXECFN)), "/bin/prog");
    assert_string_equal(text_at(aux(AT_PLATFORM)), "x86_64");
    assert_int_equal(byte_at(aux(AT_RANDOM) + 15), 0x5a);
    assert_int_equal(aux(AT_PHDR), 0x400040);
    assert_int_equal(aux(AT_PHNUM), 2);
    assert_int_equal(aux(AT_ENTRY), 0x401010);
    assert_int_equal(aux(AT_PAGESZ), 4096);
    assert_int_equal(aux(AT_SYSINFO_EHDR), 0x7000);
    assert_int_equal(mm->arg_end - mm->arg_start, 5 + 4 + 1);
    assert_int_equal(mm->env_end - mm->env_start, 4 + 10);
    assert_string_equal(current->comm, "prog");
    assert_int_equal(mm->brk_start, 0x406000);
    assert_int_equal(byte_at(0x401000), 'b');
    assert_int_equal(byte_at(0x403063), 'c');
    assert_int_equal(byte_at(0x403064), 0); /* beyond the file's part */
    assert_int_equal(byte_at(0x405fff), 0);
    assert_false(fake_store(mm, 0x401000, 1, &signal));
    assert_true(fake_store(mm, 0x404000, 1, &signal));
    assert_true(fake_store(mm, started_sp - 50000, 1, &signal));
}

static void a_dynamic_program_starts_in_its_loader(void **)
{
    char *const argv[] = {"dyn", nullptr};
    elf_file("/bin/dyn", ET_DYN, 0, "/lib/ld.so");
    elf_file("/lib/ld.so", ET_DYN, 0, nullptr);
    assert_int_equal(run("/bin/dyn", argv), 0);
    uint64_t base = aux(AT_BASE);
    assert_int_equal(aux(AT_ENTRY), 0x555555555010);
    assert_int_equal(aux(AT_PHDR), 0x555555554040);
    assert_int_equal(started_entry, base + 0x1010);
    assert_true(base > 0x7f0000000000);
    assert_int_equal(fake_process.mm->brk_start, 0x555555554000 + 0x6000);
}

static void scripts_run_their_interpreter(void **)
{
    char *const argv[] = {"x", "a b", nullptr};
    elf_file("/bin/sh", ET_EXEC, 0x400000, nullptr);
    script_file("./s", "#! /bin/sh  -e x \nbody");
    assert_int_equal(run("./s", argv), 0);
    assert_int_equal(word(0), 4);
    assert_string_equal(text_at(word(1)), "/bin/sh");
    assert_string_equal(text_at(word(2)), "-e x");
    assert_string_equal(text_at(word(3)), "./s");
    assert_string_equal(text_at(word(4)), "a b");
    assert_string_equal(text_at(aux(AT_EXECFN)), "./s");
    assert_string_equal(current->comm, "s");
}

static void nested_scripts_have_a_limit(void **)
{
    char *const argv[] = {"x", nullptr};
    script_file("/loop", "#!/loop\n");
    assert_int_equal(run("/loop", argv), -ELOOP);
    script_file("/a", "#!/missing\n");
    assert_int_equal(run("/a", argv), -ENOENT);
    script_file("/b", "plain text\n");
    assert_int_equal(run("/b", argv), -ENOEXEC);
    script_file("/empty", "");
    assert_int_equal(run("/empty", argv), -ENOEXEC);
}

static void bad_loaders_are_told(void **)
{
    char *const argv[] = {"dyn", nullptr};
    elf_file("/bin/dyn", ET_DYN, 0, "/lib/ld.so");
    assert_int_equal(run("/bin/dyn", argv), -ENOENT);
    struct file *file = elf_file("/lib/ld.so", ET_DYN, 0, nullptr);
    page_of(file, 0)[18] = 99; /* e_machine */
    assert_int_equal(run("/bin/dyn", argv), -ELIBBAD);
    file->inode->size = 40;
    assert_int_equal(run("/bin/dyn", argv), -EIO);
    assert_int_equal(started_entry, 0);
}

static void hostile_segments_kill_the_new_program(void **)
{
    char *const argv[] = {"x", nullptr};
    struct file *file = elf_file("/x", ET_EXEC, 0x400000, nullptr);
    assert_int_equal(run("/x", argv), 0);
    Elf64_Phdr *p = (Elf64_Phdr *)(page_of(file, 0) + 64);
    static const uint64_t places[] = {0x480000000000, 0x7ffffffe0000, 0xffffffff80000000, 0x401801};
    for (unsigned i = 0; i < sizeof places / sizeof places[0]; i++) {
        p[1].p_vaddr = places[i];
        killed_by = 0;
        (void)run("/x", argv);
        assert_int_equal(killed_by, SIGSEGV);
    }
}

static void too_many_arguments(void **)
{
    static char big[200000];
    char *const one[] = {"x", big, nullptr};
    static char *many[400];
    elf_file("/x", ET_EXEC, 0x400000, nullptr);
    memset(big, 'x', sizeof big - 1);
    assert_int_equal(run("/x", one), -E2BIG);
    big[100000] = '\0';
    assert_int_equal(run("/x", one), 0);
    for (int i = 0; i < 30; i++)
        many[i] = big;
    assert_int_equal(run("/x", many), -E2BIG);
    many[20] = nullptr;
    assert_int_equal(run("/x", many), 0);
    assert_int_equal(word(0), 20);
    fake_process.limits[RLIMIT_STACK].soft = 1 << 20;
    assert_int_equal(run("/x", many), -E2BIG);
}

static void no_arguments_become_one(void **)
{
    char *const none[] = {nullptr};
    elf_file("/x", ET_EXEC, 0x400000, nullptr);
    assert_int_equal(run("/x", none), 0);
    assert_int_equal(word(0), 1);
    assert_string_equal(text_at(word(1)), "");
}

static void set_user_id_files_change_who_runs(void **)
{
    char *const argv[] = {"x", nullptr};
    struct cred *user = cred_clone(&cred_root);
    struct file *file = elf_file("/x", ET_EXEC, 0x400000, nullptr);
    user->uid = user->euid = user->suid = user->fsuid = 1000;
    user->cap_permitted = user->cap_effective = 0;
    current->cred = user;
    file->inode->mode = 0104755;
    assert_int_equal(run("/x", argv), 0);
    assert_int_equal(current->cred->uid, 1000);
    assert_int_equal(current->cred->euid, 0);
    assert_int_equal(current->cred->suid, 0);
    assert_true(current->cred->cap_effective == CRED_CAP_ALL);
    assert_int_equal(aux(AT_SECURE), 1);
    assert_int_equal(aux(AT_EUID), 0);
    assert_false(fake_process.mm->dumpable);
    file->inode->mode = 0100755;
    file->inode->uid = 5;
    assert_int_equal(run("/x", argv), 0);
    assert_int_equal(aux(AT_SECURE), 1); /* root by effective id only */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static int group_setup(void **)
{
    fake_mm_begin(6144);
    return 0;
}

static int group_teardown(void **)
{
    fake_mm_end();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_static_program_starts),
        TEST(a_dynamic_program_starts_in_its_loader),
        TEST(scripts_run_their_interpreter),
        TEST(nested_scripts_have_a_limit),
        TEST(bad_loaders_are_told),
        TEST(hostile_segments_kill_the_new_program),
        TEST(too_many_arguments),
        TEST(no_arguments_become_one),
        TEST(set_user_id_files_change_who_runs),
    };
    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
