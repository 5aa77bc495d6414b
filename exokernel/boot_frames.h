/* SPDX-License-Identifier: BSD-2-Clause */
/* boot_frames.h - frames that the kernel keeps for itself, taken before anyone else
 * has any.  After boot_frames_end nothing can be taken: the kernel has no heap.
 */
#pragma once

#include <exo/abi.h>

struct boot_facts;

/* Take from the RAM above the kernel's image, around the loader's modules. */
void boot_frames_begin(const struct boot_facts *facts, uint64_t image_end);
/* COUNT consecutive frames, contents undefined; panics if RAM is too small. */
exo_frame boot_frames_take(uint32_t count);
/* The last frame taken plus one: frames from the image's start to here are the kernel's. */
exo_frame boot_frames_end(void);
