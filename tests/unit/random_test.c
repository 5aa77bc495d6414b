/* SPDX-License-Identifier: BSD-2-Clause */
/* random_test.c - ChaCha20 by its standard's vectors, and the generator on top.
 * Links: libos/random/chacha.c libos/random/random.c */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include "random/chacha.h"
#include "random/random.h"

/* RFC 8439, 2.3.2. */
static void a_block_is_that_of_the_standard(void **)
{
    static const uint32_t key[8] = {0x03020100, 0x07060504, 0x0b0a0908, 0x0f0e0d0c,
                                    0x13121110, 0x17161514, 0x1b1a1918, 0x1f1e1d1c};
    static const uint32_t nonce[3] = {0x09000000, 0x4a000000, 0x00000000};
    static const uint32_t expected[16] = {0xe4e7f110, 0x15593bd1, 0x1fdd0f50, 0xc47120a3,
                                          0xc7f4d1c7, 0x0368c033, 0x9aaa2204, 0x4e6cd4c3,
                                          0x466482d2, 0x09aa9f07, 0x05d7c214, 0xa2028bd9,
                                          0xd19c12b5, 0xb94e16de, 0xe883d0cb, 0x4e3c50a2};
    uint32_t block[16];
    chacha20_block(key, 1, nonce, block);
    assert_memory_equal(block, expected, sizeof expected);
}

static void requests_differ(void **)
{
    uint8_t a[64], b[64];
    random_bytes(a, sizeof a);
    random_bytes(b, sizeof b);
    assert_memory_not_equal(a, b, sizeof a);
}

static void every_byte_of_a_long_request_is_filled(void **)
{
    static uint8_t bytes[100001], seen[100001];
    memset(seen, 0, sizeof seen);
    for (int round = 0; round < 8; round++) {
        memset(bytes, 0, sizeof bytes);
        random_bytes(bytes, sizeof bytes - 1);
        assert_int_equal(bytes[sizeof bytes - 1], 0);
        for (size_t i = 0; i < sizeof bytes - 1; i++)
            seen[i] |= bytes[i];
    }
    /* A byte is zero eight times with probability 2^-64. */
    assert_null(memchr(seen, 0, sizeof seen - 1));
}

static void bits_are_balanced(void **)
{
    static uint8_t bytes[65536];
    long ones = 0;
    random_bytes(bytes, sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++)
        ones += __builtin_popcount(bytes[i]);
    /* Ten standard deviations. */
    assert_in_range(ones, 262144 - 3700, 262144 + 3700);
}

static void a_uuid_has_version_and_variant(void **)
{
    char text[37];
    random_uuid(text);
    assert_int_equal(strlen(text), 36);
    assert_int_equal(text[8], '-');
    assert_int_equal(text[14], '4');
    assert_non_null(strchr("89ab", text[19]));
}

static int setup(void **)
{
    random_init();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_block_is_that_of_the_standard),
        cmocka_unit_test(requests_differ),
        cmocka_unit_test(every_byte_of_a_long_request_is_filled),
        cmocka_unit_test(bits_are_balanced),
        cmocka_unit_test(a_uuid_has_version_and_variant),
    };
    return cmocka_run_group_tests(tests, setup, nullptr);
}
