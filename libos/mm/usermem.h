/* SPDX-License-Identifier: BSD-2-Clause */
/* usermem.h - the program's memory, read and written through its own mappings.
 *
 * Addresses come from programs: anything outside what a program may map is refused,
 * and a fault inside is resolved as the program's own would be, or answered by
 * -EFAULT.  All work on the space that is active, which is the caller's.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include "base/types.h"

/* May a program have memory in all of the N bytes from ADDRESS? */
bool usermem_is_valid(uaddr_t address, size_t n);

/* 0 or -EFAULT; the first bytes may have been copied then. */
[[nodiscard]] int copy_from_user(void *to, uaddr_t from, size_t n);
[[nodiscard]] int copy_to_user(uaddr_t to, const void *from, size_t n);
[[nodiscard]] int clear_user(uaddr_t to, size_t n);
/* One of each four 16-bit elements from FROM and TO on, N of them: poll(2)'s answers. */
[[nodiscard]] int scatter_to_user(uaddr_t to, const uint16_t *from, size_t n);

/* As the above, but tells how many bytes were NOT copied (0: all). */
[[nodiscard]] size_t copy_from_user_partial(void *to, uaddr_t from, size_t n);
[[nodiscard]] size_t copy_to_user_partial(uaddr_t to, const void *from, size_t n);
[[nodiscard]] size_t clear_user_partial(uaddr_t to, size_t n);

/* Copy a string of at most SIZE bytes.  Its length without NUL, SIZE if there is no NUL in
 * that many bytes, or -EFAULT. */
[[nodiscard]] ssize_t strncpy_from_user(char *to, uaddr_t from, size_t size);

/* Length without NUL of the string at FROM, looking at no more than LIMIT bytes; LIMIT if
 * it is not shorter; or -EFAULT. */
[[nodiscard]] ssize_t strnlen_user(uaddr_t from, size_t limit);

/* Atomic compare and exchange of the word at ADDRESS: 0 (*SEEN is what was there) or -EFAULT. */
[[nodiscard]] int cmpxchg_user_u32(uaddr_t address, uint32_t expected, uint32_t desired,
                                   uint32_t *seen);

static inline int get_user_u8(uint8_t *to, uaddr_t from)
{
    return copy_from_user(to, from, sizeof *to);
}

static inline int get_user_u32(uint32_t *to, uaddr_t from)
{
    return copy_from_user(to, from, sizeof *to);
}

static inline int get_user_u64(uint64_t *to, uaddr_t from)
{
    return copy_from_user(to, from, sizeof *to);
}

static inline int put_user_u8(uaddr_t to, uint8_t value)
{
    return copy_to_user(to, &value, sizeof value);
}

static inline int put_user_u32(uaddr_t to, uint32_t value)
{
    return copy_to_user(to, &value, sizeof value);
}

static inline int put_user_u64(uaddr_t to, uint64_t value)
{
    return copy_to_user(to, &value, sizeof value);
}
