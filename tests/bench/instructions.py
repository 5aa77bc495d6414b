#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Measures the instruction counts of the core paths and writes instructions.txt anew.

Prints what has changed.
"""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(HERE)), "tools"))

from seamtool.bench import counts  # noqa: E402  (the path must be known first)

FILE = os.path.join(HERE, "instructions.txt")


def main():
    """Measure, compare, write."""
    try:
        before = counts.counts_read(FILE)
    except FileNotFoundError:
        before = {}
    after = counts.counts_measure()
    counts.counts_write(FILE, after)
    for name, count in after.items():
        was = before.get(name)
        if was != count:
            print(f"{name:20} {count:>8}" + (f"   was {was}" if was else "   new"))


if __name__ == "__main__":
    main()
