/* SPDX-License-Identifier: BSD-2-Clause */
/* fake_vcpu.c - a vcpu page for code that asks who is running. */
#include "fake_vcpu.h"

#include <asm/prctl.h>
#include <asm/unistd_64.h>
#include <string.h>
#include "arch/arch.h"

long syscall(long number, ...);

static alignas(4096) struct exo_vcpu_page page;

void fake_vcpu_init(void)
{
    memset(&page, 0, sizeof page);
    page.self = (uint64_t)&page;
    syscall(__NR_arch_prctl, ARCH_SET_GS, &page);
}

void fake_vcpu_run(struct thread *t)
{
    ((struct vcpu_local *)page.libos)->running = t;
}
