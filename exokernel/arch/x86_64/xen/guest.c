/* SPDX-License-Identifier: BSD-2-Clause */
/* guest.c - whether Xen is there, and what it tells a guest. */
#include "boot.h"
#include "io.h"
#include "log.h"
#include "xen/hypercall.h"
#include "xen/shared.h"
#include "xen/xen.h"

bool xen_by_vmmcall;
alignas(EXO_FRAME_BYTES) union xen_shared_frame xen_shared_frame;

static uint32_t leaf; /* of CPUID, the one with the signature; 0: no Xen */

bool xen_is_here(void)
{
    return leaf != 0;
}

bool xen_has_vectors(void)
{
    return cpuid(leaf, 0).a >= leaf + XEN_LEAF_HVM &&
           (cpuid(leaf + XEN_LEAF_HVM, 0).a & XEN_HVM_HAS_VECTORS);
}

static uint32_t leaf_find(void)
{
    if (!(cpuid(1, 0).c & 1u << 31)) /* no hypervisor at all */
        return 0;
    for (uint32_t at = XEN_LEAF_FIRST; at < XEN_LEAF_END; at += XEN_LEAF_STEP) {
        struct cpuid r = cpuid(at, 0);
        if (r.b == 0x566e6558 && r.c == 0x65584d4d && r.d == 0x4d4d566e) /* XenVMMXenVMM */
            return at;
    }
    return 0;
}

/* VMMCALL on AMD's CPUs and those made after them, VMCALL on Intel's and theirs: the other one is
 * an invalid instruction (AMD APM vol. 3, VMMCALL; Intel SDM vol. 3C, VMCALL). */
static bool is_amd(void)
{
    uint32_t first = cpuid(0, 0).b;
    return first == 0x68747541 || first == 0x6f677948; /* "Auth"enticAMD, "Hygo"nGenuine */
}

bool xen_memory_add(uint32_t space, uint64_t index, const void *image_page)
{
    struct xen_memory_add add = {
        .domain = XEN_SELF,
        .space = space,
        .index = index,
        .frame = ((uint64_t)image_page - KERNEL_BASE) >> EXO_FRAME_SHIFT,
    };
    return xen_call_on(XEN_MEMORY, XEN_MEMORY_ADD, &add) == 0;
}

void xen_init(void)
{
    leaf = leaf_find();
    if (!leaf)
        return;
    xen_by_vmmcall = is_amd();
    if (!xen_memory_add(XEN_SPACE_SHARED_INFO, 0, &xen_shared_frame))
        panic(nullptr, "Xen does not share its information page");
}

void xen_memory_read(struct boot_facts *facts)
{
    /* As BIOS call 0xe820 gives them: ACPI 6.4, table 15.3. */
    struct [[gnu::packed]] {
        uint64_t base, bytes;
        uint32_t type;
    } static map[128];
    struct xen_memory_map call = {.entries = sizeof map / sizeof map[0], .buffer = (uint64_t)map};
    if (xen_call_on(XEN_MEMORY, XEN_MEMORY_MAP, &call) < 0)
        return;
    for (uint32_t i = 0; i < call.entries; i++)
        if (map[i].type == 1)
            boot_add_ram(facts, map[i].base, map[i].bytes);
}

uint64_t xen_param(uint32_t index)
{
    struct xen_param param = {.domain = XEN_SELF, .index = index};
    return xen_call_on(XEN_HVM, XEN_HVM_GET, &param) == 0 ? param.value : 0;
}

bool xen_console_write(const char *text, size_t n)
{
    return xen_call(XEN_CONSOLE, XEN_CONSOLE_WRITE, n, (uint64_t)text) >= 0;
}

void xen_shutdown(enum xen_reason reason)
{
    uint32_t argument = reason;
    xen_call_on(XEN_SCHED, XEN_SCHED_SHUTDOWN, &argument);
}
