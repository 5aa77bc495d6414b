/* SPDX-License-Identifier: BSD-2-Clause */
/* table.h - frames for the kernel: page tables and objects; and mapping with them.
 *
 * The kernel builds page tables out of a pool that the domain fills with frames that
 * nothing maps, and takes objects (spaces, vcpus) in such frames too.  The window maps
 * most memory by 2 MiB pages, out of which no single frame can be cut: so a part of the
 * memory is mapped by 4 KiB pages, and grows as it is used up (page.c calls it the zone).
 */
#pragma once

#include <exo/abi.h>
#include <stdint.h>

/* A frame that nothing maps, for space_create and vcpu_create.  false: no memory. */
[[nodiscard]] bool frame_for_object(exo_frame *frame);

/* The object in FRAME is destroyed: the frame is plain memory again. */
void frame_of_object_free(exo_frame frame);

/* Map COUNT frames from FRAME at va_perms (exo/abi.h), feeding the pool as needed.
 * 0 or -ENOMEM: then nothing is mapped that was not. */
[[nodiscard]] int table_map(exo_cap space, uint64_t va_perms, exo_frame frame, uint32_t count);

/* The same for a batch.  *DONE tells how many entries are mapped, also on failure. */
[[nodiscard]] int table_map_batch(exo_cap space, const struct exo_map *entries, uint32_t count,
                                  uint32_t *done);

void table_unmap(exo_cap space, uint64_t va, uint64_t pages);
void table_protect(exo_cap space, uint64_t va_perms, uint64_t pages, uint32_t flags);

/* Memory is short: take back frames that the kernel keeps for page tables but does not use.  How
 * many pages are free now that were not (reclaim.c). */
uint32_t table_reclaim(void);

/* Make at least COUNT frames ready for page tables: to be called where failing is easy. */
[[nodiscard]] int table_reserve(uint32_t count);

/* At the start: give the pool these frames, which are mapped nowhere; then, once there are
 * free pages, keep the reserve back, and tell the boot space's top table. */
void table_pool_feed(exo_frame first, uint32_t count);
void table_init(exo_frame *boot_root);

/* The table FRAME can be read at its place in the window. */
void table_make_readable(exo_frame frame);
