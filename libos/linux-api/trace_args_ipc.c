/* SPDX-License-Identifier: BSD-2-Clause */
/* trace_args_ipc.c - arguments of System V IPC calls and message queues. */
#include <linux/ipc.h>
#include <linux/mqueue.h>
#include <linux/sem.h>
#include "linux-api/trace_args.h"
#include "linux-api/trace_flags.h"
#include "mm/usermem.h"

constexpr unsigned LIST_MOST = 32;

void trace_arg_ipc_key(struct text *text, const struct trace_arg *arg)
{
    if ((int32_t)arg->value == IPC_PRIVATE)
        text_add(text, "IPC_PRIVATE");
    else
        text_add(text, "%#x", (uint32_t)arg->value);
}

/* Flags and, below them, permissions. */
void trace_arg_ipc_flags(struct text *text, const struct trace_arg *arg)
{
    constexpr uint32_t PERMISSIONS = 0777;
    uint32_t flags = (uint32_t)arg->value & ~PERMISSIONS;
    if (flags) {
        trace_add_flags(text, &trace_flags_ipc_flags, flags);
        text_add_char(text, '|');
    }
    text_add_char(text, '0');
    text_add_octal(text, arg->value & PERMISSIONS, 3);
}

void trace_arg_sem_operations(struct text *text, const struct trace_arg *arg)
{
    struct sembuf op;
    uint64_t count = arg->call->arg[2];
    if (!arg->value || !count || copy_from_user(&op, arg->value, sizeof op)) {
        trace_add_address(text, arg->value);
        return;
    }
    text_add_char(text, '[');
    for (uint64_t i = 0; i < count && i < LIST_MOST; i++) {
        if (copy_from_user(&op, arg->value + i * sizeof op, sizeof op))
            break;
        text_add(text, i ? ", {%u, %d, " : "{%u, %d, ", op.sem_num, op.sem_op);
        trace_add_flags(text, &trace_flags_sem_flags, (uint16_t)op.sem_flg);
        text_add_char(text, '}');
    }
    text_add_char(text, ']');
}

void trace_arg_mq_attributes(struct text *text, const struct trace_arg *arg)
{
    struct mq_attr a;
    if (trace_fetch(text, arg, &a, sizeof a))
        text_add(text, "{mq_flags=%lld, mq_maxmsg=%lld, mq_msgsize=%lld, mq_curmsgs=%lld}",
                 (long long)a.mq_flags, (long long)a.mq_maxmsg, (long long)a.mq_msgsize,
                 (long long)a.mq_curmsgs);
}
