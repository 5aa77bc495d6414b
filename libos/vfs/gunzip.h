/* SPDX-License-Identifier: BSD-2-Clause */
/* gunzip.h - inflating a gzip-compressed archive (RFC 1952). */
#pragma once

#include <stddef.h>
#include <stdint.h>

bool gunzip_is_gzip(const uint8_t *data, size_t n);

/* Inflate the one gzip member at DATA into fresh pages that follow one another: *OUT, *OUT_BYTES
 * and how much of the input it was.  The pages (each with one reference) are the caller's.
 * -EINVAL: broken; -ENOMEM. */
[[nodiscard]] int gunzip_member(const uint8_t *data, size_t n, uint8_t **out, size_t *out_bytes,
                                size_t *in_bytes);
