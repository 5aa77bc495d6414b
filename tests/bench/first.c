/* SPDX-License-Identifier: BSD-2-Clause */
/* first.c - tells when a system comes to its first program's first instruction.
 *
 * It writes the cycle counter, which QEMU starts with the machine, in 16 hexadecimal digits.
 * Without a C library, so that its start belongs to nobody.  It ends by waiting: on Linux it is
 * the first process, whose end would be a panic.
 */
#include <asm/unistd.h>

static long call3(long number, long one, const void *two, long three)
{
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(one), "S"(two), "d"(three)
                     : "rcx", "r11", "memory");
    return result;
}

[[noreturn, gnu::force_align_arg_pointer]] void _start(void)
{
    unsigned long cycles = __builtin_ia32_rdtsc();
    char text[17];
    for (int i = 15; i >= 0; i--, cycles >>= 4)
        text[i] = "0123456789abcdef"[cycles & 15];
    text[16] = '\n';
    call3(__NR_write, 1, text, sizeof(text));
    for (;;)
        call3(__NR_pause, 0, nullptr, 0);
}
