/* SPDX-License-Identifier: BSD-2-Clause */
/* symbols.c - names for the kernel's own code addresses.
 *
 * The table is made from a first link of the kernel and linked into the second
 * (exokernel/tools/symbols.awk); in the first it is empty.
 */
#include "symbols.h"
#include <stddef.h>

struct symbol {
    uint64_t address;
    const char *name;
};

extern const struct symbol symbol_table[];
extern const uint64_t symbol_count;

const char *symbol_find(uint64_t address, uint64_t *offset)
{
    const struct symbol *best = nullptr;
    for (uint64_t i = 0; i < symbol_count && symbol_table[i].address <= address; i++)
        best = &symbol_table[i];
    if (!best)
        return nullptr;
    *offset = address - best->address;
    return best->name;
}
