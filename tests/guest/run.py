#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Runs the guest tests in Seam, or (--host) on this host's Linux, the oracle.

usage: run.py [--host] [--smp N] [--mem MIB] [--seam COMMAND] [--limit S] [NAME|PATTERN*]...

Prints a line for each test and "N passed, N failed" at last; exits with 1 if any failed.
The host's run needs root and a few seconds; it touches only a directory below /tmp and
/dev/shm.  Every test is judged as root; those that are not about root drop it themselves.
"""

import argparse
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
PROGRAM = TOP / "build/guest-tests/guest-tests"
SECONDS = 1200
SUMMARY = re.compile(r"^(\d+) passed, (\d+) failed$")


def arguments_parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--host", action="store_true", help="run on this host instead")
    parser.add_argument("--smp", default="1", help="number of CPUs (default 1)")
    parser.add_argument("--mem", default="256", help="memory in MiB (default 256)")
    parser.add_argument("--limit", default="60", help="seconds that a test may take")
    parser.add_argument("--seam", default=f"{TOP}/seam run", help="the command that runs Seam")
    parser.add_argument("patterns", nargs="*", metavar="NAME")
    return parser.parse_args()


def tree_make(root):
    """Make the smallest tree that the tests need."""
    (root / "tests").mkdir()
    shutil.copy(PROGRAM, root / "tests")
    for name in ("tmp", "proc", "dev"):
        (root / name).mkdir()
    (root / "tmp").chmod(0o1777)


def run(command):
    """Run COMMAND, pass its lines on as they come; its last summary, or None."""
    summary = None
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, errors="replace"
    ) as process:
        for line in process.stdout:
            match = SUMMARY.match(line.rstrip("\n"))
            if match:
                summary = (int(match[1]), int(match[2]))
            else:
                print(line, end="", flush=True)
    return summary, process.returncode


def main():
    """Run them; exit with 1 if anything failed, or did not come to its end."""
    arguments = arguments_parse()
    if not PROGRAM.exists():
        sys.exit(f"run.py: {PROGRAM} is not built: run ninja guest-tests")
    words = ["--limit", arguments.limit, *arguments.patterns]
    if arguments.host:
        if os.geteuid() != 0:
            print("run.py: the tests are judged as root: nothing is run on this host")
            print("0 passed, 0 failed")
            return 0
        summary, status = run([PROGRAM, *words])
    else:
        with tempfile.TemporaryDirectory(prefix="seam-guest-") as scratch:
            root = pathlib.Path(scratch)
            root.chmod(0o755)
            tree_make(root)
            command = [*shlex.split(arguments.seam), "--root", scratch, "--smp", arguments.smp]
            command += ["--mem", arguments.mem, "--timeout", str(SECONDS)]
            summary, status = run([*command, "--", "/tests/guest-tests", *words])
    if summary is None:
        print(f"not ok guest_tests_come_to_their_end: exit status {status}")
        summary = (0, 1)
    print(f"{summary[0]} passed, {summary[1]} failed")
    return summary[1] != 0


if __name__ == "__main__":
    sys.exit(main())
