/* SPDX-License-Identifier: BSD-2-Clause */
/* fake_heap_malloc.h - the heap, by the C library's, that can run out. */
#pragma once

constexpr unsigned FAKE_HEAP_UNLIMITED = ~0u;

extern unsigned fake_heap_left; /* that many more blocks can be had; unlimited at first */
