/* SPDX-License-Identifier: BSD-2-Clause */
/* policy.c - set_mempolicy(2), get_mempolicy(2), mbind(2), migrate_pages(2), move_pages(2).
 *
 * The machine has one node, number 0: policies are checked, remembered per thread and told, and
 * every page is where each of them wants it.
 */
#include <linux/capability.h>
#include <linux/mempolicy.h>
#include "base/bits.h"
#include "base/errno.h"
#include "linux-api/call.h"
#include "mm/mm.h"
#include "mm/usermem.h"
#include "proc/pid_namespace.h"
#include "proc/process.h"
#include "ptrace/access.h"
#include "sched/thread.h"

constexpr uint64_t NODES_HERE = 1;
constexpr uint64_t NODE_BITS_MOST = 8 * PAGE_SIZE; /* of a mask that a program passes */

/* A mask of BITS bits, the last of which does not count (set_mempolicy(2)). */
static int nodes_get(uint64_t *nodes, uaddr_t from, uint64_t bits)
{
    *nodes = 0;
    if (bits > 0)
        bits--;
    if (bits == 0 || !from)
        return 0;
    if (bits > NODE_BITS_MOST)
        return -EINVAL;
    for (uint64_t at = 0; at < bits; at += 64) {
        uint64_t word;
        if (get_user_u64(&word, from + at / 8))
            return -EFAULT;
        if (bits - at < 64)
            word &= (1ull << (bits - at)) - 1;
        if (at == 0)
            *nodes = word;
        else if (word)
            return -EINVAL;
    }
    return 0;
}

/* The mode with its flags; *NODES are those that count. */
static int policy_check(uint32_t mode, uint64_t *nodes)
{
    uint32_t flags = mode & MPOL_MODE_FLAGS;
    mode &= ~(uint32_t)MPOL_MODE_FLAGS;
    if (mode >= MPOL_MAX)
        return -EINVAL;
    if (flags & MPOL_F_STATIC_NODES && flags & MPOL_F_RELATIVE_NODES)
        return -EINVAL;
    if (flags & MPOL_F_NUMA_BALANCING && mode != MPOL_BIND)
        return -EINVAL;
    switch (mode) {
    case MPOL_DEFAULT:
    case MPOL_LOCAL: return *nodes || (flags && mode == MPOL_LOCAL) ? -EINVAL : 0;
    case MPOL_PREFERRED:
        if (!*nodes)
            return flags & (MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES) ? -EINVAL : 0;
        break;
    default:
        if (!*nodes)
            return -EINVAL;
    }
    *nodes &= NODES_HERE;
    return *nodes ? 0 : -EINVAL;
}

long sys_set_mempolicy(const struct call *c)
{
    uint32_t mode = (uint32_t)c->arg[0];
    uint64_t nodes;
    int error = nodes_get(&nodes, c->arg[1], c->arg[2]);
    if (!error)
        error = policy_check(mode, &nodes);
    if (error)
        return error;
    current->memory_policy = (uint16_t)mode;
    current->memory_nodes = nodes;
    return 0;
}

static int nodes_put(uaddr_t to, uint64_t bits, uint64_t nodes)
{
    for (uint64_t at = 0; to && at + 1 < bits; at += 64)
        if (put_user_u64(to + at / 8, at ? 0 : nodes))
            return -EFAULT;
    return 0;
}

long sys_get_mempolicy(const struct call *c)
{
    uint64_t flags = c->arg[4], address = c->arg[3], nodes = current->memory_nodes;
    uint32_t policy = current->memory_policy;
    if (flags & ~(uint64_t)(MPOL_F_NODE | MPOL_F_ADDR | MPOL_F_MEMS_ALLOWED))
        return -EINVAL;
    if (c->arg[1] && c->arg[2] < 1)
        return -EINVAL;
    if (flags & MPOL_F_MEMS_ALLOWED) {
        if (flags & (MPOL_F_NODE | MPOL_F_ADDR))
            return -EINVAL;
        policy = 0;
        nodes = NODES_HERE;
    } else if (flags & MPOL_F_ADDR) {
        const struct vma *vma = mm_vma_from(current->process->mm, address);
        if (!vma || vma->start > address)
            return -EFAULT;
        /* The node of the page there, or the range's policy: the default. */
        policy = 0;
        nodes = 0;
    } else if (address) {
        return -EINVAL;
    } else if (flags & MPOL_F_NODE) {
        if ((policy & ~(uint32_t)MPOL_MODE_FLAGS) != MPOL_INTERLEAVE)
            return -EINVAL;
        policy = 0; /* the next node to be used */
    }
    if (c->arg[0] && put_user_u32(c->arg[0], policy))
        return -EFAULT;
    return nodes_put(c->arg[1], c->arg[2], nodes);
}

/* Is all of [START, END) mapped? */
static bool is_mapped(uint64_t start, uint64_t end)
{
    struct mm *mm = current->process->mm;
    for (const struct vma *v = mm_vma_from(mm, start); start < end; v = vma_next(&mm->vmas, v)) {
        if (!v || v->start > start)
            return false;
        start = v->end;
    }
    return true;
}

long sys_mbind(const struct call *c)
{
    uint64_t start = c->arg[0], length = page_round_up(c->arg[1]), nodes;
    uint32_t mode = (uint32_t)c->arg[2], flags = (uint32_t)c->arg[5];
    if (flags & ~(uint32_t)MPOL_MF_VALID)
        return -EINVAL;
    if (flags & MPOL_MF_MOVE_ALL && !capable(CAP_SYS_NICE))
        return -EPERM;
    if (start & PAGE_MASK || start + length < start)
        return -EINVAL;
    int error = nodes_get(&nodes, c->arg[3], c->arg[4]);
    if (!error)
        error = policy_check(mode, &nodes);
    if (error || length == 0)
        return error;
    return is_mapped(start, start + length) ? 0 : -EFAULT;
}

long sys_set_mempolicy_home_node(const struct call *c)
{
    uint64_t start = c->arg[0], length = c->arg[1];
    if (start & PAGE_MASK || c->arg[3] || c->arg[2] != 0 || start + length < start)
        return -EINVAL;
    return length == 0 ? 0 : -ENOENT; /* no range has a policy of its own */
}

static int process_get_for(int32_t pid, struct process **p)
{
    *p = pid ? process_lookup(pid) : current->process;
    if (!*p)
        return -ESRCH;
    return ptrace_may_access(*p);
}

long sys_migrate_pages(const struct call *c)
{
    struct process *p;
    uint64_t old, new;
    int error = nodes_get(&old, c->arg[2], c->arg[1]);
    if (!error)
        error = nodes_get(&new, c->arg[3], c->arg[1]);
    if (!error)
        error = process_get_for((int32_t)c->arg[0], &p);
    if (error)
        return error;
    return new &NODES_HERE ? 0 : -EINVAL; /* no page was elsewhere */
}

/* Where a page is, or a negative errno, for one page of move_pages(2). */
static int page_status(struct mm *mm, uint64_t address)
{
    const struct vma *vma = mm_vma_from(mm, address);
    if (!vma || vma->start > address)
        return -EFAULT;
    address = page_round_down(address);
    return mm_resident_in(mm, address, address + PAGE_SIZE) ? 0 : -ENOENT;
}

long sys_move_pages(const struct call *c)
{
    struct process *p;
    uint32_t flags = (uint32_t)c->arg[5];
    if (flags & ~(uint32_t)(MPOL_MF_MOVE | MPOL_MF_MOVE_ALL))
        return -EINVAL;
    if (flags & MPOL_MF_MOVE_ALL && !capable(CAP_SYS_NICE))
        return -EPERM;
    int error = process_get_for((int32_t)c->arg[0], &p);
    if (error)
        return error;
    if (!p->mm)
        return -EINVAL;
    for (uint64_t i = 0; i < c->arg[1]; i++) {
        uint64_t address;
        uint32_t node = 0;
        if (get_user_u64(&address, c->arg[2] + i * sizeof address) ||
            (c->arg[3] && get_user_u32(&node, c->arg[3] + i * sizeof node)))
            return -EFAULT;
        if (node != 0)
            return -ENODEV;
        if (put_user_u32(c->arg[4] + i * sizeof node, (uint32_t)page_status(p->mm, address)))
            return -EFAULT;
    }
    return 0;
}
