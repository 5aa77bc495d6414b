# SPDX-License-Identifier: BSD-2-Clause
"""Starts QEMU with three serial ports on pipes, and says how it ended.

COM1 carries the program's console, COM2 the log of kernel and libOS as lines,
COM3 the program's standard error when that is no terminal.

Pipes, because QEMU writes each byte of a serial port by itself: a pipe packs
single bytes, while a socket keeps a buffer for each and is full after a few
hundred.
"""

import fcntl
import os
import shutil
import signal
import subprocess

from .errors import SeamError
from .paths import TOP

PROGRAM = "qemu-system-x86_64"

# The debug-exit device ends QEMU with (value << 1) | 1.
STATUS_ENDED = 0x10 << 1 | 1
STATUS_PANIC = 0x11 << 1 | 1

# microvm has no firmware menus, option ROMs or PCI to wait for, and its own
# serial port is replaced by the three below.
_MACHINES = {
    "microvm": "microvm,isa-serial=off,x-option-roms=off,auto-kernel-cmdline=off,rtc=on",
    "q35": "q35,smbus=off,sata=off,usb=off,vmport=off",
}
MACHINES = tuple(_MACHINES)

# QEMU puts the initramfs below the gap for devices that ends the first 3 or 2 GiB of memory.
INITRD_MOST_MIB = {"microvm": 3071, "q35": 2047}


def below_4g_mib(machine, mem_mib):
    """What of a machine's memory lies below that gap; the rest begins at 4 GiB."""
    if machine == "microvm":
        return min(mem_mib, 3072)
    return mem_mib if mem_mib < 2816 else 2048

# The counter and all clocks go by instructions, one a nanosecond; what a guest draws by lot, and
# what it takes for the time of day, is the same in each run.
ICOUNT = ("-icount", "shift=0", "-seed", "1", "-rtc", "base=2026-01-01,clock=vm")

# (I/O base, interrupt): COM3 is output only, so it needs no interrupt of its
# own; 5 is a line that no other device of these machines uses.
_PORTS = ((0x3F8, 4), (0x2F8, 3), (0x3E8, 5))

# What waits for a guest that does not read: small, so that a signal sent to the
# guest does not wait behind much input.
_INPUT_PIPE_BYTES = 4096


def accel_choose(want_kvm):
    """Return QEMU's accelerator; SEAM_ACCEL overrides what the caller wants."""
    forced = os.environ.get("SEAM_ACCEL")
    if forced not in (None, "", "tcg", "kvm"):
        raise SeamError(f"SEAM_ACCEL is '{forced}'; it can be tcg or kvm")
    if forced == "tcg" or not (want_kvm or forced == "kvm"):
        return "tcg"
    if not _cpu_has_virtualisation():
        raise SeamError("KVM is not possible here: the CPU flags show neither vmx nor svm")
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        raise SeamError("KVM is not possible here: /dev/kvm cannot be opened")
    return "kvm"


def _cpu_has_virtualisation():
    # The device node alone proves nothing: it can exist where the CPU offers no KVM.
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as info:
            for line in info:
                if line.startswith("flags"):
                    return bool({"vmx", "svm"} & set(line.split()))
    except OSError:
        pass
    return False


class Qemu:
    """One running QEMU.

    Fields, all file descriptors but the last:
    com1_in   what is written here arrives at COM1; never blocks
    com1, com2, com3   what the guest wrote to these ports
    errors    QEMU's own standard error
    pidfd     readable once QEMU has ended
    pid

    MEMORY_FD is a file, as large as the memory, that becomes it; None: QEMU's own.
    FDS are descriptors that QEMU inherits: its arguments may name them as /dev/fd/N.
    """

    def __init__(
        self,
        kernel,
        cmdline,
        *,
        initrd=None,
        mem_mib=256,
        smp=1,
        machine="microvm",
        accel="tcg",
        extra=(),
        memory_fd=None,
        fds=(),
        program=PROGRAM,
    ):
        executable = shutil.which(program)
        if executable is None:
            raise SeamError(f"{program} is not installed: run ./setup")
        guest_in, self.com1_in = os.pipe()
        fcntl.fcntl(self.com1_in, fcntl.F_SETPIPE_SZ, _INPUT_PIPE_BYTES)
        os.set_blocking(self.com1_in, False)
        host_ends, guest_ends = zip(*(os.pipe() for _ in _PORTS))
        self.com1, self.com2, self.com3 = host_ends
        backends = ["stdio,signal=off"] + [f"file,path=/dev/fd/{fd}" for fd in guest_ends[1:]]
        machine_words = _MACHINES[machine]
        if memory_fd is not None:
            machine_words += ",memory-backend=ram"
            fds = (*fds, memory_fd)
        argv = [executable, "-accel", accel, "-M", machine_words, "-cpu", "max"]
        if memory_fd is not None:
            memory = f"id=ram,size={mem_mib}M,mem-path=/dev/fd/{memory_fd},share=on"
            argv += ["-object", f"memory-backend-file,{memory}"]
        argv += ["-m", str(mem_mib), "-smp", str(smp), "-kernel", os.path.abspath(kernel)]
        argv += ["-append", cmdline]
        if initrd is not None:
            argv += ["-initrd", os.path.abspath(initrd)]
        argv += ["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"]
        argv += ["-device", "isa-debug-exit,iobase=0xf4,iosize=4"]
        for number, (backend, (base, irq)) in enumerate(zip(backends, _PORTS), 1):
            argv += ["-chardev", f"{backend},id=com{number}"]
            argv += ["-device", f"isa-serial,iobase={base:#x},irq={irq},chardev=com{number}"]
        argv += extra
        self._process = subprocess.Popen(
            die_with_parent(argv),
            stdin=guest_in,
            stdout=guest_ends[0],
            stderr=subprocess.PIPE,
            pass_fds=(*guest_ends[1:], *fds),
            cwd=TOP,
            # Its own process group: a Ctrl-C typed at the host's terminal is
            # for the program inside, so it must not reach QEMU.
            process_group=0,
        )
        for fd in (guest_in, *guest_ends):
            os.close(fd)
        self.pid = self._process.pid
        self.pidfd = os.pidfd_open(self.pid)
        self.errors = self._process.stderr.fileno()

    def status(self):
        """Return QEMU's exit status (negative: killed by that signal), or None."""
        return self._process.poll()

    def wait(self):
        """Wait for QEMU to end and return its status; it must be about to end."""
        return self._process.wait()

    def send_signal(self, number):
        self._process.send_signal(number)

    def close(self):
        """End QEMU if it still runs and give back everything held for it."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
        self._process.stderr.close()
        for fd in (self.pidfd, self.com1_in, self.com1, self.com2, self.com3):
            os.close(fd)


def die_with_parent(argv):
    """Let the kernel end QEMU when seam is killed without a chance to clean up."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL", "--", *argv] if setpriv else argv
