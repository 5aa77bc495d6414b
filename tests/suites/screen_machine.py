# SPDX-License-Identifier: BSD-2-Clause
"""A machine with a screen and a keyboard: typing at it, and reading what it shows."""

import os
import re
import selectors
import shutil
import subprocess
import threading
import time

from . import disc, processes
from .paths import RESULTS
from .picture import Picture

_SECONDS = 60
_PAUSE = 0.1
_NAMED = {
    " ": "spc",
    "\n": "ret",
    "\t": "tab",
    "\b": "backspace",
    "\x1b": "esc",
    "-": "minus",
    "=": "equal",
    "[": "bracket_left",
    "]": "bracket_right",
    ";": "semicolon",
    "'": "apostrophe",
    "`": "grave_accent",
    "\\": "backslash",
    ",": "comma",
    ".": "dot",
    "/": "slash",
}
_SHIFTED = dict(zip('~!@#$%^&*()_+{}|:"<>?', "`1234567890-=[]\\;'" + ",./"))


def disc_make(name, archive, words, mode=None):
    """Make a disc whose kernel is told WORDS and gets ARCHIVE as its tree; return its path.

    mode  of the screen, in GRUB's words; the one that the kernel asks for unless it is told
    """
    command = f"multiboot2 /boot/seam.elf {words}"
    if mode:
        command += f"\nset gfxpayload={mode}"
    return disc.make(name, command, {"tree.cpio": archive}, ["insmod all_video"])


class ScreenMachine:
    """A running machine; to be used as a context.

    serial  what came from the first serial port so far
    log     the same of the second, the kernel's log
    """

    def __init__(self, name, disc_path, *, extra=(), cpus=1, bios=None, options=""):
        from seamtool.qmp import Qmp, QmpClosed

        qemu = shutil.which("qemu-system-x86_64")
        if not qemu:
            raise RuntimeError("qemu-system-x86_64 is not installed: run ./setup")
        self.name = name
        self.serial, self.log = b"", b""
        self._disc = disc_path
        self._cpus = cpus
        self._qmp, self._closed = Qmp(), QmpClosed
        command = [qemu, "-accel", "tcg", "-M", f"q35{options}", "-cpu", "max", "-smp", cpus]
        command += ["-m", 256, "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none"]
        command += ["-device", "isa-debug-exit,iobase=0xf4,iosize=4", "-cdrom", disc_path]
        command += ["-bios", bios] if bios else []
        self._command = [str(word) for word in (*command, *extra)]

    def __enter__(self):
        self._slot = processes.machine_slot(self._cpus)
        self._slot.__enter__()
        log_read, log_write = os.pipe()
        ports = ["-chardev", "stdio,id=com1", "-device", "isa-serial,iobase=0x3f8,irq=4,chardev=com1"]
        ports += ["-chardev", f"file,path=/dev/fd/{log_write},id=com2"]
        ports += ["-device", "isa-serial,iobase=0x2f8,irq=3,chardev=com2"]
        self._child = subprocess.Popen(
            [*self._command, *ports, *self._qmp.arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=(self._qmp.fd, log_write),
            env=processes.environment(),
            start_new_session=True,
        )
        os.close(log_write)
        self._log_fd = log_read
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._qmp.connect()
        return self

    def __exit__(self, *_):
        self._child.kill()
        self._child.wait()
        self._reader.join(10)
        os.close(self._log_fd)
        self._child.stdin.close()
        self._child.stdout.close()
        self._qmp.close()
        self._disc.unlink(missing_ok=True)
        self._slot.__exit__(None, None, None)

    def _read(self):
        with selectors.DefaultSelector() as selector:
            selector.register(self._child.stdout, selectors.EVENT_READ, "serial")
            selector.register(self._log_fd, selectors.EVENT_READ, "log")
            while selector.get_map():
                for key, _ in selector.select():
                    data = os.read(key.fd, 65536)
                    setattr(self, key.data, getattr(self, key.data) + data)
                    if not data:
                        selector.unregister(key.fileobj)

    def picture(self):
        """Return what the screen shows now."""
        path = RESULTS / f"screen-{self.name}.ppm"
        try:
            self._qmp.execute("screendump", filename=str(path))
        except self._closed as error:
            raise AssertionError(f"the machine has ended\n{self.explain('')}") from error
        return Picture(path)

    def keys(self, *names):
        """Press the keys of NAMES (QEMU's) together, and release them."""
        pressed = [{"type": "qcode", "data": name} for name in names]
        self._qmp.execute("send-key", keys=pressed)
        time.sleep(0.02)

    def type(self, text):
        """Type TEXT on an American keyboard."""
        for char in text:
            plain = _SHIFTED.get(char, char.lower())
            name = _NAMED.get(plain, plain)
            self.keys(*(["shift", name] if char in _SHIFTED or char.isupper() else [name]))

    def send(self, data):
        """Let DATA come in at the first serial port."""
        self._child.stdin.write(data)
        self._child.stdin.flush()

    def monitor(self, command, **arguments):
        """Ask QEMU's monitor."""
        return self._qmp.execute(command, **arguments)

    def wait_for(self, pattern, seconds=_SECONDS):
        """Wait until the screen's text, a line for each row, matches PATTERN; return the Picture."""
        end = time.monotonic() + seconds
        while True:
            picture = self.picture()
            text = "\n".join(picture.lines())
            if re.search(pattern, text, re.MULTILINE):
                return picture
            assert time.monotonic() < end, f"no {pattern!r} on the screen\n{self.explain(text)}"
            time.sleep(_PAUSE)

    def wait_for_serial(self, pattern, seconds=_SECONDS):
        """Wait until the first serial port's output matches PATTERN."""
        end = time.monotonic() + seconds
        while not re.search(pattern, self.serial):
            assert time.monotonic() < end, f"no {pattern!r} on the port\n{self.explain('')}"
            time.sleep(_PAUSE)

    def wait_for_end(self, seconds=_SECONDS):
        """Wait until the machine has ended; return QEMU's status."""
        return self._child.wait(seconds)

    def explain(self, text):
        """Return the text for a failure."""
        log = self.log.decode("utf-8", "replace")
        serial = self.serial[-2000:].decode("utf-8", "replace")
        return f"screen:\n{text}\nlog:\n{log}\nserial port:\n{serial}"
