# SPDX-License-Identifier: BSD-2-Clause
"""One QEMU with Xen, dom0 and a guest, and the streams that lead to the guest.

Xen has the serial port.  Two ports of a virtio device lead into dom0: one is connected to the
guest's console, over the other dom0 tells what it does and is told that all output has arrived.
The kernel's log is lines of Xen's: "(d1) text".
"""

import contextlib
import os
import shutil
import signal
import socket
import stat
import subprocess

from .. import image
from ..cpio import PAGE_BYTES, Entry, archive_write, copy_range
from ..errors import SeamError
from ..paths import TOP
from ..qemu import PROGRAM, die_with_parent
from . import parts
from .dom0 import dom0_image

STATUS_DOM0_FAILED = 0x20 << 1 | 1
STATUS_RESTARTED = 0x21 << 1 | 1

# One CPU for dom0 and one for each of the guest's: Xen saves extended registers only once their use
# has trapped, but QEMU 7.2 lets XSAVE and XRSTOR pass by CR0.TS.  Where CPUs were shared, one's
# registers would end in another.
# Without SMAP for Xen: QEMU 7.2 reads a frame for IRET of ring 3 as if ring 0 read it.  Without
# MONITOR: Xen would wait by MWAIT, which cannot be emulated on several CPUs.
_CPU = "max,-monitor"
_XEN_WORDS = "console=com1 com1=115200 guest_loglvl=all smap=hvm dom0_max_vcpus=1 dom0_vcpus_pin"
_LINUX_WORDS = "console=hvc0 quiet loglevel=1 mitigations=off"

_XEN_MIB = 160
_DOM0_MIB = 256
_MODULES_MOST_MIB = 1024

START = os.path.join(os.path.dirname(__file__), "start")


class XenMachine:
    """As qemu.Qemu, with these fields of its own or another meaning:

    com1_in, com1   the guest's console; com1 is framed (frames.py)
    com2            Xen's console, with the guest's log
    com3            what dom0 says
    host_in         what is written here arrives at dom0
    """

    def __init__(self, kernel, config, *, initrd, mem_mib, smp, start=START, program=PROGRAM):
        """CONFIG is what dom0 finds as /seam/seam.cfg, START what it runs."""
        executable = shutil.which(program)
        if executable is None:
            raise SeamError(f"{program} is not installed: run ./setup")
        fd = _dom0_with(kernel, initrd, config, start)
        try:
            # By its descriptor, as a path may have blanks or commas in it.
            with open(parts.kernel(), "rb") as linux:
                self._start(executable, (linux.fileno(), fd), mem_mib, smp)
        finally:
            os.close(fd)

    def _start(self, executable, modules, mem_mib, smp):
        tree_mib = -(-os.fstat(modules[1]).st_size // (1 << 20))
        if tree_mib > _MODULES_MOST_MIB:
            raise SeamError(f"the tree takes {tree_mib} MiB: dom0 can hold {_MODULES_MOST_MIB}")
        # The archive, its files, and the copy that goes into the guest.
        dom0_mib = _DOM0_MIB + 3 * tree_mib
        ports = {}
        self.com1, self.com1_in, ports["console"] = _two_way()
        self.com3, self.host_in, ports["host"] = _two_way()
        self.com2, xen_out = os.pipe()
        argv = [executable, "-accel", "tcg", "-M", "q35", "-cpu", _CPU]
        argv += ["-m", str(mem_mib + dom0_mib + _XEN_MIB), "-smp", str(smp + 1)]
        argv += ["-kernel", parts.hypervisor()]
        argv += ["-append", f"{_XEN_WORDS} dom0_mem={dom0_mib}M"]
        argv += ["-initrd", f"/dev/fd/{modules[0]} {_LINUX_WORDS},/dev/fd/{modules[1]}"]
        argv += ["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"]
        argv += ["-device", "isa-debug-exit,iobase=0xf4,iosize=4"]
        argv += ["-chardev", f"file,id=xen,path=/dev/fd/{xen_out}", "-serial", "chardev:xen"]
        argv += ["-device", "virtio-serial-pci"]
        for number, (name, fd) in enumerate(ports.items(), 1):
            argv += ["-chardev", f"socket,id={name},fd={fd}"]
            argv += ["-device", f"virtserialport,nr={number},name={name},chardev={name}"]
        inherited = (xen_out, *ports.values())
        self._process = subprocess.Popen(
            die_with_parent(argv),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            pass_fds=(*inherited, *modules),
            cwd=TOP,
            process_group=0,
        )
        for fd in inherited:
            os.close(fd)
        self.pid = self._process.pid
        self.pidfd = os.pidfd_open(self.pid)
        self.errors = self._process.stderr.fileno()

    def status(self):
        return self._process.poll()

    def wait(self):
        return self._process.wait()

    def send_signal(self, number):
        self._process.send_signal(number)

    def close(self):
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
        self._process.stderr.close()
        for fd in (self.pidfd, self.com1_in, self.host_in, self.com1, self.com2, self.com3):
            os.close(fd)


def _two_way():
    """Return descriptors to read from and to write to, which never blocks, and QEMU's."""
    ours, qemus = socket.socketpair()
    reader = ours.detach()
    writer = os.dup(reader)
    os.set_blocking(writer, False)
    return reader, writer, qemus.detach()


def _dom0_with(kernel, initrd, config, start):
    """Return a descriptor of dom0's archive with one that has this run's files in /seam."""
    fd = os.memfd_create("dom0", os.MFD_CLOEXEC)
    try:
        with open(dom0_image(), "rb") as base:
            left = os.fstat(base.fileno()).st_size
            end = left + -left % PAGE_BYTES
            while left:
                left -= copy_range(base.fileno(), fd, left)
        os.ftruncate(fd, end)
        os.lseek(fd, end, os.SEEK_SET)
        with contextlib.ExitStack() as files:
            archive_write(fd, _run_entries(kernel, initrd, config, start, files), image.warn)
    except BaseException:
        os.close(fd)
        raise
    return fd


def _run_entries(kernel, initrd, config, start, files):
    def file(name, source):
        opened = files.enter_context(open(source, "rb"))
        size = os.fstat(opened.fileno()).st_size
        path = f"seam/{name}".encode()
        return Entry(path, stat.S_IFREG | 0o644, source=opened.fileno(), size=size)

    return [
        Entry(b"seam", stat.S_IFDIR | 0o755),
        Entry(b"seam/seam.cfg", stat.S_IFREG | 0o644, data=config.encode()),
        file("start", start),
        file("seam.elf", kernel),
        file("tree.cpio", initrd),
    ]
