#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Runs the tests of the host tools; the last line is "N passed, N failed".

Usage: tests/tools/run.py [-v] [NAME ...]   (test_run, test_run.RunTest.test_x ...)
"""

import os
import sys
import unittest


def main(arguments):
    verbosity = 2 if "-v" in arguments else 1
    names = [argument for argument in arguments if argument != "-v"]
    here = os.path.dirname(os.path.realpath(__file__))
    sys.path.insert(0, here)
    loader = unittest.defaultTestLoader
    suite = loader.loadTestsFromNames(names) if names else loader.discover(here)
    result = unittest.TextTestRunner(verbosity=verbosity).run(suite)
    for test, reason in result.skipped:
        print(f"skipped: {test.id()}: {reason}")
    failed = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
    print(f"{result.testsRun - failed - len(result.skipped)} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
