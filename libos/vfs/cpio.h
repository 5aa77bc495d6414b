/* SPDX-License-Identifier: BSD-2-Clause */
/* cpio.h - reading cpio archives of the "newc" form (cpio(5)), with 070701 or 070702 headers.
 *
 * Pure parsing: it looks at nothing outside of the archive and changes nothing.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct cpio_entry {
    uint32_t ino, mode, uid, gid, nlink, mtime;
    uint32_t dev_major, dev_minor, rdev_major, rdev_minor;
    uint32_t bytes;    /* of content */
    const char *name;  /* within the archive, ended by NUL */
    size_t name_bytes; /* without it */
    const uint8_t *data;
    bool is_trailer;
};

struct cpio {
    const uint8_t *start;
    size_t size, at;
    const char *error; /* what is wrong, once cpio_next has failed */
};

/* The next entry: 1; 0 at the end; -1: broken, see error and at. */
int cpio_next(struct cpio *c, struct cpio_entry *entry);
