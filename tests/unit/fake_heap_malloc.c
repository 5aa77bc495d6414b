/* SPDX-License-Identifier: BSD-2-Clause */
/* fake_heap_malloc.c - the heap, by the C library's, whose mistakes ASan sees. */
#include "fake_heap_malloc.h"

#include <stdlib.h>
#include <string.h>
#include "mm/heap.h"

unsigned fake_heap_left = FAKE_HEAP_UNLIMITED;

static bool is_used_up(void)
{
    if (fake_heap_left == FAKE_HEAP_UNLIMITED)
        return false;
    if (fake_heap_left == 0)
        return true;
    fake_heap_left--;
    return false;
}

void *heap_alloc(size_t size)
{
    return is_used_up() ? nullptr : malloc(size);
}

void *heap_zalloc(size_t size)
{
    return is_used_up() ? nullptr : calloc(1, size);
}

void *heap_calloc(size_t count, size_t size)
{
    return is_used_up() ? nullptr : calloc(count, size);
}

void *heap_realloc(void *block, size_t size)
{
    return is_used_up() ? nullptr : realloc(block, size);
}

void heap_free(void *block)
{
    free(block);
}

void *heap_memdup(const void *data, size_t size)
{
    void *copy = heap_alloc(size);
    return copy ? memcpy(copy, data, size) : nullptr;
}

char *heap_strdup(const char *s)
{
    return heap_memdup(s, strlen(s) + 1);
}
