# SPDX-License-Identifier: BSD-2-Clause
"""The guest programs' tests inside Seam, on 1 and 2 CPUs, and those about concurrency on 4.

They run in batches, a machine each.  When a machine ends or falls silent in the middle, the
test that it was at has failed, and the rest of the batch goes on in a new machine.
"""

import fnmatch

from . import oracle, processes, trees
from .lines import Results
from .paths import SEAM

_BATCH = 100
# By number of CPUs: with more of them than the host has, memory calls wait for each other.
_LIMIT_SECONDS = {1: 20, 2: 20, 4: 90}
_IDLE_SECONDS = {1: 75, 2: 75, 4: 240}
_BATCH_SECONDS = 600
_RESTARTS = 8

# What is worth running on more CPUs than the host has.
_CONCURRENT = (
    *("aio*", "barrier*", "cloexec*", "clone*", "cond*", "epoll*", "fork*", "futex*"),
    *("kill*", "mq*", "msg*", "mutex*", "pipe*", "process*", "pthread*", "robust*", "rwlock*"),
    *("sem*", "shm*", "sig*", "socket*", "tcp*", "thread*", "udp*", "unix*", "uring*", "vfork*"),
    *("wait*",),
)

# Not to be judged under emulation.
_NOT_EMULATED = {
    "siginfo_of_an_sse_exception": "QEMU's emulation raises no SIMD floating-point exceptions"
}


def run(report):
    """Run all batches, two machines at a time."""
    archive = trees.archive_make("guest", ["guest-tests"])
    jobs = []
    for cpus in (1, 2, 4):
        names = _names(report, cpus)
        report.expect(len(names))
        for first in range(0, len(names), _BATCH):
            batch = names[first : first + _BATCH]
            jobs.append(lambda c=cpus, b=batch: _batch_run(report, archive, c, b))
    processes.run_all(jobs)


def _names(report, cpus):
    names = oracle.names_list(_Prefixed(report, f"{cpus}cpu."))
    for name in set(names) & set(_NOT_EMULATED):
        report.expect(1)
        report.skip(f"{cpus}cpu.{name}", _NOT_EMULATED[name])
    names = [name for name in names if name not in _NOT_EMULATED]
    if cpus < 4:
        return names
    return [name for name in names if any(fnmatch.fnmatchcase(name, p) for p in _CONCURRENT)]


class _Prefixed:
    """A report's wants() for names that get a prefix."""

    def __init__(self, report, prefix):
        self._report = report
        self._prefix = prefix

    def wants(self, name):
        """Is it wanted, with or without its prefix?"""
        return self._report.wants(name) or self._report.wants(self._prefix + name)


def _batch_run(report, archive, cpus, names):
    prefix = f"{cpus}cpu."
    left = names
    for _ in range(_RESTARTS):
        results = Results(report, prefix, is_skip_failure=True)
        command = [SEAM, "run", "-v", "--smp", cpus, "--root", archive, "--"]
        command += [f"/{trees.PROGRAMS_IN_TREE}/guest-tests", "--limit", _LIMIT_SECONDS[cpus], *left]
        with processes.machine_slot(cpus):
            ended = processes.lines_run(
                command, results.take, idle=_IDLE_SECONDS[cpus], timeout=_BATCH_SECONDS
            )
        left = [name for name in left if name not in results.seen]
        if not left:
            if ended.status not in (0, 1) or ended.reason:
                report.fail(f"{prefix}(end of {names[-1]}'s batch)", ended.explain())
            return
        report.fail(prefix + left[0], "the machine ended or hung here\n" + ended.explain())
        left = left[1:]
        if not left:
            return
    for name in left:
        report.fail(prefix + name, "not run: its batch failed too often")
