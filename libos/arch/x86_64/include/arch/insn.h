/* SPDX-License-Identifier: BSD-2-Clause */
/* insn.h - how long an instruction of a program is, and whether it may stand elsewhere.
 *
 * Only as much of the instruction set as that takes: Intel SDM vol. 2, chapter 2 and appendix A.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

constexpr size_t INSN_BYTES_MAX = 15; /* SDM vol. 2, 2.3.11: what is longer faults */

enum insn_encoding : uint8_t {
    INSN_LEGACY,
    INSN_VEX,
    INSN_EVEX
};

struct insn {
    uint8_t length; /* in bytes, 1 to INSN_BYTES_MAX */
    /* Its place is part of what it means: an operand relative to the instruction pointer, a
     * relative branch, or one that stores its own or the next address or traps on purpose: calls,
     * syscall, sysenter, xbegin, int, ud1, ud2, hlt.  Any other may run at another address, where
     * it differs in nothing but the address that a fault or the x87's last-instruction pointer
     * tells.
     */
    bool is_relative;
    bool has_modrm;
    uint8_t modrm;               /* 0 without one */
    enum insn_encoding encoding; /* which kind of prefix names the map */
    uint8_t map;                 /* 0: one byte, 1: 0F, 2: 0F 38, 3: 0F 3A, 5 and 6: EVEX only */
    uint8_t opcode;              /* in that map */
};

/* Decode the instruction at CODE, of which SIZE bytes may be read, in 64-bit mode.
 * True: whenever a processor runs these bytes as an instruction, it is the one in *OUT; whether
 * this one would (its features, its privilege, reserved operands) is not checked.
 * False: cut off, too long, not valid in 64-bit mode or not known; *OUT then tells nothing.  Not
 * known are also 3DNow!, XOP, SSE4a, APX, moves of control and debug registers, VMREAD and VMWRITE,
 * REX that is not right before the opcode, and what processors disagree on: UD0, and near branches
 * with an operand-size prefix.
 */
[[nodiscard]] bool insn_decode(const uint8_t *code, size_t size, struct insn *out);
