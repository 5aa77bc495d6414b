/* SPDX-License-Identifier: BSD-2-Clause */
/* uts.h - what uname(2) and /proc/sys/kernel tell about the system. */
#pragma once

#include <linux/utsname.h>

/* Host and domain name change by sethostname(2) and setdomainname(2). */
extern struct new_utsname uts;      /* of the first namespace */
struct new_utsname *uts_current(void); /* of the current thread's */

/* The line of /proc/version, without the newline. */
extern const char uts_version_line[];
