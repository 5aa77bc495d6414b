/* SPDX-License-Identifier: BSD-2-Clause */
/* vmarea.h - pages of the libOS at addresses outside the window.
 *
 * Memory here keeps its place whatever the window does, so it may be touched without
 * the domain lock: libOS stacks, vcpu pages.  Below each area lies an unmapped page.
 */
#pragma once

#include <exo/abi.h>
#include <stddef.h>
#include <stdint.h>

/* PAGES zeroed pages in a row, or NULL. */
[[nodiscard]] void *vmarea_map(size_t pages);
void vmarea_unmap(void *area, size_t pages);

/* A thread's libOS stack of ARCH_STACK_BYTES: its lowest address, or NULL.  Not zeroed. */
[[nodiscard]] void *stack_alloc(void);
void stack_free(void *stack);

/* A zeroed page for a vcpu.  false: no memory. */
[[nodiscard]] bool vcpu_page_alloc(void **va, exo_frame *frame);
