/* SPDX-License-Identifier: BSD-2-Clause */
/* domain0.h - the first domain, which the kernel itself has to make. */
#pragma once

struct boot_facts;

/* Hand all RAM that the kernel does not keep to domain 0, load its image into the libOS
 * region, and make its first vcpu ready on CPU 0.  The last step of boot that takes frames. */
void domain0_start_up(const struct boot_facts *facts);
