/* SPDX-License-Identifier: BSD-2-Clause */
/* boot_frames.h - frames that the kernel keeps for itself, taken before anyone else
 * has any.  After boot_frames_end nothing can be taken: the kernel has no heap.
 */
#pragma once

#include <exo/abi.h>

struct boot_facts;

/* Take from the largest piece of RAM between the kernel's image and LIMIT, around the loader's
 * modules: firmware may have left but little behind the image. */
void boot_frames_begin(const struct boot_facts *facts, uint64_t image_end, uint64_t limit);
/* COUNT consecutive frames, contents undefined; panics if RAM is too small. */
exo_frame boot_frames_take(uint32_t count);
/* The first frame taken, and the last plus one: frames from there to here are the kernel's, but for
 * the modules. */
exo_frame boot_frames_first(void);
exo_frame boot_frames_end(void);
