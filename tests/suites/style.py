# SPDX-License-Identifier: BSD-2-Clause
"""Rules that files must keep: licence line, none forgotten by the build, no notes to oneself."""

import json
import re
import subprocess
import sys
from collections import Counter

from .cases import Cases
from .paths import TOP

_CODE = (".c", ".h", ".S", ".py", ".ninja", ".def", ".sh")
_BUILT = (
    "exokernel",
    "secure-bindings",
    "libos",
    "drivers",
    "tests/bench",
    "tests/fuzz/host",
    "tests/guest",
    "tests/unit",
)
# Pieces, so that this file keeps the rules that it checks.
_NOTES = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b|\bfor " + r"now\b")
_PLACES = re.compile(r"(?:^|[\s\"'=(])/(?:wo" + r"rk|home)/\w")
_TRUSTED_MAX = 6000  # without what serves one platform or another
_PLATFORMS_MAX = 1500
_NAME = re.compile(r"[A-Za-z0-9._/-]+")
_TAG = re.compile(r"@([A-Z]+-\d+)")

_case = Cases()


def run(report):
    """Check the tree as it lies."""
    _case.run(report, _files())


def _files():
    """Return the text files of the tree that are neither ignored nor generated, with their text."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=TOP,
        capture_output=True,
        text=True,
        check=False,
    )
    names = listed.stdout.split("\n") if listed.returncode == 0 else _names_walked()
    files = {}
    for name in names:
        path = TOP / name
        if name and path.is_file() and not path.is_symlink():
            try:
                files[name] = path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                pass
    return files


def _names_walked():
    """A tree without its history: everything but what is made here."""
    for path in TOP.rglob("*"):
        name = str(path.relative_to(TOP))
        if not name.startswith(("build/", ".")) and "__pycache__" not in name:
            yield name


def _check(complaints):
    assert not complaints, "\n".join(complaints)


@_case
def code_names_its_licence(files):
    """In the first lines, where a script's interpreter may come before it."""
    _check(
        [
            name
            for name, text in files.items()
            if (name.endswith(_CODE) or text.startswith("#!"))
            and not name.startswith("tests/busybox/data/")
            and not any("SPDX-License-Identifier: " in line for line in text.splitlines()[:3])
            and text.strip()
        ]
    )


@_case
def no_source_is_forgotten_by_the_build(files):
    """Every C and assembly file is compiled by some edge."""
    done = subprocess.run(
        ["ninja", "-t", "compdb"], cwd=TOP, capture_output=True, text=True, check=True
    )
    built = {entry["file"] for entry in json.loads(done.stdout)}
    _check(
        [
            name
            for name in files
            if name.endswith((".c", ".S")) and name.startswith(_BUILT) and name not in built
        ]
    )


@_case
def no_file_came_by_accident(files):
    """What a tool left behind has a name that nobody would give."""
    known = {"CONTRIBUTING.md", "LICENSE", "README.md", "build.ninja", "seam", "setup"}
    _check(
        [
            name
            for name in files
            if not _NAME.fullmatch(name)
            or ("/" not in name and not name.startswith(".") and name not in known)
        ]
    )


@_case
def files_hold_no_notes_to_oneself(files):
    """What is missing stands in doc/caveats.md, what is planned in no file."""
    _check(_lines_like(files, _NOTES))


@_case
def files_name_no_place_of_one_machine(files):
    """Paths of somebody's own."""
    _check(_lines_like(files, _PLACES))


@_case
def lines_end_where_they_end(files):
    """No tabs in C, no blanks at an end, a new line at the last one."""
    complaints = []
    for name, text in files.items():
        if not name.endswith((".c", ".h", ".py")) or not text:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if "\t" in line or line != line.rstrip():
                complaints.append(f"{name}:{number}: a tab, or blanks at the end")
        if not text.endswith("\n"):
            complaints.append(f"{name}: no new line at the end")
    _check(complaints)


@_case
def ids_of_scenarios_are_unique(files):
    """A scenario is named by its id alone."""
    ids = Counter()
    for name, text in files.items():
        if name.endswith(".feature"):
            ids.update(_TAG.findall(text))
    _check([f"{tag} is there {count} times" for tag, count in ids.items() if count > 1])


@_case
def the_trusted_part_stays_small(_files):
    """Kernel and secure bindings, as tools/trusted_lines.py counts them."""
    done = subprocess.run(
        [sys.executable, TOP / "tools/trusted_lines.py"], capture_output=True, text=True, check=True
    )
    total, platforms = (
        int(re.search(rf"^{name} +(\d+) lines", done.stdout, re.MULTILINE)[1])
        for name in ("trusted, x86_64", "platforms")
    )
    lines = total - platforms
    assert lines <= _TRUSTED_MAX, f"{lines} lines; at most {_TRUSTED_MAX} are wanted"
    assert platforms <= _PLATFORMS_MAX, f"platforms: {platforms}; at most {_PLATFORMS_MAX}"


def _lines_like(files, pattern):
    return [
        f"{name}:{number}: {line.strip()}"
        for name, text in files.items()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]
