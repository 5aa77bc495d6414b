#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Counts the trusted code of one architecture: lines without blanks and comments.

Usage: tools/trusted_lines.py [--files] [--max N] [ARCH]

--files  one line per file
--max N  fail if there are more than N lines
"""

import argparse
import os
import sys

_DIRECTORIES = ("exokernel", "secure-bindings")
# Below exokernel/arch/ARCH: what makes the kernel run on one machine or another.  It runs at boot and
# at the machine's end, or serves one platform only, and is counted apart.
_PLATFORMS = ("firmware", "pc", "xen")
_SUFFIXES = (".c", ".h", ".S", ".def")


def lines_count(text):
    """Count the lines of C or of assembly that hold more than comment."""
    return sum(1 for line in _strip_comments(text).split("\n") if line.strip())


def _strip_comments(text):
    """Remove /* */ and // comments, but not what looks like one in a literal."""
    out = []
    position = 0
    while position < len(text):
        two = text[position : position + 2]
        char = text[position]
        if two == "/*":
            end = text.find("*/", position + 2)
            end = len(text) if end < 0 else end + 2
            out.append("\n" * text.count("\n", position, end))
        elif two == "//":
            end = text.find("\n", position)
            end = len(text) if end < 0 else end
        elif char == '"' or (char == "'" and not _is_digit_separator(text, position)):
            end = _literal_end(text, position)
            out.append(text[position:end])
        else:
            end = position + 1
            out.append(char)
        position = end
    return "".join(out)


def _is_digit_separator(text, position):
    """C23 writes 1'000'000."""
    return text[position - 1 : position].isalnum() and text[position + 1 : position + 2].isalnum()


def _literal_end(text, start):
    position = start + 1
    while position < len(text) and text[position] not in (text[start], "\n"):
        position += 2 if text[position] == "\\" else 1
    return position + 1


def trusted_files(top, arch):
    """Yield the trusted files for ARCH; other architectures' directories are left out."""
    for directory in _DIRECTORIES:
        for path, names, files in os.walk(os.path.join(top, directory)):
            if os.path.basename(path) == "arch":
                names[:] = [name for name in names if name == arch]
            names.sort()
            for name in sorted(files):
                if name.endswith(_SUFFIXES):
                    yield os.path.relpath(os.path.join(path, name), top)


def count(top, arch):
    """Return {file: lines}."""
    counts = {}
    for path in trusted_files(top, arch):
        with open(os.path.join(top, path), encoding="utf-8") as file:
            counts[path] = lines_count(file.read())
    return counts


def is_of_platform(path):
    """Is PATH, one of trusted_files, about a platform?"""
    return path.split(os.sep)[3:4] and path.split(os.sep)[3] in _PLATFORMS


def report(top, arch="x86_64", with_files=False):
    """Print the table and return the sum."""
    counts = count(top, arch)
    if with_files:
        for path, lines in counts.items():
            print(f"{lines:>6}  {path}")
    platforms = {path for path in counts if is_of_platform(path)}
    for directory in _DIRECTORIES:
        lines = sum(
            n
            for path, n in counts.items()
            if path.startswith(directory + os.sep) and path not in platforms
        )
        print(f"{directory:<28}{lines:>8} lines")
    print(f"{'platforms':<28}{sum(counts[path] for path in platforms):>8} lines")
    total = sum(counts.values())
    print(f"{'trusted, ' + arch:<28}{total:>8} lines")
    return total


def main():
    parser = argparse.ArgumentParser(description="Count the trusted code of one architecture.")
    parser.add_argument("--files", action="store_true", help="one line per file")
    parser.add_argument("--max", type=int, metavar="N", help="fail if there are more lines")
    parser.add_argument("arch", nargs="?", default="x86_64")
    arguments = parser.parse_args()
    top = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
    total = report(top, arguments.arch, arguments.files)
    if arguments.max is not None and total > arguments.max:
        print(f"trusted_lines: {total} lines are more than {arguments.max}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
