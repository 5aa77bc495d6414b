/* SPDX-License-Identifier: BSD-2-Clause */
/* fake_heap_malloc.c - the heap, by the C library's, whose mistakes ASan sees. */
#include <stdlib.h>
#include <string.h>
#include "mm/heap.h"

void *heap_alloc(size_t size)
{
    return malloc(size);
}

void *heap_zalloc(size_t size)
{
    return calloc(1, size);
}

void *heap_calloc(size_t count, size_t size)
{
    return calloc(count, size);
}

void *heap_realloc(void *block, size_t size)
{
    return realloc(block, size);
}

void heap_free(void *block)
{
    free(block);
}

void *heap_memdup(const void *data, size_t size)
{
    void *copy = malloc(size);
    return copy ? memcpy(copy, data, size) : nullptr;
}

char *heap_strdup(const char *s)
{
    return heap_memdup(s, strlen(s) + 1);
}
