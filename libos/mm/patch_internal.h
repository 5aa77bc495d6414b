/* SPDX-License-Identifier: BSD-2-Clause */
/* patch_internal.h - stubs and their windows, for mm/patch.c. */
#pragma once

#include <stdint.h>
#include "arch/call_site.h"
#include "base/list.h"

/* A stub lives for ever. */
struct stub {
    struct list_node node; /* among those whose sites have this address's hash */
    struct call_site site;
    uint64_t at;
};

/* The stub for SITE, made if there is none.  NULL: out of reach, or no memory. */
struct stub *stub_for(const struct call_site *site);
/* The stub that ADDRESS lies in, or NULL. */
struct stub *stub_at(uint64_t address);
