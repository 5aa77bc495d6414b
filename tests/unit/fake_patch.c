/* SPDX-License-Identifier: BSD-2-Clause */
/* fake_patch.c - no call site is ever patched, and no stub tells a thread its numbers. */
#include "mm/patch.h"
#include "proc/process.h"
#include "start/options.h"

[[gnu::weak]] struct options options;

void patch_file_changes(struct inode *) {}
struct page *patch_page(const struct vma *, uint64_t) { return nullptr; }
struct page *patch_original(struct page *page) { return page; }
void patch_windows_map(struct mm *) {}
void patch_disable(struct mm *) {}
void patch_range_changes(const struct vma *, uint64_t) {}
void patch_hide(struct vma *, uint64_t, uint64_t) {}
struct page *patch_window_page(const struct vma *, uint64_t) { return nullptr; }
uint64_t patch_origin(uint64_t rip) { return rip; }
[[gnu::weak]] void thread_known_renew(struct thread *) {}
