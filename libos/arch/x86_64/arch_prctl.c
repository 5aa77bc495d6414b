/* SPDX-License-Identifier: BSD-2-Clause */
/* arch_prctl.c - arch_prctl(2): the FS and GS bases. */
#include <asm/prctl.h>

#include "arch/arch.h"
#include "base/errno.h"
#include "linux-api/call.h"
#include "mm/patch.h"
#include "mm/usermem.h"
#include "proc/process.h"
#include "sched/thread.h"

long sys_arch_prctl(const struct call *c)
{
    uint64_t address = c->arg[1];
    struct thread *t = current;

    switch ((int)c->arg[0]) {
    case ARCH_SET_FS:
        if (address >= ARCH_USER_TOP)
            return -EPERM;
        arch_set_fs_base(address);
        return 0;
    case ARCH_GET_FS: return put_user_u64(address, arch_fs_base());
    case ARCH_SET_GS:
        if (address >= ARCH_USER_TOP)
            return -EPERM;
        t->arch.gs_base = address;
        t->arch.gs_claimed = true;
        patch_disable(t->process->mm);
        vcpu_local()->return_due = 1;
        return 0;
    case ARCH_GET_GS: return put_user_u64(address, t->arch.gs_claimed ? t->arch.gs_base : 0);
    case ARCH_GET_CPUID: return 1; /* CPUID does not fault */
    case ARCH_SET_CPUID: return -ENODEV;
    default: return -EINVAL;
    }
}
