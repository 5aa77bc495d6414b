/* SPDX-License-Identifier: BSD-2-Clause */
/* insn_test.c - lengths of instructions, and which of them may stand elsewhere.
 * The encodings are those of the instructions' pages in the SDM, vol. 2.
 * Links: libos/arch/x86_64/insn.c */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "arch/insn.h"

enum place {
    ANYWHERE,
    RELATIVE
};

struct expected {
    enum place place;
    const char *code; /* two hexadecimal digits for each byte, with blanks between them */
};

/* What stands behind CODE; taken for a ModRM byte or an immediate, it makes them longer. */
constexpr uint8_t BEHIND = 0x84;

/* TEXT's bytes, and after them up to ROOM bytes BEHIND.  Returns how many TEXT has. */
static size_t bytes_parse(const char *text, uint8_t *code, size_t room)
{
    size_t n = 0;
    char *end;
    memset(code, BEHIND, room);
    for (unsigned long byte = strtoul(text, &end, 16); end != text;
         byte = strtoul(text, &end, 16)) {
        assert_true(n < room);
        code[n++] = (uint8_t)byte;
        text = end;
    }
    return n;
}

static void expect(const struct expected *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint8_t code[40];
        struct insn insn;
        size_t n = bytes_parse(rows[i].code, code, sizeof code);
        bool is_known = insn_decode(code, sizeof code, &insn);
        if (!is_known || insn.length != n || insn.is_relative != (rows[i].place == RELATIVE))
            fail_msg("%s: %s, length %d, relative %d", rows[i].code, is_known ? "known" : "refused",
                     insn.length, insn.is_relative);
        for (size_t some = 0; some < n; some++)
            if (insn_decode(code, some, &insn))
                fail_msg("%s: known by its first %zu bytes", rows[i].code, some);
        assert_true(insn_decode(code, n, &insn));
    }
}

#define EXPECT(...)                                                                                \
    expect((const struct expected[]){__VA_ARGS__},                                                 \
           sizeof((const struct expected[]){__VA_ARGS__}) / sizeof(struct expected))

static void expect_refused(const char *const *codes)
{
    for (; *codes; codes++) {
        uint8_t code[40];
        struct insn insn;
        bytes_parse(*codes, code, sizeof code);
        if (insn_decode(code, sizeof code, &insn))
            fail_msg("%s: known, length %d", *codes, insn.length);
    }
}

static void operands_in_memory_tell_how_long_they_are(void **)
{
    EXPECT({ANYWHERE, "89 c8"},                      /* mov %ecx, %eax */
           {ANYWHERE, "8b 00"},                      /* (%rax) */
           {ANYWHERE, "8b 40 01"},                   /* disp8(%rax) */
           {ANYWHERE, "8b 80 01 02 03 04"},          /* disp32(%rax) */
           {ANYWHERE, "8b 04 08"},                   /* (%rax,%rcx) */
           {ANYWHERE, "8b 44 08 01"},                /* disp8(%rax,%rcx) */
           {ANYWHERE, "8b 84 08 01 02 03 04"},       /* disp32(%rax,%rcx) */
           {ANYWHERE, "8b 04 25 01 02 03 04"},       /* disp32 */
           {ANYWHERE, "8b 04 0d 01 02 03 04"},       /* disp32(,%rcx) */
           {ANYWHERE, "8b 44 0d 01"},                /* disp8(%rbp,%rcx) */
           {ANYWHERE, "8b 84 0d 01 02 03 04"},       /* disp32(%rbp,%rcx) */
           {ANYWHERE, "8b 45 00"},                   /* disp8(%rbp) */
           {ANYWHERE, "8b 85 01 02 03 04"},          /* disp32(%rbp) */
           {ANYWHERE, "67 8b 04 25 01 02 03 04"},    /* 32-bit addresses are no shorter */
           {ANYWHERE, "64 48 8b 04 25 28 00 00 00"}, /* mov %fs:0x28, %rax */
           {ANYWHERE, "43 8b 04 25 01 02 03 04"},    /* REX.B does not make R13 a base here */
           {ANYWHERE, "c7 44 24 08 01 02 03 04"},    /* movl $imm32, 8(%rsp) */
           {ANYWHERE, "48 c7 84 24 01 02 03 04 05 06 07 08"});
}

static void operands_at_the_instruction_pointer_are_relative(void **)
{
    EXPECT({RELATIVE, "8b 05 01 02 03 04"},    /* mov disp32(%rip), %eax */
           {RELATIVE, "49 8b 05 01 02 03 04"}, /* with REX.B too: SDM vol. 2, 2.2.1.6 */
           {RELATIVE, "67 8b 05 01 02 03 04"}, /* (%eip) */
           {RELATIVE, "c7 05 01 02 03 04 05 06 07 08"}, {RELATIVE, "66 c7 05 01 02 03 04 05 06"},
           {RELATIVE, "80 3d 01 02 03 04 05"}, /* cmpb $imm8, disp32(%rip) */
           {RELATIVE, "ff 25 01 02 03 04"},    /* jmp *disp32(%rip) */
           {RELATIVE, "f6 05 01 02 03 04 05"}, /* testb */
           {RELATIVE, "0f 10 05 01 02 03 04"}, /* movups */
           {RELATIVE, "66 0f 3a 0f 05 01 02 03 04 05"},
           {RELATIVE, "c5 fa 6f 05 01 02 03 04"},    /* vmovdqu */
           {RELATIVE, "c4 e2 7d 00 05 01 02 03 04"}, /* vpshufb */
           {RELATIVE, "62 f1 7c 48 28 05 01 02 03 04"});
}

static void prefixes_change_immediates(void **)
{
    EXPECT({ANYWHERE, "05 01 02 03 04"},                /* add $imm32, %eax */
           {ANYWHERE, "66 05 01 02"},                   /* add $imm16, %ax */
           {ANYWHERE, "48 05 01 02 03 04"},             /* add $imm32, %rax */
           {ANYWHERE, "66 48 05 01 02 03 04"},          /* REX.W wins: SDM vol. 2, 2.2.1.2 */
           {ANYWHERE, "66 45 81 c0 01 02"},             /* REX without W does not */
           {ANYWHERE, "b8 01 02 03 04"},                /* mov $imm32, %eax */
           {ANYWHERE, "66 b8 01 02"},                   /* mov $imm16, %ax */
           {ANYWHERE, "48 b8 01 02 03 04 05 06 07 08"}, /* mov $imm64, %rax */
           {ANYWHERE, "66 49 bf 01 02 03 04 05 06 07 08"}, {ANYWHERE, "b0 01"},
           {ANYWHERE, "66 b0 01"},                      /* a byte stays one */
           {ANYWHERE, "a1 01 02 03 04 05 06 07 08"},    /* mov moffs64, %eax */
           {ANYWHERE, "66 a1 01 02 03 04 05 06 07 08"}, /* the address's size counts */
           {ANYWHERE, "67 a1 01 02 03 04"}, {ANYWHERE, "67 48 a3 01 02 03 04"},
           {ANYWHERE, "68 01 02 03 04"}, /* push $imm32 */
           {ANYWHERE, "66 68 01 02"}, {ANYWHERE, "6a 01"},
           {ANYWHERE, "69 c0 01 02 03 04"}, /* imul $imm32 */
           {ANYWHERE, "66 69 c0 01 02"}, {ANYWHERE, "6b c0 01"}, {ANYWHERE, "a9 01 02 03 04"},
           {ANYWHERE, "66 a9 01 02"}, {ANYWHERE, "83 c0 01"}, {ANYWHERE, "66 83 c0 01"},
           {ANYWHERE, "c2 01 02"},                       /* ret $imm16 */
           {ANYWHERE, "c8 01 02 03"},                    /* enter $imm16, $imm8 */
           {ANYWHERE, "c1 e0 01"}, {ANYWHERE, "e4 01"}); /* in $imm8, %al */
}

static void prefixes_stand_in_any_number_and_order(void **)
{
    EXPECT({ANYWHERE, "90"}, {ANYWHERE, "f3 90"}, {ANYWHERE, "66 66 66 90"},
           {ANYWHERE, "66 2e 0f 1f 84 00 00 00 00 00"},
           {ANYWHERE, "66 66 2e 0f 1f 84 00 00 00 00 00"}, {ANYWHERE, "f3 48 a5"}, /* rep movsq */
           {ANYWHERE, "f2 ae"},                                                    /* repne scasb */
           {ANYWHERE, "f0 48 0f b1 0f"}, /* lock cmpxchg */
           {ANYWHERE, "2e f0 66 0f b1 0f"}, {ANYWHERE, "65 67 66 89 04 08"},
           {ANYWHERE, "26 36 3e 8b 00"}, {RELATIVE, "2e 74 01"}, {ANYWHERE, "3e ff e0"},
           {ANYWHERE, "f3 0f 1e fa"}); /* endbr64 */
}

static void group_3_has_an_immediate_for_test_only(void **)
{
    EXPECT({ANYWHERE, "f6 c0 01"},          /* test $imm8, %al */
           {ANYWHERE, "f7 c0 01 02 03 04"}, /* test $imm32, %eax */
           {ANYWHERE, "66 f7 c0 01 02"}, {ANYWHERE, "48 f7 c0 01 02 03 04"},
           {ANYWHERE, "f6 44 24 08 01"}, {ANYWHERE, "f7 d0"}, {ANYWHERE, "f6 d8"},
           {ANYWHERE, "48 f7 e1"}, {ANYWHERE, "f7 7d 08"});
}

static void the_other_maps_have_their_immediates(void **)
{
    EXPECT({ANYWHERE, "0f a2"},                                              /* cpuid */
           {ANYWHERE, "0f af c1"},                                           /* imul */
           {ANYWHERE, "0f b6 c0"},                                           /* movzx */
           {ANYWHERE, "0f c8"},                                              /* bswap */
           {ANYWHERE, "0f ba e0 01"},                                        /* bt $imm8 */
           {ANYWHERE, "0f a4 c8 01"},                                        /* shld $imm8 */
           {ANYWHERE, "0f a5 c8"},                                           /* shld %cl */
           {ANYWHERE, "0f c7 0f"},                                           /* cmpxchg8b */
           {ANYWHERE, "0f ae e8"},                                           /* lfence */
           {ANYWHERE, "0f 01 d0"},                                           /* xgetbv */
           {ANYWHERE, "f3 0f b8 c1"},                                        /* popcnt */
           {ANYWHERE, "0f 77"},                                              /* emms */
           {ANYWHERE, "0f 71 d0 01"},                                        /* psrlw $imm8 */
           {ANYWHERE, "66 0f 70 c0 01"},                                     /* pshufd $imm8 */
           {ANYWHERE, "66 0f c6 c0 01"},                                     /* shufpd $imm8 */
           {ANYWHERE, "66 0f 38 00 c1"},                                     /* pshufb */
           {ANYWHERE, "f2 48 0f 38 f1 c1"},                                  /* crc32 */
           {ANYWHERE, "66 f2 0f 38 f1 c1"}, {ANYWHERE, "66 0f 3a 0f c1 01"}, /* palignr $imm8 */
           {ANYWHERE, "66 48 0f 3a 16 44 24 08 01"});                        /* pextrq $imm8 */
}

static void vector_instructions_have_prefixes_of_their_own(void **)
{
    EXPECT({ANYWHERE, "c5 f8 77"},          /* vzeroupper */
           {ANYWHERE, "c4 e1 78 77"},       /* with three bytes */
           {ANYWHERE, "c5 fd 6f 44 24 08"}, /* vmovdqa */
           {ANYWHERE, "c5 f9 70 c0 01"},    /* vpshufd $imm8 */
           {ANYWHERE, "c5 f9 c4 c0 01"},    /* vpinsrw $imm8 */
           {ANYWHERE, "c5 f8 ae 10"},       /* vldmxcsr */
           {ANYWHERE, "c5 f8 92 c8"},       /* kmovw */
           {ANYWHERE, "67 c5 f8 10 00"}, {ANYWHERE, "64 c5 f8 10 00"},
           {ANYWHERE, "c4 e2 7d 18 00"},       /* vbroadcastss */
           {ANYWHERE, "c4 e2 f1 f7 c0"},       /* shlx */
           {ANYWHERE, "c4 e2 79 90 04 08"},    /* vpgatherdd: a vector as index */
           {ANYWHERE, "c4 e3 7d 39 c1 01"},    /* vextracti128 $imm8 */
           {ANYWHERE, "c4 e3 71 4a c0 20"},    /* vblendvps, with a register's number */
           {ANYWHERE, "c4 e3 fb f0 c0 01"},    /* rorx */
           {ANYWHERE, "62 f1 fe 48 6f 40 01"}, /* vmovdqu64 disp8*64(%rax): one byte */
           {ANYWHERE, "62 f1 fe 48 6f 80 01 02 03 04"},
           {ANYWHERE, "62 f1 7d 48 72 c0 01"},       /* vprord $imm8 */
           {ANYWHERE, "62 f1 7d 48 70 44 08 01 02"}, /* vpshufd $imm8, disp8*64(%rax,%rcx) */
           {ANYWHERE, "62 f2 7d 58 b8 40 01"},       /* vfmadd231ps with a broadcast */
           {ANYWHERE, "62 f3 75 48 25 c0 01"},       /* vpternlogd $imm8 */
           {ANYWHERE, "62 f5 7c 48 58 c1"},          /* vaddph */
           {ANYWHERE, "62 f6 7d 48 98 c1"});         /* vfmadd132ph */
}

static void what_stores_or_uses_its_own_address_is_relative(void **)
{
    EXPECT({RELATIVE, "74 01"}, {RELATIVE, "0f 84 01 02 03 04"}, {RELATIVE, "eb 01"},
           {RELATIVE, "e9 01 02 03 04"}, {RELATIVE, "e8 01 02 03 04"},
           {RELATIVE, "67 e8 01 02 03 04"},       /* a linker's filling */
           {RELATIVE, "66 66 48 e8 01 02 03 04"}, /* before __tls_get_addr */
           {RELATIVE, "f2 e9 01 02 03 04"},       /* bnd jmp */
           {RELATIVE, "66 74 01"}, {RELATIVE, "e2 01"}, {RELATIVE, "e3 01"}, {RELATIVE, "67 e3 01"},
           {RELATIVE, "ff d0"}, {RELATIVE, "ff 50 08"}, {RELATIVE, "ff 18"}, /* calls */
           {RELATIVE, "cc"}, {RELATIVE, "cd 80"}, {RELATIVE, "f1"}, {RELATIVE, "f4"},
           {RELATIVE, "0f 05"}, {RELATIVE, "0f 34"}, {RELATIVE, "0f 0b"}, {RELATIVE, "0f b9 40 02"},
           {RELATIVE, "c7 f8 01 02 03 04"},                      /* xbegin */
           {RELATIVE, "66 c7 f8 01 02"}, {ANYWHERE, "c6 f8 01"}, /* xabort */
           {ANYWHERE, "ff e0"}, {ANYWHERE, "ff 20"}, {ANYWHERE, "ff 28"}, {ANYWHERE, "ff 30"},
           {ANYWHERE, "c3"}, {ANYWHERE, "f3 c3"}, {ANYWHERE, "c9"}, {ANYWHERE, "8f 00"});
}

static void what_is_invalid_or_unknown_is_refused(void **)
{
    static const char *const codes[] = {
        /* Not in 64-bit mode: SDM vol. 2, table A-2. */
        "06", "27", "60", "82 c0 01", "9a", "ce", "d4 0a", "d6", "ea",
        /* No instructions. */
        "0f 04", "0f 0a", "0f 24", "0f 36", "0f 7a", "0f a6", "0f 38 0c", "0f 3a 00 c0 01", "8f 08",
        "c6 c8 01", "c7 c8 01", "f6 c8 01", "f7 c8 01", "fe d0", "ff f8", "0f b8 c1", "f2 0f b8 c1",
        /* 3DNow!, XOP, SSE4a, APX; FEMMS, UD0, moves of control registers, VMREAD. */
        "0f 0f c1 9e", "8f e8 78 c2 c0 01", "66 0f 78 c0 01 02", "d5 00 90", "62 f4 7c 08 01 c0",
        "62 f9 7c 48 28 00", "62 f1 78 48 28 00", "0f 0e", "0f ff 00", "0f 20 c0", "0f 78 c0",
        "0f 79 c0",
        /* Branches that Intel and AMD take for different ones. */
        "66 e8 01 02 03 04", "66 e9 01 02 03 04", "66 0f 84 01 02 03 04", "66 40 e8 01 02 03 04",
        "66 48 0f 84 01 02 03 04",
        /* REX that is not right before its opcode. */
        "48 66 90", "48 48 90", "41 f3 a4",
        /* VEX and EVEX behind what may not stand there, with maps and opcodes that do not exist. */
        "66 c5 f8 77", "f3 c5 f8 77", "f2 c4 e1 78 77", "f0 c5 f8 77", "48 c5 f8 77",
        "66 62 f1 7c 48 28 00", "c4 e0 78 10 00", "c4 e4 78 10 00", "c4 e7 78 f8 c0",
        "c4 ff 78 10 00", "c5 f8 05", "c4 e2 79 80 00", "c4 e3 79 10 00 01", "62 f0 7c 48 28 00",
        "62 f7 7c 48 28 00", "62 f1 7c 48 77", "62 f1 7c 48 05", nullptr};
    expect_refused(codes);
}

static void more_than_15_bytes_are_refused(void **)
{
    EXPECT({ANYWHERE, "66 66 66 66 66 66 66 66 66 66 66 66 66 66 90"},
           {ANYWHERE, "2e 2e 2e 48 c7 84 24 01 02 03 04 05 06 07 08"});
    static const char *const codes[] = {
        "66 66 66 66 66 66 66 66 66 66 66 66 66 66 66 90",
        "2e 2e 2e 2e 48 c7 84 24 01 02 03 04 05 06 07 08",
        "26 26 26 26 26 26 26 26 26 26 26 26 26 26 26 26 26 26 26 26 26 26 26 26 26 26 26 26 26",
        nullptr};
    expect_refused(codes);
}

static void nothing_is_refused(void **)
{
    struct insn insn;
    assert_false(insn_decode(nullptr, 0, &insn));
}

static void expect_opcode(const char *text, enum insn_encoding encoding, int map, int opcode)
{
    uint8_t code[20];
    struct insn insn;
    bytes_parse(text, code, sizeof code);
    assert_true(insn_decode(code, sizeof code, &insn));
    assert_int_equal(insn.encoding, encoding);
    assert_int_equal(insn.map, map);
    assert_int_equal(insn.opcode, opcode);
}

static void opcodes_and_modrm_are_told(void **)
{
    expect_opcode("48 89 c8", INSN_LEGACY, 0, 0x89);
    expect_opcode("0f 05", INSN_LEGACY, 1, 0x05);
    expect_opcode("66 0f 38 00 c1", INSN_LEGACY, 2, 0x00);
    expect_opcode("66 0f 3a 0f c1 01", INSN_LEGACY, 3, 0x0f);
    expect_opcode("c5 f8 77", INSN_VEX, 1, 0x77);
    expect_opcode("c4 e2 7d 18 00", INSN_VEX, 2, 0x18);
    expect_opcode("62 f3 75 48 25 c0 01", INSN_EVEX, 3, 0x25);
    struct insn insn;
    assert_true(insn_decode((const uint8_t[]){0x48, 0x89, 0xc8}, 3, &insn));
    assert_true(insn.has_modrm);
    assert_int_equal(insn.modrm, 0xc8);
    assert_true(insn_decode((const uint8_t[]){0xc3}, 1, &insn));
    assert_false(insn.has_modrm);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operands_in_memory_tell_how_long_they_are),
        cmocka_unit_test(operands_at_the_instruction_pointer_are_relative),
        cmocka_unit_test(prefixes_change_immediates),
        cmocka_unit_test(prefixes_stand_in_any_number_and_order),
        cmocka_unit_test(group_3_has_an_immediate_for_test_only),
        cmocka_unit_test(the_other_maps_have_their_immediates),
        cmocka_unit_test(vector_instructions_have_prefixes_of_their_own),
        cmocka_unit_test(what_stores_or_uses_its_own_address_is_relative),
        cmocka_unit_test(what_is_invalid_or_unknown_is_refused),
        cmocka_unit_test(more_than_15_bytes_are_refused),
        cmocka_unit_test(nothing_is_refused),
        cmocka_unit_test(opcodes_and_modrm_are_told),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
