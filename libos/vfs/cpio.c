/* SPDX-License-Identifier: BSD-2-Clause */
/* cpio.c - the "newc" form: a header of 8-digit hexadecimal numbers, the name, the content, each
 * padded to a multiple of 4 from the archive's start. */
#include "vfs/cpio.h"

#include "base/string.h"

constexpr size_t HEADER_BYTES = 110; /* 6 of magic, 13 numbers */
constexpr size_t NAME_MOST = 4096;   /* with NUL: no longer path could be looked up */
/* NULs behind the name may fill up to the next page, so that the content begins on one. */
constexpr size_t NAME_FIELD_MOST = 2 * NAME_MOST;

enum {
    INO,
    MODE,
    UID,
    GID,
    NLINK,
    MTIME,
    SIZE,
    DEV_MAJOR,
    DEV_MINOR,
    RDEV_MAJOR,
    RDEV_MINOR,
    NAME_SIZE,
    CHECK,
    NUMBERS
};

static int digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool parse_hex8(const uint8_t *s, uint32_t *out)
{
    uint32_t n = 0;
    for (int i = 0; i < 8; i++) {
        int d = digit(s[i]);
        if (d < 0)
            return false;
        n = n << 4 | (uint32_t)d;
    }
    *out = n;
    return true;
}

static int fail(struct cpio *c, const char *error)
{
    c->error = error;
    return -1;
}

static size_t align4(size_t n)
{
    return (n + 3) & ~(size_t)3;
}

int cpio_next(struct cpio *c, struct cpio_entry *e)
{
    uint32_t v[NUMBERS];
    if (c->at >= c->size)
        return 0;
    size_t left = c->size - c->at;
    const uint8_t *header = c->start + c->at;
    if (left < HEADER_BYTES)
        return fail(c, "header is cut off");
    if (memcmp(header, "07070", 5) != 0 || (header[5] != '1' && header[5] != '2'))
        return fail(c, "no newc header");
    for (unsigned i = 0; i < NUMBERS; i++)
        if (!parse_hex8(header + 6 + 8 * i, &v[i]))
            return fail(c, "header is not hexadecimal");
    if (v[NAME_SIZE] < 1 || v[NAME_SIZE] > NAME_FIELD_MOST)
        return fail(c, "bad length of a name");
    if (left - HEADER_BYTES < v[NAME_SIZE])
        return fail(c, "name is cut off");
    const char *name = (const char *)header + HEADER_BYTES;
    if (name[v[NAME_SIZE] - 1] != '\0')
        return fail(c, "name does not end");
    if (strlen(name) >= NAME_MOST)
        return fail(c, "bad length of a name");
    size_t data_at = align4(c->at + HEADER_BYTES + v[NAME_SIZE]);
    if (data_at > c->size) /* padding after a name without content may be missing at the end */
        data_at = c->size;
    if (c->size - data_at < v[SIZE])
        return fail(c, "content is cut off");
    *e = (struct cpio_entry){
        .ino = v[INO],
        .mode = v[MODE],
        .uid = v[UID],
        .gid = v[GID],
        .nlink = v[NLINK],
        .mtime = v[MTIME],
        .dev_major = v[DEV_MAJOR],
        .dev_minor = v[DEV_MINOR],
        .rdev_major = v[RDEV_MAJOR],
        .rdev_minor = v[RDEV_MINOR],
        .bytes = v[SIZE],
        .name = name,
        .name_bytes = strlen(name),
        .data = c->start + data_at,
    };
    e->is_trailer = strcmp(name, "TRAILER!!!") == 0;
    size_t end = align4(data_at + v[SIZE]);
    c->at = end > c->size ? c->size : end;
    return 1;
}
