# SPDX-License-Identifier: BSD-2-Clause
"""What the generators of pages in doc/ share: arguments, writing, checking, dependencies."""

import argparse
import os
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))


def read(path):
    """Return the text of a file of the tree."""
    with open(os.path.join(TOP, path), encoding="utf-8") as file:
        return file.read()


def page_main(description, page, build):
    """Write PAGE with what BUILD() returns, the text and the files that it was made from.

    With --check nothing is written: the status is 1 if the page is not what it would be.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--check", action="store_true", help="only say whether it is up to date")
    parser.add_argument("--depfile", metavar="FILE", help="write the sources' names for ninja")
    arguments = parser.parse_args()
    text, sources = build()
    old = read(page) if os.path.exists(os.path.join(TOP, page)) else None
    if arguments.check:
        if old != text:
            print(f"{page} is out of date: run ninja docs", file=sys.stderr)
        return int(old != text)
    if old != text:
        with open(os.path.join(TOP, page), "w", encoding="utf-8") as file:
            file.write(text)
    if arguments.depfile:
        with open(arguments.depfile, "w", encoding="utf-8") as file:
            file.write(f"{page}: {' '.join(sources)}\n")
    return 0


def comment_text(lines):
    """Join the lines of a C comment into one line of text."""
    text = " ".join(line.strip().removeprefix("* ") for line in lines)
    return " ".join(text.removeprefix("/*").removesuffix("*/").split())
