# SPDX-License-Identifier: BSD-2-Clause
"""The guest programs' tests on this host's Linux: what they expect must be Linux's behaviour."""

import subprocess

from . import processes
from .lines import Results
from .paths import GUEST_PROGRAMS


def names_list(report):
    """Return the names of the tests that are wanted."""
    listed = subprocess.run(
        [GUEST_PROGRAMS / "guest-tests", "--list"], capture_output=True, text=True, check=True
    )
    return [name for name in listed.stdout.split() if report.wants(name)]


def run(report):
    """Run them in halves, side by side."""
    names = names_list(report)
    report.expect(len(names))
    processes.run_all([lambda n=half: _run(report, n) for half in (names[::2], names[1::2])])


def _run(report, names):
    if not names:
        return
    results = Results(report)
    ended = processes.lines_run([GUEST_PROGRAMS / "guest-tests", *names], results.take)
    for name in names:
        if name not in results.seen:
            report.fail(name, "no result\n" + ended.explain())
