/* SPDX-License-Identifier: BSD-2-Clause */
/* trace_args.h - showing one argument of a call. */
#pragma once

#include <stdint.h>
#include "base/text.h"
#include "base/types.h"
#include "linux-api/call.h"

enum trace_kind : uint8_t {
#define KIND(name, function) TRACE_##name,
#define FLAGS(name, table)   TRACE_##name,
#define CHOICE(name, table)  TRACE_##name,
#include "linux-api/trace_kinds.def"
#undef KIND
#undef FLAGS
#undef CHOICE
    TRACE_KINDS
};

struct trace_arg {
    const struct call *call;
    const enum trace_kind *kinds; /* of all the call's arguments */
    unsigned index;
    uint64_t value; /* call->arg[index] */
    long result;    /* once it has returned */
};

/* Show ARG.  False: this call does not use it, nor any after it. */
bool trace_arg_show(struct text *text, const struct trace_arg *arg);

/* To be shown after the call. */
bool trace_kind_is_result(enum trace_kind kind);
bool trace_arg_is_result(const struct trace_arg *arg);
/* What poll(2) found, behind its result. */
void trace_add_poll_answer(struct text *text, const struct call *c, long result);

/* One function per kind, and helpers. */
typedef void trace_arg_fn(struct text *text, const struct trace_arg *arg);
#define KIND(name, function) trace_arg_fn trace_arg_##function;
#define FLAGS(name, table)
#define CHOICE(name, table)
#include "linux-api/trace_kinds.def"
#undef KIND
#undef FLAGS
#undef CHOICE

void trace_add_address(struct text *text, uint64_t address);
/* N bytes as a C string, cut after a few dozen. */
void trace_add_bytes(struct text *text, uaddr_t address, uint64_t n);
void trace_add_signal(struct text *text, int sig);
void trace_add_sigset(struct text *text, uint64_t set);
struct siginfo;
void trace_add_siginfo(struct text *text, const struct siginfo *info);
/* S_IFREG|0644 */
void trace_add_mode(struct text *text, uint32_t mode);
/* Copy a structure in; false: it was shown as an address instead, since the address is null or bad
 * or the call failed. */
bool trace_fetch(struct text *text, const struct trace_arg *arg, void *to, size_t n);
