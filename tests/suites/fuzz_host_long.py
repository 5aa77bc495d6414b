# SPDX-License-Identifier: BSD-2-Clause
"""The programs of fuzz-host for minutes each, with new seeds (ninja fuzz).

What they have learnt is kept between runs, in build/test/fuzz-host/NAME/kept.
"""

from . import fuzz_host, processes

_SECONDS = 180


def run(report):
    """Run all of them, two at a time."""
    options = [f"-max_total_time={_SECONDS}"]
    processes.run_all(
        [
            lambda n=name: fuzz_host.fuzz(report, n, options, keeps=True, seconds=2 * _SECONDS)
            for name in fuzz_host.names()
        ]
    )
