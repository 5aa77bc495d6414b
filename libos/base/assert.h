/* SPDX-License-Identifier: BSD-2-Clause */
/* assert.h - what we believe of ourselves; a wrong belief ends the domain. */
#pragma once

#ifdef LIBOS
[[noreturn]] void assert_failed(const char *what, const char *file, int line);
#    define assert(e) ((e) ? (void)0 : assert_failed(#e, __FILE__, __LINE__))
#else
#    include <assert.h>
#endif
