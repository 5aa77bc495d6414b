/* SPDX-License-Identifier: BSD-2-Clause */
/* kinds.c - the kinds of arguments of all system calls, out of the libOS's own table. */
#include "fuzz.h"

enum kind {
#define KIND(name, function) KIND_##name,
#define FLAGS(name, table)   KIND_##name,
#define CHOICE(name, table)  KIND_##name,
#include "libos/linux-api/trace_kinds.def"
#undef KIND
#undef FLAGS
#undef CHOICE
};

/* Where KIND(NOTHING) stands for "beyond the last argument", it is number 0. */
static_assert(KIND_NOTHING == 0);

static const uint8_t kinds[CALLS][6] = {
#define EACH0()
#define EACH1(a)                                    KIND_##a
#define EACH2(a, ...)                               KIND_##a, EACH1(__VA_ARGS__)
#define EACH3(a, ...)                               KIND_##a, EACH2(__VA_ARGS__)
#define EACH4(a, ...)                               KIND_##a, EACH3(__VA_ARGS__)
#define EACH5(a, ...)                               KIND_##a, EACH4(__VA_ARGS__)
#define EACH6(a, ...)                               KIND_##a, EACH5(__VA_ARGS__)
#define PICK(_0, _1, _2, _3, _4, _5, _6, name, ...) name
#define EACH(...)                                                                                  \
    PICK(_0 __VA_OPT__(, ) __VA_ARGS__, EACH6, EACH5, EACH4, EACH3, EACH2, EACH1, EACH0)           \
    (__VA_ARGS__)
#define LINUX_ALL(number, generic, name, category, state, ...) [number] = {EACH(__VA_ARGS__)},
#define LINUX_X86(number, generic, name, category, state, ...) [number] = {EACH(__VA_ARGS__)},
#include "libos/linux-api/syscalls.def"
};

/* What is no flag, choice or special kind is passed by address. */
static enum value_class class_of(enum kind kind)
{
    switch (kind) {
    case KIND_NOTHING: return VALUE_ANY;
    case KIND_FD:
    case KIND_DIRFD: return VALUE_FD;
    case KIND_PATH:
    case KIND_STR: return VALUE_PATH;
    case KIND_PID: return VALUE_PID;
    case KIND_INT:
    case KIND_IPC_KEY:
    case KIND_UINT:
    case KIND_SIZE:
    case KIND_OFFSET:
    case KIND_OFFSET_HEX:
    case KIND_UID:
    case KIND_GID:
    case KIND_DEVICE:
    case KIND_SIGNO:
    case KIND_FCNTL_ARG: return VALUE_NUMBER;
    case KIND_IOCTL_CMD: return VALUE_COMMAND;
    case KIND_HEX:
    case KIND_MODE:
    case KIND_CLONE_FLAGS:
    case KIND_OPEN_FLAGS:
    case KIND_FUTEX_OP:
    case KIND_ACCESS_MODE:
    case KIND_IPC_FLAGS:
    case KIND_SOCKET_OPTION:
    case KIND_SOCKET_PROTOCOL:
    case KIND_SOCKET_TYPE:
    case KIND_MMAP_FLAGS: return VALUE_FLAGS;
#define KIND(name, function)
#define FLAGS(name, table)  case KIND_##name:
#define CHOICE(name, table) case KIND_##name:
#include "libos/linux-api/trace_kinds.def"
        return VALUE_FLAGS;
    default: return VALUE_POINTER;
    }
}

enum value_class value_class_of(long number, unsigned i)
{
    return class_of((enum kind)kinds[number][i]);
}
