/* SPDX-License-Identifier: BSD-2-Clause */
/* log.h - the kernel's log and its last words. */
#pragma once

#include "trapframe.h"

/* Formats: %s, %c, %u, %x (32 bits), %lu, %lx (64 bits), %p.  One line, newline added,
 * prefixed "seam: ".  Lines of several CPUs do not mix. */
[[gnu::format(printf, 1, 2)]] void log_line(const char *format, ...);

/* Text of a domain, as it is. */
void log_raw(const char *text, size_t n);

/* Print why, the registers (TF may be null) and a backtrace, and end the machine as failed. */
[[noreturn, gnu::format(printf, 2, 3)]] void panic(const struct trapframe *tf, const char *format,
                                                   ...);

[[noreturn]] void assert_failed(const char *what, const char *file, int line);
#define assert(e) ((e) ? (void)0 : assert_failed(#e, __FILE__, __LINE__))
