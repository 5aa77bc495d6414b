# SPDX-License-Identifier: BSD-2-Clause
"""Many more random system calls, with new seeds, also in a build with checks (ninja fuzz).

Each test's name has its seed: `fuzz-calls --seed N` repeats it.
"""

import random

from . import fuzz
from .paths import BUILD

_DEBUG_KERNEL = BUILD / "x86_64-debug/seam.elf"
_ROUNDS = 12
_CALLS = 5000
_WORKERS = 200


def run(report):
    """Run new seeds with each number of CPUs, and with checks for undefined behaviour."""
    archive = fuzz.archive_make()
    checked = ("--kernel", _DEBUG_KERNEL)
    for _ in range(_ROUNDS):
        seed = random.randrange(1, 1 << 30)
        for cpus in (1, 2, 4):
            fuzz.fuzz(report, archive, seed, cpus, _WORKERS, 2 + cpus, calls=_CALLS)
        fuzz.fuzz(report, archive, seed, 2, _WORKERS, 4, checked, _CALLS)
