# SPDX-License-Identifier: BSD-2-Clause
"""Relays between the user's standard streams and a running machine.

One loop around poll(2), without threads.  Nothing is dropped: input is read
only while there is room for it on the way to the guest, and the guest's output
only while the user's side takes it.
"""

import os
import select
import signal
import time

from .console import (
    ESCAPE_THREADS,
    InputQueue,
    LineSplitter,
    Log,
    escape_signal,
    escape_window,
)
from .signal_pipe import SignalPipe
from .sink import Sink
from .terminal import LEAVE, THREADS, LeaveKey, RawTerminal, window_size

_READ_BYTES = 64 * 1024

# Setting up a 16550's FIFO discards what it holds.  So nothing is sent before
# the guest says on COM2 that its driver has done so.
_READY_LINE = "seam: console ready"

# QEMU hands over a serial port's bytes one by one.  After so little, a short
# wait lets more gather, else this loop would take the CPU from the guest.
_TRICKLE_BYTES = 512
_TRICKLE_SECONDS = 0.001

# After output has become impossible the guest has this long to end by itself.
_GRACE_SECONDS = 0.5

# A machine whose time is over has this long to list its threads.
_THREADS_SECONDS = 0.5

_QEMU_ERRORS_BYTES = 64 * 1024

# A program may catch a signal and live; one that arrives this often is meant
# for seam.
_SIGNALS_UNTIL_KILL = 3

_FORWARDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
_HANDLED = _FORWARDED + (signal.SIGWINCH, signal.SIGTSTP, signal.SIGCONT)

# How the loop ended other than by the machine's own end.
ENDED = "ended"
TIMED_OUT = "timed out"
LEFT = "left by key"
KILLED = "killed by signal"
BROKEN_PIPE = "standard output closed"
HALTED = "halted"


class Relay:
    """Runs a machine's streams until it ends.

    machine      what qemu.Qemu offers: com1_in, com1, com2, com3, errors,
                 pidfd, send_signal()
    stdin, stdout, stderr   the user's file descriptors
    is_raw       stdin and stdout are one terminal, which the guest drives
    show_line    called with each log line; returns the text to show on stderr
                 or None
    log          the console.Log that is told each log line; None: a new one
    log_file     binary file that gets every log line, or None

    After run(): reason (one of the constants above), signal (for KILLED), log
    (a console.Log), qemu_errors (bytes), output_failure (OSError or None).
    """

    def __init__(
        self,
        machine,
        *,
        stdin=0,
        stdout=1,
        stderr=2,
        is_raw=False,
        show_line,
        log=None,
        log_file=None,
    ):
        self._machine = machine
        self._stdin = stdin
        self._stdin_is_open = True
        self._stdout_fd = stdout
        self._stdout = Sink(stdout)
        self._stderr = Sink(stderr)
        self._show_line = show_line
        self._log_file = log_file
        self._input = InputQueue()
        self._lines = LineSplitter()
        self._leave_key = LeaveKey()
        self._terminal = RawTerminal(stdin) if is_raw else None
        self._signal_counts = {}
        self._deadline = None
        self._late_reason = TIMED_OUT
        self._machine_runs = True
        self._console_is_ready = False
        self._is_trickle = False
        self._is_asked = False
        self.log = log or Log()
        self.reason = None
        self.signal = None
        self.qemu_errors = b""
        self.output_failure = None

    def run(self, timeout_seconds=None):
        """Relay until the machine ends or this side gives up; return the reason.

        The machine is still running when the reason is another than ENDED.
        """
        if timeout_seconds is not None:
            self._deadline = time.monotonic() + timeout_seconds
        self._sources = {
            self._machine.com1: self._output_arrived,
            self._machine.com2: self._log_arrived,
            self._machine.com3: self._errors_output_arrived,
            self._machine.errors: self._errors_arrived,
        }
        with SignalPipe(_HANDLED) as signals:
            try:
                if self._terminal:
                    self._terminal.enter()
                while self.reason is None:
                    self._step(signals)
                for line in self._lines.finish():
                    self._log_line(line)
            finally:
                if self._terminal:
                    self._terminal.leave()
                self._stdout.close()
                self._stderr.close()
        return self.reason

    def _step(self, signals):
        poll = select.poll()
        poll.register(signals.fd, select.POLLIN)
        for fd, room in self._wanted_input():
            if room:
                poll.register(fd, select.POLLIN)
        if self._machine_runs and self._console_is_ready and not self._input.is_empty():
            poll.register(self._machine.com1_in, select.POLLOUT)
        for sink in (self._stdout, self._stderr):
            if not sink.is_empty():
                poll.register(sink.fd, select.POLLOUT)
        for fd, _ in poll.poll(self._remaining_ms()):
            self._dispatch(fd, signals)
        if self._is_trickle:
            self._is_trickle = False
            time.sleep(_TRICKLE_SECONDS)
        self._check_end()

    def _wanted_input(self):
        """Yield (descriptor, whether there is room for what it brings)."""
        if self._stdin_is_open and self._machine_runs:
            yield self._stdin, self._input.has_room()
        for fd in self._sources:
            if fd == self._machine.com1:
                yield fd, self._stdout.has_room()
            else:
                yield fd, self._stderr.has_room()
        if self._machine_runs:
            yield self._machine.pidfd, True

    def _dispatch(self, fd, signals):
        if fd == signals.fd:
            for number in signals.read():
                self._signal_arrived(number)
        elif fd == self._stdin:
            self._stdin_readable()
        elif fd == self._machine.com1_in:
            self._send_input()
        elif fd == self._machine.pidfd:
            self._machine_runs = False
        elif fd == self._stdout.fd:
            self._stdout.flush()
        elif fd == self._stderr.fd:
            self._stderr.flush()
        else:
            self._source_readable(fd)

    def _source_readable(self, fd):
        data = os.read(fd, _READ_BYTES)
        if data:
            self._is_trickle |= len(data) < _TRICKLE_BYTES
            self._sources[fd](data)
        else:
            del self._sources[fd]

    def _output_arrived(self, data):
        self._console_is_ready = True  # who sends has set up the port
        self._stdout.put(data)

    def _errors_output_arrived(self, data):
        self._stderr.put(data)

    def _log_arrived(self, data):
        for line in self._lines.feed(data):
            self._log_line(line)

    def _errors_arrived(self, data):
        self.qemu_errors = (self.qemu_errors + data)[-_QEMU_ERRORS_BYTES:]

    def _log_line(self, line):
        self.log.add(line)
        if line == _READY_LINE:
            self._console_is_ready = True
            self._send_input()
        if self.log.has_halted:
            self._machine.send_signal(signal.SIGTERM)  # nothing more will happen in it
        if self._log_file:
            self._log_file.write(line.encode() + b"\n")
        shown = self._show_line(line)
        if shown is not None:
            # Raw mode takes the carriage return away that a new line needs.
            end = "\r\n" if self._terminal else "\n"
            self._stderr.put((shown + end).encode())

    def _stdin_readable(self):
        try:
            data = os.read(self._stdin, _READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""  # a terminal that hung up
        if not data:
            self._stdin_is_open = False
            self._input.put_end_of_file()
        elif self._terminal:
            data, wish = self._leave_key.feed(data)
            self._input.put(data)
            if wish == LEAVE:
                self.reason = LEFT
            elif wish == THREADS:
                self._input.put_urgent(ESCAPE_THREADS)
        else:
            self._input.put(data)
        self._send_input()

    def _send_input(self):
        if self._console_is_ready:
            self._input.send(self._send_some)

    def _send_some(self, data):
        try:
            return os.write(self._machine.com1_in, data)
        except BlockingIOError:
            return 0
        except BrokenPipeError:
            return len(data)  # QEMU has ended; nobody will read this

    def _signal_arrived(self, number):
        if number == signal.SIGWINCH:
            size = window_size(self._stdout_fd)
            if size:
                self._input.put_urgent(escape_window(*size))
        elif number == signal.SIGTSTP:
            self._stop()
        elif number == signal.SIGCONT:
            self._resume()
        elif number in _FORWARDED:
            self._forward(number)
        self._send_input()

    def _forward(self, number):
        count = self._signal_counts.get(number, 0) + 1
        self._signal_counts[number] = count
        # In raw mode keys are no signals: this one was sent to seam itself.
        if self._terminal or count >= _SIGNALS_UNTIL_KILL:
            self.reason = KILLED
            self.signal = number
        else:
            self._input.put_urgent(escape_signal(number))

    def _stop(self):
        if self._terminal:
            self._terminal.leave()
        self._machine.send_signal(signal.SIGSTOP)
        os.kill(os.getpid(), signal.SIGSTOP)

    def _resume(self):
        self._machine.send_signal(signal.SIGCONT)
        if self._terminal:
            self._terminal.enter()
            self._signal_arrived(signal.SIGWINCH)

    def _check_end(self):
        if self.reason is not None:
            return
        if self._stdout.is_broken and self.output_failure is None:
            self._output_broke()
        outputs_are_empty = self._stdout.is_empty() and self._stderr.is_empty()
        if not self._machine_runs and not self._sources and outputs_are_empty:
            self.reason = self._how_it_ended()
        elif self._remaining_ms() == 0:
            self._time_is_over()

    def _how_it_ended(self):
        if self._late_reason is BROKEN_PIPE:
            return BROKEN_PIPE
        return HALTED if self.log.has_halted else ENDED

    def _time_is_over(self):
        """The log is to say who waits for whom; a machine that can still tell has a second."""
        if self._late_reason is TIMED_OUT and self._console_is_ready and not self._is_asked:
            self._is_asked = True
            self._input.put_urgent(ESCAPE_THREADS)
            self._send_input()
            self._deadline = time.monotonic() + _THREADS_SECONDS
        else:
            self.reason = self._late_reason

    def _output_broke(self):
        """What a pipeline does: the writer gets SIGPIPE, and that ends it."""
        self.output_failure = self._stdout.failure() or BrokenPipeError()
        self._late_reason = BROKEN_PIPE
        self._input.put_urgent(escape_signal(signal.SIGPIPE))
        self._send_input()
        grace = time.monotonic() + _GRACE_SECONDS
        self._deadline = grace if self._deadline is None else min(grace, self._deadline)

    def _remaining_ms(self):
        if self._deadline is None:
            return None
        return max(0, int((self._deadline - time.monotonic()) * 1000 + 0.999))
