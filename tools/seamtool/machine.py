# SPDX-License-Identifier: BSD-2-Clause
"""What tests use: a machine that is booted and judged, and a console to type at.

Machine boots a kernel with given words and collects what its serial ports
say; it is for tests of the kernel and of native programs:

    result = Machine(cmdline="log=com2 ...", smp=2).run(timeout=30)
    assert result.status == 0 and "2 passed" in result.log

Console runs `seam run` on a terminal of its own, as a user does; it is for
features that type:

    with Console(["--mem", "24"]) as console:
        assert console.run("echo $((6 * 7))") == "42"
        console.send_control("d")
        assert console.wait_end() == 0
"""

import os
import re
import signal

from . import relay
from .paths import KERNEL, TOP
from .qemu import STATUS_ENDED, STATUS_PANIC, Qemu


class Result:
    """How a machine ended.

    status         the number of the line "seam: exit N", or None: then look at
                   is_panic, timed_out, qemu_status
    qemu_status    QEMU's exit status; 33 is the regular end, 35 a panic, None
                   if it was ended from here
    output         bytes of COM1
    log            text of COM2
    error_output   bytes of COM3
    """

    def __init__(self, status, qemu_status, timed_out, output, log, error_output, qemu_errors):
        self.status = status
        self.qemu_status = qemu_status
        self.timed_out = timed_out
        self.output = output
        self.log = log
        self.error_output = error_output
        self.qemu_errors = qemu_errors

    @property
    def is_panic(self):
        return self.qemu_status == STATUS_PANIC or "seam: panic" in self.log

    def explain(self):
        """Return a text for a failed assertion: how it ended, and the log."""
        how = "timed out" if self.timed_out else f"QEMU's status {self.qemu_status}"
        return f"{how}, exit status {self.status}\n{self.qemu_errors}{self.log}"


class Machine:
    """A machine that can be run any number of times, each time from its boot.

    CMDLINE is the whole kernel command line; INITRD a file or None; EXTRA more
    words for QEMU.  Emulated always: tests must not depend on the host's CPU.
    """

    def __init__(
        self,
        kernel=KERNEL,
        cmdline="log=com2",
        *,
        initrd=None,
        mem_mib=64,
        smp=1,
        machine="microvm",
        extra=(),
    ):
        self._settings = {
            "kernel": kernel,
            "cmdline": cmdline,
            "initrd": initrd,
            "mem_mib": mem_mib,
            "smp": smp,
            "machine": machine,
            "accel": "tcg",
            "extra": extra,
        }

    def run(self, stdin=b"", timeout=60):
        """Boot, give STDIN and then end of file to COM1, and return the Result.

        A machine that takes longer than TIMEOUT seconds is ended.
        """
        files = [os.memfd_create(name) for name in ("stdin", "stdout", "stderr", "log")]
        try:
            os.write(files[0], stdin)
            os.lseek(files[0], 0, os.SEEK_SET)
            return self._run(files, timeout)
        finally:
            for fd in files:
                os.close(fd)

    def _run(self, files, timeout):
        stdin, stdout, stderr, log = files
        machine = Qemu(**self._settings)
        try:
            with open(log, "wb", closefd=False) as log_file:
                link = relay.Relay(
                    machine,
                    stdin=stdin,
                    stdout=stdout,
                    stderr=stderr,
                    show_line=lambda line: None,
                    log_file=log_file,
                )
                reason = link.run(timeout)
            has_ended = reason == relay.ENDED
            qemu_status = machine.wait() if has_ended else None
        finally:
            machine.close()
        return Result(
            link.log.exit_status if qemu_status == STATUS_ENDED else None,
            qemu_status,
            reason == relay.TIMED_OUT,
            _content(stdout),
            _content(log).decode("utf-8", "replace"),
            _content(stderr),
            link.qemu_errors.decode("utf-8", "replace"),
        )


def _content(fd):
    with open(fd, "rb", closefd=False) as file:
        file.seek(0)
        return file.read()


class Console:
    """`seam run OPTIONS [-- COMMAND...]` on a terminal of its own.

    COMMAND None starts the login shell of the tree.  Needs pexpect; its
    exceptions (EOF, TIMEOUT) pass through.  As a context it ends the machine.

    child   the pexpect.spawn behind it, for what is not offered here
    """

    # busybox asks the terminal where its cursor is, and needs no answer.
    PROMPT = r"(?:root@)?seam:[^\r\n]*[$#] (?:\x1b\[6n)?$"

    def __init__(self, options=(), command=None, *, timeout=30, rows=24, columns=80):
        import pexpect

        self._eof = pexpect.EOF
        arguments = ["run", *options]
        if command is not None:
            arguments += ["--", *command]
        self.child = pexpect.spawn(
            os.path.join(TOP, "seam"),
            arguments,
            timeout=timeout,
            dimensions=(rows, columns),
            env={**os.environ, "SEAM_ACCEL": "tcg", "TERM": "linux"},
            encoding="utf-8",
            codec_errors="replace",
        )
        self.child.delaybeforesend = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def expect(self, pattern, timeout=-1):
        """Wait for a regular expression; return the match."""
        self.child.expect(pattern, timeout=timeout)
        return self.child.match

    def expect_text(self, text, timeout=-1):
        """Wait for a literal text."""
        self.child.expect_exact(text, timeout=timeout)

    def expect_prompt(self, timeout=-1):
        """Wait for the shell's prompt; return what came before, with plain new lines."""
        self.child.expect(self.PROMPT, timeout=timeout)
        return _plain(self.child.before)

    def send(self, text):
        self.child.send(text)

    def send_line(self, text=""):
        """Type TEXT and Enter (a terminal's Enter key sends a carriage return)."""
        self.child.send(text + "\r")

    def send_control(self, letter):
        """Type Ctrl-LETTER; ']' is possible too."""
        self.child.send(chr(ord(letter.upper()) & 0x1F))

    def run(self, command, timeout=-1):
        """Type COMMAND at the prompt, wait for the next one, return what was printed."""
        self.send_line(command)
        text = self.expect_prompt(timeout)
        # The first line is the echo of what was typed.
        return text.partition("\n")[2].rstrip("\n")

    def resize(self, rows, columns):
        self.child.setwinsize(rows, columns)

    def wait_end(self, timeout=-1):
        """Wait for the machine's end; return the exit status."""
        self.child.expect(self._eof, timeout=timeout)
        self.child.close()
        if self.child.exitstatus is None:
            return 128 + self.child.signalstatus
        return self.child.exitstatus

    def close(self):
        """End the machine, whatever it does."""
        if self.child.isalive():
            self.child.kill(signal.SIGTERM)
            self.child.close(force=True)


class Boot(Console):
    """A machine that boots from the firmware on, with its first serial port as the terminal.

    ARGUMENTS are QEMU's: machine, firmware, kernel or disc.
    """

    def __init__(self, arguments, *, may_restart=False, timeout=60, mem_mib=512):
        import pexpect

        self._eof = pexpect.EOF
        self._timeout = pexpect.TIMEOUT
        words = ["-accel", "tcg", "-cpu", "max", "-m", mem_mib, "-nodefaults", "-no-user-config"]
        words += ["-display", "none", "-serial", "stdio", *arguments]
        words += [] if may_restart else ["-no-reboot"]
        self.child = pexpect.spawn(
            "qemu-system-x86_64",
            [str(word) for word in words],
            timeout=timeout,
            dimensions=(24, 80),
            encoding="utf-8",
            codec_errors="replace",
        )
        self.child.delaybeforesend = None

    def says_anything(self, seconds):
        """Does anything come within SECONDS?"""
        return self.child.expect([r".", self._timeout], timeout=seconds) == 0


def _plain(text):
    """Terminal output as text: new lines as they are in files, no escape sequences."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text).replace("\r", "")
