/* SPDX-License-Identifier: BSD-2-Clause */
/* setting.c - the files of /proc/sys that are numbers: shown, and taken from a program (proc(5)). */
#include "base/setting.h"

#include "base/bits.h"
#include "base/errno.h"
#include "vfs/procfs/procfs.h"

constexpr unsigned SETTINGS_MOST = 4; /* in one file */

int proc_show_settings(struct text *text, const struct proc_node *node)
{
    const struct setting *s = node->entry->settings();
    for (unsigned i = 0; i < node->entry->setting_count; i++)
        text_add(text, i ? "\t%llu" : "%llu", (unsigned long long)s[i].value);
    text_add_char(text, '\n');
    return 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

/* The next number at *BYTES, which is moved behind it.  1; 0: there is none; -EINVAL. */
static int number_read(const char **bytes, uint64_t *value)
{
    const char *p = *bytes;
    while (is_blank(*p))
        p++;
    *value = 0;
    if (!*p)
        return 0;
    do {
        if (*p < '0' || *p > '9' || __builtin_mul_overflow(*value, 10, value) ||
            __builtin_add_overflow(*value, (uint64_t)(*p - '0'), value))
            return -EINVAL;
        p++;
    } while (*p && !is_blank(*p));
    *bytes = p;
    return 1;
}

/* A file of several numbers may be given the first of them only. */
ssize_t proc_store_settings(const struct proc_node *node, const char *bytes, size_t n)
{
    struct setting *s = node->entry->settings();
    uint64_t value[SETTINGS_MOST];
    unsigned count = 0;
    while (count < MIN(node->entry->setting_count, SETTINGS_MOST)) {
        int found = number_read(&bytes, &value[count]);
        if (found < 0)
            return found;
        if (!found)
            break;
        if (value[count] < s[count].least || value[count] > s[count].most)
            return -EINVAL;
        count++;
    }
    if (!count)
        return -EINVAL;
    for (unsigned i = 0; i < count; i++)
        s[i].value = value[i];
    return (ssize_t)n;
}
