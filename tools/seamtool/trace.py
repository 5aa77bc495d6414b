# SPDX-License-Identifier: BSD-2-Clause
"""seam run --trace: what happened as a file that ui.perfetto.dev and chrome://tracing open.

The format: "Trace Event Format", the JSON that Chrome's tracing writes.  Two groups of tracks:

- "CPUs" has a track for each vcpu with the thread that it runs, the events that it handles, and
  arrows from who woke a thread to where it runs then.
- Each process has a track for each thread with its system calls, page faults and signals.
"""

import errno
import gzip
import json
import os
import re
import signal

from . import record
from .errors import SeamError
from .paths import TOP

_CALLS = os.path.join(TOP, "libos", "linux-api", "syscalls.def")
_CALL_LINE = re.compile(r"LINUX_(?:ALL|X86)\(\s*(\d+),[^,]*,\s*(\w+)((?:,\s*\w+)*)\)")
_FIELDS_BEFORE_ARGUMENTS = 2  # category, state

# Chrome's processes are groups of tracks; no process inside has this number.
_CPUS = 0

# secure-bindings/include/exo/abi.h and libos/sched/event.h
_EVENTS = {
    0: "timer",
    1: "end of the slice",
    2: "frames are asked for",
    61: "domain lock",
    62: "barrier",
    63: "reschedule",
}
_LAST_ERRNO = 4095
_RESTARTS = {512: "ERESTARTSYS", 513: "ERESTARTNOINTR", 514: "ERESTARTNOHAND"}
_RESTARTS[516] = "ERESTART_RESTARTBLOCK"

_FAULT_WRITE, _FAULT_USER, _FAULT_FETCH = 2, 4, 16  # SDM vol. 3A, 4.7


def trace_open(path):
    """Open the file before the machine starts: that it cannot be written is told at once."""
    try:
        return gzip.open(path, "wb") if path.endswith(".gz") else open(path, "wb")
    except OSError as error:
        raise SeamError(f"cannot write the trace {path}: {error.strerror}") from None


def trace_write(file, ring):
    """Write what RING has to FILE, which trace_open has opened."""
    events = Events(ring.cycles_hz, calls_read())
    file.write(b'{"displayTimeUnit": "ns", "traceEvents": [\n')
    encode = json.JSONEncoder(check_circular=False, separators=(",", ":")).encode
    comma = b""
    for event in events.all(each for _, each in ring.records()):
        file.write(comma + encode(event).encode())
        comma = b",\n"
    file.write(b'\n], "otherData": ' + json.dumps({"records lost": ring.lost + ring.beyond}).encode() + b"}\n")


def calls_read(path=_CALLS):
    """Return {number: (name, how many arguments)} of the Linux calls."""
    with open(path, encoding="ascii") as file:
        return {
            int(number): (name, rest.count(",") - _FIELDS_BEFORE_ARGUMENTS)
            for number, name, rest in _CALL_LINE.findall(file.read())
        }


class _Thread:
    def __init__(self, pid, name):
        self.pid = pid
        self.name = name
        self.call = None  # the record of the call that it is in
        self.waker = None  # the number of the arrow that leads to its next run


class Events:
    """Makes the trace's events of records."""

    def __init__(self, cycles_hz, calls):
        self._hz = cycles_hz
        self._calls = calls
        self._start = None
        self._end = 0
        self._threads = {}
        self._running = {}  # of each vcpu: (record of the switch, tid)
        self._arrows = 0

    def all(self, records):
        """Yield the events, in no particular order: viewers sort them."""
        kinds = {
            record.THREAD: self._name,
            record.EXIT: self._exit,
            record.SWITCH: self._switch,
            record.CALL: self._call,
            record.RESULT: self._result,
            record.FAULT: self._fault,
            record.EVENT: self._event,
            record.SIGNAL: self._signal,
            record.WAKE: self._wake,
        }
        for each in records:
            if self._start is None:
                self._start = each.cycles
            self._end = max(self._end, each.cycles)
            if each.kind in kinds:
                yield from kinds[each.kind](each)
        yield from self._finish()

    def _us(self, cycles):
        return round((cycles - self._start) * 1e6 / self._hz, 3)

    def _thread(self, tid):
        thread = self._threads.get(tid)
        if thread is None:  # the records of its beginning are lost
            thread = self._threads[tid] = _Thread(tid, f"thread {tid}")
        return thread

    def _on_thread(self, each, **fields):
        fields["ts"] = self._us(each.cycles)
        fields["pid"] = self._thread(each.tid).pid
        fields["tid"] = each.tid
        return fields

    def _on_cpu(self, each, **fields):
        return fields | {"ts": self._us(each.cycles), "pid": _CPUS, "tid": each.vcpu}

    def _name(self, each):
        name = each.bytes(1).split(b"\0")[0].decode("utf-8", "replace")
        pid = each.args[0] or each.tid
        thread = self._threads.get(each.tid)
        if thread is None or thread.pid != pid:
            self._threads[each.tid] = thread = _Thread(pid, name)
        thread.name = name or thread.name
        yield self._metadata("thread_name", pid, each.tid, thread.name)
        if pid == each.tid:
            yield self._metadata("process_name", pid, each.tid, thread.name)

    @staticmethod
    def _metadata(kind, pid, tid, name):
        return {"name": kind, "ph": "M", "pid": pid, "tid": tid, "args": {"name": name}}

    def _exit(self, each):
        status = each.args[0]
        text = f"killed by {_signal_name(status & 0x7F)}" if status & 0x7F else f"{status >> 8}"
        yield from self._call_ends(each, "no return")
        yield self._on_thread(each, name="exit", cat="thread", ph="i", s="t", args={"status": text})

    def _switch(self, each):
        yield from self._run_ends(each)
        self._running[each.vcpu] = each, each.tid
        thread = self._threads.get(each.tid)
        if each.tid and thread and thread.waker is not None:
            arrow, thread.waker = thread.waker, None
            yield self._on_cpu(each, name="wake", cat="wake", ph="f", bp="e", id=arrow)

    def _run_ends(self, each):
        switch, tid = self._running.pop(each.vcpu, (None, 0))
        if not tid:
            return
        thread = self._thread(tid)
        process = self._threads.get(thread.pid)
        yield self._on_cpu(
            switch,
            name=thread.name,
            cat="running",
            ph="X",
            dur=self._us(each.cycles - switch.cycles + self._start),
            args={"process": process.name if process else "", "pid": thread.pid, "tid": tid},
        )

    def _call(self, each):
        self._thread(each.tid).call = each
        return ()

    def _result(self, each):
        call = self._thread(each.tid).call
        if call is not None and call.number == each.number:
            yield from self._call_ends(each, _result_text(each.args[0]))

    def _call_ends(self, each, result):
        thread = self._thread(each.tid)
        call, thread.call = thread.call, None
        if call is None:
            return
        name, count = self._calls.get(call.number, (f"call {call.number}", 6))
        arguments = ", ".join(_number_text(value) for value in call.args[:count])
        yield self._on_thread(
            call,
            name=name,
            cat="call",
            ph="X",
            dur=self._us(each.cycles - call.cycles + self._start),
            args={"arguments": arguments, "result": result},
        )

    def _fault(self, each):
        address, error, instruction = each.args[:3]
        kind = "write" if error & _FAULT_WRITE else "fetch" if error & _FAULT_FETCH else "read"
        arguments = {"address": hex(address), "access": kind}
        arguments["instruction"] = hex(instruction) if instruction else "in the libOS"
        yield self._on_thread(each, name="page fault", cat="fault", ph="i", s="t", args=arguments)

    def _event(self, each):
        name = _EVENTS.get(each.number, f"event {each.number}")
        if each.args[0]:
            name = f"interrupt {each.args[0]}"
        yield self._on_cpu(each, name=name, cat="event", ph="i", s="t")

    def _signal(self, each):
        name = _signal_name(each.number)
        yield self._on_thread(each, name=name, cat="signal", ph="i", s="t")

    def _wake(self, each):
        tid, vcpu = each.args[:2]
        thread = self._threads.get(tid)
        if thread is None:
            return
        self._arrows += 1
        thread.waker = self._arrows
        yield self._on_cpu(
            each, name="wake", cat="wake", ph="s", id=self._arrows, args={"tid": tid, "vcpu": vcpu}
        )

    def _finish(self):
        """The machine has ended: so has all that was under way."""
        vcpus = set(self._running)
        last = record.Record((self._end, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
        for vcpu in sorted(vcpus):
            last.vcpu = vcpu
            yield from self._run_ends(last)
        for tid in self._threads:
            last.tid = tid
            yield from self._call_ends(last, "no return")
        yield self._metadata("process_name", _CPUS, 0, "CPUs")
        for vcpu in sorted(vcpus):
            yield self._metadata("thread_name", _CPUS, vcpu, f"CPU {vcpu}")


def _result_text(value):
    number = value - (1 << 64) if value >> 63 else value
    if 0 < -number <= _LAST_ERRNO:
        return errno.errorcode.get(-number) or _RESTARTS.get(-number) or str(number)
    return _number_text(value)


def _number_text(value):
    """Small numbers as such, addresses and flags in base 16."""
    if value < 1 << 16:
        return str(value)
    if value >= (1 << 64) - (1 << 12):
        return str(value - (1 << 64))
    if value in range((1 << 32) - (1 << 12), 1 << 32):
        return str(value - (1 << 32))
    return hex(value)


def _signal_name(number):
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
