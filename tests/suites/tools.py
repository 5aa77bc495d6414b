# SPDX-License-Identifier: BSD-2-Clause
"""The host's tools: seam, setup, archives, terminals."""

import sys

from . import processes
from .lines import Results
from .paths import TOP

_RUNNER = TOP / "tests/suites/unittest_lines.py"
_PLACE = TOP / "tests/tools"


def run(report):
    """Run tests/tools in a process of its own."""
    names = []
    listed = processes.lines_run([sys.executable, _RUNNER, "--list", _PLACE], names.append)
    if listed.status != 0:
        report.fail("(list)", listed.explain())
        return
    names = [name for name in names if report.wants(name)]
    report.expect(len(names))
    results = Results(report)
    ended = processes.lines_run([sys.executable, _RUNNER, _PLACE, *names], results.take, idle=120)
    for name in names:
        if name not in results.seen:
            report.fail(name, "no result\n" + ended.explain())
