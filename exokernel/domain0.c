/* SPDX-License-Identifier: BSD-2-Clause */
/* domain0.c - the first domain.
 *
 * Its image is an ELF64 executable, linked into the libOS region: built into the
 * kernel's own image, or a loader's module named "domain0".  The kernel trusts it no
 * more than any other domain, but without it there is nothing to run: a bad one is a
 * panic.
 */
#include "domain0.h"
#include "boot.h"
#include "boot_frames.h"
#include "cpu.h"
#include "domain.h"
#include "info.h"
#include "mem.h"
#include "slice.h"
#include "space.h"
#include "usercopy.h"
#include "vcpu.h"

/* ELF-64 Object File Format 1.5, figures 2 and 6. */
struct elf_header {
    uint8_t ident[16];
    uint16_t type, machine;
    uint32_t version;
    uint64_t entry, phoff, shoff;
    uint32_t flags;
    uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};
struct elf_segment {
    uint32_t type, flags;
    uint64_t offset, vaddr, paddr, filesz, memsz, align;
};
constexpr uint32_t PT_LOAD = 1;
constexpr uint32_t PF_X = 1, PF_W = 2;
constexpr uint32_t BOOT_TABLES = 24;

extern char image_start[], image_end[], domain0_start[], domain0_end[];

static struct domain *dom;
static struct space *space;

static uint64_t physical(const char *symbol)
{
    return (uint64_t)symbol - KERNEL_BASE;
}

static void map(uint64_t va, uint32_t perms, exo_frame first, uint32_t count) REQUIRES(exo_lock)
{
    struct flush flush;
    uint32_t done;
    flush_begin(&flush, space);
    enum exo_status status = space_map_run(space, va | perms, first, count, &done, &flush);
    if (status != EXO_OK)
        panic(nullptr, "cannot map %lx for domain 0: status %u", va, (uint32_t)status);
}

static void load_segment(const uint8_t *image, uint64_t bytes, const struct elf_segment *s)
    REQUIRES(exo_lock)
{
    uint64_t first_va = s->vaddr & ~(EXO_FRAME_BYTES - 1);
    uint64_t offset = s->vaddr - first_va;
    if (s->memsz == 0 || s->filesz > s->memsz || s->offset > bytes ||
        s->filesz > bytes - s->offset || s->memsz >= 1u << 30 ||
        !range_is_user(first_va, offset + s->memsz))
        panic(nullptr, "domain 0's image has a bad segment at %lx", s->vaddr);
    uint32_t count = (uint32_t)((offset + s->memsz + EXO_FRAME_BYTES - 1) >> EXO_FRAME_SHIFT);
    exo_frame first = boot_frames_take(count);
    for (uint32_t i = 0; i < count; i++)
        mem_clear_frame(frame_ptr(first + i));
    memcpy((uint8_t *)frame_ptr(first) + offset, image + s->offset, s->filesz);
    map(first_va, EXO_READ | (s->flags & PF_W ? EXO_WRITE : 0) | (s->flags & PF_X ? EXO_EXEC : 0),
        first, count);
}

/* Returns the entry point. */
static uint64_t load_image(const uint8_t *image, uint64_t bytes) REQUIRES(exo_lock)
{
    const struct elf_header *h = (const void *)image;
    if (bytes < sizeof *h || mem_compare(h->ident, "\177ELF\2\1", 6) != 0 || h->type != 2 ||
        h->phentsize != sizeof(struct elf_segment) || h->phoff > bytes ||
        (uint64_t)h->phnum * h->phentsize > bytes - h->phoff || h->entry >= EXO_USER_TOP)
        panic(nullptr, "domain 0's image is no ELF64 executable");
    const struct elf_segment *s = (const void *)(image + h->phoff);
    for (uint32_t i = 0; i < h->phnum; i++)
        if (s[i].type == PT_LOAD)
            load_segment(image, bytes, &s[i]);
    return h->entry;
}

static void give_tables(void) REQUIRES(exo_lock)
{
    exo_frame first = boot_frames_take(BOOT_TABLES);
    for (exo_frame f = first; f < first + BOOT_TABLES; f++) {
        mem_clear_frame(frame_ptr(f));
        frames[f].type = EXO_FRAME_TABLE;
        pool_put(dom, f);
    }
}

/* Who holds what, but for the frames that domain 0's own start will take. */
static void divide_ram(const struct boot_facts *facts)
{
    for (uint32_t i = 0; i < facts->ram_count; i++)
        frame_set_range((exo_frame)(facts->ram[i].base >> EXO_FRAME_SHIFT),
                        (uint32_t)(facts->ram[i].bytes >> EXO_FRAME_SHIFT), EXO_FRAME_PLAIN, 0);
    exo_frame image = (exo_frame)((uint64_t)image_start >> EXO_FRAME_SHIFT);
    exo_frame image_frames =
        (exo_frame)(((uint64_t)image_end + EXO_FRAME_BYTES - 1) >> EXO_FRAME_SHIFT) - image;
    frame_set_range(image, image_frames, EXO_FRAME_KERNEL, DOMAIN_NONE);
    frame_set_range(boot_frames_first(), boot_frames_end() - boot_frames_first(), EXO_FRAME_KERNEL,
                    DOMAIN_NONE);
    frame_set_range(0, 1, EXO_FRAME_KERNEL, DOMAIN_NONE);
    frame_set_range(TRAMPOLINE >> EXO_FRAME_SHIFT, 1, EXO_FRAME_KERNEL, DOMAIN_NONE);
    frame_set_range(info_first_frame, info_frame_count, EXO_FRAME_PLAIN, DOMAIN_NONE);
    exo_frame built_in = (exo_frame)(physical(domain0_start) >> EXO_FRAME_SHIFT);
    frame_set_range(built_in, (exo_frame)(physical(domain0_end) >> EXO_FRAME_SHIFT) - built_in,
                    EXO_FRAME_PLAIN, 0);
    if (facts->module_bytes) {
        info->module.first = (exo_frame)(facts->module_base >> EXO_FRAME_SHIFT);
        info->module_offset = facts->module_base & (EXO_FRAME_BYTES - 1);
        info->module_bytes = facts->module_bytes;
        info->module.count =
            (uint32_t)((info->module_offset + facts->module_bytes + EXO_FRAME_BYTES - 1) >>
                       EXO_FRAME_SHIFT);
        frame_set_range(info->module.first, info->module.count, EXO_FRAME_PLAIN, 0);
    }
}

static bool is_in(struct exo_range range, exo_frame frame)
{
    return frame - range.first < range.count;
}

static void tell_free_ranges(void) REQUIRES(exo_lock)
{
    for (exo_frame f = 0; f < frame_count && info->range_count < EXO_MAX_RANGES; f++) {
        struct exo_range range = {.first = f};
        while (f < frame_count && frames[f].type == EXO_FRAME_PLAIN && frames[f].holder == 0 &&
               !is_in(info->module, f) && !is_in(info->boot_objects, f)) {
            range.count++;
            f++;
        }
        if (range.count)
            info->ranges[info->range_count++] = range;
    }
}

static void expect(enum exo_status status, const char *what)
{
    if (status != EXO_OK)
        panic(nullptr, "cannot make domain 0's %s: status %u", what, (uint32_t)status);
}

/* Every process of domain 0 needs a capability: room grows with memory. */
static uint32_t captable_size(void)
{
    constexpr uint32_t FRAMES_PER_FRAME = 512, LEAST = 2;
    uint32_t wanted = info->ram_frames / FRAMES_PER_FRAME;
    return wanted < LEAST ? LEAST : wanted > CAP_TABLE_FRAMES_MAX ? CAP_TABLE_FRAMES_MAX : wanted;
}

void domain0_start_up(const struct boot_facts *facts)
{
    struct vcpu *vcpu;
    lock_take(&exo_lock);
    divide_ram(facts);
    uint32_t cap_frames = captable_size();
    exo_frame first = boot_frames_take(1 + cap_frames);
    dom = domain_create_first(first, first + 1, cap_frames);
    for (uint32_t i = 0; i <= cap_frames; i++)
        frames[first + i].type = EXO_FRAME_OBJECT;
    give_tables();
    expect(space_create(dom, boot_frames_take(1), &space), "space");
    dom->caps[EXO_CAP_BOOT_SPACE] = (struct cap){.kind = EXO_CAP_SPACE, .object = space};
    domain_share_info(dom);
    dom->cap_free = EXO_CAP_INFO + 1;

    bool is_module = facts->image0_bytes != 0;
    const uint8_t *image =
        is_module ? arch_direct(facts->image0_base) : (const uint8_t *)domain0_start;
    uint64_t entry = load_image(image, is_module ? facts->image0_bytes
                                                 : (uint64_t)(domain0_end - domain0_start));

    exo_frame page = boot_frames_take(1);
    expect(vcpu_create(dom, boot_frames_take(1), page, EXO_BOOT_VCPU_VA, space, &vcpu), "vcpu");
    dom->caps[EXO_CAP_BOOT_VCPU] = (struct cap){.kind = EXO_CAP_VCPU, .object = vcpu};
    map(EXO_BOOT_VCPU_VA, EXO_READ | EXO_WRITE, page, 1);
    map(EXO_INFO_VA, EXO_READ, info_first_frame, info_frame_count);

    info->boot_objects = (struct exo_range){first, boot_frames_end() - first};
    info->cpu_count = cpu_count;
    tell_free_ranges();
    trapframe_start(&vcpu->saved, entry, 0, EXO_INFO_VA, EXO_BOOT_VCPU_VA);
    vcpu->linux_entry = vcpu->upcall_entry = entry;
    vcpu->state = VCPU_READY;
    slice_bind_first(&cpus[0], vcpu);
    vcpu->slots = EXO_SLOTS;
    for (uint32_t i = 0; i < EXO_SLOTS; i++)
        cpus[0].ring[i] = vcpu;
    lock_release(&exo_lock);
}
