# SPDX-License-Identifier: BSD-2-Clause
"""programs."""


def run(report):
    """Run."""
