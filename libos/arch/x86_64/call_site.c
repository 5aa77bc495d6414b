/* SPDX-License-Identifier: BSD-2-Clause */
/* call_site.c - recognising call sites, and writing jumps and stubs (SDM vol. 2). */
#include "arch/call_site.h"
#include <asm/unistd_64.h>
#include "arch/arch.h"
#include "arch/insn.h"
#include "base/bits.h"
#include "base/string.h"
#include "linux-api/dispatch.h"

extern char patched_entry[], patched_entry_known[];

constexpr uint8_t MOV_EAX = 0xb8, JMP = 0xe9, TRAP = 0xcc, OPERAND_SIZE = 0x66;
constexpr uint32_t MOVE_BYTES = 5, SYSCALL_BYTES = 2;
constexpr uint32_t MOVED_LEAST = SITE_JUMP_BYTES - SYSCALL_BYTES;
constexpr uint32_t MASKED_OFFSET = 16; /* of struct exo_vcpu_page: arch.c asserts both */
constexpr uint32_t CURRENT_OFFSET = 128;

/* The parts of a stub. */
constexpr uint32_t LEA_BYTES = 7, MASK_BYTES = 13, GO_BYTES = 6;
constexpr uint32_t ENTRY_AT = STUB_BYTES - 8; /* the address that it jumps through */

/* Calls that only tell a number of the calling thread. */
static const struct {
    uint32_t number;
    enum arch_known known;
} tellers[] = {
    {__NR_getpid, KNOWN_PID},   {__NR_gettid, KNOWN_TID},   {__NR_getppid, KNOWN_PARENT},
    {__NR_getuid, KNOWN_UID},   {__NR_geteuid, KNOWN_EUID}, {__NR_getgid, KNOWN_GID},
    {__NR_getegid, KNOWN_EGID},
};

static void put32(uint8_t *to, uint64_t value)
{
    uint32_t low = (uint32_t)value;
    memcpy(to, &low, sizeof low);
}

/* Reading from START, does an instruction begin at AT?  Negative: what stands there is no code. */
static int begins_at(const uint8_t *page, uint32_t start, uint32_t at)
{
    struct insn insn;
    while (start < at) {
        if (!insn_decode(page + start, PAGE_SIZE - start, &insn))
            return -1;
        start += insn.length;
    }
    return start == at;
}

/* Is it a move to %eax that stands before the SYSCALL, and not the end of something longer?  Code
 * that is read from a wrong start soon falls into step; so wherever one starts, some way before,
 * one must come to the move. */
static bool is_move(const uint8_t *page, uint32_t at)
{
    constexpr uint32_t NEAREST = 16, FARTHEST = 32;
    int agreed = 0;
    if (at < MOVE_BYTES || page[at - MOVE_BYTES] != MOV_EAX)
        return false;
    at -= MOVE_BYTES;
    for (uint32_t before = NEAREST; before <= FARTHEST && before <= at; before++) {
        int verdict = begins_at(page, at - before, at);
        if (verdict == 0)
            return false;
        agreed += verdict > 0;
    }
    return agreed > 0;
}

bool site_decode(const uint8_t *page, uint32_t at, uint64_t va, struct call_site *site)
{
    struct insn next;
    *site = (struct call_site){};
    if (at + SYSCALL_BYTES > PAGE_SIZE || page[at] != 0x0f || page[at + 1] != 0x05)
        return false;
    if (is_move(page, at)) {
        site->kind = SITE_MOVE;
        site->address = va + at - MOVE_BYTES;
        memcpy(&site->number, page + at - MOVE_BYTES + 1, sizeof site->number);
        return true;
    }
    const uint8_t *behind = page + at + SYSCALL_BYTES;
    if (at > 0 && page[at - 1] == OPERAND_SIZE)
        return false; /* would make the jump a shorter one */
    if (!insn_decode(behind, PAGE_SIZE - at - SYSCALL_BYTES, &next) || next.is_relative ||
        next.length < MOVED_LEAST)
        return false;
    site->kind = SITE_SYSCALL;
    site->address = va + at;
    site->moved = next.length;
    memcpy(site->code, behind, next.length);
    return true;
}

bool site_is_equal(const struct call_site *a, const struct call_site *b)
{
    return a->address == b->address && a->kind == b->kind && a->number == b->number &&
           a->moved == b->moved && memcmp(a->code, b->code, a->moved) == 0;
}

bool site_reaches(const struct call_site *site, uint64_t at)
{
    int64_t distance = (int64_t)(at - (site->address + SITE_JUMP_BYTES));
    if (distance != (int32_t)distance)
        return false;
    return site->kind == SITE_MOVE || (uint8_t)(distance >> 8) == TRAP;
}

void site_jump(const struct call_site *site, uint64_t stub, uint8_t to[SITE_JUMP_BYTES])
{
    to[0] = JMP;
    put32(to + 1, stub - (site->address + SITE_JUMP_BYTES));
}

uint64_t site_target(const uint8_t code[SITE_JUMP_BYTES], uint64_t address)
{
    int32_t distance;
    if (code[0] != JMP)
        return 0;
    memcpy(&distance, code + 1, sizeof distance);
    return address + SITE_JUMP_BYTES + (uint64_t)(int64_t)distance;
}

/* How far the call's own part of the stub reaches. */
static uint64_t call_bytes(const struct call_site *site)
{
    return (site->kind == SITE_MOVE ? MOVE_BYTES : 0) + LEA_BYTES + MASK_BYTES + GO_BYTES;
}

uint64_t stub_return(const struct call_site *site, uint64_t at)
{
    return site->kind == SITE_MOVE ? site->address + MOVE_BYTES + SYSCALL_BYTES
                                   : at + call_bytes(site);
}

/* The number that SITE asks for stands in struct thread, whose address the vcpu page has.  False: it
 * asks for something else. */
static bool teller_write(const struct call_site *site, uint64_t at, uint8_t *to)
{
    static const uint8_t thread[] = {0x65, 0x48, 0x8b, 0x04, 0x25}; /* mov %gs:disp32,%rax */
    static const uint8_t load[] = {0x8b, 0x80};                     /* mov disp32(%rax),%eax */
    constexpr uint32_t THREAD_BYTES = 9, LOAD_BYTES = 6;
    for (unsigned i = 0; i < ARRAY_COUNT(tellers); i++) {
        if (site->kind != SITE_MOVE || site->number != tellers[i].number ||
            !syscall_is_plain(site->number))
            continue;
        memcpy(to, thread, sizeof thread);
        put32(to + sizeof thread, CURRENT_OFFSET);
        to += THREAD_BYTES;
        memcpy(to, load, sizeof load);
        put32(to + sizeof load,
              offsetof(struct arch_thread, known) + tellers[i].known * sizeof(uint32_t));
        to += LOAD_BYTES;
        to[0] = JMP;
        put32(to + 1, stub_return(site, at) - (at + THREAD_BYTES + LOAD_BYTES + SITE_JUMP_BYTES));
        return true;
    }
    return false;
}

void stub_write(const struct call_site *site, uint64_t at, uint8_t to[STUB_BYTES])
{
    static const uint8_t lea[] = {0x48, 0x8d, 0x0d};              /* lea disp32(%rip),%rcx */
    static const uint8_t mask[] = {0x65, 0x48, 0xc7, 0x04, 0x25}; /* movq $imm32,%gs:disp32 */
    static const uint8_t go[] = {0xff, 0x25};                     /* jmp *disp32(%rip) */
    bool is_known = site->kind == SITE_MOVE && site->number < SYSCALL_NUMBERS;
    uint64_t entry = (uint64_t)(is_known ? patched_entry_known : patched_entry);
    uint32_t n = 0;
    memset(to, TRAP, STUB_BYTES);
    if (teller_write(site, at, to))
        return;
    if (site->kind == SITE_MOVE) {
        to[n] = MOV_EAX;
        put32(to + 1, site->number);
        n += MOVE_BYTES;
    }
    memcpy(to + n, lea, sizeof lea);
    put32(to + n + 3, stub_return(site, at) - (at + n + LEA_BYTES));
    n += LEA_BYTES;
    memcpy(to + n, mask, sizeof mask);
    put32(to + n + 5, MASKED_OFFSET);
    put32(to + n + 9, 1);
    n += MASK_BYTES;
    memcpy(to + n, go, sizeof go);
    put32(to + n + 2, ENTRY_AT - (n + GO_BYTES));
    n += GO_BYTES;
    memcpy(to + ENTRY_AT, &entry, sizeof entry);
    if (site->kind == SITE_MOVE)
        return;
    memcpy(to + n, site->code, site->moved);
    n += site->moved;
    to[n] = JMP;
    put32(to + n + 1, site->address + SYSCALL_BYTES + site->moved - (at + n + SITE_JUMP_BYTES));
}

uint64_t stub_origin(const struct call_site *site, uint64_t at, uint64_t rip)
{
    if (rip < at + call_bytes(site))
        return site->address;
    if (rip == at + call_bytes(site))
        return site->address + SYSCALL_BYTES;
    return site->address + SYSCALL_BYTES + site->moved;
}
