#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Compares what busybox applets do in Seam with what the same binary does on this host.

usage: run.py [--list] [--host-only] [--keep DIR] [--seam COMMAND] [NAME|PATTERN*]...

Each case of cases/*.sh runs once on the host, in a temporary directory, and once in
Seam (all of them in one boot).  Output and exit status must be equal.
"""

import argparse
import fnmatch
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
HEADER = re.compile(r"^## case (\w+): (.+)$")
PATH_IN_TREE = "/bin"
SECONDS = 900


class Case:
    """A few lines of shell under a name, and the applets that they are about."""

    def __init__(self, name, applets):
        self.name = name
        self.applets = applets
        self.lines = []


def cases_read():
    """Return the cases of all files, by name."""
    cases = {}
    for path in sorted((HERE / "cases").glob("*.sh")):
        case = None
        for line in path.read_text().splitlines(keepends=True):
            header = HEADER.match(line)
            if header:
                case = Case(header[1], header[2].split())
                if case.name in cases:
                    sys.exit(f"run.py: {path.name}: {case.name} is there twice")
                cases[case.name] = case
            elif case:
                case.lines.append(line)
    return cases


def busybox_find():
    """Return the busybox that Seam's own tree is made of, else the host's."""
    for place in sorted(TOP.glob("build/guest/*/bin/busybox")):
        return place
    found = shutil.which("busybox")
    if not found:
        sys.exit("run.py: no busybox: run ./setup first")
    return pathlib.Path(found)


def tree_make(root, busybox, cases):
    """Make a root directory with BUSYBOX, its applets and the cases below /tests."""
    binaries = root / PATH_IN_TREE[1:]
    binaries.mkdir()
    shutil.copy(busybox, binaries / "busybox")
    applets = subprocess.run([busybox, "--list"], capture_output=True, text=True, check=True)
    for applet in applets.stdout.split():
        if applet != "busybox":
            (binaries / applet).symlink_to("busybox")
    for name in ("tmp", "proc", "dev", "etc", "root"):
        (root / name).mkdir()
    (root / "tmp").chmod(0o1777)
    (root / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
    (root / "etc/group").write_text("root:x:0:\n")
    tests = root / "tests"
    (tests / "cases").mkdir(parents=True)
    shutil.copytree(HERE / "data", tests / "data")
    shutil.copy(HERE / "driver.sh", tests)
    for case in cases:
        (tests / "cases" / case.name).write_text("".join(case.lines))


def environment(path):
    """Return the whole environment of both sides."""
    return {"PATH": str(path), "HOME": "/", "TZ": "UTC", "LC_ALL": "C", "TERM": "dumb"}


def output_split(output):
    """Return {name: (status, output)} from what driver.sh printed."""
    results = {}
    while match := re.match(rb"== (\w+) (\d+) +(\d+)\n", output):
        length = int(match[3])
        end = match.end() + length
        results[match[1].decode()] = (int(match[2]), output[match.end() : end])
        output = output[end:]
    return results, output


def host_run(root):
    """Run the cases here, as whoever we are, in a copy of the tree."""
    binaries = root / PATH_IN_TREE[1:]
    done = subprocess.run(
        [binaries / "sh", root / "tests/driver.sh", root / "tests"],
        env=environment(binaries),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        timeout=SECONDS,
        check=False,
        start_new_session=True,
    )
    return output_split(done.stdout)


def seam_run(root, seam):
    """Run the cases in Seam, all in one boot."""
    command = [*shlex.split(seam), "--root", str(root), "--timeout", str(SECONDS)]
    for key, value in environment(PATH_IN_TREE).items():
        command += ["--env", f"{key}={value}"]
    command += ["--", "/bin/sh", "/tests/driver.sh", "/tests"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False)
    return output_split(done.stdout)


def result_show(result):
    """Return a readable text of one side's result."""
    if result is None:
        return "    (no result)\n"
    status, output = result
    text = output.decode(errors="backslashreplace").splitlines()
    return f"    status {status}\n" + "".join(f"    {line}\n" for line in text[:40])


def judge(cases, host, seam):
    """Print a line for each case; return how many failed."""
    failed = 0
    for case in cases:
        expected, got = host.get(case.name), seam.get(case.name)
        if expected is not None and expected == got:
            print(f"ok {case.name}")
            continue
        failed += 1
        print(f"not ok {case.name}")
        print("  host:\n" + result_show(expected) + "  seam:\n" + result_show(got), end="")
    return failed


def arguments_parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--list", action="store_true", help="name the cases and their applets")
    parser.add_argument("--host-only", action="store_true", help="show the host's results")
    parser.add_argument("--keep", metavar="DIR", help="work in DIR and leave it")
    parser.add_argument("--seam", default=f"{TOP}/seam run", help="the command that runs Seam")
    parser.add_argument("patterns", nargs="*", metavar="NAME")
    return parser.parse_args()


def main():
    """Compare; exit with 1 if anything differs."""
    arguments = arguments_parse()
    cases = [
        case
        for name, case in cases_read().items()
        if not arguments.patterns or any(fnmatch.fnmatch(name, p) for p in arguments.patterns)
    ]
    applets = {applet for case in cases for applet in case.applets}
    if arguments.list:
        for case in cases:
            print(case.name, *case.applets)
        print(f"{len(cases)} cases, {len(applets)} applets")
        return 0
    busybox = busybox_find()
    with tempfile.TemporaryDirectory(prefix="seam-busybox-") as scratch:
        place = pathlib.Path(arguments.keep or scratch)
        for side in ("host", "seam"):
            (place / side).mkdir(parents=True)
            tree_make(place / side, busybox, cases)
        host, rest = host_run(place / "host")
        if rest != b"== end\n":
            print(f"run.py: the host's run ended early: {rest[:200]!r}", file=sys.stderr)
        if arguments.host_only:
            for name, result in host.items():
                print(f"{name}\n{result_show(result)}", end="")
            return 0
        seam, rest = seam_run(place / "seam", arguments.seam)
        if rest != b"== end\n":
            print(f"run.py: Seam's run ended early: {rest[:200]!r}", file=sys.stderr)
        failed = judge(cases, host, seam)
    print(f"{len(applets)} applets")
    print(f"{len(cases) - failed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    os.umask(0o022)
    sys.exit(main())
