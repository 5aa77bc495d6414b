/* SPDX-License-Identifier: BSD-2-Clause */
/* log.c - the libOS's messages, to the exokernel's log. */
#include "base/log.h"
#include <exo/stubs.h>
#include "base/assert.h"
#include "base/format.h"
#include "base/log_ring.h"
#include "start/start.h"

bool log_is_verbose;

void log_write(const char *text, size_t n)
{
    uint64_t done;
    while (n > 0 && exo_log_write((exo_uaddr)text, n, &done) == EXO_OK && done > 0) {
        text += done;
        n -= done;
    }
}

static void log_args(const char *kind, const char *format, va_list args)
{
    char line[256];
    int n = snprintf(line, sizeof line, "libos: %s", kind);
    n += vsnprintf(line + n, sizeof line - (size_t)n - 1, format, args);
    if (n > (int)sizeof line - 2)
        n = sizeof line - 2;
    line[n] = '\n';
    log_ring_add(line, (size_t)n + 1);
    log_write(line, (size_t)n + 1);
}

#define LOG_FUNCTION(name, kind, condition)                                                        \
    void name(const char *format, ...)                                                             \
    {                                                                                              \
        va_list args;                                                                              \
        va_start(args, format);                                                                    \
        if (condition)                                                                             \
            log_args(kind, format, args);                                                          \
        va_end(args);                                                                              \
    }

LOG_FUNCTION(log_debug, "", log_is_verbose)
LOG_FUNCTION(log_info, "", true)
LOG_FUNCTION(log_warn, "warning: ", true)
LOG_FUNCTION(log_error, "error: ", true)

void panic(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    log_args("panic: ", format, args);
    va_end(args);
    machine_abort();
}

void assert_failed(const char *what, const char *file, int line)
{
    panic("assertion %s at %s:%d", what, file, line);
}
