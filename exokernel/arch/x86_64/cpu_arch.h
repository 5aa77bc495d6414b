/* SPDX-License-Identifier: BSD-2-Clause */
/* cpu_arch.h - the architecture's part of struct cpu. */
#pragma once

#include <stdint.h>
#include "layout.h"

/* Intel SDM vol. 3A, 8.7.  The port bitmap ends with a byte of ones. */
struct [[gnu::packed]] tss {
    uint32_t reserved0;
    uint64_t rsp[3];
    uint64_t reserved1;
    uint64_t ist[7];
    uint64_t reserved2;
    uint16_t reserved3;
    uint16_t port_map_offset;
    uint8_t port_map[0x400 / 8 + 1];
};

struct cpu_arch {
    uint32_t apic_id;
    struct tss tss;
    uint64_t gdt[10];
};
