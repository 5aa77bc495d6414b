/* SPDX-License-Identifier: BSD-2-Clause */
/* call_site.h - what a patched system call of a program looks like, and its stub.
 *
 * A site is where a jump takes the place of instructions.  There are two kinds:
 *
 *   SITE_MOVE      mov $number,%eax; syscall      The jump takes the place of the move, byte for
 *                  byte; the syscall stays, for whoever jumps to it, and to run the call again.
 *   SITE_SYSCALL   syscall; one instruction       The jump begins at the syscall and reaches into
 *                  the instruction behind it, at least three bytes long, which moves to the stub.
 *                  The jump's third byte, where that instruction began, is 0xcc: whoever goes there
 *                  meets a breakpoint, and is sent to the stub (patch_trap).
 *
 * So no byte that some thread may come to is anything else than the beginning of an instruction
 * that does what was there.  A stub loads %rcx with the address behind the call, as SYSCALL does
 * (SDM vol. 2B), masks events and jumps to the libOS; flags, the stack and all other registers are
 * the program's.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum site_kind : uint8_t {
    SITE_MOVE,
    SITE_SYSCALL,
};

constexpr uint32_t SITE_JUMP_BYTES = 5;
constexpr uint32_t SITE_MOVED_MOST = 15;
constexpr uint64_t STUB_BYTES = 64; /* and aligned so */

struct call_site {
    uint64_t address; /* of the jump */
    uint32_t number;  /* SITE_MOVE: of the call */
    enum site_kind kind;
    uint8_t moved; /* SITE_SYSCALL: bytes of the instruction behind it, and itself */
    uint8_t code[SITE_MOVED_MOST];
};

/* The site whose SYSCALL stands AT bytes from the start of PAGE, which is mapped at VA; all of it
 * lies in that page.  False: not of a kind that can be patched. */
[[nodiscard]] bool site_decode(const uint8_t *page, uint32_t at, uint64_t va,
                               struct call_site *site);
bool site_is_equal(const struct call_site *a, const struct call_site *b);
/* Can SITE jump to a stub AT? */
bool site_reaches(const struct call_site *site, uint64_t at);
/* The bytes that take the site's place. */
void site_jump(const struct call_site *site, uint64_t stub, uint8_t to[SITE_JUMP_BYTES]);
/* Where the jump in CODE, which stands at ADDRESS, leads; 0: it is none. */
uint64_t site_target(const uint8_t code[SITE_JUMP_BYTES], uint64_t address);

/* Write the stub for SITE that is going to be AT. */
void stub_write(const struct call_site *site, uint64_t at, uint8_t to[STUB_BYTES]);
/* Where the call of the stub AT returns to. */
uint64_t stub_return(const struct call_site *site, uint64_t at);
/* Where the program itself would be when RIP is in the stub AT: before the call or behind it. */
uint64_t stub_origin(const struct call_site *site, uint64_t at, uint64_t rip);
