/* SPDX-License-Identifier: BSD-2-Clause */
/* usercopy.h - the one way between kernel and user memory. */
#pragma once

#include <exo/abi.h>
#include "arch.h"

/* FIRST .. FIRST + BYTES lies in the user half, without overflow. */
static inline bool range_is_user(uint64_t first, uint64_t bytes)
{
    return bytes <= EXO_USER_TOP && first <= EXO_USER_TOP - bytes;
}

/* EXO_OK, or EXO_FAULT with an undefined part copied. */
[[nodiscard]] static inline enum exo_status copy_in(void *to, uint64_t from, size_t n)
{
    return range_is_user(from, n) && user_copy(to, (const void *)from, n) ? EXO_OK : EXO_FAULT;
}

[[nodiscard]] static inline enum exo_status copy_out(uint64_t to, const void *from, size_t n)
{
    return range_is_user(to, n) && user_copy((void *)to, from, n) ? EXO_OK : EXO_FAULT;
}
