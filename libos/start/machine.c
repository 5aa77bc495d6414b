/* SPDX-License-Identifier: BSD-2-Clause */
/* machine.c - the end of the domain. */
#include <exo/stubs.h>
#include "base/errno.h"
#include "base/log.h"
#include "start/options.h"
#include "start/start.h"
#include "start/stats.h"
#include "tty/console.h"

[[noreturn]] static void halt(void)
{
    for (;;)
        (void)exo_vcpu_wait(0);
}

void machine_end(unsigned status)
{
    console_drain();
    if (options.stats)
        stats_print();
    (void)exo_power(EXO_POWER_OFF, status);
    halt();
}

void machine_restart(void)
{
    console_drain();
    (void)exo_power(EXO_POWER_RESET, 0);
    halt();
}

void machine_abort(void)
{
    (void)exo_power(EXO_POWER_FAIL, 0);
    halt();
}

/* A shell's convention: 127 if there is no such program, 126 if it cannot be executed. */
void first_program_failed(int err)
{
    log_error("cannot run %s: error %d", options.init, -err);
    machine_end(err == -ENOENT ? 127 : 126);
}
