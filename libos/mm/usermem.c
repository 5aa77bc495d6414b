/* SPDX-License-Identifier: BSD-2-Clause */
/* usermem.c - the program's memory, read and written through its own mappings. */
#include "mm/usermem.h"
#include <exo/abi.h>
#include "arch/arch.h"
#include "base/bits.h"
#include "base/errno.h"
#include "base/string.h"

/* entry.S */
size_t arch_usercopy(void *to, const void *from, size_t n);
size_t arch_userclear(void *to, size_t n);
size_t arch_userscatter(uint16_t *to, const uint16_t *from, size_t n);
bool arch_user_cmpxchg(uint32_t *at, uint32_t expected, uint32_t desired, uint32_t *seen);

bool usermem_is_valid(uaddr_t address, size_t n)
{
    if (n > ARCH_USER_TOP || address > ARCH_USER_TOP - n)
        return false;
    return address + n <= EXO_REGION_BASE || address >= EXO_REGION_BASE + EXO_REGION_BYTES;
}

size_t copy_from_user_partial(void *to, uaddr_t from, size_t n)
{
    return usermem_is_valid(from, n) ? arch_usercopy(to, (const void *)from, n) : n;
}

size_t copy_to_user_partial(uaddr_t to, const void *from, size_t n)
{
    return usermem_is_valid(to, n) ? arch_usercopy((void *)to, from, n) : n;
}

size_t clear_user_partial(uaddr_t to, size_t n)
{
    return usermem_is_valid(to, n) ? arch_userclear((void *)to, n) : n;
}

int copy_from_user(void *to, uaddr_t from, size_t n)
{
    return copy_from_user_partial(to, from, n) == 0 ? 0 : -EFAULT;
}

int copy_to_user(uaddr_t to, const void *from, size_t n)
{
    return copy_to_user_partial(to, from, n) == 0 ? 0 : -EFAULT;
}

int scatter_to_user(uaddr_t to, const uint16_t *from, size_t n)
{
    constexpr size_t STRIDE = 4 * sizeof *from;
    if (n == 0)
        return 0;
    if (!usermem_is_valid(to, (n - 1) * STRIDE + sizeof *from))
        return -EFAULT;
    return arch_userscatter((uint16_t *)to, from, n) == 0 ? 0 : -EFAULT;
}

int clear_user(uaddr_t to, size_t n)
{
    return clear_user_partial(to, n) == 0 ? 0 : -EFAULT;
}

/* Chunks end at multiples of 64, so that no byte of a page beyond the string's is touched. */
constexpr size_t CHUNK = 64;

ssize_t strncpy_from_user(char *to, uaddr_t from, size_t size)
{
    for (size_t done = 0; done < size;) {
        size_t n = MIN(CHUNK - (from + done) % CHUNK, size - done);
        size_t missing = copy_from_user_partial(to + done, from + done, n);
        const char *end = memchr(to + done, 0, n - missing);
        if (end)
            return end - to;
        if (missing)
            return -EFAULT;
        done += n;
    }
    return (ssize_t)size;
}

ssize_t strnlen_user(uaddr_t from, size_t limit)
{
    char chunk[CHUNK];
    for (size_t done = 0; done < limit;) {
        size_t n = MIN(CHUNK - (from + done) % CHUNK, limit - done);
        size_t missing = copy_from_user_partial(chunk, from + done, n);
        const char *end = memchr(chunk, 0, n - missing);
        if (end)
            return (ssize_t)(done + (size_t)(end - chunk));
        if (missing)
            return -EFAULT;
        done += n;
    }
    return (ssize_t)limit;
}

int cmpxchg_user_u32(uaddr_t address, uint32_t expected, uint32_t desired, uint32_t *seen)
{
    if (!usermem_is_valid(address, sizeof(uint32_t)))
        return -EFAULT;
    return arch_user_cmpxchg((uint32_t *)address, expected, desired, seen) ? 0 : -EFAULT;
}
