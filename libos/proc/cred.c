/* SPDX-License-Identifier: BSD-2-Clause */
/* cred.c - credentials: copies on change, and what they allow. */
#include "proc/cred.h"

#include <linux/securebits.h>

#include "base/errno.h"
#include "mm/heap.h"
#include "proc/process.h"
#include "sched/thread.h"

/* Not counted: it is never freed. */
const struct cred cred_root = {
    .refs = 1,
    .cap_permitted = CRED_CAP_ALL,
    .cap_effective = CRED_CAP_ALL,
    .cap_bounding = CRED_CAP_ALL,
};

/* Only the count of a cred in use changes. */
static struct cred *countable(const struct cred *cred)
{
    return (struct cred *)cred;
}

const struct cred *cred_get(const struct cred *cred)
{
    if (cred != &cred_root)
        countable(cred)->refs++;
    return cred;
}

void cred_put(const struct cred *cred)
{
    if (!cred || cred == &cred_root || --countable(cred)->refs > 0)
        return;
    heap_free(cred->groups);
    heap_free(countable(cred));
}

struct cred *cred_clone(const struct cred *from)
{
    struct cred *cred = heap_memdup(from, sizeof *from);

    if (!cred)
        return nullptr;
    cred->refs = 1;
    if (from->group_count) {
        cred->groups = heap_memdup(from->groups, from->group_count * sizeof from->groups[0]);
        if (!cred->groups) {
            heap_free(cred);
            return nullptr;
        }
    }
    return cred;
}

void cred_install(struct thread *t, const struct cred *cred)
{
    const struct cred *old = t->cred;
    t->cred = cred;
    cred_put(old);
    thread_known_renew(t);
}

bool cred_capable(const struct cred *cred, int capability)
{
    return cred->cap_effective >> capability & 1;
}

bool capable(int capability)
{
    return cred_capable(current->cred, capability);
}

static bool is_supplementary(const struct cred *cred, uint32_t gid)
{
    uint32_t low = 0, high = cred->group_count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (cred->groups[middle] == gid)
            return true;
        if (cred->groups[middle] < gid)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

bool cred_in_group(const struct cred *cred, uint32_t gid)
{
    return gid == cred->fsgid || is_supplementary(cred, gid);
}

bool cred_in_egroup(const struct cred *cred, uint32_t gid)
{
    return gid == cred->egid || is_supplementary(cred, gid);
}

/* Heap sort: the list is the caller's to choose, so no worst case may hurt. */
static void groups_sift(uint32_t *g, uint32_t at, uint32_t count)
{
    for (;;) {
        uint32_t child = 2 * at + 1, value = g[at];
        if (child >= count)
            return;
        if (child + 1 < count && g[child + 1] > g[child])
            child++;
        if (g[child] <= value)
            return;
        g[at] = g[child];
        g[child] = value;
        at = child;
    }
}

static void groups_sort(uint32_t *g, uint32_t count)
{
    for (uint32_t i = count / 2; i-- > 0;)
        groups_sift(g, i, count);
    for (uint32_t end = count; end-- > 1;) {
        uint32_t largest = g[0];
        g[0] = g[end];
        g[end] = largest;
        groups_sift(g, 0, end);
    }
}

int cred_set_groups(struct cred *cred, const uint32_t *groups, uint32_t count)
{
    uint32_t *copy = nullptr;

    if (count) {
        copy = heap_memdup(groups, count * sizeof groups[0]);
        if (!copy)
            return -ENOMEM;
        groups_sort(copy, count);
    }
    heap_free(cred->groups);
    cred->groups = copy;
    cred->group_count = count;
    return 0;
}

/* capabilities(7), "Effect of user ID changes on capabilities". */
void cred_fix_capabilities(struct cred *cred, const struct cred *old)
{
    bool had_root = old->uid == 0 || old->euid == 0 || old->suid == 0;
    bool has_root = cred->uid == 0 || cred->euid == 0 || cred->suid == 0;

    if (cred->securebits & (1u << SECURE_NO_SETUID_FIXUP))
        return;
    if (had_root && !has_root) {
        if (!(cred->securebits & (1u << SECURE_KEEP_CAPS)))
            cred->cap_permitted = cred->cap_effective = 0;
        cred->cap_ambient = 0;
    }
    if (old->euid == 0 && cred->euid != 0)
        cred->cap_effective = 0;
    if (old->euid != 0 && cred->euid == 0)
        cred->cap_effective = cred->cap_permitted;
}

/* The capabilities about files follow the file system user (capabilities(7)). */
void cred_fix_fs_capabilities(struct cred *cred, const struct cred *old)
{
    /* CAP_CHOWN, DAC_OVERRIDE, DAC_READ_SEARCH, FOWNER, FSETID, LINUX_IMMUTABLE, MKNOD,
     * MAC_OVERRIDE */
    constexpr uint64_t about_files = 1ull << 0 | 1ull << 1 | 1ull << 2 | 1ull << 3 | 1ull << 4 |
                                     1ull << 9 | 1ull << 27 | 1ull << 32;

    if (cred->securebits & (1u << SECURE_NO_SETUID_FIXUP))
        return;
    if (old->fsuid == 0 && cred->fsuid != 0)
        cred->cap_effective &= ~about_files;
    if (old->fsuid != 0 && cred->fsuid == 0)
        cred->cap_effective |= cred->cap_permitted & about_files;
}
