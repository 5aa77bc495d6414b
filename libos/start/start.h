/* SPDX-License-Identifier: BSD-2-Clause */
/* start.h - the beginning and the end of the domain. */
#pragma once

#include <stdint.h>

struct exo_info;
struct exo_vcpu_page;

/* The first C of domain 0: on the boot stack, events masked. */
[[noreturn]] void libos_main(const struct exo_info *info, struct exo_vcpu_page *page);

/* The first program has ended: STATUS is what a shell would make of it (0-255; 128 + signal).
 * Waits for the console's output, prints statistics if asked, and powers off. */
[[noreturn]] void machine_end(unsigned status);

/* The first program could not be started: negative ERR. */
[[noreturn]] void first_program_failed(int err);

/* The mode of the command line is not understood: say so and end the machine. */
[[noreturn]] void mode_failed(void);

/* reboot(2): stop all CPUs. */
[[noreturn]] void machine_halt(void);

/* Whoever runs the machine wants it to end: tell the first program (SIGTERM, SIGHUP), and if it
 * still runs some seconds later, end it.  RESTART: then restart the machine. */
void machine_ask_end(bool restart);

/* reboot(2): restart the machine. */
[[noreturn]] void machine_restart(void);

/* Control, alt and delete on the keyboard: restart the machine, or interrupt the first process if
 * reboot(2) said so. */
void machine_ctrl_alt_del(void);
extern bool machine_cad_restarts;

/* The domain cannot go on: end at once, as failed. */
[[noreturn]] void machine_abort(void);
