/* SPDX-License-Identifier: BSD-2-Clause */
/* mode.c - full, minimal or custom: the categories of system calls that a domain has. */
#include "linux-api/mode.h"

#include "base/string.h"
#include "linux-api/dispatch.h"

constexpr uint32_t ALL = (1u << SYSCALL_CATEGORIES) - 1;
/* What a shell and its tools need: processes meet through files and pipes only. */
constexpr uint32_t MINIMAL = ALL & ~(1u << SYSCALL_SOCKET | 1u << SYSCALL_IPC);

uint32_t syscall_categories = ALL;

static const char *const names[SYSCALL_CATEGORIES] = {
    [SYSCALL_FILE] = "file",     [SYSCALL_PROCESS] = "process", [SYSCALL_MEMORY] = "memory",
    [SYSCALL_SOCKET] = "socket", [SYSCALL_SIGNAL] = "signal",   [SYSCALL_TIME] = "time",
    [SYSCALL_IPC] = "ipc",       [SYSCALL_TTY] = "tty",         [SYSCALL_THREAD] = "thread",
    [SYSCALL_MISC] = "misc",
};

/* The bit of the N characters at NAME, or 0. */
static uint32_t category(const char *name, size_t n)
{
    for (unsigned i = 0; i < SYSCALL_CATEGORIES; i++)
        if (strlen(names[i]) == n && memcmp(names[i], name, n) == 0)
            return 1u << i;
    return 0;
}

static bool custom_set(const char *list)
{
    uint32_t chosen = 1u << SYSCALL_PROCESS;
    for (;;) {
        const char *comma = strchr(list, ',');
        size_t n = comma ? (size_t)(comma - list) : strlen(list);
        uint32_t bit = category(list, n);
        if (!bit)
            return false;
        chosen |= bit;
        if (!comma)
            break;
        list = comma + 1;
    }
    syscall_categories = chosen;
    return true;
}

bool syscall_mode_set(const char *text)
{
    static const char custom[] = "custom:";
    if (strcmp(text, "full") == 0)
        syscall_categories = ALL;
    else if (strcmp(text, "minimal") == 0)
        syscall_categories = MINIMAL;
    else
        return strncmp(text, custom, sizeof custom - 1) == 0 &&
               custom_set(text + sizeof custom - 1);
    return true;
}
