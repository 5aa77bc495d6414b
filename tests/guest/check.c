/* SPDX-License-Identifier: BSD-2-Clause */
/* check.c - the checks of test.h: compare, report, end the process. */
#include "runner.h"
#include "test.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int report_fd = -1;

static const char *errno_name(int err)
{
    const char *name = strerrorname_np(err);
    return name ? name : "?";
}

void test_fail(const char *file, int line, const char *format, ...)
{
    char text[REPORT_MAX];
    const char *base = strrchr(file, '/');
    int len = snprintf(text, sizeof text, "%s:%d: ", base ? base + 1 : file, line);
    va_list args;
    va_start(args, format);
    len += vsnprintf(text + len, sizeof text - (size_t)len, format, args);
    va_end(args);
    if (len > (int)sizeof text - 2)
        len = (int)sizeof text - 2;
    text[len++] = '\n';
    if (write(report_fd >= 0 ? report_fd : 1, text, (size_t)len) < 0)
        _exit(98);
    _exit(99);
}

void test_skip(const char *reason)
{
    char text[REPORT_MAX];
    int len = snprintf(text, sizeof text, "skip %s\n", reason);
    if (write(report_fd >= 0 ? report_fd : 1, text, (size_t)len) < 0)
        _exit(98);
    _exit(0);
}

long check_ok(const char *file, int line, const char *text, long result)
{
    if (result == -1)
        test_fail(file, line, "%s: expected success, got %s", text, errno_name(errno));
    return result;
}

void check_errno(const char *file, int line, const char *text, long result, int want)
{
    int got = errno;
    if (result != -1)
        test_fail(file, line, "%s: expected %s, got success (%ld)", text, errno_name(want), result);
    if (got != want)
        test_fail(file, line, "%s: expected %s, got %s", text, errno_name(want), errno_name(got));
}

void check_equal(const char *file, int line, const char *text, long got, long want)
{
    if (got == want)
        return;
    if (got == -1)
        test_fail(file, line, "%s: expected %ld, got -1 (errno %s)", text, want, errno_name(errno));
    test_fail(file, line, "%s: expected %ld (0x%lx), got %ld (0x%lx)", text, want, want, got, got);
}

void check_string(const char *file, int line, const char *text, const char *got, const char *want)
{
    if (!got || strcmp(got, want) != 0)
        test_fail(file, line, "%s: expected \"%s\", got \"%s\"", text, want, got ? got : "(null)");
}
