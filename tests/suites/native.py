# SPDX-License-Identifier: BSD-2-Clause
"""Programs on the bare exokernel, which attack its calls.

Each is a kernel of its own whose domain 0 is the program; its lines are on COM1.
"""

import re

from . import machine, processes
from .lines import Results
from .paths import NATIVE

_SECONDS = 120
_LAST = re.compile(r"^(\d+) passed, (\d+) failed$", re.MULTILINE)

# (program, number of CPUs)
_RUNS = (("attack", 1), ("domains", 1), ("smp", 1), ("smp", 2), ("smp", 4))


def run(report):
    """Boot each program, two at a time."""
    processes.run_all([lambda r=one: _program_run(report, *r) for one in _RUNS])


def _program_run(report, program, cpus):
    name = f"{program}{cpus}" if program == "smp" else program
    if not report.wants(name):
        return
    result = machine.boot(NATIVE / f"{program}.elf", cpus=cpus, timeout=_SECONDS)
    results = Results(report, name + ".")
    counted = sum(results.take(line) for line in result.lines)
    report.expect(counted + 1)
    # The end is a test of its own: the program came to its last line, and counted the same.
    last = _LAST.search(result.text)
    is_complete = last and int(last[1]) + int(last[2]) == counted > 0
    if is_complete and result.status == machine.ENDED_WELL:
        report.ok(name + ".ends_well")
    else:
        report.fail(name + ".ends_well", result.explain())
