# SPDX-License-Identifier: BSD-2-Clause
"""Parts that need no machine, on this host under sanitizers.

Each case of each build/unit/*_test counts.  A program that dies fails the case it was at and
those that did not come to run.
"""

import re

from . import processes
from .paths import BUILD, TOP

_PLAN = re.compile(r"^1\.\.(\d+)$")
_RESULT = re.compile(r"^(ok|not ok) \d+ - (\S+)")
_SECONDS = 120


def run(report):
    """Run the program of each tests/unit/*_test.c."""
    sources = sorted((TOP / "tests/unit").glob("*_test.c"))
    processes.run_all([lambda s=source: _Program(report, s.stem).run() for source in sources])


class _Program:
    """One test program; it prints in the TAP form."""

    def __init__(self, report, name):
        self._report = report
        self._path = BUILD / "unit" / name
        self._prefix = name.removesuffix("_test") + "."
        self._planned = self._done = self._failed = 0
        self._lines = []
        self._failing = None  # its message comes after its line

    def run(self):
        """Run it and report its cases."""
        if not self._path.exists():
            self._result("(build)", False, f"there is no {self._path}")
            return
        env = {**processes.environment(), "CMOCKA_MESSAGE_OUTPUT": "TAP"}
        ended = processes.lines_run([self._path], self._take, timeout=_SECONDS, env=env)
        self._failing_report()
        text = "\n".join([*self._lines, ended.explain()])
        for number in range(self._done + 1, self._planned + 1):
            self._result(f"(case {number})", False, f"not finished\n{text}")
        # What the sanitizers find at the end belongs to no case.
        if ended.status != 0 and self._failed == 0:
            self._result("(end)", False, text)

    def _take(self, line):
        if match := _PLAN.match(line):
            self._planned = int(match[1])
            if self._report.wants(self._prefix):
                self._report.expect(self._planned)
        elif match := _RESULT.match(line):
            self._failing_report()
            self._done += 1
            if match[1] == "ok":
                self._result(match[2], True, "")
            else:
                self._failing = match[2]
        else:
            self._lines.append(line)

    def _failing_report(self):
        if self._failing:
            self._result(self._failing, False, "\n".join(self._lines))
        self._failing = None
        self._lines.clear()

    def _result(self, name, is_ok, text):
        name = self._prefix + name
        self._failed += not is_ok
        if not self._report.wants(name):
            return
        if is_ok:
            self._report.ok(name)
        else:
            self._report.fail(name, text)
