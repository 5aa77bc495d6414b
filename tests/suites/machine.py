# SPDX-License-Identifier: BSD-2-Clause
"""Machines for tests that look at the kernel itself: its log, and how QEMU ended."""

import re
import shutil

from . import processes

ENDED_WELL = 33  # the debug-exit device: (value << 1) | 1
PANICKED = 35

_MACHINES = {
    "microvm": "microvm,isa-serial=off,x-option-roms=off,auto-kernel-cmdline=off,rtc=on",
    "q35": "q35,smbus=off,sata=off,usb=off,vmport=off",
    "disc": "q35",
}
_PORTS = ((0x3F8, 4), (0x2F8, 3), (0x3E8, 5))


class Result:
    """How a machine ended: QEMU's status, all that was said on its ports, a text for failures."""

    def __init__(self, ended, lines):
        self.status = None if ended.reason else ended.status
        self.lines = lines
        self.text = "\n".join(lines)
        self._how = ended.reason or f"QEMU's status {ended.status}"

    def explain(self):
        """Return all of it."""
        return f"{self.text}\n({self._how})"

    def check_end(self, *patterns):
        """Fail unless it ended regularly and each of PATTERNS is in a line."""
        self._check(ENDED_WELL, patterns)

    def check_panic(self, *patterns):
        """The same for a panic."""
        self._check(PANICKED, patterns)

    def _check(self, status, patterns):
        assert self.status == status, f"expected QEMU's status {status}\n{self.explain()}"
        for pattern in patterns:
            found = re.search(pattern, self.text, re.MULTILINE)
            assert found, f"no line like {pattern}\n{self.explain()}"


def boot(
    kernel,
    words="",
    *,
    initrd=None,
    machine="microvm",
    cpu="max",
    cpus=1,
    mem_mib=64,
    extra=(),
    timeout=60,
):
    """Boot KERNEL (None: what EXTRA says) and return the Result of its end.

    All serial ports end in the result, in whatever order their bytes come.
    """
    qemu = shutil.which("qemu-system-x86_64")
    if not qemu:
        raise RuntimeError("qemu-system-x86_64 is not installed: run ./setup")
    command = [qemu, "-accel", "tcg", "-M", _MACHINES[machine], "-cpu", cpu]
    command += ["-m", mem_mib, "-smp", cpus, "-nodefaults", "-no-user-config", "-no-reboot"]
    command += ["-display", "none", "-device", "isa-debug-exit,iobase=0xf4,iosize=4"]
    for number, (base, irq) in enumerate(_PORTS, 1):
        backend = "file,path=/dev/stdout"
        command += ["-chardev", f"{backend},id=com{number}"]
        command += ["-device", f"isa-serial,iobase={base:#x},irq={irq},chardev=com{number}"]
    if kernel:
        command += ["-kernel", kernel, "-append", words]
    if initrd:
        command += ["-initrd", initrd]
    lines = []
    with processes.machine_slot(cpus):
        ended = processes.lines_run([*command, *extra], lines.append, timeout=timeout)
    return Result(ended, [line.rstrip("\r") for line in lines])
