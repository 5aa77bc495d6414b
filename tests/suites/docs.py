# SPDX-License-Identifier: BSD-2-Clause
"""docs."""


def run(report):
    """Run."""
