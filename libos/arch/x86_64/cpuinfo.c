/* SPDX-License-Identifier: BSD-2-Clause */
/* cpuinfo.c - what CPUID says (SDM vol. 2A, CPUID; AMD APM vol. 3, appendix E), in Linux's words. */
#include "arch/cpuinfo.h"

#include <exo/info.h>
#include "base/bits.h"
#include "base/string.h"
#include "base/text.h"

struct cpuid {
    uint32_t a, b, c, d;
};

static struct cpuid cpuid(uint32_t leaf, uint32_t subleaf)
{
    struct cpuid r = {.a = leaf, .c = subleaf};
    __asm__ volatile("cpuid" : "+a"(r.a), "=b"(r.b), "+c"(r.c), "=d"(r.d));
    return r;
}

/* Names of the feature bits that programs look for, by word; null: no name. */
static const char *const leaf1_d[32] = {
    "fpu",  "vme",  "de",   "pse", "tsc",  "msr", "pae",   "mce", "cx8",     "apic",  nullptr,
    "sep",  "mtrr", "pge",  "mca", "cmov", "pat", "pse36", "pn",  "clflush", nullptr, "dts",
    "acpi", "mmx",  "fxsr", "sse", "sse2", "ss",  "ht",    "tm",  "ia64",    "pbe",
};
static const char *const leaf1_c[32] = {
    "pni",    "pclmulqdq",  "dtes64", "monitor", "ds_cpl",
    "vmx",    "smx",        "est",    "tm2",     "ssse3",
    "cid",    "sdbg",       "fma",    "cx16",    "xtpr",
    "pdcm",   nullptr,      "pcid",   "dca",     "sse4_1",
    "sse4_2", "x2apic",     "movbe",  "popcnt",  "tsc_deadline_timer",
    "aes",    "xsave",      nullptr,  "avx",     "f16c",
    "rdrand", "hypervisor",
};
static const char *const leaf81_d[32] = {
    [11] = "syscall", [20] = "nx", [22] = "mmxext",   [25] = "fxsr_opt", [26] = "pdpe1gb",
    [27] = "rdtscp",  [29] = "lm", [30] = "3dnowext", [31] = "3dnow",
};
static const char *const leaf81_c[32] = {
    "lahf_lm", "cmp_legacy", "svm",         "extapic",       "cr8_legacy",
    "abm",     "sse4a",      "misalignsse", "3dnowprefetch",
};
static const char *const leaf7_b[32] = {
    [3] = "bmi1",      [5] = "avx2",        [7] = "smep",      [8] = "bmi2",      [9] = "erms",
    [10] = "invpcid",  [16] = "avx512f",    [17] = "avx512dq", [18] = "rdseed",   [19] = "adx",
    [20] = "smap",     [23] = "clflushopt", [24] = "clwb",     [28] = "avx512cd", [29] = "sha_ni",
    [30] = "avx512bw", [31] = "avx512vl",
};
static const char *const leaf7_c[32] = {
    [2] = "umip", [3] = "pku",         [4] = "ospke", [8] = "gfni",
    [9] = "vaes", [10] = "vpclmulqdq", [16] = "la57", [22] = "rdpid",
};
static const char *const leafd1_a[32] = {"xsaveopt", "xsavec", "xgetbv1", "xsaves"};

static void add_flags(struct text *text, const char *const names[32], uint32_t bits)
{
    for (unsigned i = 0; i < 32; i++) {
        if (names[i] && (bits >> i & 1))
            text_add(text, " %s", names[i]);
    }
}

static void add_all_flags(struct text *text, uint32_t leaves, uint32_t extended_leaves)
{
    struct cpuid one = cpuid(1, 0);
    text_add(text, "flags\t\t:");
    add_flags(text, leaf1_d, one.d);
    if (extended_leaves >= 0x80000001)
        add_flags(text, leaf81_d, cpuid(0x80000001, 0).d);
    add_flags(text, leaf1_c, one.c);
    if (extended_leaves >= 0x80000001)
        add_flags(text, leaf81_c, cpuid(0x80000001, 0).c);
    if (leaves >= 7)
        add_flags(text, leaf7_b, cpuid(7, 0).b);
    if (leaves >= 0xd)
        add_flags(text, leafd1_a, cpuid(0xd, 1).a);
    if (leaves >= 7)
        add_flags(text, leaf7_c, cpuid(7, 0).c);
    text_add_char(text, '\n');
}

static void model_name(char name[49], uint32_t extended_leaves)
{
    string_copy(name, "unknown", 49);
    if (extended_leaves < 0x80000004)
        return;
    for (uint32_t i = 0; i < 3; i++) {
        struct cpuid r = cpuid(0x80000002 + i, 0);
        memcpy(name + i * 16, &r, 16);
    }
    name[48] = '\0';
}

/* Some vendors pad the name in front. */
static const char *without_blanks(const char *s)
{
    while (*s == ' ')
        s++;
    return s;
}

void cpuinfo_add(struct text *text, unsigned number, unsigned count)
{
    struct cpuid zero = cpuid(0, 0), one = cpuid(1, 0);
    uint32_t extended_leaves = cpuid(0x80000000, 0).a;
    char vendor[13] = {}, name[49];
    memcpy(vendor, &zero.b, 4);
    memcpy(vendor + 4, &zero.d, 4);
    memcpy(vendor + 8, &zero.c, 4);
    model_name(name, extended_leaves);

    uint32_t family = one.a >> 8 & 15, model = one.a >> 4 & 15;
    if (family == 6 || family == 15)
        model |= one.a >> 12 & 0xf0;
    if (family == 15)
        family += one.a >> 20 & 0xff;
    uint64_t khz = ((const struct exo_info *)EXO_INFO_VA)->tsc_hz / 1000;

    text_add(text, "processor\t: %u\nvendor_id\t: %s\ncpu family\t: %u\nmodel\t\t: %u\n", number,
             vendor, family, model);
    text_add(text, "model name\t: %s\nstepping\t: %u\n", without_blanks(name), one.a & 15);
    text_add(text, "cpu MHz\t\t: %llu.%03llu\n", (unsigned long long)(khz / 1000),
             (unsigned long long)(khz % 1000));
    text_add(text, "physical id\t: 0\nsiblings\t: %u\ncore id\t\t: %u\ncpu cores\t: %u\n", count,
             number, count);
    text_add(text,
             "apicid\t\t: %u\nfpu\t\t: yes\nfpu_exception\t: yes\ncpuid level\t: %u\nwp\t\t: yes\n",
             number, zero.a);
    add_all_flags(text, zero.a, extended_leaves);
    text_add(text, "bogomips\t: %llu.%02llu\nclflush size\t: %u\n", (unsigned long long)(khz / 500),
             (unsigned long long)(khz / 5 % 100), (one.b >> 8 & 0xff) * 8);
    if (extended_leaves >= 0x80000008) {
        uint32_t bits = cpuid(0x80000008, 0).a;
        text_add(text, "address sizes\t: %u bits physical, %u bits virtual\n", bits & 0xff,
                 bits >> 8 & 0xff);
    }
    text_add(text, "power management:\n\n");
}
