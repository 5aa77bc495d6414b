/* SPDX-License-Identifier: BSD-2-Clause */
/* chacha.h - the ChaCha20 block function (RFC 8439, 2.3). */
#pragma once

#include <stdint.h>

constexpr unsigned CHACHA_KEY_WORDS = 8;
constexpr unsigned CHACHA_BLOCK_WORDS = 16;

/* The block number COUNTER of the stream of KEY and NONCE. */
void chacha20_block(const uint32_t key[CHACHA_KEY_WORDS], uint32_t counter, const uint32_t nonce[3],
                    uint32_t block[CHACHA_BLOCK_WORDS]);
