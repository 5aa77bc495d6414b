/* SPDX-License-Identifier: BSD-2-Clause */
/* info.h - the kernel's side of the read-only page of facts (exo/info.h). */
#pragma once

#include <exo/info.h>

struct boot_facts;

extern struct exo_info *info;
extern exo_frame info_first_frame;
extern uint32_t info_frame_count; /* with the command line behind it */

void info_init(const struct boot_facts *facts);
/* Around a change of a field marked (gen). */
void info_change_begin(void);
void info_change_end(void);
