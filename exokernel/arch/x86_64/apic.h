/* SPDX-License-Identifier: BSD-2-Clause */
/* apic.h - the local interrupt controller. */
#pragma once

#include <stdint.h>

void pic_silence(void); /* ioapic.c */
void apic_map(void);
void apic_cpu_init(void);
void apic_calibrate(void);
uint32_t apic_id(void);
void apic_stop_others(void); /* for good */
/* INIT, then a first start-up message for the real-mode page PAGE (SDM vol. 3A, 9.4.4.1);
 * apic_start_cpu_again sends the second, for a CPU that missed the first. */
void apic_start_cpu(uint32_t id, uint32_t page);
void apic_start_cpu_again(uint32_t id, uint32_t page);
