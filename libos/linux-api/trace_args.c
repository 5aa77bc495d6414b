/* SPDX-License-Identifier: BSD-2-Clause */
/* trace_args.c - arguments: numbers, strings, buffers. */
#include "linux-api/trace_args.h"

#include <linux/fcntl.h>
#include <linux/limits.h>
#include <linux/stat.h>
#include <linux/uio.h>
#include "base/bits.h"
#include "base/errno.h"
#include "linux-api/abi.h"
#include "linux-api/trace_flags.h"
#include "mm/usermem.h"

constexpr uint64_t STRING_MOST = 32; /* bytes shown of data, as strace -s 32 */
constexpr unsigned LIST_MOST = 32;   /* elements of an array */

static bool is_used(const struct trace_arg *arg);

static const struct {
    trace_arg_fn *show;
    const struct trace_flags *flags; /* a set */
    const struct trace_flags *choice;
    bool is_result;
} kinds[TRACE_KINDS] = {
#define IS_RESULT(name)      (#name[0] == 'O' && #name[1] == 'U' && #name[2] == 'T')
#define KIND(name, function) {trace_arg_##function, nullptr, nullptr, IS_RESULT(name)},
#define FLAGS(name, table)   {nullptr, &trace_flags_##table, nullptr, false},
#define CHOICE(name, table)  {nullptr, nullptr, &trace_flags_##table, false},
#include "linux-api/trace_kinds.def"
#undef KIND
#undef FLAGS
#undef CHOICE
};

bool trace_kind_is_result(enum trace_kind kind)
{
    return kinds[kind].is_result;
}

bool trace_arg_show(struct text *text, const struct trace_arg *arg)
{
    enum trace_kind kind = arg->kinds[arg->index];
    if (kind == TRACE_NOTHING || !is_used(arg))
        return false;
    if (arg->index > 0)
        text_add(text, ", ");
    if (kinds[kind].flags)
        trace_add_flags(text, kinds[kind].flags, (uint32_t)arg->value);
    else if (kinds[kind].choice)
        trace_add_choice(text, kinds[kind].choice, (uint64_t)(int)arg->value);
    else
        kinds[kind].show(text, arg);
    return true;
}

/* The mode of open(2) and the argument of fcntl(2) are not always there. */
static bool is_used(const struct trace_arg *arg)
{
    enum trace_kind kind = arg->kinds[arg->index];
    enum trace_kind before = arg->index > 0 ? arg->kinds[arg->index - 1] : TRACE_NOTHING;
    uint64_t previous = arg->index > 0 ? arg->call->arg[arg->index - 1] : 0;
    if (kind == TRACE_MODE && before == TRACE_OPEN_FLAGS)
        return previous & (O_CREAT | __O_TMPFILE);
    if (kind == TRACE_FCNTL_ARG)
        return previous != F_GETFD && previous != F_GETFL && previous != F_GETOWN &&
               previous != F_GETSIG && previous != F_GETLEASE && previous != F_GETPIPE_SZ &&
               previous != F_GET_SEALS;
    return true;
}

void trace_add_address(struct text *text, uint64_t address)
{
    if (address)
        text_add(text, "0x%llx", (unsigned long long)address);
    else
        text_add(text, "NULL");
}

static void add_char(struct text *text, uint8_t c, uint8_t next)
{
    static const char plain[] = "\t\n\v\f\r", letter[] = "tnvfr";
    for (unsigned i = 0; plain[i]; i++) {
        if (c == plain[i]) {
            text_add(text, "\\%c", letter[i]);
            return;
        }
    }
    if (c == '"' || c == '\\')
        text_add(text, "\\%c", c);
    else if (c >= 32 && c < 127)
        text_add_char(text, (char)c);
    else {
        /* As short as can be, unless a digit follows. */
        text_add_char(text, '\\');
        text_add_octal(text, c, next >= '0' && next <= '7' ? 3 : 1);
    }
}

static void add_quoted(struct text *text, const uint8_t *bytes, size_t n)
{
    text_add_char(text, '"');
    for (size_t i = 0; i < n; i++)
        add_char(text, bytes[i], i + 1 < n ? bytes[i + 1] : 0);
    text_add_char(text, '"');
}

void trace_add_bytes(struct text *text, uaddr_t address, uint64_t n)
{
    uint8_t bytes[STRING_MOST];
    size_t shown = MIN(n, STRING_MOST);
    if (address == 0 || copy_from_user(bytes, address, shown)) {
        trace_add_address(text, address);
        return;
    }
    add_quoted(text, bytes, shown);
    if (n > shown)
        text_add(text, "...");
}

bool trace_fetch(struct text *text, const struct trace_arg *arg, void *to, size_t n)
{
    bool failed = arg->result < 0 && trace_arg_is_result(arg);
    if (!failed && arg->value != 0 && copy_from_user(to, arg->value, n) == 0)
        return true;
    trace_add_address(text, arg->value);
    return false;
}

void trace_arg_hex(struct text *text, const struct trace_arg *arg)
{
    text_add(text, "0x%llx", (unsigned long long)arg->value);
}

void trace_arg_hex0(struct text *text, const struct trace_arg *arg)
{
    text_add(text, arg->value ? "0x%llx" : "%llu", (unsigned long long)arg->value);
}

void trace_arg_int(struct text *text, const struct trace_arg *arg)
{
    text_add(text, "%d", (int)arg->value);
}

void trace_arg_uint(struct text *text, const struct trace_arg *arg)
{
    text_add(text, "%u", (unsigned)arg->value);
}

void trace_arg_size(struct text *text, const struct trace_arg *arg)
{
    text_add(text, "%llu", (unsigned long long)arg->value);
}

void trace_arg_offset(struct text *text, const struct trace_arg *arg)
{
    text_add(text, "%lld", (long long)arg->value);
}

void trace_arg_address(struct text *text, const struct trace_arg *arg)
{
    trace_add_address(text, arg->value);
}

void trace_arg_dirfd(struct text *text, const struct trace_arg *arg)
{
    if ((int)arg->value == AT_FDCWD)
        text_add(text, "AT_FDCWD");
    else
        text_add(text, "%d", (int)arg->value);
}

void trace_arg_id(struct text *text, const struct trace_arg *arg)
{
    if ((uint32_t)arg->value == UINT32_MAX)
        text_add(text, "-1");
    else
        text_add(text, "%u", (unsigned)arg->value);
}

void trace_add_mode(struct text *text, uint32_t mode)
{
    if (mode & S_IFMT) {
        trace_add_flags(text, &trace_flags_file_type, mode & S_IFMT);
        text_add_char(text, '|');
    }
    /* S_ISUID and the like have names of their own. */
    static const struct trace_flag bits[] = {
        {S_ISUID, "S_ISUID|"}, {S_ISGID, "S_ISGID|"}, {S_ISVTX, "S_ISVTX|"}};
    for (unsigned i = 0; i < ARRAY_COUNT(bits); i++) {
        if ((mode & S_IFMT) && (mode & bits[i].value)) {
            text_add(text, "%s", bits[i].name);
            mode &= ~(uint32_t)bits[i].value;
        }
    }
    text_add_octal(text, mode & S_PERMISSIONS, 4);
}

void trace_arg_mode(struct text *text, const struct trace_arg *arg)
{
    uint32_t mode = (uint32_t)arg->value;
    if (mode & S_IFMT) {
        trace_add_mode(text, mode);
        return;
    }
    /* 0644, 01777, 000 */
    if (mode)
        text_add_char(text, '0');
    text_add_octal(text, mode, 3);
}

void trace_arg_device(struct text *text, const struct trace_arg *arg)
{
    text_add(text, "makedev(%#x, %#x)", dev_major(arg->value), dev_minor(arg->value));
}

static void add_string(struct text *text, uaddr_t address, uint64_t most)
{
    uint8_t bytes[STRING_MOST];
    ssize_t n = address ? strnlen_user(address, most) : -EFAULT;
    if (n < 0) {
        trace_add_address(text, address);
        return;
    }
    text_add_char(text, '"');
    for (uint64_t at = 0; at < (uint64_t)n; at += sizeof bytes) {
        size_t part = MIN(sizeof bytes, (uint64_t)n - at);
        if (copy_from_user(bytes, address + at, part))
            break;
        for (size_t i = 0; i < part; i++)
            add_char(text, bytes[i], i + 1 < part ? bytes[i + 1] : 0);
    }
    text_add_char(text, '"');
    if ((uint64_t)n == most)
        text_add(text, "...");
}

void trace_arg_string(struct text *text, const struct trace_arg *arg)
{
    /* Paths are shown whole, other strings cut. */
    add_string(text, arg->value, arg->kinds[arg->index] == TRACE_PATH ? PATH_MAX - 1 : STRING_MOST);
}

void trace_arg_argv(struct text *text, const struct trace_arg *arg)
{
    uint64_t word;
    if (arg->value == 0 || get_user_u64(&word, arg->value)) {
        trace_add_address(text, arg->value);
        return;
    }
    text_add_char(text, '[');
    for (unsigned i = 0; get_user_u64(&word, arg->value + i * 8ull) == 0 && word; i++) {
        text_add(text, i > 0 ? ", " : "");
        if (i == LIST_MOST) {
            text_add(text, "...");
            break;
        }
        add_string(text, word, STRING_MOST);
    }
    text_add_char(text, ']');
}

void trace_arg_envp(struct text *text, const struct trace_arg *arg)
{
    uint64_t word;
    unsigned count = 0;
    trace_add_address(text, arg->value);
    while (arg->value && get_user_u64(&word, arg->value + count * 8ull) == 0 && word)
        count++;
    text_add(text, " /* %u var%s */", count, count == 1 ? "" : "s");
}

void trace_arg_in_bytes(struct text *text, const struct trace_arg *arg)
{
    trace_add_bytes(text, arg->value, arg->call->arg[(arg->index + 1) % 6]);
}

void trace_arg_out_bytes(struct text *text, const struct trace_arg *arg)
{
    bool ends_with_nul = arg->kinds[arg->index] == TRACE_OUT_STR && arg->index == 0; /* getcwd */
    if (arg->result < 0 || (arg->value == 0 && arg->result > 0))
        trace_add_address(text, arg->value);
    else
        trace_add_bytes(text, arg->value, (uint64_t)arg->result - (ends_with_nul ? 1 : 0));
}

/* COUNT elements, of which AVAILABLE bytes were really transferred. */
static void add_iovec(struct text *text, const struct trace_arg *arg, uint64_t available)
{
    int count = (int)arg->call->arg[(arg->index + 1) % 6];
    struct iovec vec;
    if (count <= 0 || arg->value == 0 || copy_from_user(&vec, arg->value, sizeof vec)) {
        trace_add_address(text, arg->value);
        return;
    }
    text_add_char(text, '[');
    for (int i = 0; i < count; i++) {
        if (i > 0)
            text_add(text, ", ");
        if (i == (int)LIST_MOST ||
            copy_from_user(&vec, arg->value + (uint64_t)i * sizeof vec, sizeof vec)) {
            text_add(text, "...");
            break;
        }
        uint64_t part = MIN(vec.iov_len, available);
        text_add(text, "{iov_base=");
        trace_add_bytes(text, (uaddr_t)vec.iov_base, part);
        text_add(text, ", iov_len=%llu}", (unsigned long long)vec.iov_len);
        available -= part;
    }
    text_add_char(text, ']');
}

void trace_arg_in_iovec(struct text *text, const struct trace_arg *arg)
{
    add_iovec(text, arg, UINT64_MAX);
}

void trace_arg_out_iovec(struct text *text, const struct trace_arg *arg)
{
    add_iovec(text, arg, arg->result > 0 ? (uint64_t)arg->result : 0);
}

void trace_arg_out_fds(struct text *text, const struct trace_arg *arg)
{
    int fds[2];
    if (trace_fetch(text, arg, fds, sizeof fds))
        text_add(text, "[%d, %d]", fds[0], fds[1]);
}

void trace_arg_out_int(struct text *text, const struct trace_arg *arg)
{
    int number;
    if (trace_fetch(text, arg, &number, sizeof number))
        text_add(text, "[%d]", number);
}

void trace_arg_in_offset(struct text *text, const struct trace_arg *arg)
{
    int64_t offset;
    if (trace_fetch(text, arg, &offset, sizeof offset))
        text_add(text, "[%lld]", (long long)offset);
}

static void add_ids(struct text *text, const struct trace_arg *arg, long count)
{
    uint32_t id;
    if (count < 0 || arg->value == 0) {
        trace_add_address(text, arg->value);
        return;
    }
    text_add_char(text, '[');
    for (long i = 0; i < count && i < (long)LIST_MOST; i++) {
        if (get_user_u32(&id, arg->value + (uint64_t)i * 4))
            break;
        text_add(text, i > 0 ? ", %u" : "%u", id);
    }
    text_add(text, count > (long)LIST_MOST ? ", ...]" : "]");
}

void trace_arg_in_ids(struct text *text, const struct trace_arg *arg)
{
    add_ids(text, arg, (int)arg->call->arg[0]);
}

void trace_arg_out_ids(struct text *text, const struct trace_arg *arg)
{
    add_ids(text, arg, arg->call->arg[0] ? arg->result : -1);
}
