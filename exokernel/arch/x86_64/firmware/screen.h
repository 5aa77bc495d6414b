/* SPDX-License-Identifier: BSD-2-Clause */
/* screen.h - the screen that the loader set up. */
#pragma once

struct boot_facts;

/* Note what Multiboot2's framebuffer tag at TAG tells, or what is wrong with it. */
void screen_read(const void *tag, struct boot_facts *facts);
