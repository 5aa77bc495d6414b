# SPDX-License-Identifier: BSD-2-Clause
"""Programs on the bare exokernel, which attack its calls.

Each is a kernel of its own whose domain 0 is the program; its lines are on COM1.
"""

import re

from . import processes
from .lines import Results
from .paths import NATIVE

_ENDED_WELL = 33
_SECONDS = 120

# (program, number of CPUs)
_RUNS = (("attack", 1), ("domains", 1), ("smp", 1), ("smp", 2), ("smp", 4))


def run(report):
    """Boot each program, two at a time."""
    processes.run_all([lambda r=one: _program_run(report, *r) for one in _RUNS])


def _program_run(report, program, cpus):
    from seamtool.machine import Machine

    prefix = f"{program}." if program != "smp" else f"smp{cpus}."
    if not report.wants(prefix + "*") and not report.wants(prefix[:-1]):
        return
    with processes.machine_slots:
        machine = Machine(NATIVE / f"{program}.elf", cmdline="", smp=cpus)
        result = machine.run(timeout=_SECONDS)
    output = result.output.decode("utf-8", "replace")
    results = Results(report, prefix)
    lines = [line for line in output.splitlines() if not line.startswith("seam:")]
    counted = sum(results.take(line) for line in lines)
    report.expect(counted + 1)
    # The end is a test of its own: the program came to its last line, and counted the same.
    last = re.search(r"^(\d+) passed, (\d+) failed$", output, re.MULTILINE)
    is_complete = last and int(last[1]) + int(last[2]) == counted and counted > 0
    if is_complete and result.qemu_status == _ENDED_WELL:
        report.ok(prefix + "ends_well")
    else:
        report.fail(prefix + "ends_well", output[-3000:] + result.explain())
