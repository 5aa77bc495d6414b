# SPDX-License-Identifier: BSD-2-Clause
"""Tests that are functions of a suite's module: collected by a decorator, failed by exceptions."""

import subprocess
import traceback

from . import processes


class Cases:
    """A suite's functions, in the order in which they stand there."""

    def __init__(self):
        self._functions = []

    def __call__(self, function):
        """Use as a decorator: FUNCTION is a test under its own name."""
        self._functions.append(function)
        return function

    def run(self, report, *arguments):
        """Call each with ARGUMENTS, two at a time, and report it."""
        wanted = [function for function in self._functions if report.wants(function.__name__)]
        report.expect(len(wanted))
        processes.run_all([lambda f=one: _call(report, f, arguments) for one in wanted])


def _call(report, function, arguments):
    try:
        function(*arguments)
    except AssertionError as error:
        report.fail(function.__name__, error)
    except subprocess.TimeoutExpired as error:
        parts = [part for part in (error.output, error.stderr) if part]
        text = b"\n".join(parts).decode("utf-8", "replace")
        report.fail(function.__name__, f"{text}\nnot finished after {error.timeout} s")
    except Exception:
        report.fail(function.__name__, traceback.format_exc())
    else:
        report.ok(function.__name__)
