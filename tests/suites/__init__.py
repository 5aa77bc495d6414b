# SPDX-License-Identifier: BSD-2-Clause
"""The suites of tests/run.py.

A suite is a module with a function run(report): it tells the report how many tests to
expect and what became of each.  The module's first line says what the suite is about.
"""

from . import (
    boot,
    busybox,
    debian,
    docs,
    features,
    fuzz,
    fuzz_host,
    fuzz_host_long,
    fuzz_long,
    guest,
    headers,
    insn,
    instructions,
    native,
    oracle,
    runs,
    screen,
    style,
    tools,
    unit,
    xen,
)

# In this order: what is quick and close to the cause of a fault comes first.
SUITES = {
    "style": style,
    "headers": headers,
    "docs": docs,
    "tools": tools,
    "unit": unit,
    "insn": insn,
    "fuzz-host": fuzz_host,
    "oracle": oracle,
    "native": native,
    "instructions": instructions,
    "boot": boot,
    "screen": screen,
    "runs": runs,
    "busybox": busybox,
    "debian": debian,
    "guest": guest,
    "fuzz": fuzz,
    "features": features,
    "xen": xen,
    "fuzz-long": fuzz_long,
    "fuzz-host-long": fuzz_host_long,
}

# Too long for `ninja test`, or in need of more than ./setup alone: run only when they are named.
ON_REQUEST = {"fuzz-long", "fuzz-host-long", "xen"}
