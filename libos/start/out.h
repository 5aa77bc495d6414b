/* SPDX-License-Identifier: BSD-2-Clause */
/* out.h - directories that the host takes when the machine has ended (seam run --out).
 *
 * Nothing is copied.  The host has the machine's memory as a file, and frames have their physical
 * numbers: so the libOS writes down, per file, which frames hold its content, and tells where that
 * description begins.  One line of the log per directory, in the order of the command line:
 *     seam: out N FRAME        the description begins in this frame
 *     seam: out N error TEXT   there is none
 *
 * The description lies in pages, each headed by struct out_page, that follow one another by their
 * frame numbers.  What they hold beside the heads is one stream of records: struct out_record, the
 * path relative to the directory (no bytes: the directory itself), and then
 *     of a symbolic link, its text (SIZE bytes);
 *     of a regular file, any number of struct out_run, the last with COUNT 0.  What no run covers
 *     is zero.
 * Parents come before their children.  A record with KIND 0 ends the stream.  All is little endian.
 */
#pragma once

#include <stdint.h>

constexpr uint64_t OUT_MAGIC = 0x3154554f4d414553; /* "SEAMOUT1" */

struct out_page {
    uint64_t magic;
    uint32_t next; /* frame; 0: the last */
    uint32_t used; /* bytes after this head */
};
static_assert(sizeof(struct out_page) == 16);

struct out_record {
    uint32_t kind; /* S_IFMT bits of the mode; 0: the end */
    uint32_t permissions;
    uint32_t uid, gid;
    uint32_t path_bytes;
    uint32_t nlink;
    uint64_t ino; /* names with the same one are one file */
    uint64_t size;
    int64_t mtime_s;
};
static_assert(sizeof(struct out_record) == 48);

struct out_run {
    uint32_t index; /* page within the file */
    uint32_t frame; /* of the first */
    uint32_t count;
};
static_assert(sizeof(struct out_run) == 12);

/* Describe the directories that the command line names.  For the machine's end, with the domain
 * lock held: what is described must not change any more. */
void out_describe(void);
