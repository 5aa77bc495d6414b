# SPDX-License-Identifier: BSD-2-Clause
"""Parts that need no machine, on this host under sanitizers.

Each case of each build/unit/*_test counts.  A program that dies in a case fails that one
and those that did not come to run.
"""

import re

from . import processes
from .paths import BUILD, TOP

_RESULT = re.compile(r"^(ok|not ok) \d+ - (\S+)")
_SOURCE_CASE = re.compile(r"cmocka_unit_test\w*\(\s*(\w+)")
_SECONDS = 120


def run(report):
    """Run the program of each tests/unit/*_test.c."""
    sources = sorted((TOP / "tests/unit").glob("*_test.c"))
    processes.run_all([lambda s=source: _program_run(report, s) for source in sources])


def _program_run(report, source):
    prefix = source.stem.removesuffix("_test")
    names = list(dict.fromkeys(_SOURCE_CASE.findall(source.read_text())))
    names = [name for name in names if report.wants(f"{prefix}.{name}")]
    if not names:
        return
    report.expect(len(names))
    seen = {}
    lines = []

    def take(line):
        match = _RESULT.match(line)
        if not match:
            lines.append(line)
            return
        seen[match[2]] = (match[1] == "ok", list(lines))
        lines.clear()

    env = {**processes.environment(), "CMOCKA_MESSAGE_OUTPUT": "TAP"}
    program = BUILD / "unit" / source.stem
    if not program.exists():
        for name in names:
            report.fail(f"{prefix}.{name}", f"{program} was not built")
        return
    ended = processes.lines_run([program], take, timeout=_SECONDS, env=env)
    for name in names:
        has_passed, text = seen.get(name, (False, [*lines, ended.explain()]))
        if has_passed:
            report.ok(f"{prefix}.{name}")
        else:
            report.fail(f"{prefix}.{name}", "\n".join(text + lines))
    # What the sanitizers find at the end belongs to no case.
    if ended.status != 0 and all(is_ok for is_ok, _ in seen.values()) and len(seen) >= len(names):
        report.fail(f"{prefix}.(end)", ended.explain())
