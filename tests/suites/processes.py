# SPDX-License-Identifier: BSD-2-Clause
"""Programs under test: run to their end or to a limit, their lines read as they come."""

import collections
import concurrent.futures
import contextlib
import os
import selectors
import signal
import subprocess
import threading
import time

# Machines that run at the same time; one with many CPUs counts as all of them, because waiting
# for a virtual CPU that the host does not run makes everything slow.
_MACHINES = 2
_MANY_CPUS = 3
_TAIL_LINES = 40

# What lines_run has started; Ctrl-C at the terminal does not reach it.
_running = set()

_slots = threading.Condition()
_slots_free = _MACHINES


@contextlib.contextmanager
def machine_slot(cpus=1):
    """Hold a machine's place among those that may run now."""
    global _slots_free
    wanted = _MACHINES if cpus >= _MANY_CPUS else 1
    with _slots:
        _slots.wait_for(lambda: _slots_free >= wanted)
        _slots_free -= wanted
    try:
        yield
    finally:
        with _slots:
            _slots_free += wanted
            _slots.notify_all()


class Ended:
    """How a program ended.

    status    its exit status (negative: killed by that signal)
    reason    "" or why it was ended from here
    tail      its last lines
    """

    def __init__(self, status, reason, tail):
        self.status = status
        self.reason = reason
        self.tail = tail

    def explain(self):
        """Return the text for a failure."""
        how = self.reason or f"exit status {self.status}"
        return "\n".join([*self.tail, f"({how})"])


def environment():
    """Return the environment of all programs under test: emulation, and no locale."""
    return {**os.environ, "SEAM_ACCEL": "tcg", "LC_ALL": "C.UTF-8"}


def lines_run(command, on_line, *, idle=60, timeout=600, cwd=None, env=None):
    """Run COMMAND and give each line of its output, both streams, to ON_LINE.

    It is ended when it prints nothing for IDLE seconds, or after TIMEOUT seconds.
    """
    child = subprocess.Popen(
        [str(word) for word in command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=cwd,
        env=env or environment(),
        start_new_session=True,
    )
    _running.add(child)
    tail = collections.deque(maxlen=_TAIL_LINES)

    def take(line):
        text = line.decode("utf-8", "replace").rstrip("\r")
        tail.append(text)
        on_line(text)

    try:
        reason = _lines_read(child.stdout, take, idle, timeout)
    finally:
        if child.poll() is None:
            _end(child)
        child.stdout.close()
        _running.discard(child)
    return Ended(child.wait(), reason, list(tail))


def _lines_read(stream, take, idle, timeout):
    """Read until the stream ends; return why it was given up, or ""."""
    end = time.monotonic() + timeout
    part = b""
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        while True:
            left = end - time.monotonic()
            if left <= 0 or not selector.select(min(idle, left)):
                if part:
                    take(part)
                return f"ended after {timeout} s" if left <= idle else f"silent for {idle} s"
            data = os.read(stream.fileno(), 65536)
            if not data:
                if part:
                    take(part)
                return ""
            *lines, part = (part + data).split(b"\n")
            for line in lines:
                take(line)


def _end(child):
    """End CHILD: first so that it can put things in order, then at once."""
    try:
        child.wait(timeout=0.5)
        return
    except subprocess.TimeoutExpired:
        pass
    child.send_signal(signal.SIGTERM)
    try:
        child.wait(timeout=5)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def run_all(jobs, workers=_MACHINES):
    """Call each of JOBS, WORKERS at a time, and pass on the first exception."""
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        try:
            for future in [pool.submit(job) for job in jobs]:
                future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for child in list(_running):
                child.terminate()
            raise
