/* SPDX-License-Identifier: BSD-2-Clause */
/* log.c - formatted lines on the log port. */
#include "log.h"
#include <stdarg.h>
#include <stdatomic.h>
#include "arch.h"
#include "mem.h"

struct line {
    char text[240];
    size_t n;
};

/* Only keeps lines apart; a leaf, taken with or without exo_lock. */
static atomic_flag log_busy = ATOMIC_FLAG_INIT;

static void put(struct line *line, char c)
{
    if (line->n < sizeof line->text - 1)
        line->text[line->n++] = c;
}

static void put_string(struct line *line, const char *s)
{
    while (*s)
        put(line, *s++);
}

static void put_number(struct line *line, uint64_t value, uint32_t base)
{
    char digits[20];
    uint32_t n = 0;
    do {
        digits[n++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value);
    while (n)
        put(line, digits[--n]);
}

static void format_line(struct line *line, const char *format, va_list args)
{
    for (; *format; format++) {
        if (*format != '%') {
            put(line, *format);
            continue;
        }
        format++;
        bool is_long = *format == 'l';
        format += is_long;
        switch (*format) {
        case 's': put_string(line, va_arg(args, const char *)); break;
        case 'c': put(line, (char)va_arg(args, int)); break;
        case 'u':
            put_number(line, is_long ? va_arg(args, uint64_t) : va_arg(args, uint32_t), 10);
            break;
        case 'x':
            put_number(line, is_long ? va_arg(args, uint64_t) : va_arg(args, uint32_t), 16);
            break;
        case 'p': put_number(line, (uintptr_t)va_arg(args, void *), 16); break;
        default: put(line, *format); break;
        }
    }
}

void log_raw(const char *text, size_t n)
{
    while (atomic_flag_test_and_set_explicit(&log_busy, memory_order_acquire))
        arch_pause();
    arch_log_write(text, n);
    atomic_flag_clear_explicit(&log_busy, memory_order_release);
}

static void log_format(const char *format, va_list args)
{
    struct line line = {.n = 0};
    put_string(&line, "seam: ");
    format_line(&line, format, args);
    line.text[line.n++] = '\n';
    log_raw(line.text, line.n);
}

void log_line(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    log_format(format, args);
    va_end(args);
}

#include "symbols.h"

static void log_address(uint64_t address)
{
    uint64_t offset;
    const char *name = symbol_find(address, &offset);
    if (name)
        log_line("  %lx %s+0x%lx", address, name, offset);
    else
        log_line("  %lx", address);
}

static void log_backtrace(uint64_t rip, const uint64_t *frame)
{
    log_line("backtrace:");
    log_address(rip);
    for (uint32_t depth = 0; depth < 24; depth++) {
        /* A frame pointer outside the kernel's own image ends the walk. */
        if ((uint64_t)frame < KERNEL_BASE || (uint64_t)frame >= MMIO_BASE || (uint64_t)frame % 8)
            return;
        if (frame[1] == 0)
            return;
        log_address(frame[1] - 1);
        frame = (const uint64_t *)frame[0];
    }
}

static void log_registers(const struct trapframe *tf)
{
    log_line("trap %lu error %lx rip %lx cs %lx rflags %lx", tf->trapno, tf->error, tf->rip, tf->cs,
             tf->rflags);
    log_line("rsp %lx ss %lx rbp %lx rax %lx rbx %lx", tf->rsp, tf->ss, tf->rbp, tf->rax, tf->rbx);
    log_line("rcx %lx rdx %lx rsi %lx rdi %lx", tf->rcx, tf->rdx, tf->rsi, tf->rdi);
    log_line("r8 %lx r9 %lx r10 %lx r11 %lx", tf->r8, tf->r9, tf->r10, tf->r11);
    log_line("r12 %lx r13 %lx r14 %lx r15 %lx", tf->r12, tf->r13, tf->r14, tf->r15);
}

void panic(const struct trapframe *tf, const char *format, ...)
{
    static _Atomic(uint32_t) panics;
    if (atomic_fetch_add_explicit(&panics, 1, memory_order_relaxed) == 0) {
        /* Another CPU may have stopped within a line. */
        atomic_flag_clear_explicit(&log_busy, memory_order_relaxed);
        arch_log_insist();
        va_list args;
        struct line line = {.n = 0};
        va_start(args, format);
        format_line(&line, format, args);
        va_end(args);
        line.text[line.n] = 0;
        log_line("panic: %s", line.text);
        if (tf) {
            log_registers(tf);
            log_backtrace(tf->rip, (const uint64_t *)tf->rbp);
        } else {
            const uint64_t *frame = __builtin_frame_address(0);
            log_backtrace((uint64_t)__builtin_return_address(0) - 1, (const uint64_t *)frame[0]);
        }
    }
    arch_power_off(true);
}

void assert_failed(const char *what, const char *file, int line)
{
    panic(nullptr, "assertion %s at %s:%u", what, file, (uint32_t)line);
}
