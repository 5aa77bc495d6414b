/* SPDX-License-Identifier: BSD-2-Clause */
/* tmpfs_options.c - the mount options of tmpfs(5). */
#include "base/bits.h"
#include "base/errno.h"
#include "base/string.h"
#include "linux-api/abi.h"
#include "mm/page.h"
#include "vfs/tmpfs.h"

static int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : 99;
}

/* A number in BASE with k, m, g or % behind it if FACTORS; the text must end there. */
static bool parse_number(const char *s, const char *end, unsigned base, bool factors, uint64_t *out)
{
    uint64_t n = 0;
    if (s == end || digit(*s) >= (int)base)
        return false;
    for (; s < end && digit(*s) < (int)base; s++)
        if (__builtin_mul_overflow(n, base, &n) ||
            __builtin_add_overflow(n, (uint64_t)digit(*s), &n))
            return false;
    unsigned shift = 0;
    if (s < end && factors) {
        switch (*s | 0x20) {
        case 'k': shift = 10; break;
        case 'm': shift = 20; break;
        case 'g': shift = 30; break;
        default: return false;
        }
        s++;
    }
    *out = n << shift;
    return s == end && *out >> shift == n;
}

/* size=N%: of all memory. */
static bool parse_size(const char *value, const char *end, uint64_t *bytes)
{
    if (value < end && end[-1] == '%') {
        uint64_t percent;
        if (!parse_number(value, end - 1, 10, false, &percent) || percent > 1000)
            return false;
        *bytes = page_total() * percent / 100 * PAGE_SIZE;
        return true;
    }
    return parse_number(value, end, 10, true, bytes);
}

static bool name_is(const char *s, size_t n, const char *name)
{
    return strlen(name) == n && memcmp(s, name, n) == 0;
}

/* One option: NAME of N bytes, VALUE up to END (NULL: it has none). */
static bool parse_one(const char *name, size_t n, const char *value, const char *end,
                      struct tmpfs_options *o)
{
    static const char *const ignored[] = {"noswap", "inode32", "inode64", "huge", "mpol"};
    for (unsigned i = 0; i < ARRAY_COUNT(ignored); i++)
        if (name_is(name, n, ignored[i]))
            return true;
    uint64_t number;
    if (!value)
        return false;
    if (name_is(name, n, "size")) {
        if (!parse_size(value, end, &number))
            return false;
        o->pages_max = number / PAGE_SIZE + (number % PAGE_SIZE != 0);
        return true;
    }
    bool is_mode = name_is(name, n, "mode");
    bool is_id = name_is(name, n, "uid") || name_is(name, n, "gid");
    if (!parse_number(value, end, is_mode ? 8 : 10, !is_mode && !is_id, &number))
        return false;
    if (is_mode && number <= S_PERMISSIONS)
        o->mode = (uint32_t)number;
    else if (is_id && number < UINT32_MAX)
        *(name[0] == 'u' ? &o->uid : &o->gid) = (uint32_t)number;
    else if (name_is(name, n, "nr_blocks"))
        o->pages_max = number;
    else if (name_is(name, n, "nr_inodes"))
        o->inodes_max = number;
    else
        return false;
    return true;
}

int tmpfs_options_parse(const char *data, struct tmpfs_options *o)
{
    while (data && *data) {
        const char *end = strchr(data, ',');
        end = end ? end : data + strlen(data);
        const char *equals = memchr(data, '=', (size_t)(end - data));
        size_t n = (size_t)((equals ? equals : end) - data);
        if (n && !parse_one(data, n, equals ? equals + 1 : nullptr, end, o))
            return -EINVAL;
        data = *end ? end + 1 : end;
    }
    return 0;
}
