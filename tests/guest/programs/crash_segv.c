/* SPDX-License-Identifier: BSD-2-Clause */
/* crash_segv.c - writes to an address where nothing is: ends by SIGSEGV (status 139). */
#include <unistd.h>

int main(void)
{
    if (write(1, "crashing\n", 9) != 9)
        return 1;
    *(volatile int *)0x10 = 1;
    return 0;
}
