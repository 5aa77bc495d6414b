/* SPDX-License-Identifier: BSD-2-Clause */
/* buddy.h - what page.c offers to those who set the window up and feed the kernel. */
#pragma once

#include <exo/abi.h>
#include <stddef.h>
#include <stdint.h>

struct page;

constexpr unsigned BUDDY_ORDERS = 10; /* blocks of 1 to 512 pages */
constexpr uint32_t BUDDY_CHUNK = EXO_LARGE_FRAMES;
constexpr uint32_t BUDDY_CHUNKS = 32768; /* 64 GiB: frames above are left alone */

constexpr unsigned BUDDY_USUAL = 0;
constexpr unsigned BUDDY_SMALL = 1; /* chunks that the window maps by 4 KiB pages */
constexpr unsigned BUDDY_ZONES = 2;

void buddy_init(void);

/* These frames are free.  Their struct pages, and those of the whole chunks they lie in, exist. */
void buddy_add(exo_frame first, uint32_t count);

/* COUNT more frames belong to the domain, though they are not free. */
void buddy_account(uint32_t count);

bool buddy_chunk_is_small(exo_frame frame);

/* The chunk of FRAME is mapped by 4 KiB pages; before the page array exists, and from now on. */
void buddy_chunk_mark_small(exo_frame frame);
void buddy_chunk_set_small(exo_frame frame);

/* The first frame of a chunk of the usual zone that has much free memory.  false: there is none. */
[[nodiscard]] bool buddy_chunk_choose(exo_frame *frame);

/* Every page of RAM of the domain; whether FRAME is one; the boot space's top table. */
void page_for_each(void (*fn)(struct page *page));
bool page_is_described(exo_frame frame);
exo_frame page_boot_root(void);

[[nodiscard]] struct page *buddy_alloc_long_run(size_t count, unsigned flags);
bool buddy_chunk_is_free(exo_frame first);
