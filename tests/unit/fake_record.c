/* SPDX-License-Identifier: BSD-2-Clause */
/* fake_record.c - nothing is recorded. */
#include "trace/record.h"

enum record_level record_level;

void record_add(enum record_kind, unsigned, int32_t, uint64_t, uint64_t, uint64_t) {}
void record_add_space(const struct mm *) {}
void record_add_map(const struct vma *) {}
void record_add_thread(const struct thread *) {}
