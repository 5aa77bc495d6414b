/* SPDX-License-Identifier: BSD-2-Clause */
/* shared.h - between the files of this directory. */
#pragma once

#include <exo/abi.h>
#include "xen/abi.h"

/* Lies in the kernel's image; Xen puts a frame of its own in the place of the one below it. */
union xen_shared_frame {
    struct xen_shared info;
    uint8_t whole[EXO_FRAME_BYTES];
};
extern union xen_shared_frame xen_shared_frame;

/* Let what Xen keeps in SPACE at INDEX appear in the place of a page of the kernel's image. */
bool xen_memory_add(uint32_t space, uint64_t index, const void *image_page);
/* HVM_PARAM_*; 0: there is none. */
uint64_t xen_param(uint32_t index);
/* A vector can be set for event channels that is acknowledged like any other. */
bool xen_has_vectors(void);
