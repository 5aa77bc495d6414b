/* SPDX-License-Identifier: BSD-2-Clause */
/* patch.h - system calls of programs become jumps into the libOS (doc/patching.md).
 *
 * A site that has trapped once is patched in a copy of its page of the file, the page's twin, which
 * all programs that map the page at the same address for execution then share.  The page cache keeps
 * the original: what is read, written back or shown to a debugger knows nothing of it.  Twins are
 * dropped before anybody can write to the file.
 *
 * Sites jump to stubs, which lie in windows: ranges at fixed addresses, within reach of where
 * programs and libraries go, that show the same frames in each program.
 *
 * All of this is guarded by the domain lock.
 */
#pragma once

#include <stdint.h>

struct inode;
struct mm;
struct page;
struct regs;
struct vma;

/* The current thread has made a call by reflection: patch its site if that can be done. */
void patch_call(const struct regs *regs);

/* The page that VMA shows at ADDRESS instead of its file's, if there is one.  No reference. */
struct page *patch_page(const struct vma *vma, uint64_t address);
/* The page of the file that PAGE is the twin of, or PAGE itself. */
struct page *patch_original(struct page *page);
/* INODE is about to change, or to go: nothing shows a twin of its pages any more. */
void patch_file_changes(struct inode *inode);

/* A new program's windows, once its image is mapped.  If they cannot be had it stays unpatched. */
void patch_windows_map(struct mm *mm);
/* MM's program is watched, or gives another meaning to registers: it sees the original from now on. */
void patch_disable(struct mm *mm);
/* The same if a window is among the ranges from FIRST on up to END, which are about to be unmapped or
 * changed. */
void patch_range_changes(const struct vma *first, uint64_t end);
/* The same for pages of VMA in [start, end) only, which are about to move. */
void patch_hide(struct vma *vma, uint64_t start, uint64_t end);
/* A page of stubs at ADDRESS of VMA, a window; NULL: there is none. */
struct page *patch_window_page(const struct vma *vma, uint64_t address);

/* Where the program itself believes to be when RIP lies in a stub; else RIP. */
uint64_t patch_origin(uint64_t rip);
/* A breakpoint was met.  True: at a site; REGS goes on where the program wanted to go. */
bool patch_trap(struct regs *regs);
/* REGS has taken a step into a stub.  True: it now stands behind the call, which is to be made. */
bool patch_step(struct regs *regs);

struct patch_counts {
    uint64_t sites, refused, stubs;
};
extern struct patch_counts patch_counts;
