/* SPDX-License-Identifier: BSD-2-Clause */
/* stubs.h - one function per exokernel call, made from exo/calls.def:
 *
 *     enum exo_status exo_<call>(parameters ..., uint64_t *second);
 *
 * with the last parameter only where the call has a second result.
 */
#pragma once

#include <exo_trap.h>

#define EXO_PARAM_NONE
#define EXO_PARAM_CAP    , uint64_t *second
#define EXO_PARAM_COUNT  , uint64_t *second
#define EXO_PARAM_VALUE  , uint64_t *second
#define EXO_RESULT_NONE  &(uint64_t){0}
#define EXO_RESULT_CAP   second
#define EXO_RESULT_COUNT second
#define EXO_RESULT_VALUE second

#define EXO_CALL0(nr, name, kind)                                                                  \
    static inline enum exo_status exo_##name(uint64_t *second)                                     \
    {                                                                                              \
        return exo_trap(nr, 0, 0, 0, 0, 0, second);                                                \
    }
#define EXO_CALL1(nr, name, kind, t0, a0)                                                          \
    static inline enum exo_status exo_##name(t0 a0 EXO_PARAM_##kind)                               \
    {                                                                                              \
        return exo_trap(nr, a0, 0, 0, 0, 0, EXO_RESULT_##kind);                                    \
    }
#define EXO_CALL2(nr, name, kind, t0, a0, t1, a1)                                                  \
    static inline enum exo_status exo_##name(t0 a0, t1 a1 EXO_PARAM_##kind)                        \
    {                                                                                              \
        return exo_trap(nr, a0, a1, 0, 0, 0, EXO_RESULT_##kind);                                   \
    }
#define EXO_CALL3(nr, name, kind, t0, a0, t1, a1, t2, a2)                                          \
    static inline enum exo_status exo_##name(t0 a0, t1 a1, t2 a2 EXO_PARAM_##kind)                 \
    {                                                                                              \
        return exo_trap(nr, a0, a1, a2, 0, 0, EXO_RESULT_##kind);                                  \
    }
#define EXO_CALL4(nr, name, kind, t0, a0, t1, a1, t2, a2, t3, a3)                                  \
    static inline enum exo_status exo_##name(t0 a0, t1 a1, t2 a2, t3 a3 EXO_PARAM_##kind)          \
    {                                                                                              \
        return exo_trap(nr, a0, a1, a2, a3, 0, EXO_RESULT_##kind);                                 \
    }
#define EXO_CALL5(nr, name, kind, t0, a0, t1, a1, t2, a2, t3, a3, t4, a4)                          \
    static inline enum exo_status exo_##name(t0 a0, t1 a1, t2 a2, t3 a3, t4 a4 EXO_PARAM_##kind)   \
    {                                                                                              \
        return exo_trap(nr, a0, a1, a2, a3, a4, EXO_RESULT_##kind);                                \
    }
#include <exo/calls.def>
#undef EXO_CALL0
#undef EXO_CALL1
#undef EXO_CALL2
#undef EXO_CALL3
#undef EXO_CALL4
#undef EXO_CALL5
