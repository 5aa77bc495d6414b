# SPDX-License-Identifier: BSD-2-Clause
"""busybox applets inside print what the same binary prints on this host."""

import re
import sys

from . import processes
from .paths import TOP

_RUNNER = TOP / "tests/busybox/run.py"
_RESULT = re.compile(r"^(ok|not ok) (\w+)$")
_SECONDS = 900


def run(report):
    """Run all cases in one machine."""
    names = []
    listed = processes.lines_run([sys.executable, _RUNNER, "--list"], names.append)
    if listed.status != 0:
        report.fail("(list)", listed.explain())
        return
    names = [line.split()[0] for line in names[:-1]]
    names = [name for name in names if report.wants(name)]
    report.expect(len(names))
    results = {}

    def take(line):
        match = _RESULT.match(line)
        if match:
            results[match[2]] = (match[1] == "ok", [])
        elif results:
            results[next(reversed(results))][1].append(line)

    with processes.machine_slot():
        ended = processes.lines_run(
            [sys.executable, _RUNNER, *names], take, idle=_SECONDS, timeout=_SECONDS
        )
    for name in names:
        is_ok, text = results.get(name, (False, [ended.explain()]))
        if is_ok:
            report.ok(name)
        else:
            report.fail(name, "\n".join(text))
