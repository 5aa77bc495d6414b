/* SPDX-License-Identifier: BSD-2-Clause */
/* exec_helpers.c - the helpers that several tests execute. */
#include "test.h"

#include <stdlib.h>

HELPER(exit)
{
    return argc > 2 ? atoi(argv[2]) : 0;
}
