# SPDX-License-Identifier: BSD-2-Clause
"""The rows that a native program on the bare exokernel measures."""

from ..errors import SeamError
from ..machine import Machine
from ..qemu import ICOUNT
from .rows import COSTS


def costs_run(is_icount):
    """Boot tests/guest/native/costs.c; return {row: nanoseconds, or instructions}."""
    extra = ICOUNT if is_icount else ()
    result = Machine(kernel=COSTS, cmdline="log=com2", extra=extra).run(timeout=120)
    costs = costs_parse(result.log, is_icount)
    if not costs:
        raise SeamError(f"the native program gave no figures\n{result.explain()}")
    return costs


def costs_parse(text, is_icount):
    """Read lines `rate HZ` and `cost NAME CYCLES`; with is_icount a cycle is an instruction."""
    hz, costs = None, {}
    for line in text.splitlines():
        words = line.split()
        if words[:1] == ["rate"]:
            hz = int(words[1])
        elif words[:1] == ["cost"] and hz:
            cycles = int(words[2])
            costs[words[1]] = cycles if is_icount else cycles * 1e9 / hz
    return costs
