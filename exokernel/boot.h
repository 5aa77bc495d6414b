/* SPDX-License-Identifier: BSD-2-Clause */
/* boot.h - what the loader told, whatever protocol it spoke. */
#pragma once

#include <exo/info.h>
#include <stdint.h>

constexpr uint32_t BOOT_MAX_RAM = 32;
constexpr uint32_t BOOT_CMDLINE_BYTES = 32 << 10;

struct boot_ram {
    uint64_t base, bytes;
};

struct boot_facts {
    struct boot_ram ram[BOOT_MAX_RAM]; /* usable, page aligned, ascending, disjoint */
    uint32_t ram_count;
    uint64_t module_base, module_bytes; /* the initramfs; 0 bytes: none */
    uint64_t image0_base, image0_bytes; /* domain 0's ELF as a module; 0: the built-in one */
    uint64_t rsdp;                      /* ACPI's root pointer; 0: search for it */
    const char *cmdline;                /* in the kernel's own memory */
    struct exo_device screen;           /* EXO_DEVICE_NONE: there is none to be used */
    const char *screen_problem;         /* why not, if the loader told of one; else null */
};

/* Add a range of usable RAM, cut to whole pages; keeps the list sorted. */
void boot_add_ram(struct boot_facts *facts, uint64_t base, uint64_t bytes);
/* Keep a copy of the loader's command line, cut at BOOT_CMDLINE_BYTES. */
void boot_set_cmdline(struct boot_facts *facts, const char *cmdline);
/* The value of KEY= on the command line, to the next blank; length 0 if absent. */
const char *boot_option(const char *cmdline, const char *key, uint32_t *length);

/* Architecture: decode the loader's information.  False: neither protocol. */
bool boot_read(uint32_t magic, uint64_t info, struct boot_facts *facts);
