/* SPDX-License-Identifier: BSD-2-Clause */
/* maps.c - /proc/PID/maps and smaps: what is mapped where. */
#include "base/errno.h"
#include "mm/mm.h"
#include "mm/page.h"
#include "proc/process.h"
#include "vfs/file.h"
#include "vfs/fs.h"
#include "vfs/inode.h"
#include "vfs/procfs/procfs.h"

constexpr size_t NAME_COLUMN = 73;

static int add_line(struct text *text, const struct vma *vma)
{
    size_t from = text->length;
    const struct inode *inode = vma->file ? vma->file->inode : nullptr;
    uint64_t dev = inode ? inode->super->dev : 0;
    text_add(text, "%08llx-%08llx %c%c%c%c %08llx %02x:%02x %llu ", (unsigned long long)vma->start,
             (unsigned long long)vma->end, vma->flags & VMA_READ ? 'r' : '-',
             vma->flags & VMA_WRITE ? 'w' : '-', vma->flags & VMA_EXEC ? 'x' : '-',
             vma->flags & VMA_SHARED ? 's' : 'p',
             inode ? (unsigned long long)(vma->page_offset << PAGE_SHIFT) : 0ull, dev_major(dev),
             dev_minor(dev), inode ? (unsigned long long)inode->ino : 0ull);
    const char *name = mm_vma_name(vma);
    if (vma->file) {
        text_pad(text, from, NAME_COLUMN);
        int err = proc_add_path(text, &vma->file->path, "\n");
        if (err)
            return err;
    } else if (name[0]) {
        text_pad(text, from, NAME_COLUMN);
        text_add(text, "%s", name);
    }
    text_add_char(text, '\n');
    return 0;
}

int proc_show_maps(struct text *text, const struct proc_node *node)
{
    struct mm *mm = node->process->mm;
    if (!mm)
        return 0;
    mm_for_each_vma(vma, mm) {
        int err = add_line(text, vma);
        if (err)
            return err;
    }
    return 0;
}

static void add_kb(struct text *text, const char *name, uint64_t pages)
{
    text_add(text, "%-16s%8llu kB\n", name, (unsigned long long)(pages << (PAGE_SHIFT - 10)));
}

/* A sum of parts of pages, as whole kB. */
static void add_proportion(struct text *text, const char *name, uint64_t parts)
{
    text_add(text, "%-16s%8llu kB\n", name,
             (unsigned long long)(parts >> (MM_PROPORTION_SHIFT - (PAGE_SHIFT - 10))));
}

static void add_usage(struct text *text, const struct mm_usage *u)
{
    add_kb(text, "Rss:", u->resident);
    add_proportion(text, "Pss:", u->proportion);
    add_kb(text, "Shared_Clean:", u->shared[0]);
    add_kb(text, "Shared_Dirty:", u->shared[1]);
    add_kb(text, "Private_Clean:", u->private[0]);
    add_kb(text, "Private_Dirty:", u->private[1]);
    add_kb(text, "Referenced:", u->referenced);
    add_kb(text, "Anonymous:", u->anonymous);
    add_kb(text, "Swap:", 0);
    add_kb(text, "SwapPss:", 0);
    add_proportion(text, "Locked:", u->locked_proportion);
}

/* The sums over all ranges, under a line that spans them. */
int proc_show_smaps_rollup(struct text *text, const struct proc_node *node)
{
    struct mm *mm = node->process->mm;
    struct mm_usage usage = {};
    uint64_t first = 0, last = 0;
    if (!mm)
        return 0;
    mm_for_each_vma(vma, mm) {
        mm_usage_add(vma, &usage);
        first = first ? first : vma->start;
        last = vma->end;
    }
    size_t from = text->length;
    text_add(text, "%08llx-%08llx ---p 00000000 00:00 0 ", (unsigned long long)first,
             (unsigned long long)last);
    text_pad(text, from, NAME_COLUMN);
    text_add(text, "[rollup]\n");
    add_usage(text, &usage);
    return 0;
}

/* What is known per range: its size and what of it is present. */
int proc_show_smaps(struct text *text, const struct proc_node *node)
{
    struct mm *mm = node->process->mm;
    if (!mm)
        return 0;
    mm_for_each_vma(vma, mm) {
        struct mm_usage usage = {};
        int err = add_line(text, vma);
        if (err)
            return err;
        mm_usage_add(vma, &usage);
        add_kb(text, "Size:", vma_pages(vma));
        add_kb(text, "KernelPageSize:", 1);
        add_kb(text, "MMUPageSize:", 1);
        add_usage(text, &usage);
        text_add(text, "VmFlags:%s%s%s%s%s%s\n", vma->flags & VMA_READ ? " rd" : "",
                 vma->flags & VMA_WRITE ? " wr" : "", vma->flags & VMA_EXEC ? " ex" : "",
                 vma->flags & VMA_SHARED ? " sh" : "", vma->flags & VMA_GROWSDOWN ? " gd" : "",
                 vma->flags & VMA_LOCKED ? " lo" : "");
    }
    return 0;
}
