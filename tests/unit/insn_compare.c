/* SPDX-License-Identifier: BSD-2-Clause */
/* insn_compare.c - insn_decode against a disassembler, whose output is read from standard input.
 *
 * usage: llvm-objdump-19 -d FILE | insn_compare
 *
 * A line "ADDRESS: BYTES <tab>TEXT" is an instruction, or a prefix that belongs to the next line;
 * "<unknown>" is none.  Prints the first of those that differ, in length or in whether their place
 * matters, and of those that are refused; the last line is "N compared, N differ, N refused".
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "arch/insn.h"

constexpr size_t SHOWN = 20;
/* Behind an instruction, so that one who takes too many bytes is found out. */
constexpr uint8_t FILLING = 0x90;

struct listed {
    uint8_t bytes[3 * INSN_BYTES_MAX];
    size_t length;
    char text[100];
};

static size_t compared, differing, refused;

static bool begins_with_any(const char *text, const char *const *words)
{
    for (; *words; words++)
        if (strncmp(text, *words, strlen(*words)) == 0)
            return true;
    return false;
}

/* TEXT without the prefixes that stand before the mnemonic. */
static const char *text_mnemonic(const char *text)
{
    static const char prefixes[] =
        " addr32 cs data16 ds es fs gs lock notrack rep repne rex64 ss xacquire "
        " xrelease ";
    for (;;) {
        char word[12];
        size_t n = strcspn(text, " \t");
        if (n == 0 || n > sizeof word - 3)
            return text;
        snprintf(word, sizeof word, " %.*s ", (int)n, text);
        if (!strstr(prefixes, word))
            return text;
        text += n;
        text += strspn(text, " \t");
    }
}

/* What the disassembler thinks of what insn.h calls is_relative. */
static bool text_is_relative(const char *text)
{
    static const char *const placed[] = {"call",     "hlt", "int", "lcall",  "loop", "syscall",
                                         "sysenter", "ud1", "ud2", "xbegin", nullptr};
    const char *mnemonic = text_mnemonic(text);
    if (strstr(text, "(%rip") || strstr(text, "(%eip") || begins_with_any(mnemonic, placed))
        return true;
    return mnemonic[0] == 'j' && !strchr(mnemonic, '*');
}

/* Append the bytes of LINE to *I's, and take its text.  False: no line of code. */
static bool line_take(const char *line, struct listed *i)
{
    line += strspn(line, " ");
    size_t digits = strspn(line, "0123456789abcdef");
    if (digits == 0 || line[digits] != ':' || line[digits + 1] != ' ')
        return false;
    line += digits + 2;
    for (; isxdigit(line[0]) && isxdigit(line[1]) && isspace(line[2]); line += 3)
        if (i->length < sizeof i->bytes - INSN_BYTES_MAX)
            i->bytes[i->length++] = (uint8_t)strtoul(line, nullptr, 16);
    line += strspn(line, " \t");
    snprintf(i->text, sizeof i->text, "%.*s", (int)strcspn(line, "\n"), line);
    return true;
}

static void complain(const struct listed *i, const char *how, size_t n)
{
    if (n > SHOWN)
        return;
    for (size_t at = 0; at < i->length; at++)
        printf("%02x ", i->bytes[at]);
    printf("%s: %s\n", i->text, how);
}

static void compare(struct listed *i)
{
    struct insn insn;
    char how[60];
    memset(i->bytes + i->length, FILLING, INSN_BYTES_MAX);
    compared++;
    if (!insn_decode(i->bytes, i->length + INSN_BYTES_MAX, &insn)) {
        complain(i, "refused", ++refused);
    } else if (insn.length != i->length || insn.is_relative != text_is_relative(i->text)) {
        snprintf(how, sizeof how, "length %d%s", insn.length,
                 insn.is_relative ? ", relative" : ", not relative");
        complain(i, how, ++differing);
    }
}

int main(void)
{
    char line[1000];
    struct listed insn = {};
    while (fgets(line, sizeof line, stdin)) {
        bool is_code = line_take(line, &insn) && !strstr(insn.text, "<unknown>");
        if (is_code && *text_mnemonic(insn.text) == '\0')
            continue;
        if (is_code)
            compare(&insn);
        insn.length = 0;
    }
    printf("%zu compared, %zu differ, %zu refused\n", compared, differing, refused);
    return 0;
}
