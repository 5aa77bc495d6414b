# SPDX-License-Identifier: BSD-2-Clause
"""Which rows there are, and which of them a user's words name."""

import fnmatch
import os
import subprocess
from typing import NamedTuple

from ..errors import SeamError
from ..paths import BUILD, TOP

PROGRAMS = os.path.join(BUILD, "bench")
COSTS = os.path.join(BUILD, "x86_64", "native", "costs.elf")

# Measured from outside, or by a program of another kind.
BOOT = "boot"
EXOKERNEL = "exokernel"
WHOLE = "whole"


class Row(NamedTuple):
    """group, name; bytes: moved by one operation, or 0; what: a line for people."""

    group: str
    name: str
    bytes: int
    what: str


# As tests/guest/native/costs.c prints them.
_EXOKERNEL_ROWS = (
    Row(EXOKERNEL, "null-call", 0, "an exokernel call that does nothing, there and back"),
    Row(EXOKERNEL, "reflected-call", 0, "a Linux call to the libOS's entry and back, nothing done"),
    Row(EXOKERNEL, "fault-entry", 0, "an exception, to the first instruction of the upcall"),
    Row(EXOKERNEL, "fault-upcall", 0, "an exception, the upcall, back behind the instruction"),
    Row(EXOKERNEL, "map-page", 0, "space_map of one page beside the last one"),
    Row(EXOKERNEL, "map-replace", 0, "the same in place of another page, with its flush"),
    Row(EXOKERNEL, "map-batch", 0, "space_map of 64 pages at once, for each of them"),
    Row(EXOKERNEL, "space-switch", 0, "from one space to another"),
    Row(EXOKERNEL, "vcpu-yield", 0, "a directed yield to another vcpu of the domain"),
)
_BOOT_ROWS = (Row(BOOT, "first_instruction", 0, "QEMU's start to a program's first instruction"),)


def programs_build():
    """Build what is out of date: kernel, libOS and the benchmark's programs."""
    command = ["ninja", "-C", TOP, "bench-programs"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise SeamError("ninja is not installed: run ./setup") from None
    if done.returncode != 0:
        raise SeamError(f"the benchmark's programs cannot be built:\n{done.stdout[-3000:]}")


def rows_all():
    """Return all rows in the order in which they are shown; the programs must be built."""
    program = os.path.join(PROGRAMS, "bench-static")
    listed = subprocess.run([program, "--list"], capture_output=True, text=True, check=True)
    return [*_EXOKERNEL_ROWS, *_BOOT_ROWS, *rows_parse(listed.stdout)]


def rows_parse(text):
    """Return the rows that the benchmark's program lists."""
    rows = []
    for line in text.splitlines():
        group, name, size, what = line.split("\t")
        rows.append(Row(group, name, int(size), what))
    return rows


def rows_choose(rows, words):
    """Return those of ROWS that WORDS name: names, groups or patterns; SeamError for a word
    that names none.  Without words: all but the whole programs, which need a tree of their own;
    `all`: these too."""
    if "all" in words:
        return rows
    if not words:
        return [row for row in rows if row.group != WHOLE]
    for word in words:
        if not any(_is_meant(row, word) for row in rows):
            raise SeamError(f"no row of the benchmark is called '{word}' (see seam bench --list)")
    return [row for row in rows if any(_is_meant(row, word) for word in words)]


def _is_meant(row, word):
    return word == row.group or fnmatch.fnmatchcase(row.name, word)
