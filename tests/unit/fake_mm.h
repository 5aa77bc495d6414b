/* SPDX-License-Identifier: BSD-2-Clause */
/* fake_mm.h - a process and a file system for tests of libos/mm/ over fake_exo.c. */
#pragma once

#include <stdint.h>
#include "proc/process.h"

struct file;
struct mm;

extern struct process fake_process;
extern unsigned fake_oom_kills;

/* A machine of FRAMES frames with its page allocator, and the process above with all limits off. */
void fake_mm_begin(uint32_t frames);
void fake_mm_end(void);
/* For each test: limits off, nothing killed. */
void fake_mm_reset(void);

/* A file of SIZE bytes, page I filled with bytes 'a' + I % 26; one reference. */
struct file *fake_file_create(uint64_t size);

/* A byte of a program's memory, as the program would reach it: through its page tables, with
 * mm_fault resolving what faults.  false: the program would get a signal: *SIGNAL. */
bool fake_load(struct mm *mm, uint64_t address, uint8_t *byte, int *signal);
bool fake_store(struct mm *mm, uint64_t address, uint8_t byte, int *signal);

/* Pages that programs and page caches hold. */
uint64_t fake_pages_held(void);
