/* SPDX-License-Identifier: BSD-2-Clause */
/* random.c - the generator behind getrandom(2), /dev/random and AT_RANDOM. */
#include "random/random.h"

#include "arch/arch.h"
#include "arch/entropy.h"
#include "base/bits.h"
#include "base/format.h"
#include "base/string.h"
#include "random/chacha.h"

constexpr size_t KEY_BYTES = CHACHA_KEY_WORDS * 4;
constexpr size_t OUTPUT_BYTES = (CHACHA_BLOCK_WORDS - CHACHA_KEY_WORDS) * 4; /* of a block */
constexpr unsigned JITTER_SAMPLES = 256; /* even one bit in two of them would fill the key */
constexpr uint64_t BYTES_PER_SEED = 1 << 20;

static struct {
    uint32_t key[CHACHA_KEY_WORDS];
    uint32_t requests;
    uint64_t bytes; /* since the processor was asked last */
    unsigned sources;
} state;

static void key_replace(uint32_t block[CHACHA_BLOCK_WORDS]);
static void seed_from_processor(void);

void random_init(void)
{
    state.sources = arch_entropy_sources();
    seed_from_processor();
    /* How long a memory-bound step takes varies with caches, interrupts and the host. */
    static uint8_t scratch[4096];
    for (unsigned i = 0; i < JITTER_SAMPLES; i++) {
        uint64_t now = arch_cycles();
        scratch[now * 0x9e3779b97f4a7c15 >> 52]++;
        uint64_t sample[2] = {now, arch_cycles() - now};
        random_mix(sample, sizeof sample);
    }
}

void random_bytes(void *to, size_t n)
{
    uint8_t *out = to;
    if (state.bytes >= BYTES_PER_SEED)
        seed_from_processor();
    state.bytes += n;

    /* The first block's first half becomes the key; the request is served from the rest of the
     * stream under the old key, which nobody has any more afterwards. */
    uint32_t key[CHACHA_KEY_WORDS], block[CHACHA_BLOCK_WORDS];
    uint32_t nonce[3] = {state.requests++, 0, 0};
    memcpy(key, state.key, KEY_BYTES);
    chacha20_block(key, 0, nonce, block);
    key_replace(block);
    size_t part = MIN(n, OUTPUT_BYTES);
    memcpy(out, block + CHACHA_KEY_WORDS, part);
    for (uint32_t counter = 1; part < n; counter++) {
        nonce[1] = counter == 0 ? nonce[1] + 1 : nonce[1];
        chacha20_block(key, counter, nonce, block);
        size_t take = MIN(n - part, sizeof block);
        memcpy(out + part, block, take);
        part += take;
    }
}

void random_mix(const void *data, size_t n)
{
    const uint8_t *from = data;
    while (n > 0) {
        uint32_t piece[CHACHA_KEY_WORDS] = {}, block[CHACHA_BLOCK_WORDS];
        size_t part = MIN(n, KEY_BYTES);
        memcpy(piece, from, part);
        for (unsigned i = 0; i < CHACHA_KEY_WORDS; i++)
            state.key[i] ^= piece[i];
        chacha20_block(state.key, 0, (uint32_t[3]){state.requests++, (uint32_t)n, 1}, block);
        key_replace(block);
        from += part;
        n -= part;
    }
}

void random_uuid(char text[37])
{
    uint8_t b[16];
    random_bytes(b, sizeof b);
    b[6] = (b[6] & 0x0f) | 0x40;
    b[8] = (b[8] & 0x3f) | 0x80;
    snprintf(text, 37, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0],
             b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13],
             b[14], b[15]);
}

static void key_replace(uint32_t block[CHACHA_BLOCK_WORDS])
{
    memcpy(state.key, block, KEY_BYTES);
}

static void seed_from_processor(void)
{
    uint64_t numbers[8];
    unsigned count = 0;
    while (count < ARRAY_COUNT(numbers) && arch_entropy(state.sources, &numbers[count]))
        count++;
    state.bytes = 0;
    if (count > 0)
        random_mix(numbers, count * sizeof numbers[0]);
    uint64_t now = arch_cycles();
    random_mix(&now, sizeof now);
}
