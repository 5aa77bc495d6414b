#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Runs Python unit tests and prints `ok NAME`, `not ok NAME: ...` as they end.

usage: unittest_lines.py [--list] DIRECTORY [NAME]...
"""

import os
import sys
import unittest


class LineResult(unittest.TestResult):
    """Prints a line for each result; a failure's text comes on lines of its own before it."""

    def addSuccess(self, test):
        super().addSuccess(test)
        print(f"ok {test.id()}", flush=True)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        print(f"skip {test.id()}: {reason}", flush=True)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._show(test, err)

    def addError(self, test, err):
        super().addError(test, err)
        self._show(test, err)

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._show(test, err)

    def _show(self, test, err):
        text = self._exc_info_to_string(err, test)
        print(text, flush=True)
        print(f"not ok {test.id()}: {text.strip().replace(chr(10), ' | ')[-800:]}", flush=True)


def cases_of(suite):
    """Yield the single cases of a nested suite."""
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            yield from cases_of(item)
        else:
            yield item


def main(arguments):
    """List or run; the exit status is 1 if any failed."""
    only_list = arguments[0] == "--list"
    directory, *names = arguments[only_list:]
    directory = os.path.realpath(directory)
    sys.path.insert(0, directory)
    cases = list(cases_of(unittest.defaultTestLoader.discover(directory)))
    if only_list:
        for case in cases:
            print(case.id())
        return 0
    result = LineResult()
    wanted = unittest.TestSuite(case for case in cases if not names or case.id() in names)
    wanted.run(result)
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
