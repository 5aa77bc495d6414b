/* SPDX-License-Identifier: BSD-2-Clause */
/* exo_layout.h - fixed places in the address spaces of x86-64. */
#pragma once

#include <stdint.h>

/* The slot of 512 GiB that all spaces of a domain share, and fixed places in it. */
constexpr uint64_t EXO_REGION_BASE = 0x480000000000;
constexpr uint64_t EXO_REGION_BYTES = 1ull << 39;
constexpr uint64_t EXO_INFO_VA = EXO_REGION_BASE + EXO_REGION_BYTES - (1 << 20);
constexpr uint64_t EXO_BOOT_VCPU_VA = EXO_INFO_VA + (512 << 10); /* domain 0's first vcpu page */
constexpr uint64_t EXO_USER_TOP = 0x7fffffffe000; /* first address that cannot be mapped */
