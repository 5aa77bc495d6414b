# SPDX-License-Identifier: BSD-2-Clause
"""The least memory in which a system runs a shell."""

import sys

from . import archive
from .boot import GuestError
from .guests import LINUX, SEAM, TITLES, Setting, machine_make

_MOST_MIB = 512
_SECONDS = 60
_COUNTER_KHZ_GUESS = 2_000_000

_SHELL = ["/bin/busybox", "sh", "-c", "uname"]
_REDIS = ["/bin/busybox", "sh", f"/{archive.PLACE}/redis-ping.sh"]


def memory_print(options, say):
    """Print the least memory for each program and system; return the exit status."""
    systems = [SEAM] if options.no_linux else [SEAM, LINUX]
    programs = (
        ("busybox sh", archive.shell_make(), _SHELL),
        ("redis-server", archive.redis_make(say), _REDIS),
    )
    for name, initrd, argv in programs:
        for system in systems:
            least = least_find(_MOST_MIB, lambda mib: _runs(system, initrd, argv, mib))
            text = f"{least} MiB" if least else f"more than {_MOST_MIB} MiB"
            print(f"least memory for {name}, {TITLES[system]}: {text}", flush=True)
    return 0


def least_find(most, runs):
    """Return the least number up to MOST for which RUNS(number) holds, or None.

    What runs with some memory is taken to run with more.
    """
    if not runs(most):
        return None
    fails, works = 0, most
    while works - fails > 1:
        middle = (fails + works) // 2
        if runs(middle):
            works = middle
        else:
            fails = middle
    return works


def _runs(system, initrd, argv, mib):
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{system}: {mib} MiB\r")
    said = []
    try:
        machine = machine_make(system, Setting(initrd, mib, khz=_COUNTER_KHZ_GUESS), argv)
        return machine.run(said.append, _SECONDS, _SECONDS) == 0 and bool(said)
    except GuestError:
        return False
