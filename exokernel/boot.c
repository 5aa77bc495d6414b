/* SPDX-License-Identifier: BSD-2-Clause */
/* boot.c - what the loader told, in one form. */
#include "boot.h"
#include "mem.h"

static char cmdline_copy[BOOT_CMDLINE_BYTES];

void boot_add_ram(struct boot_facts *facts, uint64_t base, uint64_t bytes)
{
    uint64_t end = (base + bytes) & ~(EXO_FRAME_BYTES - 1);
    base = (base + EXO_FRAME_BYTES - 1) & ~(EXO_FRAME_BYTES - 1);
    if (end <= base || facts->ram_count == BOOT_MAX_RAM)
        return;
    uint32_t at = facts->ram_count;
    while (at > 0 && facts->ram[at - 1].base > base) {
        facts->ram[at] = facts->ram[at - 1];
        at--;
    }
    facts->ram[at] = (struct boot_ram){base, end - base};
    facts->ram_count++;
}

void boot_set_cmdline(struct boot_facts *facts, const char *cmdline)
{
    uint32_t n = 0;
    while (cmdline && cmdline[n] && n < BOOT_CMDLINE_BYTES - 1) {
        cmdline_copy[n] = cmdline[n];
        n++;
    }
    cmdline_copy[n] = 0;
    facts->cmdline = cmdline_copy;
}

const char *boot_option(const char *cmdline, const char *key, uint32_t *length)
{
    size_t key_length = mem_string_length(key);
    for (const char *word = cmdline; *word;) {
        const char *end = word;
        while (*end && *end != ' ')
            end++;
        if ((size_t)(end - word) > key_length && word[key_length] == '=' &&
            mem_compare(word, key, key_length) == 0) {
            *length = (uint32_t)(end - word - key_length - 1);
            return word + key_length + 1;
        }
        word = *end ? end + 1 : end;
    }
    *length = 0;
    return nullptr;
}
