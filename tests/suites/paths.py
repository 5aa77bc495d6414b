# SPDX-License-Identifier: BSD-2-Clause
"""Where things are; importing this makes tools/seamtool importable."""

import pathlib
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = TOP / "build"
CACHE = BUILD / "cache"
RESULTS = BUILD / "test"
GUEST_PROGRAMS = BUILD / "guest-tests"
KERNEL = BUILD / "x86_64" / "seam.elf"
NATIVE = BUILD / "x86_64" / "native"
SEAM = TOP / "seam"

sys.path.insert(0, str(TOP / "tools"))
