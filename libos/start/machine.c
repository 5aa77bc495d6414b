/* SPDX-License-Identifier: BSD-2-Clause */
/* machine.c - the end of the domain. */
#include <exo/stubs.h>
#include "base/errno.h"
#include "base/format.h"
#include "base/log.h"
#include "start/options.h"
#include "start/out.h"
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
    out_describe();
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
    /* The host shows what follows `seam: error: ` to the user. */
    const char *why = err == -ENOENT    ? "not found"
                      : err == -EACCES  ? "permission denied"
                      : err == -ENOEXEC ? "not executable on this machine"
                                        : "it cannot be executed";
    char line[256];
    int n = snprintf(line, sizeof(line), "seam: error: %.200s: %s\n", options.init, why);
    log_write(line, (size_t)n);
    log_debug("the first program: error %d", -err);
    machine_end(err == -ENOENT ? 127 : 126);
}
