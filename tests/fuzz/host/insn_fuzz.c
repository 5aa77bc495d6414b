/* SPDX-License-Identifier: BSD-2-Clause */
/* insn_fuzz.c - insn_decode reads no more than it may, and what follows an instruction and where
 * its bytes end changes nothing.
 *
 * Input: code.
 */
#include "arch/insn.h"
#include "fuzz.h"

/* Decode the first N bytes; they lie where the sanitizer sees a step behind them. */
static bool decode(const uint8_t *code, size_t n, struct insn *out)
{
    uint8_t *copy = malloc(n);
    if (n)
        memcpy(copy, code, n);
    bool is_known = insn_decode(copy, n, out);
    free(copy);
    return is_known;
}

int LLVMFuzzerTestOneInput(const uint8_t *code, size_t n)
{
    struct insn insn, same;
    if (!decode(code, n, &insn)) {
        /* Then no beginning of it is an instruction either. */
        for (size_t i = 0; i < n && i <= INSN_BYTES_MAX; i++)
            MUST(!decode(code, i, &same));
        return 0;
    }
    MUST(insn.length >= 1 && insn.length <= n && insn.length <= INSN_BYTES_MAX);
    MUST(decode(code, insn.length, &same) && memcmp(&insn, &same, sizeof insn) == 0);
    MUST(!decode(code, insn.length - 1u, &same));
    return 0;
}
