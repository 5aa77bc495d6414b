# SPDX-License-Identifier: BSD-2-Clause
"""Instruction counts of the core paths, and the file that says what they were.

The file has a line `NAME COUNT` for each path; `#` begins a comment.
"""

from . import archive, native
from .guests import SEAM, Setting, rows_run

PROGRAM_ROWS = ("getppid", "syscall", "read1", "futex_handover", "fork_exit")
GROWTH_MOST = 1.10

_MEM_MIB = 128
_HEADER = """\
# Guest instructions of the core paths, as QEMU counts them (-icount shift=0).
# `ninja test-instructions` fails when one has grown by more than 10%; `ninja instructions`
# writes this file anew.
"""


def counts_measure():
    """Boot two machines; return {path: instructions}."""
    counts = dict(native.costs_run(is_icount=True))
    setting = Setting(archive.small_make(), _MEM_MIB, is_icount=True)
    figures = rows_run(SEAM, setting, list(PROGRAM_ROWS))
    if figures.failed:
        raise RuntimeError(f"these rows failed: {figures.failed}")
    counts.update({name: round(cycles) for name, cycles in figures.cycles.items()})
    return counts


def counts_read(path):
    """Return what the file at PATH says."""
    counts = {}
    with open(path, encoding="ascii") as file:
        for line in file:
            text = line.partition("#")[0].split()
            if text:
                counts[text[0]] = int(text[1])
    return counts


def counts_write(path, counts):
    """Write COUNTS to the file at PATH."""
    with open(path, "w", encoding="ascii") as file:
        file.write(_HEADER)
        for name, count in counts.items():
            file.write(f"{name:20} {count:>8}\n")


def problem(name, known, counts):
    """Return what is wrong with the path NAME, or None."""
    if name not in known:
        return "it is not in the file: run `ninja instructions`"
    if name not in counts:
        return "it is in the file and was not measured: run `ninja instructions`"
    if counts[name] > known[name] * GROWTH_MOST:
        return (
            f"{counts[name]} instructions, {known[name]} in the file: if that must be, "
            "run `ninja instructions`"
        )
    return None
