# SPDX-License-Identifier: BSD-2-Clause
"""features/: what a user does and sees, in Gherkin, run by behave."""

import os
import re
import sys

from . import processes
from .lines import Results
from .paths import TOP

_SECONDS = 600
_OF_OTHER_SUITES = {"xen"}
_TAG = re.compile(r"^\s*@([A-Z]+-\d+)", re.MULTILINE)


def run(report):
    """Run the features, two at a time."""
    features = sorted((TOP / "features").glob("*.feature"), key=lambda path: -path.stat().st_size)
    features = [feature for feature in features if feature.stem not in _OF_OTHER_SUITES]
    processes.run_all([lambda f=feature: feature_run(report, f) for feature in features])


def feature_run(report, feature):
    """Run the scenarios of one file."""
    tags = _TAG.findall(feature.read_text())
    wanted = [tag for tag in tags if report.wants(tag)]
    if not wanted:
        return
    report.expect(len(wanted))
    command = [sys.executable, "-m", "behave", "--format", "suites.behave_lines:LinesFormatter"]
    command += ["--no-summary", "--no-snippets", "--tags", ",".join(wanted), feature]
    path = os.pathsep.join([str(TOP / "tests"), os.environ.get("PYTHONPATH", "")])
    results = Results(report, has_escapes=True)
    with processes.machine_slot():
        ended = processes.lines_run(
            command,
            results.take,
            idle=180,
            timeout=_SECONDS,
            cwd=TOP,
            env={**processes.environment(), "PYTHONPATH": path},
        )
    seen = {name.partition(".")[0] for name in results.seen}
    for tag in wanted:
        if tag not in seen:
            report.fail(tag, "no result\n" + ended.explain())
