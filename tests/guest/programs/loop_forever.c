/* SPDX-License-Identifier: BSD-2-Clause */
/* loop_forever.c - never enters the system again after its first line: only a timer or a
 * signal from outside can take the CPU from it.
 */
#include <unistd.h>

int main(void)
{
    if (write(1, "looping\n", 8) != 8)
        return 1;
    for (volatile unsigned long turns = 0;; turns++)
        ;
}
