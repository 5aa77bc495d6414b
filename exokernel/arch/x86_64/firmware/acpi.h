/* SPDX-License-Identifier: BSD-2-Clause */
/* acpi.h - between the readers of ACPI's tables. */
#pragma once

#include "firmware.h"

struct [[gnu::packed]] acpi_table {
    char signature[4];
    uint32_t length; /* with this header */
    uint8_t revision, checksum;
    uint8_t rest[26];
};
static_assert(sizeof(struct acpi_table) == 36);

/* The table at ADDRESS, whole and with a good checksum; else null, and the log says so. */
const struct acpi_table *acpi_table_at(uint64_t address, uint64_t limit);
bool acpi_is(const struct acpi_table *table, const char *signature);

/* What the FADT, and the DSDT behind it, tell about power: into firmware.power. */
void acpi_read_fadt(const struct acpi_table *fadt, uint64_t limit);
