# SPDX-License-Identifier: BSD-2-Clause
"""The two systems: how each is booted with a program, and what the program's lines say."""

import glob
import os

from ..cmdline import cmdline_build
from ..errors import SeamError
from ..paths import GUEST_PACKAGES, KERNEL, TOP
from .archive import PLACE
from .boot import GuestError, Machine

SEAM, LINUX = "seam", "linux"
TITLES = {SEAM: "Seam", LINUX: "the Linux guest"}

# String instructions are a loop for each element under emulation, and a kernel that uses them is
# several times slower there: so Linux is told to do without.
_LINUX_WORDS = ["mitigations=off", "clearcpuid=erms,rep_good", "quiet"]
# Seam loads programs at fixed addresses.  At others, the emulator must translate them anew.
_LINUX_WORDS += ["norandmaps"]
# With several CPUs it would distrust the cycle counter, and its clock would be a call.
_LINUX_WORDS += ["tsc=reliable"]
# Its own messages go where the program's output goes: only a panic may, which then ends QEMU.
_LINUX_WORDS += ["console=ttyS0", "loglevel=1", "panic=-1"]
# A busy host delays the timer's interrupts, which Linux takes for a broken machine at its boot.
_LINUX_WORDS += ["no_timer_check"]

_LINUX_LINE_BYTES = 2048  # COMMAND_LINE_SIZE on x86

_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_ENVIRONMENT = (_PATH, "HOME=/root", "USER=root", "TERM=dumb")


def linux_kernel():
    """Return the path of the Linux guest's kernel, which `setup --bench` has unpacked."""
    found = glob.glob(os.path.join(GUEST_PACKAGES, "linux-image-cloud-amd64/boot/vmlinuz-*"))
    if not found:
        raise SeamError("there is no Linux kernel to compare with: run ./setup --bench")
    return max(found)


class Setting:
    """What is the same for both systems: initrd, mem_mib, smp, is_icount.  seam_words: further
    words of Seam's command line.

    khz is the cycle counter's rate.  This machine has no clock beside the counter that Linux
    would trust to measure it by; without being told it may hang in the attempt.
    """

    def __init__(self, initrd, mem_mib, smp=1, is_icount=False, khz=None, seam_words=()):
        self.initrd = initrd
        self.mem_mib = mem_mib
        self.smp = smp
        self.is_icount = is_icount
        self.seam_words = seam_words
        self.khz = 1_000_000 if is_icount else khz


def machine_make(system, setting, argv, *, as_init=False):
    """Return the boot.Machine that runs ARGV (words without blanks, the program first) on SYSTEM.

    AS_INIT: on Linux too it is the first process, with the console for its output.
    """
    if any(not word or set(word) & set(" \"'") for word in argv):
        raise ValueError(f"words with blanks or quotes: {argv}")
    if system == SEAM:
        kernel, cmdline = KERNEL, _seam_cmdline(setting, argv)
    else:
        kernel, cmdline = linux_kernel(), _linux_cmdline(setting, argv, as_init)
    return Machine(
        TITLES[system],
        kernel,
        cmdline,
        initrd=setting.initrd,
        mem_mib=setting.mem_mib,
        smp=setting.smp,
        is_icount=setting.is_icount,
    )


def _seam_cmdline(setting, argv):
    words = [("log", "com2"), ("stdin", "pipe"), ("stdout", "pipe"), ("stderr", "pipe")]
    words += [*setting.seam_words, *(("env", text) for text in _ENVIRONMENT)]
    return cmdline_build([*words, ("init", argv[0]), *(("arg", word) for word in argv[1:])])


def _linux_cmdline(setting, argv, as_init):
    words = [*_LINUX_WORDS, f"tsc_early_khz={setting.khz}"]
    init = argv if as_init else [f"/{PLACE}/linux-init", *argv]
    line = " ".join([*words, f"rdinit={init[0]}", "--", *init[1:]])
    if len(line) >= _LINUX_LINE_BYTES:
        raise SeamError("too many rows for the Linux kernel's command line: name groups, or fewer")
    return line


class Figures:
    """What one run of the benchmark's program printed.

    khz      the counter's rate
    cycles   {row: cycles of one operation}
    failed   {row: why}
    """

    def __init__(self):
        self.khz = None
        self.cycles = {}
        self.failed = {}
        self.is_complete = False
        self.at = None  # the row that has begun and not ended

    def take(self, line):
        """Look at one line of its output."""
        kind, _, rest = line.partition(" ")
        name, _, text = rest.partition(" ")
        if kind == "rate":
            self.khz = int(name)
        elif kind == "begin":
            self.at = name
        elif kind == "row":
            self.cycles[name] = float(text.split()[0])
            self.at = None
        elif kind == "fail":
            self.failed.setdefault(name, text)
            self.at = None
        elif kind == "end":
            self.is_complete = True


def rows_run(system, setting, names, *, program="bench-static", on_row=None):
    """Boot SYSTEM, run the rows NAMES there, and return the Figures; ON_ROW is told each name."""
    figures = Figures()

    def take(line):
        figures.take(line)
        if on_row and line.startswith("begin "):
            on_row(figures.at)

    options = ["--short"] if setting.is_icount else []
    # One word: Linux takes few arguments for its first process.
    argv = [f"/{PLACE}/{program}", *options, ",".join(names)]
    machine = machine_make(system, setting, argv)
    try:
        status = machine.run(take)
    except GuestError as error:
        where = f" in row {figures.at}" if figures.at else ""
        raise GuestError(f"{error}\nthis was{where or ' before the first row'}") from None
    if status != 0 or not figures.is_complete:
        raise GuestError(f"{machine.name}: the benchmark's program ended with status {status}")
    for name in names:
        if name not in figures.cycles:
            figures.failed.setdefault(name, "no result")
    return figures
