# SPDX-License-Identifier: BSD-2-Clause
"""The lines by which our test programs tell results: `ok X`, `not ok X: why`, `skip X: why`."""

import re

_LINE = re.compile(r"^(ok|not ok|skip) (\S+?)(?:: (.*))?$")


class Results:
    """Reports the lines that it is given, each name with PREFIX before it.

    is_skip_failure   all tests must be judged here
    has_escapes       new lines in a failure's text are written as backslash and n
    """

    def __init__(self, report, prefix="", *, is_skip_failure=False, has_escapes=False):
        self._report = report
        self._prefix = prefix
        self._is_skip_failure = is_skip_failure
        self._has_escapes = has_escapes
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
            text = why or line
            self._report.fail(name, text.replace("\\n", "\n") if self._has_escapes else text)
        return True
