/* SPDX-License-Identifier: BSD-2-Clause */
/* gunzip.c - zlib's inflate over the page window.
 *
 * The result must lie in pages that follow one another, so its size has to be known first.  The
 * last four bytes of a gzip file tell it (RFC 1952, ISIZE) if there is just one member; should
 * they be wrong, the member is inflated once more, only to be measured.
 */
#include "vfs/gunzip.h"

#define Z_SOLO /* zlib without a C library: memory comes from zalloc */
#include <zlib.h>
#include "base/bits.h"
#include "base/errno.h"
#include "mm/heap.h"
#include "mm/page.h"

constexpr int WINDOW_GZIP = 15 + 16; /* zlib.h, inflateInit2: largest window, gzip header only */
constexpr size_t SCRATCH_BYTES = 64 << 10;
constexpr size_t CHUNK_MOST = 1u << 30; /* zlib counts in 32 bits */

bool gunzip_is_gzip(const uint8_t *data, size_t n)
{
    return n > 18 && data[0] == 0x1f && data[1] == 0x8b;
}

static void *zlib_alloc(void *, unsigned count, unsigned size)
{
    return heap_calloc(count, size);
}

static void zlib_free(void *, void *block)
{
    heap_free(block);
}

/* Inflate into OUT of SIZE bytes, over and over again if IS_MEASURING.  0: *BYTES came out, *USED
 * went in; -ENOSPC: OUT is too small. */
static int inflate_member(const uint8_t *data, size_t n, uint8_t *out, size_t size,
                          bool is_measuring, size_t *bytes, size_t *used)
{
    z_stream z = {.zalloc = zlib_alloc, .zfree = zlib_free, .next_in = (uint8_t *)data};
    if (inflateInit2(&z, WINDOW_GZIP) != Z_OK)
        return -ENOMEM;
    int status;
    size_t filled = 0;
    *bytes = 0;
    do {
        size_t room = MIN(size - filled, CHUNK_MOST);
        z.avail_in = (unsigned)MIN(n - (size_t)(z.next_in - data), CHUNK_MOST);
        z.next_out = out + filled;
        z.avail_out = (unsigned)room;
        status = inflate(&z, Z_NO_FLUSH);
        size_t made = room - z.avail_out;
        *bytes += made;
        filled = is_measuring ? 0 : filled + made;
    } while (status == Z_OK);
    *used = (size_t)(z.next_in - data);
    bool is_full = !is_measuring && filled == size;
    inflateEnd(&z);
    return status == Z_STREAM_END             ? 0
           : status == Z_MEM_ERROR            ? -ENOMEM
           : status == Z_BUF_ERROR && is_full ? -ENOSPC
                                              : -EINVAL;
}

static int measure(const uint8_t *data, size_t n, size_t *bytes)
{
    uint8_t *scratch = heap_alloc(SCRATCH_BYTES);
    size_t used;
    if (!scratch)
        return -ENOMEM;
    int err = inflate_member(data, n, scratch, SCRATCH_BYTES, true, bytes, &used);
    heap_free(scratch);
    return err;
}

static int inflate_sized(const uint8_t *data, size_t n, size_t size, uint8_t **out,
                         size_t *out_bytes, size_t *in_bytes)
{
    size_t count = MAX(page_round_up(size) >> PAGE_SHIFT, 1ul);
    if (count > page_total())
        return -ENOMEM;
    struct page *pages = page_alloc_run(count, 0);
    if (!pages)
        return -ENOMEM;
    *out = page_address(pages);
    int err = inflate_member(data, n, *out, count << PAGE_SHIFT, false, out_bytes, in_bytes);
    size_t kept = err ? 0 : MAX(page_round_up(*out_bytes) >> PAGE_SHIFT, 1ul);
    for (size_t i = kept; i < count; i++)
        page_put(pages + i);
    return err;
}

int gunzip_member(const uint8_t *data, size_t n, uint8_t **out, size_t *out_bytes, size_t *in_bytes)
{
    const uint8_t *isize = data + n - 4;
    size_t size = isize[0] | isize[1] << 8 | isize[2] << 16 | (size_t)isize[3] << 24;
    /* Deflate cannot do better than about 1 : 1032, so a much larger figure is none. */
    int err = size / 1100 > n ? -ENOSPC : inflate_sized(data, n, size, out, out_bytes, in_bytes);
    if (err != -ENOSPC)
        return err;
    err = measure(data, n, &size);
    return err < 0 ? err : inflate_sized(data, n, size, out, out_bytes, in_bytes);
}
