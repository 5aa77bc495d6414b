/* SPDX-License-Identifier: BSD-2-Clause */
/* symbols.h - names for the kernel's own code addresses. */
#pragma once

#include <stdint.h>

/* The function that holds ADDRESS and how far in; null if it is none of ours. */
const char *symbol_find(uint64_t address, uint64_t *offset);
