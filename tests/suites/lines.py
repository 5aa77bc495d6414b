# SPDX-License-Identifier: BSD-2-Clause
"""The lines by which our test programs tell results: `ok X`, `not ok X: why`, `skip X: why`."""

import re

_LINE = re.compile(r"^(ok|not ok|skip) (\S+?)(?:: (.*))?$")


class Results:
    """Reports the lines that it is given, each name with PREFIX before it."""

    def __init__(self, report, prefix="", *, is_skip_failure=False):
        self._report = report
        self._prefix = prefix
        self._is_skip_failure = is_skip_failure
        self.seen = set()

    def take(self, line):
        """Look at one line; return whether it was a result."""
        match = _LINE.match(line)
        if not match:
            return False
        kind, name, why = match.groups()
        self.seen.add(name)
        name = self._prefix + name
        if kind == "ok":
            self._report.ok(name)
        elif kind == "skip" and not self._is_skip_failure:
            self._report.skip(name, why)
        else:
            self._report.fail(name, why or line)
        return True
