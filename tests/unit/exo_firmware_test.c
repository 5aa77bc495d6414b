/* SPDX-License-Identifier: BSD-2-Clause */
/* exo_firmware_test.c - ACPI's and MP's tables, whole and broken.
 * Links: the kernel's archive as fake_kernel.h says. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "boot.h"
#include "fake_kernel.h"
#include "firmware/firmware.h"

constexpr uint64_t LIMIT = 4 << 20; /* what may be looked at */
constexpr uint64_t RSDP = 0xe0010, ROOT = 0x100000, MADT = 0x101000, FADT = 0x102000,
                   DSDT = 0x103000, OTHER = 0x104000;
constexpr uint64_t MP_POINTER = 639 << 10, MP_TABLE = 0x9f000;

static struct boot_facts facts;

static uint8_t *at(uint64_t address)
{
    return arch_direct(address);
}

static void put(uint64_t address, uint64_t value, unsigned bytes)
{
    memcpy(at(address), &value, bytes);
}

static void sum_up(uint64_t address, uint64_t bytes, uint64_t checksum)
{
    uint8_t sum = 0;
    at(address)[checksum] = 0;
    for (uint64_t i = 0; i < bytes; i++)
        sum += at(address)[i];
    at(address)[checksum] = (uint8_t)-sum;
}

/* A header before what is there already. */
static void finish(uint64_t address, const char *signature, uint32_t length)
{
    memcpy(at(address), signature, 4);
    put(address + 4, length, 4);
    sum_up(address, length, 9);
}

static void pointer_put(uint8_t revision)
{
    memcpy(at(RSDP), "RSD PTR ", 8);
    at(RSDP)[15] = revision;
    put(RSDP + 16, ROOT, 4);
    put(RSDP + 20, 36, 4);
    put(RSDP + 24, ROOT, 8);
    sum_up(RSDP, 20, 8);
    sum_up(RSDP, 36, 32);
}

/* Two CPUs that can be used, one that cannot, an interrupt controller, an override. */
static void madt_put(void)
{
    static const uint8_t entries[] = {
        0,  8,  0, 4, 1, 0, 0,    0,                 /* CPU 4 */
        0,  8,  1, 5, 0, 0, 0,    0,                 /* CPU 5, off */
        0,  8,  2, 6, 1, 0, 0,    0,                 /* CPU 6 */
        1,  12, 0, 0, 0, 0, 0xc0, 0xfe, 8,  0, 0, 0, /* at 0xfec00000, from line 8 */
        2,  10, 0, 0, 2, 0, 0,    0,    0,  0,       /* 0 -> 2 */
        1,  12, 1, 0, 0, 0, 0xc1, 0xfe, 32, 0, 0, 0, /* a second one */
        99, 3,  7,                                   /* of a later version */
    };
    memcpy(at(MADT + 44), entries, sizeof entries);
    finish(MADT, "APIC", 44 + sizeof entries);
}

static void dsdt_put(const void *code, uint32_t n)
{
    memset(at(DSDT), 0, 512);
    memcpy(at(DSDT + 36), code, n);
    finish(DSDT, "DSDT", 36 + n);
}

static void fadt_put(void)
{
    static const uint8_t code[] = {0x5b, 0x80, 0x08, '_', 'S', '5', '_', 0x12,
                                   0x07, 4,    0x0a, 5,   1,   0,   0};
    dsdt_put(code, sizeof code);
    put(FADT + 40, DSDT, 4);
    put(FADT + 48, 0xb2, 4);
    put(FADT + 52, 0xf1, 1);
    put(FADT + 64, 0x604, 4);
    put(FADT + 68, 0x704, 4);
    put(FADT + 112, 1 << 10, 4);
    at(FADT)[116] = 1;
    put(FADT + 120, 0xcf9, 8);
    at(FADT)[128] = 6;
    finish(FADT, "FACP", 268);
}

static void root_put(const char *signature, unsigned entry_bytes)
{
    const uint64_t tables[] = {MADT, FADT, OTHER};
    for (unsigned i = 0; i < 3; i++)
        put(ROOT + 36 + i * entry_bytes, tables[i], entry_bytes);
    finish(ROOT, signature, 36 + 3 * entry_bytes);
}

static int setup(void **)
{
    fake_kernel_begin();
    facts = (struct boot_facts){};
    firmware = (struct firmware_facts){};
    pointer_put(2);
    madt_put();
    fadt_put();
    finish(OTHER, "DMAR", 48);
    root_put("XSDT", 8);
    return 0;
}

static void read_all(void)
{
    firmware_read(&facts, LIMIT);
}

static void good_tables_are_read(void **)
{
    read_all();
    assert_true(firmware.has_acpi);
    assert_int_equal(firmware.cpu_count, 2);
    assert_int_equal(firmware.cpu_apic_id[0], 4);
    assert_int_equal(firmware.cpu_apic_id[1], 6);
    assert_int_equal(firmware.ioapic, 0xfec00000);
    assert_int_equal(firmware.ioapic_first_line, 8);
    assert_int_equal(firmware.override_count, 1);
    assert_int_equal(firmware.overrides[0].line, 2);
    assert_true(firmware.has_dmar);
    assert_false(firmware.has_ivrs);
    assert_false(firmware.has_mcfg);
    const struct firmware_power *power = &firmware.power;
    assert_true(power->knows_off);
    assert_int_equal(power->type_a, 5);
    assert_int_equal(power->type_b, 1);
    assert_int_equal(power->control_a.space, SPACE_PORT);
    assert_int_equal(power->control_a.address, 0x604);
    assert_int_equal(power->control_b.address, 0x704);
    assert_int_equal(power->enable_port, 0xb2);
    assert_int_equal(power->enable_value, 0xf1);
    assert_int_equal(power->reset.address, 0xcf9);
    assert_int_equal(power->reset_value, 6);
    assert_int_equal(power->sleep.space, SPACE_NONE);
}

static void the_older_pointer_leads_to_the_older_root(void **)
{
    pointer_put(0);
    root_put("RSDT", 4);
    read_all();
    assert_int_equal(firmware.cpu_count, 2);
}

static void the_loaders_pointer_comes_first(void **)
{
    memmove(at(0x2000), at(RSDP), 36);
    memset(at(RSDP), 0, 36);
    read_all();
    assert_false(firmware.has_acpi);
    facts.rsdp = 0x2000;
    read_all();
    assert_true(firmware.has_acpi);
}

static void a_machine_without_pm1_has_a_sleep_register(void **)
{
    put(FADT + 112, 1 << 20, 4);
    at(FADT)[244] = 0;
    put(FADT + 248, 0xfea00200, 8);
    finish(FADT, "FACP", 268);
    read_all();
    assert_int_equal(firmware.power.sleep.space, SPACE_MEMORY);
    assert_int_equal(firmware.power.sleep.address, 0xfea00200);
    assert_int_equal(firmware.power.control_a.space, SPACE_NONE);
    assert_int_equal(firmware.power.reset.space, SPACE_NONE);
}

/* Each is left out alone. */
static void broken_tables_are_left_out(void **)
{
    at(MADT)[9]++;
    read_all();
    assert_true(firmware.has_acpi);
    assert_int_equal(firmware.cpu_count, 0);
    assert_true(firmware.has_dmar);
    assert_non_null(strstr(fake_last_line, "firmware"));

    firmware = (struct firmware_facts){};
    madt_put();
    put(MADT + 4, 3, 4); /* shorter than its header */
    read_all();
    assert_int_equal(firmware.cpu_count, 0);

    put(MADT + 4, UINT32_MAX, 4); /* beyond what is there */
    read_all();
    assert_int_equal(firmware.cpu_count, 0);

    madt_put();
    put(ROOT + 36, LIMIT - 8, 8); /* its header is not whole */
    finish(ROOT, "XSDT", 60);
    read_all();
    assert_int_equal(firmware.cpu_count, 0);
}

static void entries_that_lie_about_their_length_end_the_table(void **)
{
    static const uint8_t entries[] = {0, 8, 0, 4, 1, 0, 0, 0, 0, 0, 1, 5, 1, 0, 0, 0};
    memcpy(at(MADT + 44), entries, sizeof entries);
    finish(MADT, "APIC", 44 + sizeof entries);
    read_all();
    assert_int_equal(firmware.cpu_count, 1);
    at(MADT + 44)[1] = 200; /* longer than the table */
    finish(MADT, "APIC", 44 + sizeof entries);
    firmware = (struct firmware_facts){};
    read_all();
    assert_int_equal(firmware.cpu_count, 0);
}

static void a_soft_off_state_that_is_none_is_not_taken(void **)
{
    static const uint8_t cut[] = {8, '_', 'S', '5', '_', 0x12};
    static const uint8_t long_length[] = {8, '_', 'S', '5', '_', 0x12, 0xc7, 4};
    static const uint8_t empty[] = {8, '_', 'S', '5', '_', 0x12, 2, 0, 0, 0, 0};
    static const uint8_t name[] = {8, '_', 'S', '5', '_', 0x12, 6, 2, 'A', 'B', 'C', 'D'};
    static const uint8_t word[] = {8, '_', 'S', '5', '_', 0x12, 6, 2, 0x0b, 7};
    const struct {
        const uint8_t *code;
        uint32_t n;
    } bad[] = {{cut, sizeof cut},
               {long_length, sizeof long_length},
               {empty, sizeof empty},
               {name, sizeof name},
               {word, sizeof word}};
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        dsdt_put(bad[i].code, bad[i].n);
        firmware = (struct firmware_facts){};
        read_all();
        assert_false(firmware.power.knows_off);
        assert_true(firmware.has_acpi);
    }
    static const uint8_t words[] = {8, '_', 'S', '5', '_', 0x12, 8, 2, 0x0b, 7, 0x00, 0x0b, 2, 0};
    dsdt_put(words, sizeof words);
    read_all();
    assert_true(firmware.power.knows_off);
    assert_int_equal(firmware.power.type_a, 7);
    assert_int_equal(firmware.power.type_b, 2);
}

/* Whatever the tables say, nothing beyond LIMIT is read (the host's sanitizers and the end of the
 * machine's memory watch) and nothing overflows. */
static void random_bytes_do_no_harm(void **)
{
    srand(7);
    for (int round = 0; round < 3000; round++) {
        setup(nullptr);
        const uint64_t tables[] = {RSDP, ROOT, MADT, FADT, DSDT, OTHER};
        uint64_t table = tables[rand() % 6];
        uint32_t length = table == RSDP ? 36 : *(uint32_t *)(void *)at(table + 4);
        for (int i = 0; i < 1 + rand() % 4; i++)
            at(table)[rand() % length] = (uint8_t)rand();
        if (table != RSDP && round % 2)
            finish(table, (const char *[]){"XSDT", "APIC", "FACP", "DSDT"}[rand() % 4], length);
        read_all();
        assert_true(firmware.cpu_count <= EXO_MAX_CPUS);
        assert_true(firmware.override_count <= FIRMWARE_MAX_OVERRIDES);
    }
}

static void mp_put(void)
{
    static const uint8_t entries[] = {
        0, 0, 0x14, 3,   0,   0,   0,    0,    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* CPU 0 */
        0, 1, 0x14, 1,   0,   0,   0,    0,    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* CPU 1 */
        0, 2, 0x14, 0,   0,   0,   0,    0,    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* off */
        1, 0, 'I',  'S', 'A', ' ', ' ',  ' ',                                      /* bus */
        2, 3, 0x11, 1,   0,   0,   0xc0, 0xfe,                                     /* 0xfec00000 */
        3, 0, 0,    0,   0,   1,   3,    1,                                        /* line */
    };
    memset(at(RSDP), 0, 36);
    memcpy(at(MP_POINTER), "_MP_", 4);
    put(MP_POINTER + 4, MP_TABLE, 4);
    at(MP_POINTER)[8] = 1;
    at(MP_POINTER)[9] = 4;
    sum_up(MP_POINTER, 16, 10);
    memcpy(at(MP_TABLE), "PCMP", 4);
    put(MP_TABLE + 4, 44 + sizeof entries, 2);
    put(MP_TABLE + 34, 6, 2);
    memcpy(at(MP_TABLE + 44), entries, sizeof entries);
    sum_up(MP_TABLE, 44 + sizeof entries, 7);
}

static void the_mp_table_serves_where_acpi_is_not(void **)
{
    mp_put();
    read_all();
    assert_false(firmware.has_acpi);
    assert_true(firmware.has_mp_table);
    assert_int_equal(firmware.cpu_count, 2);
    assert_int_equal(firmware.cpu_apic_id[1], 1);
    assert_int_equal(firmware.ioapic, 0xfec00000);
}

static void a_broken_mp_table_is_left_out(void **)
{
    mp_put();
    at(MP_TABLE)[7]++;
    read_all();
    assert_false(firmware.has_mp_table);
    srand(11);
    for (int round = 0; round < 2000; round++) {
        setup(nullptr);
        mp_put();
        uint16_t length = (uint16_t)(44 + rand() % 120);
        put(MP_TABLE + 4, length, 2);
        for (int i = 0; i < 5; i++)
            at(MP_TABLE)[8 + rand() % 120] = (uint8_t)rand();
        sum_up(MP_TABLE, length, 7);
        read_all();
        assert_true(firmware.cpu_count <= EXO_MAX_CPUS);
    }
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(good_tables_are_read),
        TEST(the_older_pointer_leads_to_the_older_root),
        TEST(the_loaders_pointer_comes_first),
        TEST(a_machine_without_pm1_has_a_sleep_register),
        TEST(broken_tables_are_left_out),
        TEST(entries_that_lie_about_their_length_end_the_table),
        TEST(a_soft_off_state_that_is_none_is_not_taken),
        TEST(random_bytes_do_no_harm),
        TEST(the_mp_table_serves_where_acpi_is_not),
        TEST(a_broken_mp_table_is_left_out),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
