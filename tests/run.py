#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Runs the test suites one after the other; the last line is "N passed, N failed".

usage: run.py [--list] [SUITE[:PATTERN]]...

Without arguments all suites run, but for those that are long: --list marks them.
SUITE alone runs all of its tests, SUITE:PATTERN those whose names match (as in a shell).
What a suite needs must have been built: `ninja test` does that first.  Results go to
build/test/SUITE.json.
"""

import signal
import sys

from suites import ON_REQUEST, SUITES, report


def selection_read(arguments):
    """Return [(suite, patterns)] in the order of SUITES, all of them without ARGUMENTS."""
    wanted = {}
    for argument in arguments:
        name, colon, pattern = argument.partition(":")
        if name not in SUITES:
            sys.exit(f"run.py: there is no suite '{name}'; there are: {' '.join(SUITES)}")
        patterns = wanted.setdefault(name, [])
        patterns.append(pattern if colon else "*")
    if not wanted:
        wanted = {name: ["*"] for name in SUITES if name not in ON_REQUEST}
    return [(name, wanted[name]) for name in SUITES if name in wanted]


def signals_to_default():
    """A shell's background job ignores some signals; what the tests start must not inherit that."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


def main(arguments):
    """Run what ARGUMENTS name; return the exit status."""
    signals_to_default()
    if "-h" in arguments or "--help" in arguments:
        print(__doc__.strip())
        return 0
    if "--list" in arguments:
        for name, suite in SUITES.items():
            mark = " [on request]" if name in ON_REQUEST else ""
            print(f"{name:<14} {suite.__doc__.splitlines()[0]}{mark}")
        return 0
    summary = report.Summary()
    for name, patterns in selection_read(arguments):
        summary.run(name, SUITES[name], patterns)
    summary.show()
    return 1 if summary.failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        print("\nrun.py: interrupted")
        sys.exit(130)
