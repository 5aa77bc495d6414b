/* SPDX-License-Identifier: BSD-2-Clause */
/* abi.h - what the kernel uses of Xen's interface, as 64-bit guests see it.
 *
 * Names of Xen's public headers stand beside ours: xen.h, memory.h, event_channel.h, sched.h,
 * hvm/params.h, hvm/hvm_op.h, grant_table.h, arch-x86/cpuid.h.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Hypercalls: __HYPERVISOR_*. */
enum xen_call {
    XEN_MEMORY = 12,
    XEN_CONSOLE = 18,
    XEN_GRANT = 20,
    XEN_SCHED = 29,
    XEN_EVENT = 32,
    XEN_HVM = 34,
};

constexpr uint16_t XEN_SELF = 0x7ff0; /* DOMID_SELF */

constexpr uint32_t XEN_MEMORY_ADD = 7; /* XENMEM_add_to_physmap */
constexpr uint32_t XEN_MEMORY_MAP = 9; /* XENMEM_memory_map */
constexpr uint32_t XEN_SPACE_SHARED_INFO = 0;
constexpr uint32_t XEN_SPACE_GRANTS = 1;
struct xen_memory_add {
    uint16_t domain, size;
    uint32_t space;
    uint64_t index, frame;
};
static_assert(sizeof(struct xen_memory_add) == 24);
struct xen_memory_map {
    uint32_t entries, reserved;
    uint64_t buffer;
};

constexpr uint32_t XEN_CONSOLE_WRITE = 0; /* CONSOLEIO_write */

constexpr uint32_t XEN_SCHED_SHUTDOWN = 2; /* SCHEDOP_shutdown */

constexpr uint32_t XEN_EVENT_SEND = 4;   /* EVTCHNOP_send */
constexpr uint32_t XEN_EVENT_UNMASK = 9; /* EVTCHNOP_unmask */

constexpr uint32_t XEN_HVM_SET = 0;         /* HVMOP_set_param */
constexpr uint32_t XEN_HVM_GET = 1;         /* HVMOP_get_param */
constexpr uint32_t XEN_HVM_SET_VECTOR = 23; /* HVMOP_set_evtchn_upcall_vector */
constexpr uint32_t XEN_PARAM_CALLBACK = 0;
constexpr uint32_t XEN_PARAM_STORE_FRAME = 1;
constexpr uint32_t XEN_PARAM_STORE_PORT = 2;
constexpr uint32_t XEN_PARAM_CONSOLE_FRAME = 17;
constexpr uint32_t XEN_PARAM_CONSOLE_PORT = 18;
constexpr uint64_t XEN_CALLBACK_VECTOR = 2ull << 56;
struct xen_param {
    uint16_t domain, reserved;
    uint32_t index;
    uint64_t value;
};
struct xen_vector {
    uint32_t vcpu;
    uint8_t vector;
};

/* struct shared_info. */
constexpr uint32_t XEN_SHARED_VCPUS = 32;
constexpr uint32_t XEN_PORT_WORDS = 64;
struct xen_time {
    uint32_t version, reserved;
    uint64_t tsc, system_ns;
    uint32_t mul;
    int8_t shift;
    uint8_t flags, padding[2];
};
struct xen_vcpu {
    uint8_t pending, reserved[7];
    uint64_t selector;
    uint64_t arch[2];
    struct xen_time time;
};
static_assert(sizeof(struct xen_vcpu) == 64);
struct xen_shared {
    struct xen_vcpu vcpus[XEN_SHARED_VCPUS];
    uint64_t pending[XEN_PORT_WORDS];
    uint64_t mask[XEN_PORT_WORDS];
    uint32_t wall_version, wall_s, wall_ns, wall_s_high;
};
static_assert(offsetof(struct xen_shared, wall_version) == 3072);

/* CPUID, from the leaf that has the signature on. */
constexpr uint32_t XEN_LEAF_FIRST = 0x40000000;
constexpr uint32_t XEN_LEAF_END = 0x40010000;
constexpr uint32_t XEN_LEAF_STEP = 0x100;
constexpr uint32_t XEN_LEAF_HVM = 4;
constexpr uint32_t XEN_HVM_HAS_VECTORS = 1 << 6; /* XEN_HVM_CPUID_UPCALL_VECTOR */
