/* SPDX-License-Identifier: BSD-2-Clause */
/* irq.h - interrupt lines bound to event bits of vcpus, and I/O ports to domains. */
#pragma once

#include <stdint.h>
#include "lock.h"

struct domain;
struct vcpu;

/* Line LINE rang: its vcpu gets the event; a level line stays off until irq_ack. */
void irq_raise(uint32_t line) REQUIRES(exo_lock);
void irq_unbind_vcpu(const struct vcpu *vcpu) REQUIRES(exo_lock);
void irq_unbind_all(const struct domain *dom) REQUIRES(exo_lock);
