/* SPDX-License-Identifier: BSD-2-Clause */
/* event.c - event channels as interrupt lines.
 *
 * The two-level scheme (Xen's public/xen.h, shared_info): a pending bit for each port, and in the
 * vcpu's selector one for each word of them.  All ports stay with vcpu 0, where Xen puts them; a
 * domain's vcpu may run on another CPU.  A bit is cleared before its line is raised, so an event
 * that comes meanwhile raises the line again: none is lost.
 */
#include "device.h"
#include "info.h"
#include "irq.h"
#include "log.h"
#include "xen/hypercall.h"
#include "xen/shared.h"
#include "xen/xen.h"

/* Fixed once boot is over; 0: no port. */
static uint32_t ports[XEN_LINE_COUNT];
static uint32_t port_count;

static uint32_t port_of(uint32_t line)
{
    return line - XEN_LINE_FIRST < port_count ? ports[line - XEN_LINE_FIRST] : 0;
}

bool xen_line_exists(uint32_t line)
{
    return port_of(line) != 0;
}

/* The line of PORT; 0: none. */
static uint32_t line_add(uint64_t port)
{
    if (port == 0 || port >= XEN_PORT_WORDS * 64 || port_count == XEN_LINE_COUNT)
        return 0;
    ports[port_count] = (uint32_t)port;
    return XEN_LINE_FIRST + port_count++;
}

void xen_events_init(void)
{
    struct xen_shared *shared = &xen_shared_frame.info;
    for (uint32_t i = 0; i < XEN_PORT_WORDS; i++)
        __atomic_store_n(&shared->mask[i], UINT64_MAX, __ATOMIC_RELAXED);
    struct xen_param param = {
        .domain = XEN_SELF, .index = XEN_PARAM_CALLBACK, .value = XEN_CALLBACK_VECTOR | VECTOR_XEN};
    xen_call_on(XEN_HVM, XEN_HVM_SET, &param);
    if (xen_has_vectors()) {
        struct xen_vector vector = {.vcpu = 0, .vector = VECTOR_XEN};
        xen_call_on(XEN_HVM, XEN_HVM_SET_VECTOR, &vector);
    }
}

/* 0: there is none, or it lies where no domain may have it. */
static exo_frame share_add(const struct boot_facts *facts, uint64_t frame)
{
    struct exo_device share = {.first = (exo_frame)frame, .count = 1, .kind = EXO_DEVICE_SHARED};
    return frame > 0 && frame < UINT32_MAX && device_add(facts, &share) ? share.first : 0;
}

void xen_describe(const struct boot_facts *facts)
{
    if (!xen_is_here())
        return;
    if (!xen_grants_init())
        log_line("warning: Xen gives no grant table");
    struct exo_xen *xen = &info->xen;
    xen->console = share_add(facts, xen_param(XEN_PARAM_CONSOLE_FRAME));
    xen->console_line = xen->console ? line_add(xen_param(XEN_PARAM_CONSOLE_PORT)) : 0;
    xen->store = share_add(facts, xen_param(XEN_PARAM_STORE_FRAME));
    xen->store_line = xen->store ? line_add(xen_param(XEN_PARAM_STORE_PORT)) : 0;
}

void xen_line_enable(uint32_t line)
{
    uint32_t port = port_of(line);
    /* By Xen, which looks whether an event came while it was masked. */
    if (port)
        xen_call_on(XEN_EVENT, XEN_EVENT_UNMASK, &port);
}

void xen_line_disable(uint32_t line)
{
    uint32_t port = port_of(line);
    if (port)
        __atomic_or_fetch(&xen_shared_frame.info.mask[port / 64], 1ull << port % 64,
                          __ATOMIC_SEQ_CST);
}

void xen_line_signal(uint32_t line)
{
    uint32_t port = port_of(line);
    if (port)
        xen_call_on(XEN_EVENT, XEN_EVENT_SEND, &port);
}

void xen_events_take(void)
{
    struct xen_shared *shared = &xen_shared_frame.info;
    struct xen_vcpu *vcpu = &shared->vcpus[0];
    __atomic_store_n(&vcpu->pending, 0, __ATOMIC_SEQ_CST);
    if (__atomic_exchange_n(&vcpu->selector, 0, __ATOMIC_SEQ_CST) == 0)
        return;
    for (uint32_t i = 0; i < port_count; i++) {
        uint64_t bit = 1ull << ports[i] % 64;
        uint64_t *word = &shared->pending[ports[i] / 64];
        if (__atomic_load_n(&shared->mask[ports[i] / 64], __ATOMIC_RELAXED) & bit)
            continue;
        if (__atomic_fetch_and(word, ~bit, __ATOMIC_SEQ_CST) & bit)
            irq_raise(XEN_LINE_FIRST + i);
    }
}
