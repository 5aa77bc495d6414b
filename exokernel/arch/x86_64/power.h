/* SPDX-License-Identifier: BSD-2-Clause */
/* power.h - the end of the machine (arch.h has what the generic kernel calls). */
#pragma once

struct boot_facts;

/* Map the registers that the firmware told of, once the kernel's page tables are in use. */
void power_init(const struct boot_facts *facts);
