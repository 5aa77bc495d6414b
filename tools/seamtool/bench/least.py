# SPDX-License-Identifier: BSD-2-Clause
"""The least memory in which a system runs a shell."""

import os
import sys

from ..cpio import archive_write
from ..default_tree import default_entries
from . import archive
from .boot import GuestError
from .guests import LINUX, SEAM, TITLES, Setting, machine_make
from .rows import PROGRAMS

_MOST_MIB = 256
_SECONDS = 60
_COUNTER_KHZ_GUESS = 2_000_000


def memory_print(options):
    """Print the least memory for each system; return the exit status."""
    systems = [SEAM] if options.no_linux else [SEAM, LINUX]
    initrd = _archive_make()
    for system in systems:
        least = least_find(_MOST_MIB, lambda mib, s=system: _runs(s, initrd, mib))
        text = f"{least} MiB" if least else f"more than {_MOST_MIB} MiB"
        print(f"least memory for busybox sh, {TITLES[system]}: {text}")
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


def _archive_make():
    path = os.path.join(PROGRAMS, "least.cpio")
    with open(path, "wb") as file:
        archive_write(file.fileno(), default_entries() + archive.init_entries(), print)
    return path


def _runs(system, initrd, mib):
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{system}: {mib} MiB\r")
    said = []
    setting = Setting(initrd, mib, khz=_COUNTER_KHZ_GUESS)
    argv = ["/bin/busybox", "sh", "-c", "uname"]
    try:
        machine = machine_make(system, setting, argv)
        return machine.run(said.append, _SECONDS) == 0 and bool(said)
    except GuestError:
        return False
