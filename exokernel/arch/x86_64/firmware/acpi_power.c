/* SPDX-License-Identifier: BSD-2-Clause */
/* acpi_power.c - how ACPI switches a machine off and restarts it (ACPI 6.4, 5.2.9 and 7.4.2). */
#include "acpi.h"
#include "mem.h"

/* Places in the FADT. */
enum fadt_field {
    FADT_DSDT = 40,
    FADT_SMI_PORT = 48,
    FADT_ENABLE = 52,
    FADT_CONTROL_A = 64,
    FADT_CONTROL_B = 68,
    FADT_FLAGS = 112,
    FADT_RESET = 116,
    FADT_RESET_VALUE = 128,
    FADT_X_DSDT = 140,
    FADT_SLEEP = 244
};
constexpr uint32_t FLAG_RESET = 1 << 10;
constexpr uint32_t FLAG_REDUCED = 1 << 20; /* no PM1 registers */

/* AML opcodes (ACPI 6.4, 20.2). */
enum aml : uint8_t {
    AML_ZERO = 0x00,
    AML_ONE = 0x01,
    AML_BYTE = 0x0a,
    AML_WORD = 0x0b,
    AML_PACKAGE = 0x12
};

/* N bytes of the FADT at FIELD; 0 where an older, shorter one ends. */
static uint64_t field(const struct acpi_table *fadt, uint32_t at, uint32_t n)
{
    uint64_t value = 0;
    if (at + n <= fadt->length)
        memcpy(&value, (const uint8_t *)fadt + at, n);
    return value;
}

static struct firmware_register port_register(uint64_t port)
{
    if (port == 0 || port > UINT16_MAX)
        return (struct firmware_register){};
    return (struct firmware_register){SPACE_PORT, port};
}

static struct firmware_register general_register(const struct acpi_table *fadt, uint32_t at)
{
    uint64_t address = field(fadt, at + 4, 8);
    if (at + 12 > fadt->length || address == 0)
        return (struct firmware_register){};
    switch (field(fadt, at, 1)) {
    case 0: return (struct firmware_register){SPACE_MEMORY, address};
    case 1: return port_register(address);
    default: return (struct firmware_register){};
    }
}

/* An integer at *AT, which moves behind it; false: it is none, or there is no room for it. */
static bool integer(const uint8_t **at, const uint8_t *end, uint8_t *value)
{
    if (end - *at < 1)
        return false;
    switch (*(*at)++) {
    case AML_ZERO: *value = 0; return true;
    case AML_ONE: *value = 1; return true;
    case AML_BYTE:
    case AML_WORD:
        if (end - *at < (*at)[-1] - AML_BYTE + 1)
            return false;
        *value = **at;
        *at += (*at)[-1] - AML_BYTE + 1;
        return true;
    default: return false;
    }
}

/* Name (_S5_, Package {type_a, type_b, ...}), whose package begins at AT. */
static bool package_read(const uint8_t *at, const uint8_t *end)
{
    if (end - at < 3 || *at++ != AML_PACKAGE)
        return false;
    uint32_t length_bytes = 1 + (*at >> 6); /* 20.2.4 */
    if (end - at < (ptrdiff_t)length_bytes + 1)
        return false;
    at += length_bytes;
    uint8_t elements = *at++, a, b;
    if (elements < 1 || !integer(&at, end, &a))
        return false;
    b = a;
    if (elements > 1 && !integer(&at, end, &b))
        return false;
    firmware.power.type_a = a & 7;
    firmware.power.type_b = b & 7;
    firmware.power.knows_off = true;
    return true;
}

/* The package is a constant by 7.4.2, so that it is found without an interpreter of AML. */
static void dsdt_read(const struct acpi_table *dsdt)
{
    const uint8_t *begin = (const uint8_t *)dsdt, *end = begin + dsdt->length;
    for (const uint8_t *at = begin + sizeof *dsdt; at + 4 < end; at++)
        if (mem_compare(at, "_S5_", 4) == 0 && package_read(at + 4, end))
            return;
}

void acpi_read_fadt(const struct acpi_table *fadt, uint64_t limit)
{
    struct firmware_power *power = &firmware.power;
    uint64_t flags = field(fadt, FADT_FLAGS, 4);
    uint64_t dsdt_address = field(fadt, FADT_X_DSDT, 8);
    if (dsdt_address == 0)
        dsdt_address = field(fadt, FADT_DSDT, 4);
    if (flags & FLAG_REDUCED) {
        power->sleep = general_register(fadt, FADT_SLEEP);
    } else {
        power->control_a = port_register(field(fadt, FADT_CONTROL_A, 4));
        power->control_b = port_register(field(fadt, FADT_CONTROL_B, 4));
        power->enable_port = (uint16_t)field(fadt, FADT_SMI_PORT, 2);
        power->enable_value = (uint8_t)field(fadt, FADT_ENABLE, 1);
    }
    if (flags & FLAG_RESET) {
        power->reset = general_register(fadt, FADT_RESET);
        power->reset_value = (uint8_t)field(fadt, FADT_RESET_VALUE, 1);
    }
    const struct acpi_table *dsdt = acpi_table_at(dsdt_address, limit);
    if (dsdt && acpi_is(dsdt, "DSDT"))
        dsdt_read(dsdt);
}
