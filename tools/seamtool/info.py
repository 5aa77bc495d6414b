# SPDX-License-Identifier: BSD-2-Clause
"""seam info: how much is trusted, and how large the image is."""

import os
import sys

from .paths import KERNEL, TOP

sys.path.insert(0, os.path.join(TOP, "tools"))

import trusted_lines  # noqa: E402  (it is a program beside this package)


def info_print():
    trusted_lines.report(TOP)
    if os.path.exists(KERNEL):
        path = os.path.relpath(KERNEL, TOP)
        print(f"{'image':<28}{os.path.getsize(KERNEL) / 1024:>8.0f} KiB   {path}")
    else:
        print(f"{'image':<28}not built: run ninja")
    return 0
