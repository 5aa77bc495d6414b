# SPDX-License-Identifier: BSD-2-Clause
"""features."""


def run(report):
    """Run."""
