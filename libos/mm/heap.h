/* SPDX-License-Identifier: BSD-2-Clause */
/* heap.h - memory for the libOS's own structures.
 *
 * Blocks are aligned to 16 bytes, blocks of a power of two up to a page to their
 * size.  All answer NULL when memory is exhausted.
 */
#pragma once

#include <stddef.h>

[[nodiscard]] void *heap_alloc(size_t size);
[[nodiscard]] void *heap_zalloc(size_t size);
/* Zeroed room for COUNT things of SIZE bytes; NULL too if the product is too large. */
[[nodiscard]] void *heap_calloc(size_t count, size_t size);
/* As realloc(3), though SIZE 0 does not free. */
[[nodiscard]] void *heap_realloc(void *block, size_t size);
void heap_free(void *block);
[[nodiscard]] char *heap_strdup(const char *s);
[[nodiscard]] void *heap_memdup(const void *data, size_t size);

/* Bytes that a block of heap_alloc really has. */
size_t heap_size(const void *block);

/* Pages that the heap holds now. */
size_t heap_pages(void);
