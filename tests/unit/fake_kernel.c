/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE
#include "fake_kernel.h"

#include <asm/prctl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "boot.h"
#include "boot_frames.h"
#include "calls.h"
#include "info.h"
#include "mem.h"
#include "usercopy.h"
#include "xen/xen.h"

uint64_t fake_tsc_hz, fake_timer;
uint32_t fake_kicks, fake_shootdowns;
const char *fake_last_line;
bool fake_xen;

struct cpu cpus[EXO_MAX_CPUS];
uint32_t cpu_count;
struct kernel_lock exo_lock;

static char line[256];
static jmp_buf panic_expected;
static bool is_panic_expected;

/* ------------------------------------------------------------------ memory and domains */

void fake_kernel_begin(void)
{
    static struct boot_facts facts;
    size_t bytes = (size_t)FAKE_FRAMES << EXO_FRAME_SHIFT;
    void *memory = mmap(arch_direct(0), bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
    assert_ptr_equal(memory, arch_direct(0));
    facts = (struct boot_facts){.cmdline = "test"};
    boot_add_ram(&facts, 1 << 20, bytes - (1 << 20));
    boot_frames_begin(&facts, 1 << 20, BOOT_MAPPED);
    fake_tsc_hz = 1'000'000'000;
    fake_kicks = fake_shootdowns = 0;
    fake_timer = 0;
    cpu_count = 2;
    for (uint32_t i = 0; i < cpu_count; i++)
        cpus[i] = (struct cpu){.self = &cpus[i], .number = i, .online = true};
    fake_cpu_run(0);
    mmu_load_kernel();
    fake_cpu_run(1);
    mmu_load_kernel();
    fake_cpu_run(0);
    memset(domains, 0, sizeof domains);
    frame_table_init(FAKE_FRAMES);
    info_init(&facts);
    assert_true(boot_frames_end() <= FAKE_FIRST_FREE - 8);
    frame_set_range(0, FAKE_FIRST_FREE, EXO_FRAME_KERNEL, DOMAIN_NONE);
    frame_set_range(FAKE_FIRST_FREE, FAKE_FRAMES - FAKE_FIRST_FREE, EXO_FRAME_PLAIN, 0);
    domain_create_first(FAKE_FIRST_FREE - 2, FAKE_FIRST_FREE - 3, 1);
}

struct domain *fake_domain(uint16_t number, exo_frame first, uint32_t count, uint32_t tables)
{
    exo_frame object = FAKE_FIRST_FREE - 8 + number, captable = first;
    struct domain *dom = domains[number];
    if (!dom) {
        dom = frame_ptr(object);
        *dom = (struct domain){.number = number,
                               .object = object,
                               .captable = captable,
                               .captable_frames = 1,
                               .caps = frame_ptr(captable),
                               .cap_free = 1,
                               .cap_slots = EXO_FRAME_BYTES / CAP_BYTES};
        domains[number] = dom;
    }
    for (exo_frame f = first; f < first + count; f++) {
        frames[f].holder = number;
        frames[f].giver = number == 0 ? DOMAIN_NONE : 0;
    }
    if (number != 0)
        frames[captable].type = EXO_FRAME_OBJECT;
    for (exo_frame f = first + count - tables; f < first + count; f++) {
        frames[f].type = EXO_FRAME_TABLE;
        pool_put(dom, f);
    }
    return dom;
}

struct caller fake_caller(struct domain *dom)
{
    return (struct caller){.cpu = cpu_here(), .dom = dom};
}

void *fake_user(size_t n)
{
    static uint64_t room[1 << 13];
    assert_true(n <= sizeof room);
    return memset(room, 0, n);
}

bool user_copy(void *to, const void *from, size_t n)
{
    if ((uintptr_t)to < EXO_FRAME_BYTES || (uintptr_t)from < EXO_FRAME_BYTES)
        return false;
    memmove(to, from, n);
    return true;
}

/* ------------------------------------------------------------------ CPUs and their caches */

/* A translation, and the lowest table on the way to it (processors cache that too). */
struct cached {
    uint64_t va; /* of its page; only the entry of that page is looked for */
    mmu_entry leaf;
    exo_frame root, table;
    bool is_valid, is_large;
};
constexpr uint32_t CACHE = 512;
static struct cached cache[EXO_MAX_CPUS][CACHE];
static exo_frame root_of[EXO_MAX_CPUS]; /* 0: the kernel's */

void fake_cpu_run(uint32_t number)
{
    assert_int_equal(syscall(SYS_arch_prctl, ARCH_SET_GS, &cpus[number]), 0);
}

static mmu_entry walk(exo_frame root, uint64_t va, exo_frame *table, bool *is_large)
{
    *table = root;
    for (uint32_t level = MMU_LEVELS;; level--) {
        mmu_entry entry = ((mmu_entry *)frame_ptr(*table))[mmu_index(va, level)];
        *is_large = level == 2;
        if (!(entry & MMU_PRESENT))
            return 0;
        if (level == 1 || (level == 2 && (entry & MMU_LARGE)))
            return entry;
        *table = mmu_frame(entry);
    }
}

exo_frame fake_touch(uint64_t va)
{
    uint32_t cpu = cpu_here()->number;
    struct cached *slot = &cache[cpu][va / EXO_FRAME_BYTES % CACHE];
    va &= ~(EXO_FRAME_BYTES - 1);
    if (root_of[cpu] == 0)
        return 0;
    if (!slot->is_valid || slot->va != va) {
        *slot = (struct cached){.va = va, .root = root_of[cpu], .is_valid = true};
        slot->leaf = walk(slot->root, va, &slot->table, &slot->is_large);
        slot->is_valid = slot->leaf != 0; /* absence is not cached */
    }
    if (!slot->is_valid)
        return 0;
    return mmu_frame(slot->leaf) + (slot->is_large ? mmu_index(va, 1) : 0);
}

bool fake_tlb_is_sane(void)
{
    constexpr mmu_entry KEPT = MMU_FRAME_MASK | MMU_WRITE | MMU_NO_EXEC | MMU_LARGE;
    for (uint32_t cpu = 0; cpu < cpu_count; cpu++) {
        for (uint32_t i = 0; i < CACHE; i++) {
            const struct cached *c = &cache[cpu][i];
            exo_frame table;
            bool is_large;
            if (!c->is_valid)
                continue;
            mmu_entry leaf = walk(c->root, c->va, &table, &is_large);
            if ((leaf & KEPT) != (c->leaf & KEPT) || leaf == 0 || table != c->table) {
                print_error("CPU %u: stale translation of %lx: %lx, now %lx\n", cpu,
                            (unsigned long)c->va, (unsigned long)c->leaf, (unsigned long)leaf);
                return false;
            }
        }
    }
    return true;
}

static void cache_forget(void)
{
    memset(cache[cpu_here()->number], 0, sizeof cache[0]);
}

void mmu_load(exo_frame root)
{
    root_of[cpu_here()->number] = root;
    cache_forget();
}

void mmu_load_kernel(void)
{
    root_of[cpu_here()->number] = 0;
    cache_forget();
}

void mmu_flush_all(void)
{
    cache_forget();
}

/* One page, however large; the tables on the way are forgotten for all (Intel SDM vol. 3A,
 * 4.10.4.1), which shows in the model as entries that are looked up anew. */
void mmu_flush_page(uint64_t va)
{
    struct cached *all = cache[cpu_here()->number];
    for (uint32_t i = 0; i < CACHE; i++) {
        struct cached *c = &all[i];
        uint64_t bytes = c->is_large ? EXO_LARGE_BYTES : EXO_FRAME_BYTES;
        if (c->is_valid && (c->va ^ va) < bytes && (c->va & ~(bytes - 1)) == (va & ~(bytes - 1)))
            c->is_valid = false;
    }
}

void mmu_root_init(mmu_entry *root)
{
    memset(root, 0, EXO_FRAME_BYTES);
}

void cpu_flush_others(const struct flush *f, uint32_t cpu_mask)
{
    uint32_t here = cpu_here()->number;
    fake_shootdowns++;
    for (uint32_t i = 0; i < cpu_count; i++) {
        if (i == here || !(cpu_mask & 1u << i))
            continue;
        fake_cpu_run(i);
        flush_here(f);
    }
    fake_cpu_run(here);
}

/* ------------------------------------------------------------------ the rest of the machine */

void arch_timer_set(uint64_t deadline_tsc)
{
    fake_timer = deadline_tsc;
}
uint64_t arch_tsc_hz(void)
{
    return fake_tsc_hz;
}
uint64_t arch_wall_clock_ns(void)
{
    return 0;
}
void arch_kick(const struct cpu *)
{
    fake_kicks++;
}
void arch_set_user_gs(uint64_t) {}
void arch_enter_vcpu(struct cpu *, uint64_t, void *) {}
void arch_set_entries(struct cpu *, uint64_t, uint64_t) {}
void arch_xstate_init(void *) {}
void arch_xstate_save(void *) {}
void arch_xstate_trap(bool) {}
void arch_xstate_load(const void *) {}
uint32_t arch_xstate_bytes(void)
{
    return 0;
}
uint64_t arch_xstate_mask(void)
{
    return 0;
}
uint64_t arch_user_tls(void)
{
    return 0;
}
void arch_set_user_tls(uint64_t) {}
void arch_set_vcpu_number(uint32_t) {}
void arch_set_ports(struct cpu *, const uint8_t *) {}

bool arch_owns_frames(exo_frame first, uint32_t count)
{
    return first <= FAKE_KERNELS_OWN && FAKE_KERNELS_OWN - first < count;
}

void irq_unbind_all(const struct domain *) {}
void irq_unbind_vcpu(const struct vcpu *) {}
void lock_take(struct kernel_lock *) {}
void lock_release(struct kernel_lock *) {}

void mem_clear_frame(void *frame)
{
    memset(frame, 0, EXO_FRAME_BYTES);
}
int mem_compare(const void *a, const void *b, size_t n)
{
    return memcmp(a, b, n);
}
size_t mem_string_length(const char *s)
{
    return strlen(s);
}

void log_line(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    fake_last_line = line;
}

void panic(const struct trapframe *, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    fake_last_line = line;
    if (is_panic_expected)
        longjmp(panic_expected, 1);
    print_error("panic: %s\n", line);
    fail();
    abort();
}

void assert_failed(const char *what, const char *file, int at)
{
    panic(nullptr, "assertion %s at %s:%d", what, file, at);
}

void fake_expect_panic(void (*function)(void *), void *arg)
{
    is_panic_expected = true;
    if (setjmp(panic_expected) == 0) {
        function(arg);
        is_panic_expected = false;
        fail_msg("no panic");
    }
    is_panic_expected = false;
}

bool xen_is_here(void)
{
    return fake_xen;
}

void xen_memory_read(struct boot_facts *facts)
{
    boot_add_ram(facts, FAKE_XEN_RAM, 1 << 20);
}
