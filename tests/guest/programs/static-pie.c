/* SPDX-License-Identifier: BSD-2-Clause */
/* static-pie.c - linked position-independent without an interpreter: its own
 * relocations must have been applied, wherever it was loaded.
 */
#include <stdio.h>

static const char *const words[] = {"static", "pie", "relocated"};

int main(void)
{
    for (unsigned i = 0; i < 3; i++)
        printf("%s%c", words[i], i < 2 ? '-' : '\n');
    return 0;
}
