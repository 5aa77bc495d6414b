/* SPDX-License-Identifier: BSD-2-Clause */
/* insn.c - the length of an instruction, by opcode maps (Intel SDM vol. 2, chapter 2, appendix A).
 *
 * An instruction is: legacy prefixes; REX, VEX or EVEX; opcode, ModRM, SIB, displacement,
 * immediate.  The tables tell which opcodes exist, and which have a ModRM byte and an immediate;
 * the rest follows from the prefixes and from ModRM.
 */
#include "arch/insn.h"

#include "base/bits.h"

constexpr unsigned INSN_MAPS = 7;

/* What follows an opcode; capital letters: a ModRM byte with its operand, then the immediate. */
enum form : char {
    REFUSED = '.', /* not known, or the escape to another map */
    PREFIX = 'p',  /* legacy, or REX */
    NOTHING = '-',
    IMM8 = 'b',
    IMM16 = 'w',
    IMM_ENTER = 'e',   /* 16 bits and 8 bits */
    IMM_OPERAND = 'z', /* of the operand's size, but at most 32 bits */
    IMM_FULL = 'v',    /* of the operand's size */
    IMM_ADDRESS = 'o', /* of the address's size */
    /* Where these stand is part of what they mean. */
    PLACED = '!', /* and nothing follows */
    PLACED_IMM8 = 'i',
    BRANCH_SHORT = 'j', /* 8 bits */
    BRANCH_NEAR = 'n',  /* 32 bits */
    MODRM_PLACED = 'P',
    MODRM_XBEGIN = 'X',

    MODRM = 'M',
    MODRM_IMM8 = 'B',
    MODRM_IMM_OPERAND = 'Z',
    MODRM_GROUP = 'G', /* its REG field tells the rest: group_form */
};

/* A row for each high digit of the opcode, as in the manual's tables. */
static const char one_byte[] = "MMMMbz..MMMMbz.."
                               "MMMMbz..MMMMbz.."
                               "MMMMbzp.MMMMbzp."
                               "MMMMbzp.MMMMbzp."
                               "pppppppppppppppp"
                               "----------------"
                               "...MppppzZbB----"
                               "jjjjjjjjjjjjjjjj"
                               "BZ.BMMMMMMMMMMMG"
                               "----------.-----"
                               "oooo----bz------"
                               "bbbbbbbbvvvvvvvv"
                               "BBw-..GGe-w-!i.-"
                               "MMMM...-MMMMMMMM"
                               "jjjjbbbbnn.j----"
                               "p!pp!-GG------GG";

static const char two_byte[] = "MMMM.!----.!.M.."
                               "MMMMMMMMMMMMMMMM"
                               "........MMMMMMMM"
                               "----!-.-........"
                               "MMMMMMMMMMMMMMMM"
                               "MMMMMMMMMMMMMMMM"
                               "MMMMMMMMMMMMMMMM"
                               "BBBBMMM-....MMMM"
                               "nnnnnnnnnnnnnnnn"
                               "MMMMMMMMMMMMMMMM"
                               "---MBM..---MBMMM"
                               "MMMMMMMMGPBMMMMM"
                               "MMBMBBBM--------"
                               "MMMMMMMMMMMMMMMM"
                               "MMMMMMMMMMMMMMMM"
                               "MMMMMMMMMMMMMMM.";

static_assert(sizeof one_byte == 257 && sizeof two_byte == 257);

/* The opcodes of the maps 0F 38 and 0F 3A, which are alike in form, and those of VEX and EVEX: a
 * word for each high digit of the opcode, in it a bit for each low digit.
 */
static const uint16_t opcodes[][INSN_MAPS][16] = {
    [INSN_LEGACY][2] = {0x0fff, 0x70b1, 0x0f3f, 0xffbf, 0x0003, 0, 0, 0, 0x0007, 0, 0, 0, 0xbf00,
                        0xf900, 0, 0x1f63},
    [INSN_LEGACY][3] = {0xff00, 0x00f0, 0x0007, 0, 0x0017, 0, 0x000f, 0, 0, 0, 0, 0, 0xd000, 0x8000,
                        0, 0x0001},
    [INSN_VEX][1] = {0, 0x00ff, 0xff00, 0, 0x0cf6, 0xffff, 0xffff, 0xf0ff, 0, 0x030f, 0x4000, 0,
                     0x0074, 0xffff, 0xffff, 0x7fff},
    [INSN_VEX][2] = {0xffff, 0x77c8, 0xff3f, 0xffff, 0x0ae3, 0x570f, 0x1000, 0x0304, 0x5000, 0xffcf,
                     0xffc0, 0xfff3, 0xb800, 0xfc0c, 0xffff, 0x00ec},
    [INSN_VEX][3] = {0xff77, 0x23f0, 0x0007, 0x030f, 0x1f57, 0xf000, 0xff0f, 0xff00, 0, 0, 0, 0,
                     0xc000, 0xc000, 0, 0x0001},
    [INSN_EVEX][1] = {0, 0x00ff, 0xff00, 0, 0, 0xfff2, 0xffff, 0xcf7f, 0, 0, 0, 0, 0x0074, 0xff7e,
                      0xffff, 0x7f7e},
    [INSN_EVEX][2] = {0x3811, 0xff7f, 0x3fff, 0xffff, 0xf0fd, 0x0f3f, 0x017c, 0xffef, 0xaf08,
                      0xffcf, 0xffcf, 0xfff0, 0xbd10, 0xf000, 0, 0},
    [INSN_EVEX][3] = {0x8f3b, 0xeff0, 0x00ef, 0xcf00, 0x001c, 0x00f3, 0x00c0, 0x000f, 0, 0, 0, 0,
                      0xc004, 0, 0, 0},
    [INSN_EVEX][5] = {0, 0x2003, 0xf400, 0, 0, 0xff02, 0x4000, 0x7f00, 0, 0, 0, 0, 0, 0, 0, 0},
    [INSN_EVEX][6] = {0, 0x0008, 0x3000, 0, 0xf00c, 0x00c0, 0, 0, 0, 0xffc0, 0xffc0, 0xffc0, 0,
                      0x00c0, 0, 0},
};

/* The place that the decoder is at, and what the prefixes said. */
struct decoder {
    const uint8_t *code;
    size_t at;    /* behind LIMIT once more is wanted than there is */
    size_t limit; /* what may be read */
    bool has_operand_size, has_address_size, has_lock;
    uint8_t repeat; /* 0, or F2 or F3, the last one */
    uint8_t rex;    /* 0 without one */
};

/* The next byte; behind the end 0. */
static uint8_t byte_take(struct decoder *d)
{
    uint8_t byte = d->at < d->limit ? d->code[d->at] : 0;
    d->at++;
    return byte;
}

/* Take prefixes; return the byte behind them.  One that stands behind REX is returned too, and has
 * no form: REX then counts for nothing (SDM vol. 2, 2.2.1), but not all disassemblers know.
 */
static uint8_t prefixes_take(struct decoder *d)
{
    for (;;) {
        uint8_t byte = byte_take(d);
        if (one_byte[byte] != PREFIX || d->rex)
            return byte;
        d->rex = byte >> 4 == 4 ? byte : 0;
        d->has_operand_size |= byte == 0x66;
        d->has_address_size |= byte == 0x67;
        d->has_lock |= byte == 0xf0;
        if (byte == 0xf2 || byte == 0xf3)
            d->repeat = byte;
    }
}

/* The rest of VEX (SDM vol. 2, 2.3.5) or EVEX (2.7.1), which FIRST began.  False: invalid. */
static bool vector_prefix_take(struct decoder *d, uint8_t first, struct insn *out)
{
    uint8_t payload = byte_take(d);
    if (d->has_operand_size || d->has_lock || d->repeat || d->rex)
        return false;
    out->encoding = first == 0x62 ? INSN_EVEX : INSN_VEX;
    if (first == 0xc5) {
        out->map = 1;
        return true;
    }
    uint8_t second = byte_take(d);
    if (first == 0xc4) {
        out->map = payload & 0x1f;
        return true;
    }
    out->map = payload & 7;
    byte_take(d);
    /* Other values of these bits are APX's, whose opcodes have forms of their own. */
    return !(payload & 8) && (second & 4);
}

static bool opcode_is_known(const struct insn *i)
{
    return i->map < INSN_MAPS &&
           (opcodes[i->encoding][i->map][i->opcode >> 4] >> (i->opcode & 15) & 1);
}

/* Take what stands before ModRM, with FIRST the byte behind the legacy prefixes and REX. */
static enum form opcode_take(struct decoder *d, uint8_t first, struct insn *out)
{
    out->opcode = first;
    if (first == 0x62 || first == 0xc4 || first == 0xc5) {
        if (!vector_prefix_take(d, first, out))
            return REFUSED;
        out->opcode = byte_take(d);
    } else if (first == 0x0f) {
        out->map = 1;
        out->opcode = byte_take(d);
        if (out->opcode != 0x38 && out->opcode != 0x3a)
            return (enum form)two_byte[out->opcode];
        out->map = out->opcode == 0x38 ? 2 : 3;
        out->opcode = byte_take(d);
    } else {
        return (enum form)one_byte[first];
    }
    if (!opcode_is_known(out))
        return REFUSED;
    if (out->map == 1 && out->opcode == 0x77)
        return NOTHING; /* VZEROUPPER */
    bool has_immediate = out->map == 3 || (out->map == 1 && two_byte[out->opcode] == MODRM_IMM8);
    return has_immediate ? MODRM_IMM8 : MODRM;
}

/* The form of an opcode that depends on ModRM (SDM vol. 2, table A-6) or on a prefix. */
static enum form group_form(const struct decoder *d, const struct insn *i)
{
    unsigned reg = i->modrm >> 3 & 7;
    bool is_tsx = i->modrm == 0xf8;
    if (i->map == 1)
        return d->repeat == 0xf3 ? MODRM : REFUSED; /* 0F B8: POPCNT, or JMPE */
    switch (i->opcode) {
    case 0x8f: return reg == 0 ? MODRM : REFUSED; /* POP, or XOP */
    case 0xc6: return reg == 0 || is_tsx ? MODRM_IMM8 : REFUSED;
    case 0xc7: return is_tsx ? MODRM_XBEGIN : reg == 0 ? MODRM_IMM_OPERAND : REFUSED;
    case 0xf6: return reg == 0 ? MODRM_IMM8 : reg == 1 ? REFUSED : MODRM;
    case 0xf7: return reg == 0 ? MODRM_IMM_OPERAND : reg == 1 ? REFUSED : MODRM;
    case 0xfe: return reg <= 1 ? MODRM : REFUSED;
    default: return reg == 2 || reg == 3 ? MODRM_PLACED : reg == 7 ? REFUSED : MODRM; /* CALL */
    }
}

/* Take ModRM and what its operand in memory needs (SDM vol. 2, tables 2-2 and 2-3; 2.2.1.6). */
static void modrm_take(struct decoder *d, struct insn *out)
{
    out->has_modrm = true;
    out->modrm = byte_take(d);
    unsigned mod = out->modrm >> 6, base = out->modrm & 7;
    if (mod == 3)
        return;
    if (mod == 0 && base == 5)
        out->is_relative = true;
    if (base == 4)
        base = byte_take(d) & 7;
    if (mod == 1)
        d->at += 1; /* EVEX scales it, but it is a byte too */
    else if (mod == 2 || base == 5)
        d->at += 4;
}

/* Whether FORM begins with ModRM. */
static bool form_has_modrm(enum form form)
{
    return form >= 'A' && form <= 'Z';
}

static bool form_is_placed(enum form form)
{
    return form == PLACED || form == PLACED_IMM8 || form == BRANCH_SHORT || form == BRANCH_NEAR ||
           form == MODRM_PLACED || form == MODRM_XBEGIN;
}

static size_t form_immediate_bytes(const struct decoder *d, enum form form)
{
    bool is_64 = d->rex & 8, is_16 = d->has_operand_size && !is_64;
    switch (form) {
    case IMM8:
    case PLACED_IMM8:
    case BRANCH_SHORT:
    case MODRM_IMM8: return 1;
    case IMM16: return 2;
    case IMM_ENTER: return 3;
    case BRANCH_NEAR: return 4;
    case IMM_OPERAND:
    case MODRM_IMM_OPERAND:
    case MODRM_XBEGIN: return is_16 ? 2 : 4;
    case IMM_FULL: return is_64 ? 8 : is_16 ? 2 : 4;
    case IMM_ADDRESS: return d->has_address_size ? 4 : 8;
    default: return 0;
    }
}

bool insn_decode(const uint8_t *code, size_t size, struct insn *out)
{
    struct decoder d = {.code = code, .limit = MIN(size, INSN_BYTES_MAX)};
    *out = (struct insn){};
    enum form form = opcode_take(&d, prefixes_take(&d), out);
    if (form_has_modrm(form))
        modrm_take(&d, out);
    if (form == MODRM_GROUP)
        form = group_form(&d, out);
    if (form_is_placed(form))
        out->is_relative = true;
    d.at += form_immediate_bytes(&d, form);
    /* With an operand-size prefix AMD's have 16 bits and Intel's 32, unless REX.W overrides it; of
     * conditional ones with both not all disassemblers know that.
     */
    bool is_wide = d.rex & 8 && out->map == 0;
    bool is_ambiguous = form == BRANCH_NEAR && d.has_operand_size && !is_wide;
    if (form == REFUSED || form == PREFIX || is_ambiguous || d.at > d.limit)
        return false;
    out->length = (uint8_t)d.at;
    return true;
}
