/* SPDX-License-Identifier: BSD-2-Clause */
/* format.h - formatted output into memory (C23 7.23.6, integers and strings only). */
#pragma once

#ifdef LIBOS
#    include <stdarg.h>
#    include <stddef.h>
[[gnu::format(printf, 3, 4)]] int snprintf(char *to, size_t size, const char *format, ...);
int vsnprintf(char *to, size_t size, const char *format, va_list args);
#else
#    include <stdio.h>
#endif
