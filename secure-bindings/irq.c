/* SPDX-License-Identifier: BSD-2-Clause */
/* irq.c - interrupt lines bound to event bits, and I/O ports.
 *
 * Devices are domain 0's: no other domain can have a line or a port.  The ports and lines of what the kernel keeps (the
 * interrupt controllers, the interval timer, the clock chip, its log, chipset control)
 * cannot be had.
 */
#include "irq.h"
#include "calls.h"
#include "cpu.h"
#include "domain.h"
#include "vcpu.h"

static struct vcpu *line_vcpu[ARCH_LINES_MAX] GUARDED_BY(exo_lock);
static uint64_t line_event[ARCH_LINES_MAX] GUARDED_BY(exo_lock);

void irq_raise(uint32_t line)
{
    if (line >= ARCH_LINES_MAX)
        return;
    /* A level line would ring again at once; an edge line, masked, would lose the next edge. */
    if (arch_irq_is_level(line))
        arch_irq_disable(line);
    if (line_vcpu[line])
        vcpu_notify(line_vcpu[line], line_event[line]);
}

enum exo_status call_irq_bind(struct caller *c, uint32_t line, exo_cap cap, uint32_t event)
{
    struct cap *found = cap_find(c->dom, cap, EXO_CAP_VCPU);
    if (c->dom->number != 0)
        return EXO_OWNER;
    if (line >= ARCH_LINES_MAX || !arch_irq_exists(line) || event < EXO_EVENT_FIRST_FREE ||
        event >= 64)
        return EXO_RANGE;
    if (!found)
        return EXO_CAP;
    struct vcpu *vcpu = found->object;
    if (vcpu->dom != c->dom)
        return EXO_OWNER;
    if (line_vcpu[line] && line_vcpu[line]->dom != c->dom)
        return EXO_INUSE;
    if (!vcpu->cpu)
        return EXO_STATE;
    line_vcpu[line] = vcpu;
    line_event[line] = 1ull << event;
    arch_irq_enable(line, vcpu->cpu);
    return EXO_OK;
}

enum exo_status call_irq_ack(struct caller *c, uint32_t line)
{
    if (line >= ARCH_LINES_MAX)
        return EXO_RANGE;
    if (!line_vcpu[line] || line_vcpu[line]->dom != c->dom)
        return EXO_OWNER;
    if (line_vcpu[line]->cpu && arch_irq_is_level(line))
        arch_irq_enable(line, line_vcpu[line]->cpu);
    return EXO_OK;
}

enum exo_status call_irq_signal(struct caller *c, uint32_t line)
{
    if (line >= ARCH_LINES_MAX)
        return EXO_RANGE;
    if (!line_vcpu[line] || line_vcpu[line]->dom != c->dom)
        return EXO_OWNER;
    return arch_irq_signal(line) ? EXO_OK : EXO_INVAL;
}

void irq_unbind_vcpu(const struct vcpu *vcpu)
{
    for (uint32_t line = 0; line < ARCH_LINES_MAX; line++) {
        if (line_vcpu[line] == vcpu) {
            arch_irq_disable(line);
            line_vcpu[line] = nullptr;
        }
    }
}

void irq_unbind_all(const struct domain *dom)
{
    for (uint32_t line = 0; line < ARCH_LINES_MAX; line++)
        if (line_vcpu[line] && line_vcpu[line]->dom == dom)
            irq_unbind_vcpu(line_vcpu[line]);
}

enum exo_status call_port_guarded(struct caller *c, uint32_t port, uint32_t value)
{
    if (c->dom->number != 0)
        return EXO_OWNER;
    if (!arch_port_is_guarded(port))
        return EXO_RANGE;
    if (value == EXO_PORT_READ) {
        c->second = arch_port_guarded_read(port);
        return EXO_OK;
    }
    if (value > UINT8_MAX)
        return EXO_INVAL;
    return arch_port_guarded_write(port, (uint8_t)value) ? EXO_OK : EXO_RIGHTS;
}

enum exo_status call_port_claim(struct caller *c, uint32_t first, uint32_t count)
{
    if (c->dom->number != 0)
        return EXO_OWNER;
    if (first >= ARCH_PORTS || count == 0 || count > ARCH_PORTS - first)
        return EXO_RANGE;
    for (uint32_t port = first; port < first + count; port++) {
        if (arch_port_is_reserved(port))
            return EXO_RIGHTS;
    }
    for (uint32_t port = first; port < first + count; port++)
        c->dom->ports[port / 8] |= (uint8_t)(1u << port % 8);
    for (uint32_t i = 0; i < cpu_count; i++)
        if (cpus[i].ports == c->dom)
            arch_set_ports(&cpus[i], c->dom->ports);
    return EXO_OK;
}
