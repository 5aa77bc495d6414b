/* SPDX-License-Identifier: BSD-2-Clause */
/* log.h - the libOS's messages, to the exokernel's log. */
#pragma once

#include <stdarg.h>
#include <stddef.h>

/* One line each, without the newline.  printf's formats: %d %i %u %x %p %s %c %%, with l, ll,
 * z, j, width, precision, 0 and -.  log_debug prints only when the command line says `verbose`. */
[[gnu::format(printf, 1, 2)]] void log_debug(const char *format, ...);
[[gnu::format(printf, 1, 2)]] void log_info(const char *format, ...);
[[gnu::format(printf, 1, 2)]] void log_warn(const char *format, ...);
[[gnu::format(printf, 1, 2)]] void log_error(const char *format, ...);

/* log_debug prints. */
extern bool log_is_verbose;

/* Text as it is, newlines and all. */
void log_write(const char *text, size_t n);

/* Say why and end the domain. */
[[noreturn, gnu::format(printf, 1, 2)]] void panic(const char *format, ...);
