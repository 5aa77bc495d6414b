/* SPDX-License-Identifier: BSD-2-Clause */
/* initramfs_fuzz.c - archives, compressed or not: what cannot be unpacked is refused, the rest makes
 * a sane tree, and no page is lost.  Once more with little memory.
 *
 * Input: the archives.
 */
#include "base/errno.h"
#include "fake_heap_malloc.h"
#include "fake_vfs.h"
#include "fuzz.h"
#include "linux-api/abi.h"
#include "mm/page.h"
#include "tree.h"
#include "vfs/cpio.h"
#include "vfs/inode.h"
#include "vfs/mount.h"
#include "vfs/vfs.h"

/* The reader alone, in a block of just that size. */
static void headers_read(const uint8_t *input, size_t n)
{
    uint8_t *copy = malloc(n);
    struct cpio_entry e;
    if (n)
        memcpy(copy, input, n);
    struct cpio c = {.start = copy, .size = n};
    for (size_t before = 0; cpio_next(&c, &e) > 0; before = c.at) {
        MUST(c.at > before && c.at <= n);
        MUST(e.data >= copy && e.bytes <= n - (size_t)(e.data - copy));
        MUST(strlen(e.name) == e.name_bytes);
    }
    free(copy);
}

/* BLOCKS of the heap can be had meanwhile. */
static void unpack(const uint8_t *input, size_t n, unsigned blocks)
{
    fake_vfs_begin();
    uint8_t *pages = fake_pages(page_round_up(n) >> PAGE_SHIFT);
    memcpy(pages, input, n);
    fake_heap_left = blocks;
    int err = initramfs_load(pages, n);
    fake_heap_left = FAKE_HEAP_UNLIMITED;
    MUST(err <= 0 && err > -4096);
    tree_check();
    tree_empty();
    path_inode(&root_path)->mode = S_IFDIR | 0755;
    fake_vfs_end();
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t n)
{
    if (n == 0)
        return 0;
    headers_read(input, n);
    unpack(input, n, FAKE_HEAP_UNLIMITED);
    unpack(input, n, n % 64);
    return 0;
}
