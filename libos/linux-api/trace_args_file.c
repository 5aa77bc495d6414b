/* SPDX-License-Identifier: BSD-2-Clause */
/* trace_args_file.c - arguments of file calls. */
#include <asm/ioctls.h>
#include <asm/poll.h>
#include <asm/stat.h>
#include <asm/statfs.h>
#include <asm/termbits.h>
#include <asm/termios.h>
#include <linux/eventpoll.h>
#include <linux/fcntl.h>
#include <linux/openat2.h>
#include <linux/stat.h>
#include "base/bits.h"
#include "base/string.h"
#include "linux-api/abi.h"
#include "linux-api/trace_args.h"
#include "linux-api/trace_flags.h"
#include "mm/usermem.h"

constexpr unsigned LIST_MOST = 32;

void trace_arg_open_flags(struct text *text, const struct trace_arg *arg)
{
    uint32_t flags = (uint32_t)arg->value;
    bool only_flags = arg->index > 0 && arg->kinds[arg->index - 1] != TRACE_PATH;
    if (!only_flags && (flags & O_ACCMODE) == O_RDONLY) {
        text_add(text, flags ? "O_RDONLY|" : "O_RDONLY");
        if (!flags)
            return;
    }
    trace_add_flags(text, &trace_flags_open, flags);
}

void trace_arg_open_how(struct text *text, const struct trace_arg *arg)
{
    struct open_how how;
    if (!trace_fetch(text, arg, &how, sizeof how))
        return;
    text_add(text, "{flags=%s", (how.flags & O_ACCMODE) == O_RDONLY ? "O_RDONLY|" : "");
    trace_add_flags(text, &trace_flags_open, how.flags);
    text_add(text, ", mode=0");
    text_add_octal(text, how.mode, 1);
    text_add(text, ", resolve=");
    trace_add_flags(text, &trace_flags_resolve, how.resolve);
    text_add_char(text, '}');
}

void trace_arg_access_mode(struct text *text, const struct trace_arg *arg)
{
    if (arg->value == F_OK)
        text_add(text, "F_OK");
    else
        trace_add_flags(text, &trace_flags_access, (uint32_t)arg->value);
}

void trace_arg_fcntl_arg(struct text *text, const struct trace_arg *arg)
{
    switch (arg->call->arg[1]) {
    case F_SETFD: trace_add_flags(text, &trace_flags_fd, arg->value); break;
    case F_SETFL:
        text_add(text, (arg->value & O_ACCMODE) == O_RDONLY ? "O_RDONLY|" : "");
        trace_add_flags(text, &trace_flags_open, (uint32_t)arg->value);
        break;
    case F_ADD_SEALS: trace_add_flags(text, &trace_flags_seal, (uint32_t)arg->value); break;
    case F_GETLK:
    case F_SETLK:
    case F_SETLKW:
    case F_OFD_GETLK:
    case F_OFD_SETLK:
    case F_OFD_SETLKW: {
        struct flock lock;
        if (!trace_fetch(text, arg, &lock, sizeof lock))
            break;
        text_add(text, "{l_type=");
        trace_add_choice(text, &trace_flags_lock_type, (uint64_t)lock.l_type);
        text_add(text, ", l_whence=");
        trace_add_choice(text, &trace_flags_whence, (uint64_t)lock.l_whence);
        text_add(text, ", l_start=%lld, l_len=%lld}", (long long)lock.l_start,
                 (long long)lock.l_len);
        break;
    }
    default: text_add(text, "%lld", (long long)arg->value); break;
    }
}

void trace_arg_ioctl_cmd(struct text *text, const struct trace_arg *arg)
{
    uint32_t cmd = (uint32_t)arg->value;
    for (const struct trace_flag *f = trace_flags_ioctl.list; f->name; f++) {
        if (f->value == cmd) {
            text_add(text, "%s", f->name);
            return;
        }
    }
    text_add(text, "_IOC(%u, %#x, %#x, %#x)", cmd >> 30, cmd >> 8 & 0xff, cmd & 0xff,
             cmd >> 16 & 0x3fff);
}

/* The calls whose argument is filled in. */
static bool ioctl_gets(uint32_t cmd)
{
    switch (cmd) {
    case TCGETS:
    case TIOCGWINSZ:
    case TIOCGPGRP:
    case TIOCGSID:
    case TIOCGETD:
    case TIOCGPTN:
    case TIOCOUTQ:
    case FIONREAD: return true;
    default: return false;
    }
}

bool trace_arg_is_result(const struct trace_arg *arg)
{
    enum trace_kind kind = arg->kinds[arg->index];
    if (kind == TRACE_IOCTL_ARG)
        return ioctl_gets((uint32_t)arg->call->arg[1]);
    return trace_kind_is_result(kind);
}

static void add_termios(struct text *text, const struct trace_arg *arg)
{
    struct termios t;
    if (!trace_fetch(text, arg, &t, sizeof t))
        return;
    text_add(text, "{c_iflag=%#x, c_oflag=%#x, c_cflag=%#x, c_lflag=%#x, ...}", t.c_iflag,
             t.c_oflag, t.c_cflag, t.c_lflag);
}

void trace_arg_ioctl_arg(struct text *text, const struct trace_arg *arg)
{
    switch ((uint32_t)arg->call->arg[1]) {
    case TCGETS:
    case TCSETS:
    case TCSETSW:
    case TCSETSF: add_termios(text, arg); break;
    case TIOCGPGRP:
    case TIOCGSID:
    case TIOCGETD:
    case TIOCGPTN:
    case TIOCOUTQ:
    case FIONREAD:
    case TIOCSPGRP:
    case TIOCSPTLCK:
    case TIOCPKT:
    case FIONBIO: trace_arg_out_int(text, arg); break;
    case TIOCGWINSZ:
    case TIOCSWINSZ: {
        struct winsize w;
        if (trace_fetch(text, arg, &w, sizeof w))
            text_add(text, "{ws_row=%u, ws_col=%u, ws_xpixel=%u, ws_ypixel=%u}", w.ws_row, w.ws_col,
                     w.ws_xpixel, w.ws_ypixel);
        break;
    }
    case TCFLSH:
    case TCXONC:
    case TCSBRK:
    case TCSBRKP:
    case TIOCSCTTY: text_add(text, "%lld", (long long)arg->value); break;
    default: text_add(text, "%#llx", (unsigned long long)arg->value); break;
    }
}

void trace_arg_stat(struct text *text, const struct trace_arg *arg)
{
    struct stat st;
    if (!trace_fetch(text, arg, &st, sizeof st))
        return;
    text_add(text, "{st_mode=");
    trace_add_mode(text, st.st_mode);
    if (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode))
        text_add(text, ", st_rdev=makedev(%#x, %#x)", dev_major(st.st_rdev), dev_minor(st.st_rdev));
    else
        text_add(text, ", st_size=%lld", (long long)st.st_size);
    text_add(text, ", ...}");
}

void trace_arg_statx(struct text *text, const struct trace_arg *arg)
{
    struct statx st;
    if (!trace_fetch(text, arg, &st, sizeof st))
        return;
    text_add(text, "{stx_mask=");
    trace_add_flags(text, &trace_flags_statx_mask, st.stx_mask);
    text_add(text, ", stx_attributes=0, stx_mode=");
    trace_add_mode(text, st.stx_mode);
    text_add(text, ", stx_size=%llu, ...}", (unsigned long long)st.stx_size);
}

void trace_arg_statfs(struct text *text, const struct trace_arg *arg)
{
    struct statfs st;
    if (trace_fetch(text, arg, &st, sizeof st))
        text_add(text, "{f_type=%#llx, f_bsize=%lld, f_blocks=%llu, f_bfree=%llu, ...}",
                 (unsigned long long)st.f_type, (long long)st.f_bsize,
                 (unsigned long long)st.f_blocks, (unsigned long long)st.f_bfree);
}

void trace_arg_dirents(struct text *text, const struct trace_arg *arg)
{
    unsigned count = 0;
    for (long at = 0; at < arg->result;) {
        struct linux_dirent64 d;
        if (copy_from_user(&d, arg->value + (uint64_t)at, sizeof d) || d.d_reclen == 0)
            break;
        at += d.d_reclen;
        count++;
    }
    trace_add_address(text, arg->value);
    text_add(text, " /* %u entr%s */", count, count == 1 ? "y" : "ies");
}

void trace_add_poll_answer(struct text *text, const struct call *c, long result)
{
    struct pollfd p;
    const char *separator = "";
    text_add(text, result == 0 ? " (Timeout)" : " ([");
    for (uint64_t i = 0; result > 0 && i < (uint32_t)c->arg[1]; i++) {
        if (copy_from_user(&p, c->arg[0] + i * sizeof p, sizeof p))
            break;
        if (!p.revents)
            continue;
        text_add(text, "%s{fd=%d, revents=", separator, p.fd);
        trace_add_flags(text, &trace_flags_poll, (uint16_t)p.revents);
        text_add_char(text, '}');
        separator = ", ";
        result--;
    }
    text_add(text, *separator ? "])" : "");
}

/* What is asked; the answer follows the result. */
void trace_arg_pollfds(struct text *text, const struct trace_arg *arg)
{
    unsigned count = (unsigned)arg->call->arg[1];
    struct pollfd p;
    if (arg->value == 0 && count > 0) {
        text_add(text, "NULL");
        return;
    }
    text_add_char(text, '[');
    for (unsigned i = 0; i < count; i++) {
        text_add(text, i > 0 ? ", " : "");
        if (i == LIST_MOST || copy_from_user(&p, arg->value + i * sizeof p, sizeof p)) {
            text_add(text, "...");
            break;
        }
        text_add(text, "{fd=%d, events=", p.fd);
        trace_add_flags(text, &trace_flags_poll, (uint16_t)p.events);
        text_add_char(text, '}');
    }
    text_add_char(text, ']');
}

void trace_arg_fdset(struct text *text, const struct trace_arg *arg)
{
    constexpr int BITS = 1024; /* no more are shown */
    int count = MIN((int)arg->call->arg[0], BITS);
    uint64_t words[BITS / 64] = {};
    if (count <= 0 || arg->value == 0 ||
        copy_from_user(words, arg->value, ((size_t)count + 63) / 64 * 8)) {
        trace_add_address(text, arg->value);
        return;
    }
    const char *separator = "";
    text_add_char(text, '[');
    for (int fd = 0; fd < count; fd++) {
        if (words[fd / 64] >> fd % 64 & 1) {
            text_add(text, "%s%d", separator, fd);
            separator = " ";
        }
    }
    text_add_char(text, ']');
}

static void add_epoll_event(struct text *text, const struct epoll_event *e)
{
    text_add(text, "{events=");
    trace_add_flags(text, &trace_flags_epoll_events, e->events);
    text_add(text, ", data=%#llx}", (unsigned long long)e->data);
}

void trace_arg_epoll_event(struct text *text, const struct trace_arg *arg)
{
    struct epoll_event e;
    if (trace_fetch(text, arg, &e, sizeof e))
        add_epoll_event(text, &e);
}

void trace_arg_epoll_events(struct text *text, const struct trace_arg *arg)
{
    struct epoll_event e;
    if (arg->result < 0) {
        trace_add_address(text, arg->value);
        return;
    }
    text_add_char(text, '[');
    for (long i = 0; i < arg->result; i++) {
        text_add(text, i > 0 ? ", " : "");
        if (i == LIST_MOST || copy_from_user(&e, arg->value + (uint64_t)i * sizeof e, sizeof e)) {
            text_add(text, "...");
            break;
        }
        add_epoll_event(text, &e);
    }
    text_add_char(text, ']');
}

void trace_arg_socket_type(struct text *text, const struct trace_arg *arg)
{
    uint32_t flags = (uint32_t)arg->value & (O_NONBLOCK | O_CLOEXEC);
    uint32_t type = (uint32_t)arg->value & ~flags;
    bool is_accept = arg->index == 3;
    if (!is_accept)
        trace_add_choice(text, &trace_flags_socket_type, type);
    if (flags || is_accept) {
        text_add(text, is_accept ? "" : "|");
        trace_add_flags(text, &trace_flags_socket_flags, flags);
    }
}
