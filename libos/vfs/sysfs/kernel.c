/* SPDX-License-Identifier: BSD-2-Clause */
/* kernel.c - /sys/kernel: settings of the kernel that programs ask for. */
#include "base/bits.h"
#include "vfs/sysfs/sysfs.h"

static int show_endian(struct text *text, const struct proc_node *)
{
    text_add(text, "%s\n", __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? "little" : "big");
    return 0;
}

/* There are no transparent huge pages (Linux's Documentation/admin-guide/mm/transhuge.rst). */
static const struct proc_entry huge_entries[] = {
    PROC_LINE("defrag", "always defer defer+madvise madvise [never]"),
    PROC_LINE("enabled", "always madvise [never]"),
    PROC_LINE("hpage_pmd_size", "2097152"),
    PROC_LINE("shmem_enabled", "always within_size advise [never] deny force"),
    PROC_LINE("use_zero_page", "0"),
};
static const struct proc_directory huge = {
    .id = 20, .entries = huge_entries, .count = ARRAY_COUNT(huge_entries)};
static const struct proc_directory empty = {.id = 21};

static const struct proc_entry mm_entries[] = {
    PROC_DIR("hugepages", 0555, empty),
    PROC_DIR("transparent_hugepage", 0555, huge),
};
static const struct proc_directory mm = {
    .id = 22, .entries = mm_entries, .count = ARRAY_COUNT(mm_entries)};

static const struct proc_entry entries[] = {
    PROC_LINE("address_bits", "64"),
    PROC_FILE("cpu_byteorder", 0444, show_endian),
    PROC_DIR("debug", 0555, empty),
    PROC_LINE("fscaps", "1"),
    PROC_LINE("kexec_crash_loaded", "0"),
    PROC_LINE("kexec_loaded", "0"),
    PROC_DIR("mm", 0555, mm),
    PROC_LINE("profiling", "0"),
    PROC_DIR("security", 0555, empty),
    PROC_DIR("tracing", 0555, empty),
    PROC_LINE("uevent_seqnum", "0"),
};
const struct proc_directory sysfs_kernel = {
    .id = 23, .entries = entries, .count = ARRAY_COUNT(entries)};
