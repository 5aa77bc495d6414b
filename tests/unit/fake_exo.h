/* SPDX-License-Identifier: BSD-2-Clause */
/* fake_exo.h - a small exokernel on the host, for the libOS's memory management.
 *
 * It has frames with types and map counts, a pool of page tables and spaces whose page tables
 * are x86-64's, in the frames that the libOS gave.  What the libOS maps in the libOS region
 * really appears there, so that window and page array work as in the machine.  Calls check what
 * the real kernel checks.  Compile with -I tests/unit/exo before other include paths.
 */
#pragma once

#include <exo/abi.h>
#include <exo/info.h>

/* A machine of FRAMES frames; INFO tells a domain what the kernel would.  The module lies at the
 * end of memory. */
void fake_exo_begin(uint32_t frames, struct exo_info *info);
void fake_exo_end(void);

/* The frame that VA shows in the space with root table ROOT to an access that writes, fetches; or
 * 0: it would fault, with *ERROR as the processor gives it. */
exo_frame fake_exo_translate(exo_frame root, uint64_t va, bool write, bool fetch, uint64_t *error);

/* Where the kernel sees FRAME. */
void *fake_exo_frame(exo_frame frame);

extern uint32_t fake_exo_calls;  /* made so far */
extern uint32_t fake_exo_spaces; /* that exist, without the boot space */
/* Stop each batch after so many entries (EXO_AGAIN); 0: never. */
extern uint32_t fake_exo_batch_most;
