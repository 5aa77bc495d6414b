/* SPDX-License-Identifier: BSD-2-Clause */
/* bpf.c - classic BPF over a struct seccomp_data (seccomp(2); "The BSD Packet Filter", 1993). */
#include <linux/bpf_common.h>
#include "base/errno.h"
#include "base/string.h"
#include "seccomp/seccomp.h"

static bool is_arithmetic_valid(const struct sock_filter *i)
{
    switch (BPF_OP(i->code)) {
    case BPF_ADD:
    case BPF_SUB:
    case BPF_MUL:
    case BPF_OR:
    case BPF_AND:
    case BPF_XOR:
    case BPF_LSH:
    case BPF_RSH:
        return BPF_SRC(i->code) == BPF_X ||
               (BPF_OP(i->code) != BPF_LSH && BPF_OP(i->code) != BPF_RSH) || i->k < 32;
    case BPF_DIV: return BPF_SRC(i->code) == BPF_X || i->k != 0;
    case BPF_NEG: return BPF_SRC(i->code) == BPF_K;
    default: return false;
    }
}

static bool is_load_valid(const struct sock_filter *i)
{
    switch (i->code) {
    case BPF_LD | BPF_W | BPF_ABS:
        return i->k < sizeof(struct seccomp_data) && i->k % sizeof(uint32_t) == 0;
    case BPF_LD | BPF_W | BPF_LEN:
    case BPF_LDX | BPF_W | BPF_LEN:
    case BPF_LD | BPF_IMM:
    case BPF_LDX | BPF_IMM: return true;
    case BPF_LD | BPF_MEM:
    case BPF_LDX | BPF_MEM: return i->k < BPF_MEMWORDS;
    default: return false;
    }
}

/* LEFT: instructions that follow this one. */
static bool is_jump_valid(const struct sock_filter *i, uint32_t left)
{
    switch (BPF_OP(i->code)) {
    case BPF_JA: return BPF_SRC(i->code) == BPF_K && i->k < left;
    case BPF_JEQ:
    case BPF_JGT:
    case BPF_JGE:
    case BPF_JSET: return i->jt < left && i->jf < left;
    default: return false;
    }
}

static bool is_valid(const struct sock_filter *i, uint32_t left)
{
    if (i->code > 0xff)
        return false;
    switch (BPF_CLASS(i->code)) {
    case BPF_LD:
    case BPF_LDX: return is_load_valid(i);
    case BPF_ST:
    case BPF_STX: return i->code == BPF_CLASS(i->code) && i->k < BPF_MEMWORDS;
    case BPF_ALU: return is_arithmetic_valid(i);
    case BPF_JMP: return is_jump_valid(i, left);
    case BPF_RET: return i->code == (BPF_RET | BPF_K) || i->code == (BPF_RET | BPF_A);
    default: return i->code == (BPF_MISC | BPF_TAX) || i->code == (BPF_MISC | BPF_TXA);
    }
}

/* A word of scratch memory may be read only where every way has written it. */
static int memory_check(const struct sock_filter *program, uint32_t length)
{
    static uint16_t written[BPF_MAXINSNS]; /* before each instruction; the domain lock is held */
    uint16_t now = 0;
    memset(written, 0xff, length * sizeof written[0]);
    for (uint32_t at = 0; at < length; at++) {
        const struct sock_filter *i = &program[at];
        now &= written[at];
        switch (BPF_CLASS(i->code)) {
        case BPF_ST:
        case BPF_STX: now |= (uint16_t)(1u << i->k); break;
        case BPF_LD:
        case BPF_LDX:
            if (BPF_MODE(i->code) == BPF_MEM && !(now >> i->k & 1))
                return -EINVAL;
            break;
        case BPF_JMP:
            if (BPF_OP(i->code) == BPF_JA) {
                written[at + 1 + i->k] &= now;
            } else {
                written[at + 1 + i->jt] &= now;
                written[at + 1 + i->jf] &= now;
            }
            now = 0xffff;
            break;
        default: break;
        }
    }
    return 0;
}

int bpf_check(const struct sock_filter *program, uint32_t length)
{
    if (length == 0 || length > SECCOMP_LENGTH_MOST)
        return -EINVAL;
    for (uint32_t at = 0; at < length; at++)
        if (!is_valid(&program[at], length - 1 - at))
            return -EINVAL;
    if (BPF_CLASS(program[length - 1].code) != BPF_RET)
        return -EINVAL;
    return memory_check(program, length);
}

static uint32_t calculate(uint16_t code, uint32_t a, uint32_t operand)
{
    switch (BPF_OP(code)) {
    case BPF_ADD: return a + operand;
    case BPF_SUB: return a - operand;
    case BPF_MUL: return a * operand;
    case BPF_DIV: return operand ? a / operand : 0;
    case BPF_OR: return a | operand;
    case BPF_AND: return a & operand;
    case BPF_XOR: return a ^ operand;
    case BPF_LSH: return a << (operand & 31);
    case BPF_RSH: return a >> (operand & 31);
    default: return 0 - a; /* BPF_NEG */
    }
}

static bool compare(uint16_t code, uint32_t a, uint32_t operand)
{
    switch (BPF_OP(code)) {
    case BPF_JEQ: return a == operand;
    case BPF_JGT: return a > operand;
    case BPF_JGE: return a >= operand;
    default: return a & operand; /* BPF_JSET */
    }
}

static uint32_t load(const struct sock_filter *i, const struct seccomp_data *data,
                     const uint32_t *memory)
{
    uint32_t word;
    switch (BPF_MODE(i->code)) {
    case BPF_ABS: memcpy(&word, (const char *)data + i->k, sizeof word); return word;
    case BPF_LEN: return sizeof *data;
    case BPF_MEM: return memory[i->k];
    default: return i->k; /* BPF_IMM */
    }
}

uint32_t bpf_run(const struct sock_filter *program, const struct seccomp_data *data)
{
    uint32_t a = 0, x = 0, memory[BPF_MEMWORDS] = {};
    for (const struct sock_filter *i = program;; i++) {
        uint32_t operand = BPF_SRC(i->code) == BPF_X ? x : i->k;
        switch (BPF_CLASS(i->code)) {
        case BPF_LD: a = load(i, data, memory); break;
        case BPF_LDX: x = load(i, data, memory); break;
        case BPF_ST: memory[i->k] = a; break;
        case BPF_STX: memory[i->k] = x; break;
        case BPF_ALU:
            if (BPF_OP(i->code) == BPF_DIV && operand == 0)
                return 0;
            a = calculate(i->code, a, operand);
            break;
        case BPF_JMP:
            if (BPF_OP(i->code) == BPF_JA)
                i += i->k;
            else
                i += compare(i->code, a, operand) ? i->jt : i->jf;
            break;
        case BPF_RET: return BPF_RVAL(i->code) == BPF_A ? a : i->k;
        default:
            if (BPF_MISCOP(i->code) == BPF_TAX)
                x = a;
            else
                a = x;
        }
    }
}
