/* SPDX-License-Identifier: BSD-2-Clause */
/* seccomp.h - seccomp(2)'s form in prctl(2). */
#pragma once

#include <stdint.h>
#include "base/types.h"

/* prctl(PR_SET_SECCOMP, MODE, AT). */
long seccomp_prctl(uint64_t mode, uaddr_t at);
