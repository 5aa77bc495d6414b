/* SPDX-License-Identifier: BSD-2-Clause */
/* shm.c - System V shared memory. */
#include "ipc/shm.h"

#include <asm/mman.h>
#include <linux/mman.h>
#include "base/bits.h"
#include "base/errno.h"
#include "base/format.h"
#include "base/string.h"
#include "mm/heap.h"
#include "mm/mm.h"
#include "mm/mmap.h"
#include "mm/page.h"
#include "proc/process.h"
#include "sched/thread.h"
#include "vfs/file.h"
#include "vfs/inode.h"
#include "vfs/vfs.h"

uint64_t shm_attaches(const struct shm_segment *s)
{
    uint64_t n = 0;
    list_for_each(node, &s->file->inode->mappings)
        n++;
    return n;
}

uint64_t shm_resident(const struct shm_segment *s)
{
    const struct inode *inode = s->file->inode;
    uint64_t n = 0, end = page_round_up(s->bytes) >> PAGE_SHIFT;
    for (uint64_t i = pagecache_next(inode, 0); i < end; i = pagecache_next(inode, i + 1))
        n++;
    return n;
}

uint64_t shm_pages(void)
{
    const struct ipc_set *all = ipc_set(IPC_SHM);
    uint64_t n = 0;
    for (uint32_t i = 0; i < all->size; i++)
        if (all->slots[i])
            n += page_round_up(shm_of(all->slots[i])->bytes) >> PAGE_SHIFT;
    return n;
}

static void destroy(struct ipc_object *object)
{
    file_put(shm_of(object)->file);
    heap_free(object);
}

int shm_create(int32_t key, uint64_t bytes, int flags)
{
    const struct ipc_limits *limits = ipc_limits();
    char name[32];
    if (bytes == 0 || bytes > limits->shm_bytes.value)
        return -EINVAL;
    uint64_t pages = page_round_up(bytes) >> PAGE_SHIFT, used = shm_pages();
    if (used + pages > limits->shm_pages.value || used + pages < used)
        return -ENOSPC;
    if (flags & SHM_HUGETLB)
        return -ENOMEM; /* there is no pool of huge pages */
    if (bytes > page_total() * PAGE_SIZE && !(flags & SHM_NORESERVE))
        return -ENOMEM;
    struct shm_segment *s = heap_zalloc(sizeof *s);
    if (!s)
        return -ENOMEM;
    snprintf(name, sizeof name, "/SYSV%08x (deleted)", (unsigned)key);
    int id = tmpfs_create_unlinked(name, bytes, &s->file);
    if (id < 0) {
        heap_free(s);
        return id;
    }
    s->bytes = bytes;
    s->object.destroy = destroy;
    s->changed_sec = ipc_now();
    s->creator_pid = current->process->pid;
    id = ipc_add(ipc_set(IPC_SHM), &s->object, key, (uint32_t)flags,
                 (uint32_t)limits->shm_segments.value);
    if (id < 0) {
        destroy(&s->object);
        return id;
    }
    struct inode *inode = s->file->inode;
    inode->ino = (uint64_t)id; /* /proc/PID/maps shows the id there (proc(5)) */
    inode->mode = (inode->mode & ~0777u) | ((uint32_t)flags & 0777);
    return id;
}

/* ------------------------------------------------------------------ attaching */

/* A file's release and the end of a range that maps it. */
static void attach_release(struct file *file)
{
    ipc_put(file->private);
}

static void attach_unmapped(struct file *file)
{
    struct shm_segment *s = file->private;
    s->detached_sec = ipc_now();
    if (current->process)
        s->last_pid = current->process->pid;
    if (s->object.mode & SHM_DEST_BIT && list_is_empty(&s->file->inode->mappings))
        ipc_remove(&s->object);
}

static const struct file_ops attach_ops = {
    .flags = FOP_NOWAIT,
    .mmap = file_mmap_generic,
    .unmapped = attach_unmapped,
    .release = attach_release,
};

/* Where the segment goes, as shmat(2) says, or a negative errno. */
static int64_t place_check(const struct shm_segment *s, uaddr_t address, int flags)
{
    struct mm *mm = current->process->mm;
    if (!address)
        return flags & SHM_REMAP ? -EINVAL : 0;
    if (address & PAGE_MASK) {
        if (!(flags & SHM_RND))
            return -EINVAL;
        address = page_round_down(address);
        if (!address && flags & SHM_REMAP)
            return -EINVAL;
    }
    if (address && !(flags & SHM_REMAP)) {
        uint64_t end = address + s->bytes;
        const struct vma *vma = mm_vma_from(mm, address);
        if (end < address || (vma && vma->start < end))
            return -EINVAL;
    }
    return (int64_t)address;
}

static int64_t segment_map(struct shm_segment *s, uaddr_t address, int prot, bool writable)
{
    struct file *file = file_create(&s->file->path, writable ? O_RDWR : O_RDONLY, &attach_ops);
    if (!file)
        return -ENOMEM;
    file->private = ipc_get(&s->object);
    int64_t result = mm_map(current->process->mm, address, s->bytes, prot,
                            MAP_SHARED | (address ? MAP_FIXED : 0), file, 0);
    file_put(file);
    return result;
}

int64_t shm_attach(int32_t id, uaddr_t address, int flags)
{
    struct ipc_object *object;
    bool writable = !(flags & SHM_RDONLY);
    uint32_t bits = IPC_READ_BITS;
    int prot = PROT_READ;
    int error = ipc_find(ipc_set(IPC_SHM), id, &object);
    if (writable) {
        prot |= PROT_WRITE;
        bits |= IPC_WRITE_BITS;
    }
    if (flags & SHM_EXEC) {
        prot |= PROT_EXEC;
        bits |= IPC_EXEC_BITS;
    }
    if (error)
        return error;
    struct shm_segment *s = shm_of(object);
    int64_t place = place_check(s, address, flags);
    if (place < 0)
        return place;
    error = ipc_permit(object, bits);
    if (error)
        return error;
    ipc_get(object);
    place = segment_map(s, (uaddr_t)place, prot, writable);
    if (place > 0) {
        s->attached_sec = ipc_now();
        s->last_pid = current->process->pid;
    }
    ipc_put(object);
    return place;
}

/* Is VMA part of an attachment that begins at ADDRESS? */
static bool is_attached_at(const struct vma *vma, uaddr_t address)
{
    return vma->file && vma->file->ops == &attach_ops &&
           vma->start - (vma->page_offset << PAGE_SHIFT) == address;
}

int shm_detach(uaddr_t address)
{
    struct mm *mm = current->process->mm;
    if (address & PAGE_MASK)
        return -EINVAL;
    const struct vma *vma = mm_vma_from(mm, address);
    while (vma && !is_attached_at(vma, address))
        vma = vma_next(&mm->vmas, vma);
    if (!vma)
        return -EINVAL;
    const struct file *file = vma->file;
    uint64_t end = address + page_round_up(((struct shm_segment *)file->private)->bytes);
    while (vma && vma->start < end) {
        uint64_t start = vma->start, length = vma->end - vma->start;
        bool is_ours = vma->file == file && is_attached_at(vma, address);
        if (is_ours) {
            int error = mm_unmap(mm, start, length);
            if (error)
                return error;
        }
        vma = mm_vma_from(mm, start + length);
    }
    return 0;
}

void shm_destroy_later(struct shm_segment *s)
{
    if (list_is_empty(&s->file->inode->mappings)) {
        ipc_remove(&s->object);
        return;
    }
    s->object.mode |= SHM_DEST_BIT;
    s->object.key = IPC_PRIVATE; /* nobody finds it by its key any more */
}
