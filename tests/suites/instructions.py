# SPDX-License-Identifier: BSD-2-Clause
"""Instruction counts of the core paths: none has grown since tests/bench/instructions.txt."""

from . import processes
from .paths import TOP

_FILE = TOP / "tests/bench/instructions.txt"


def run(report):
    """Boot two machines whose counter counts instructions, and compare."""
    from seamtool.bench import counts

    known = counts.counts_read(_FILE)
    with processes.machine_slot():
        measured = counts.counts_measure()
    names = [name for name in {**known, **measured} if report.wants(name)]
    report.expect(len(names))
    for name in names:
        why = counts.problem(name, known, measured)
        if why:
            report.fail(name, why)
        else:
            report.ok(name)
