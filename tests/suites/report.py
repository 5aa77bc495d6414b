# SPDX-License-Identifier: BSD-2-Clause
"""What became of each test: counted, shown while it happens, kept as JSON."""

import fnmatch
import json
import sys
import threading
import time
import traceback

from .paths import RESULTS

_TAIL_LINES = 60
# Without a terminal, a line about a suite's progress at most this often.
_LINE_SECONDS = 15


class Report:
    """The results of one suite; its methods may be called by several threads."""

    def __init__(self, suite, patterns, screen):
        self.suite = suite
        self.passed = self.failed = self.skipped = 0
        self._expected = 0
        self._patterns = patterns
        self._screen = screen
        self._lock = threading.Lock()
        self._tests = []
        self._began = time.monotonic()

    @property
    def is_chosen(self):
        """Did the user say which tests to run?  Without that a suite may leave long ones out."""
        return self._patterns != ["*"]

    def wants(self, name):
        """Is the test NAME among those that the user asked for?"""
        return any(fnmatch.fnmatchcase(name, pattern) for pattern in self._patterns)

    def expect(self, count):
        """COUNT more tests will be reported."""
        with self._lock:
            self._expected += count
            self._screen.progress(self._state())

    def ok(self, name):
        """The test NAME passed."""
        with self._lock:
            self.passed += 1
            self._keep(name, "passed")

    def fail(self, name, text):
        """The test NAME failed; TEXT tells why and what was printed."""
        text = "\n".join(str(text).rstrip().splitlines()[-_TAIL_LINES:])
        with self._lock:
            self.failed += 1
            self._screen.say(f"FAILED {self.suite}:{name}")
            for line in text.splitlines():
                self._screen.say(f"    {line}")
            self._keep(name, "failed", text)

    def skip(self, name, why):
        """The test NAME cannot be judged by whoever runs this."""
        with self._lock:
            self.skipped += 1
            self._screen.say(f"skipped {self.suite}:{name}: {why}")
            self._keep(name, "skipped", why)

    def note(self, text):
        """Say TEXT, which is no result."""
        with self._lock:
            self._screen.say(text)

    def end(self):
        """Say how it went, and write the results down."""
        seconds = time.monotonic() - self._began
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        self._screen.say(
            f"{self.suite}: {self.passed} passed, {self.failed} failed{skipped} ({seconds:.0f} s)"
        )
        RESULTS.mkdir(parents=True, exist_ok=True)
        results = {
            "suite": self.suite,
            "passed": self.passed,
            "failed": self.failed,
            "skipped": self.skipped,
            "seconds": round(seconds, 1),
            "tests": self._tests,
        }
        (RESULTS / f"{self.suite}.json").write_text(json.dumps(results, indent=1) + "\n")

    def _keep(self, name, result, text=None):
        entry = {
            "name": name,
            "result": result,
            "at_seconds": round(time.monotonic() - self._began, 1),
        }
        if text is not None:
            entry["text"] = text
        self._tests.append(entry)
        self._screen.progress(self._state())

    def _state(self):
        done = self.passed + self.failed + self.skipped
        failed = f", {self.failed} failed" if self.failed else ""
        return f"{self.suite}: {done}/{max(self._expected, done)}{failed}"


class Screen:
    """Lines, and below them, on a terminal, one that is rewritten in place."""

    def __init__(self, file):
        self._file = file
        self._is_terminal = file.isatty()
        self._shown = ""
        self._said_at = 0.0

    def say(self, line):
        """Print a line that stays."""
        if self._shown:
            self._file.write("\r\x1b[K")
        self._file.write(line + "\n")
        if self._shown:
            self._file.write(self._shown)
        self._file.flush()

    def progress(self, state):
        """Show how far it is."""
        if self._is_terminal:
            self._shown = state
            self._file.write(f"\r\x1b[K{state}")
            self._file.flush()
        elif time.monotonic() - self._said_at > _LINE_SECONDS:
            self._said_at = time.monotonic()
            self.say(state)

    def suite_begin(self, text):
        """A suite begins."""
        self.say(text)
        self._said_at = time.monotonic()

    def suite_end(self):
        """No progress to show any more."""
        if self._shown:
            self._file.write("\r\x1b[K")
            self._shown = ""


class Summary:
    """All suites of a run."""

    def __init__(self, file=sys.stdout):
        self.passed = self.failed = 0
        self._screen = Screen(file)
        self._reports = []

    def run(self, name, suite, patterns):
        """Run one SUITE (a module); a fault of the suite itself is a failed test."""
        self._screen.suite_begin(f"== {name}: {suite.__doc__.splitlines()[0].rstrip('.')}")
        report = Report(name, patterns, self._screen)
        try:
            suite.run(report)
        except Exception:
            report.fail("(the suite itself)", traceback.format_exc())
        if report.passed + report.failed == 0:
            report.fail("(the suite itself)", "no test was run")
        self._screen.suite_end()
        report.end()
        self._reports.append(report)
        self.passed += report.passed
        self.failed += report.failed

    def show(self):
        """Name the suites with failures; the counts are the last line."""
        for report in self._reports:
            if report.failed:
                self._screen.say(f"failures in {report.suite}: build/test/{report.suite}.json")
        self._screen.say(f"{self.passed} passed, {self.failed} failed")
