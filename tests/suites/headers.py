# SPDX-License-Identifier: BSD-2-Clause
"""Each header compiles alone.

The flags are those of the .c file nearest to the header, as ninja knows them.
"""

import json
import os
import shlex
import subprocess

from . import processes
from .paths import TOP

_PLACES = ("exokernel", "secure-bindings", "libos", "drivers", "tests")

# Headers that have no code beside them are compiled as their users are.
_USERS = {"secure-bindings/include": "libos/base", "libos": "libos/base"}

# Headers that are not for all code of their directory.
_SPECIAL = {
    "tests/unit/fake_kernel.h": "tests/unit/fake_kernel.c",
    "tests/unit/kernel_host.h": "tests/unit/fake_kernel.c",
}


def run(report):
    """Compile every header by itself."""
    commands = _commands()
    headers = [path for place in _PLACES for path in sorted((TOP / place).rglob("*.h"))]
    names = [str(path.relative_to(TOP)) for path in headers]
    names = [name for name in names if report.wants(name)]
    report.expect(len(names))
    processes.run_all([lambda n=name: _header_check(report, commands, n) for name in names])


def _commands():
    """Return {directory or file: compiler and flags} from ninja's compilation database."""
    done = subprocess.run(
        ["ninja", "-t", "compdb"], cwd=TOP, capture_output=True, text=True, check=True
    )
    commands = {}
    for entry in json.loads(done.stdout):
        if not entry["file"].endswith(".c") or " -c " not in entry["command"]:
            continue
        directory = os.path.dirname(entry["file"])
        words = shlex.split(entry["command"])
        commands[entry["file"]] = _flags_of(words)
        # A libOS file is compiled for the machine and for unit tests: the first counts.
        if directory not in commands or "-ffreestanding" in words:
            commands[directory] = _flags_of(words)
    return commands


def _flags_of(words):
    flags, skip = [], False
    for word in words:
        if skip:
            skip = False
        elif word in ("-c", "-o", "-MF"):
            skip = True
        elif word not in ("-MMD", "-MD"):
            flags.append(word)
    return flags


def _header_check(report, commands, name):
    directory = _SPECIAL.get(name) or os.path.dirname(name)
    while directory and directory not in commands:
        directory = _USERS.get(directory) or os.path.dirname(directory)
    if directory not in commands:
        report.fail(name, "no .c file near it is compiled: no flags known")
        return
    # Included, not compiled itself: #pragma once in a main file is a warning.
    done = subprocess.run(
        [*commands[directory], "-fsyntax-only", "-x", "c", "-include", f"./{name}", "/dev/null"],
        cwd=TOP,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        report.ok(name)
    else:
        report.fail(name, done.stderr)
