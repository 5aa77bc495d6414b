# SPDX-License-Identifier: BSD-2-Clause
"""Random system calls with hostile arguments, inside: nothing but the caller may suffer.

The seeds are fixed; fuzz-long has new ones.
"""

from . import processes, trees
from .paths import SEAM

_SECONDS = 300

# (seed, CPUs, workers, workers at once)
_RUNS = ((1, 1, 40, 2), (2, 2, 60, 4), (3, 4, 60, 6), (12, 2, 60, 4))


def run(report):
    """Run the fixed seeds, two machines at a time."""
    archive = archive_make()
    processes.run_all([lambda r=one: fuzz(report, archive, *r) for one in _RUNS])


def archive_make():
    """Make the tree of the fuzzer's machines; return its path."""
    return trees.archive_make("fuzz", ["fuzz-calls"])


def fuzz(report, archive, seed, cpus, workers, at_once, options=(), calls=2000):
    """One machine: WORKERS processes, AT_ONCE at a time, that make CALLS calls each."""
    name = f"seed{seed}.{cpus}cpu" + (".debug" if options else "")
    if not report.wants(name):
        return
    report.expect(1)
    command = [SEAM, "run", "--mem", 512, "--smp", cpus, "--root", archive, *options, "--"]
    command += [f"/{trees.PROGRAMS_IN_TREE}/fuzz-calls", "--seed", seed, "--workers", workers]
    command += ["--at-once", at_once, "--calls", calls]
    lines = []
    with processes.machine_slot(cpus):
        ended = processes.lines_run(command, lines.append, idle=_SECONDS, timeout=_SECONDS)
    if ended.status == 0 and not ended.reason and " 0 failures" in "".join(lines):
        report.ok(name)
    else:
        report.fail(name, ended.explain())

