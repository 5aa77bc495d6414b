/* SPDX-License-Identifier: BSD-2-Clause */
/* bpf_fuzz.c - what bpf_check lets pass must end and stay inside, and mean what the paper says.
 *
 * Input: a struct seccomp_data, then instructions of 8 bytes.
 */
#include <linux/bpf_common.h>
#include "fuzz.h"
#include "seccomp/seccomp.h"

/* A second interpreter, slow and distrustful. */
struct machine {
    const struct sock_filter *program;
    uint32_t length, at, a, x;
    uint32_t memory[BPF_MEMWORDS];
    bool is_written[BPF_MEMWORDS];
};

static uint32_t fetch(const struct machine *m, const struct sock_filter *i,
                      const struct seccomp_data *data)
{
    uint32_t word;
    switch (BPF_MODE(i->code)) {
    case BPF_IMM: return i->k;
    case BPF_LEN: return sizeof *data;
    case BPF_MEM: MUST(i->k < BPF_MEMWORDS && m->is_written[i->k]); return m->memory[i->k];
    default:
        MUST(BPF_MODE(i->code) == BPF_ABS && i->k <= sizeof *data - sizeof word);
        memcpy(&word, (const uint8_t *)data + i->k, sizeof word);
        return word;
    }
}

static void store(struct machine *m, uint32_t k, uint32_t value)
{
    MUST(k < BPF_MEMWORDS);
    m->memory[k] = value;
    m->is_written[k] = true;
}

/* false: the program ends, by a division by zero. */
static bool calculate(struct machine *m, const struct sock_filter *i)
{
    uint32_t with = i->code & BPF_X ? m->x : i->k;
    switch (BPF_OP(i->code)) {
    case BPF_ADD: m->a += with; return true;
    case BPF_SUB: m->a -= with; return true;
    case BPF_MUL: m->a *= with; return true;
    case BPF_OR: m->a |= with; return true;
    case BPF_AND: m->a &= with; return true;
    case BPF_XOR: m->a ^= with; return true;
    case BPF_LSH: m->a <<= with % 32; return true;
    case BPF_RSH: m->a >>= with % 32; return true;
    case BPF_NEG: m->a = ~m->a + 1; return true;
    default:
        MUST(BPF_OP(i->code) == BPF_DIV);
        if (with == 0)
            return false;
        m->a /= with;
        return true;
    }
}

static void jump(struct machine *m, const struct sock_filter *i)
{
    uint32_t with = i->code & BPF_X ? m->x : i->k;
    bool is_met;
    switch (BPF_OP(i->code)) {
    case BPF_JA:
        MUST(i->k < m->length - m->at);
        m->at += i->k;
        return;
    case BPF_JEQ: is_met = m->a == with; break;
    case BPF_JGT: is_met = m->a > with; break;
    case BPF_JGE: is_met = m->a >= with; break;
    default: MUST(BPF_OP(i->code) == BPF_JSET); is_met = (m->a & with) != 0;
    }
    m->at += is_met ? i->jt : i->jf;
}

static uint32_t interpret(struct machine *m, const struct seccomp_data *data)
{
    for (;;) {
        MUST(m->at < m->length);
        const struct sock_filter *i = &m->program[m->at++];
        switch (BPF_CLASS(i->code)) {
        case BPF_LD: m->a = fetch(m, i, data); break;
        case BPF_LDX: m->x = fetch(m, i, data); break;
        case BPF_ST: store(m, i->k, m->a); break;
        case BPF_STX: store(m, i->k, m->x); break;
        case BPF_ALU:
            if (!calculate(m, i))
                return 0;
            break;
        case BPF_JMP: jump(m, i); break;
        case BPF_RET: return i->code & BPF_A ? m->a : i->k;
        default:
            if (i->code & BPF_TXA)
                m->a = m->x;
            else
                m->x = m->a;
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t n)
{
    struct bytes b = {input, n};
    struct seccomp_data data;
    bytes_copy(&b, &data, sizeof data);
    uint32_t length = (uint32_t)(b.left / sizeof(struct sock_filter));
    /* Of exactly that size, so that the sanitizer sees a step outside. */
    struct sock_filter *program = malloc(length * sizeof *program);
    bytes_copy(&b, program, length * sizeof *program);
    if (bpf_check(program, length) == 0) {
        struct machine m = {.program = program, .length = length};
        MUST(bpf_run(program, &data) == interpret(&m, &data));
    }
    free(program);
    return 0;
}
