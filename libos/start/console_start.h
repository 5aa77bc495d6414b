/* SPDX-License-Identifier: BSD-2-Clause */
/* console_start.h - which devices are the console. */
#pragma once

/* Find them, and make the console of them. */
void console_start(void);
