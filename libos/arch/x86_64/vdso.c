/* SPDX-License-Identifier: BSD-2-Clause */
/* vdso.c - mapping the vDSO into a program. */
#include "arch/vdso.h"
#include <asm-generic/mman-common.h>
#include "base/errno.h"
#include "mm/mm.h"
#include "mm/mmap.h"
#include "mm/page.h"
#include "sched/time.h"

extern const char vdso_image[], vdso_image_end[];

constexpr uint32_t VDSO_PAGES_MAX = 4;

int vdso_map(struct mm *mm, uint64_t *base)
{
    struct page *pages[VDSO_PAGES_MAX], *params = page_of_image(&time_params_page);
    uint32_t count = (uint32_t)((uint64_t)(vdso_image_end - vdso_image) >> PAGE_SHIFT);
    if (count > VDSO_PAGES_MAX)
        return -ENOMEM;
    for (uint32_t i = 0; i < count; i++)
        pages[i] = page_of_image(vdso_image + i * PAGE_SIZE);
    int64_t at = mm_map_special(mm, 0, pages, count, PROT_READ | PROT_EXEC, "[vdso]");
    if (at < 0)
        return (int)at;
    int64_t before = mm_map_special(mm, (uint64_t)at - PAGE_SIZE, &params, 1, PROT_READ, "[vvar]");
    if (before < 0) {
        mm_unmap(mm, (uint64_t)at, count * PAGE_SIZE);
        return (int)before;
    }
    *base = (uint64_t)at;
    return 0;
}
