# SPDX-License-Identifier: BSD-2-Clause
"""seam run --on xen: what differs from a run without Xen."""

import sys

from .. import relay
from ..errors import STATUS_FAILURE, Restart, SeamError
from .config import guest_config
from .machine import STATUS_DOM0_FAILED, STATUS_RESTARTED, XenMachine
from .relay import XenRelay

# Each with a reason why it cannot be had.
_IMPOSSIBLE = {
    "gdb": "QEMU's debugger interface shows Xen, not the guest",
    "icount": "dom0 and Xen would count as well",
    "kvm": "Xen runs in an emulated machine",
    "out": "the guest's memory is Xen's",
    "profile": "QEMU's counters do not know the guest from Xen",
    "trace": "the guest's memory is Xen's",
}
_SHOWN_LINES = 40


def machine_start(options, kernel, cmdline, initrd, mem_mib):
    for name, why in _IMPOSSIBLE.items():
        if getattr(options, name):
            raise SeamError(f"--{name} is not possible with --on xen: {why}")
    if options.machine != "microvm":
        raise SeamError("--machine is not possible with --on xen: Xen runs on a q35")
    config = guest_config(cmdline, mem_mib=mem_mib, smp=options.smp)
    return XenMachine(kernel, config, initrd=initrd, mem_mib=mem_mib, smp=options.smp)


def relay_make(options, machine, streams, show_line, log, log_file):
    return XenRelay(
        machine,
        is_raw=streams.is_raw,
        show_line=show_line,
        show_host=lambda line: line if options.verbose else None,
        log=log,
        log_file=log_file,
    )


def status_of(reason, link, machine, options, usual):
    """Return our exit status, or raise Restart; USUAL judges what is not Xen's affair."""
    ended = machine.wait() if reason == relay.ENDED else None
    if ended == STATUS_RESTARTED:
        raise Restart
    if ended == STATUS_DOM0_FAILED or (ended == 0 and link.log.exit_status is None):
        if not options.verbose:
            for line in list(link.host_said)[-_SHOWN_LINES:]:
                print(line, file=sys.stderr)
        what = "dom0 could not start the guest" if ended else "Xen or dom0 crashed"
        print(f"seam: {what}", file=sys.stderr)
        return STATUS_FAILURE
    return usual(reason, link, machine, options)
