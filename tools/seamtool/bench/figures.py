# SPDX-License-Identifier: BSD-2-Clause
"""From the figures of several boots to one line per row, and one number for all rows."""

import math
from typing import NamedTuple


class Cell(NamedTuple):
    """The boots of one system: the least, and how far the worst is above it (0.1: by 10%)."""

    least: float
    spread: float


def cell(values):
    """Return the Cell of VALUES, one for each boot; None: there are none."""
    if not values:
        return None
    least = min(values)
    return Cell(least, max(values) / least - 1 if least else 0.0)


def ratio(seam, linux):
    """How many times as long Linux takes; None: one side is missing."""
    if seam is None or linux is None or not seam.least:
        return None
    return linux.least / seam.least


def geometric_mean(values):
    """Return the geometric mean of VALUES (positive, None is left out), or None."""
    logs = [math.log(value) for value in values if value is not None]
    return math.exp(sum(logs) / len(logs)) if logs else None


class Samples:
    """Values by (kind, system, row): nanoseconds or instructions, one for each boot.

    KIND is WALL or COUNT.  failed: {(system, row): why}.
    """

    def __init__(self):
        self._values = {}
        self.failed = {}

    def add(self, kind, system, row, value):
        """One more boot."""
        self._values.setdefault((kind, system, row), []).append(value)

    def fail(self, system, row, why):
        """The row could not be measured there."""
        self.failed.setdefault((system, row), why)

    def cell(self, kind, system, row):
        """Return the Cell, or None.  A row that failed in any boot has none."""
        if (system, row) in self.failed:
            return None
        return cell(self._values.get((kind, system, row), []))

    def has(self, kind):
        """Was anything of this kind measured?"""
        return any(key[0] == kind for key in self._values)


WALL, COUNT = "wall", "instructions"
