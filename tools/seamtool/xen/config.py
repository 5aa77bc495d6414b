# SPDX-License-Identifier: BSD-2-Clause
"""Writes the description of a guest that xl takes (xl.cfg(5))."""


def guest_config(cmdline, *, mem_mib, smp):
    """Return the text for a guest whose kernel and tree lie in dom0's /seam."""
    lines = [
        'name = "seam"',
        'type = "pvh"',
        'kernel = "/seam/seam.elf"',
        'ramdisk = "/seam/tree.cpio"',
        f"cmdline = {quoted(cmdline)}",
        f"memory = {mem_mib}",
        f"vcpus = {smp}",
        f"cpus = [{', '.join(quoted(str(cpu)) for cpu in range(1, smp + 1))}]",
        # The cycle counter of the machine itself: where it might jump Xen would emulate it.
        'tsc_mode = "native"',
        # dom0 is to see why it ended.
        *(f'on_{event} = "preserve"' for event in ("poweroff", "reboot", "crash", "watchdog")),
    ]
    return "\n".join([*lines, ""])


def quoted(text):
    """TEXT, of one line, as a string of xl's configuration language."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
