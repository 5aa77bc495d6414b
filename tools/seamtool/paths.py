# SPDX-License-Identifier: BSD-2-Clause
"""Where things lie in the checkout."""

import os

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
BUILD = os.path.join(TOP, "build")
KERNEL = os.path.join(BUILD, "x86_64", "seam.elf")
CACHE = os.path.join(BUILD, "cache")
GUEST_PACKAGES = os.path.join(BUILD, "guest")
GDB_SOCKET = os.path.join("build", "gdb.sock")  # relative to TOP: a socket's name is short
