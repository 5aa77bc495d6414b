/* SPDX-License-Identifier: BSD-2-Clause */
/* fake_vcpu.h - a vcpu page for code that asks who is running. */
#pragma once

struct thread;

/* Let %gs point to a vcpu page of the test's own; a process on the host leaves it unused. */
void fake_vcpu_init(void);

/* What current_thread() answers from now on. */
void fake_vcpu_run(struct thread *t);
