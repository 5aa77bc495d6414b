# SPDX-License-Identifier: BSD-2-Clause
"""boot."""


def run(report):
    """Run."""
