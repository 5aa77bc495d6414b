/* SPDX-License-Identifier: BSD-2-Clause */
/* trace_flags.h - names of the numbers that calls take, as data. */
#pragma once

#include <stdint.h>
#include "base/text.h"

struct trace_flag {
    uint64_t value;
    const char *name;
};

/* Ended by an entry without a name.  In a set, an entry of several bits stands before its parts; one
 * of 0 is shown for an empty set. */
struct trace_flags {
    const char *unknown; /* in the comment after a number without a name: "PROT_???" */
    const struct trace_flag *list;
};

#define KIND(name, function)
#define FLAGS(name, table)  extern const struct trace_flags trace_flags_##table;
#define CHOICE(name, table) extern const struct trace_flags trace_flags_##table;
#include "linux-api/trace_kinds.def"
#undef KIND
#undef FLAGS
#undef CHOICE
extern const struct trace_flags trace_flags_open, trace_flags_clone, trace_flags_mmap,
    trace_flags_mmap_type, trace_flags_access, trace_flags_futex, trace_flags_poll,
    trace_flags_epoll_events, trace_flags_sigaction, trace_flags_sigstack, trace_flags_fd,
    trace_flags_socket_type, trace_flags_socket_flags, trace_flags_dirent_type, trace_flags_ioctl,
    trace_flags_file_type, trace_flags_lock_type, trace_flags_seal, trace_flags_resolve,
    trace_flags_si_code, trace_flags_si_code_chld, trace_flags_si_code_segv,
    trace_flags_si_code_bus, trace_flags_si_code_fpe, trace_flags_si_code_ill,
    trace_flags_si_code_trap, trace_flags_control_type, trace_flags_socket_option,
    trace_flags_tcp_option, trace_flags_ip_option, trace_flags_ipv6_option, trace_flags_ip_protocol,
    trace_flags_netlink_protocol, trace_flags_ipc_flags, trace_flags_sem_flags;

/* "A|B|0x40", "0" */
void trace_add_flags(struct text *text, const struct trace_flags *flags, uint64_t value);
/* "A"; a number without a name as hexadecimal, with the set's name in a comment. */
void trace_add_choice(struct text *text, const struct trace_flags *flags, uint64_t value);
