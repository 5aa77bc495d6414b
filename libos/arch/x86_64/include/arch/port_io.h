/* SPDX-License-Identifier: BSD-2-Clause */
/* port_io.h - I/O ports, as far as the kernel let the domain claim them (exo port_claim). */
#pragma once

#include <stdint.h>

static inline uint8_t port_in8(uint16_t port)
{
    uint8_t value;
    __asm__ volatile("inb %w1, %0" : "=a"(value) : "Nd"(port) : "memory");
    return value;
}

static inline void port_out8(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %w1" : : "a"(value), "Nd"(port) : "memory");
}
