/* SPDX-License-Identifier: BSD-2-Clause */
/* no_symbols.S - the empty symbol table of the kernel's first link (symbols.c). */
    .section .symbols, "a"
    .balign 8
    .global symbol_table, symbol_count
symbol_table:
symbol_count:
    .quad 0
