# SPDX-License-Identifier: BSD-2-Clause
# symbols.awk - turn `nm -n` of the kernel into the assembly source of its symbol table.
BEGIN {
    print ".section .symbols, \"a\""
    print ".balign 8"
    print ".global symbol_table, symbol_count"
    print "symbol_table:"
}
$2 ~ /^[tT]$/ && $1 ~ /^ffffffff/ {
    name[n] = $3
    printf ".quad 0x%s, name%d\n", $1, n
    n++
}
END {
    print "symbol_count: .quad " n + 0
    for (i = 0; i < n; i++)
        printf "name%d: .asciz \"%s\"\n", i, name[i]
}
