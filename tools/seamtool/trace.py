# SPDX-License-Identifier: BSD-2-Clause
"""seam run --trace: what happened as a file that ui.perfetto.dev and chrome://tracing open.

The format: "Trace Event Format", the JSON that Chrome's tracing writes.  The groups of tracks:

- "CPUs" has a track for each CPU with the vcpu that has it, and within that the exokernel's calls,
  upcalls, interrupts and the ends of slices.
- "vcpus" has a track for each vcpu with the thread that it runs, the events that it handles, and
  arrows from who woke a thread to where it runs then.
- Each process has a track for each thread with its system calls, page faults and signals.
"""

import errno
import gzip
import itertools
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

_EXO_CALLS = os.path.join(TOP, "secure-bindings", "include", "exo", "calls.def")
_EXO_CALL_LINE = re.compile(r"EXO_CALL\d\((0x[0-9a-f]+), (\w+),")
_CAUSES = {
    0: "divide error",
    1: "debug exception",
    3: "breakpoint",
    6: "invalid opcode",
    13: "general protection",
    14: "page fault",
    0x100: "event",
}

# exokernel/arch/x86_64/layout.h
_VECTOR_FIRST_LINE, _VECTOR_TIMER, _VECTOR_KICK = 0x30, 0x50, 0x51

# Chrome's processes are groups of tracks; no process inside has these numbers.
_CPUS = 0
_VCPUS = 1 << 30

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


def trace_write(file, ring, cpu_rings=()):
    """Write what RING, the libOS's, and those of the kernel have to FILE, of trace_open."""
    lost = sum(each.lost + each.beyond for each in (ring, *cpu_rings))
    firsts = [next(each.fields(), None) for each in (ring, *cpu_rings)]
    clock = Clock(min((first[1][0] for first in firsts if first), default=0), ring.cycles_hz)
    events = [Events(clock, calls_read()).all(each for _, each in ring.records())]
    for cpu, each in enumerate(cpu_rings):
        events.append(CpuEvents(clock, exo_calls_read(), cpu).all(each.fields()))
    file.write(b'{"displayTimeUnit": "ns", "traceEvents": [\n')
    encode = json.JSONEncoder(check_circular=False, separators=(",", ":")).encode
    comma = b""
    for event in itertools.chain(*events):
        file.write(comma + encode(event).encode())
        comma = b",\n"
    file.write(b'\n], "otherData": ' + json.dumps({"records lost": lost}).encode() + b"}\n")


def calls_read(path=_CALLS):
    """Return {number: (name, how many arguments)} of the Linux calls."""
    with open(path, encoding="ascii") as file:
        return {
            int(number): (name, rest.count(",") - _FIELDS_BEFORE_ARGUMENTS)
            for number, name, rest in _CALL_LINE.findall(file.read())
        }


def exo_calls_read(path=_EXO_CALLS):
    """Return {number: name} of the exokernel's calls."""
    with open(path, encoding="ascii") as file:
        return {int(number, 16): name for number, name in _EXO_CALL_LINE.findall(file.read())}


class Clock:
    """From the cycle counter to a trace's microseconds."""

    def __init__(self, start, hz):
        self._start = start
        self._hz = hz

    def at(self, cycles):
        return self.span(cycles - self._start)

    def span(self, cycles):
        return round(cycles * 1e6 / self._hz, 3)


def _metadata(kind, pid, tid, name):
    return {"name": kind, "ph": "M", "pid": pid, "tid": tid, "args": {"name": name}}


class CpuEvents:
    """Makes the trace's events of the kernel's records of one CPU."""

    def __init__(self, clock, calls, cpu):
        self._clock = clock
        self._calls = calls
        self._cpu = cpu
        self._run = None  # (since, domain, vcpu, slot)

    def all(self, fields):
        """Yield the events."""
        cycles = 0
        for _, (cycles, kind, domain, number, *args) in fields:
            if kind in (record.RUN, record.IDLE):
                yield from self._run_ends(cycles)
                if kind == record.RUN:
                    self._run = cycles, domain, number, args[0]
            elif kind == record.KERNEL_CALL:
                yield self._call(cycles, number, *args)
            else:
                yield self._instant(cycles, kind, number, args)
        yield from self._run_ends(cycles)
        yield _metadata("process_name", _CPUS, 0, "CPUs")
        yield _metadata("thread_name", _CPUS, self._cpu, f"CPU {self._cpu}")

    def _event(self, cycles, **fields):
        return fields | {"ts": self._clock.at(cycles), "pid": _CPUS, "tid": self._cpu}

    def _run_ends(self, cycles):
        if self._run is None:
            return
        since, domain, vcpu, slot = self._run
        self._run = None
        yield self._event(
            since,
            name=f"domain {domain}, vcpu {vcpu}",
            cat="slice",
            ph="X",
            dur=self._clock.span(cycles - since),
            args={"domain": domain, "vcpu": vcpu, "slot": slot},
        )

    def _call(self, cycles, number, taken, status):
        name = self._calls.get(number, f"call {number}")
        return self._event(
            cycles - taken,
            name=name,
            cat="exokernel call",
            ph="X",
            dur=self._clock.span(taken),
            args={"status": status},
        )

    def _instant(self, cycles, kind, number, args):
        more = {}
        if kind == record.UPCALL:
            cause, detail = args
            name = "upcall: " + _CAUSES.get(cause, f"exception {cause}")
            more = {"args": {"detail": hex(detail)}}
        elif kind == record.INTERRUPT:
            name = _interrupt_name(number)
        else:
            names = {record.SLICE_END: "end of a slice", record.FORCED: "the vcpu is forced out"}
            name = names.get(kind, f"record {kind}")
        return self._event(cycles, name=name, cat="kernel", ph="i", s="t", **more)


def _interrupt_name(vector):
    if _VECTOR_FIRST_LINE <= vector < _VECTOR_TIMER:
        return f"interrupt: line {vector - _VECTOR_FIRST_LINE}"
    names = {_VECTOR_TIMER: "timer", _VECTOR_KICK: "from another CPU"}
    return "interrupt: " + names.get(vector, hex(vector))


class _Thread:
    def __init__(self, pid, name):
        self.pid = pid
        self.name = name
        self.call = None  # the record of the call that it is in
        self.waker = None  # the number of the arrow that leads to its next run


class Events:
    """Makes the trace's events of the libOS's records."""

    def __init__(self, clock, calls):
        self._clock = clock
        self._calls = calls
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
            self._end = max(self._end, each.cycles)
            if each.kind in kinds:
                yield from kinds[each.kind](each)
        yield from self._finish()

    def _thread(self, tid):
        thread = self._threads.get(tid)
        if thread is None:  # the records of its beginning are lost
            thread = self._threads[tid] = _Thread(tid, f"thread {tid}")
        return thread

    def _on_thread(self, each, **fields):
        fields["ts"] = self._clock.at(each.cycles)
        fields["pid"] = self._thread(each.tid).pid
        fields["tid"] = each.tid
        return fields

    def _on_vcpu(self, each, **fields):
        return fields | {"ts": self._clock.at(each.cycles), "pid": _VCPUS, "tid": each.vcpu}

    def _name(self, each):
        name = each.bytes(1).split(b"\0")[0].decode("utf-8", "replace")
        pid = each.args[0] or each.tid
        thread = self._threads.get(each.tid)
        if thread is None or thread.pid != pid:
            self._threads[each.tid] = thread = _Thread(pid, name)
        thread.name = name or thread.name
        yield _metadata("thread_name", pid, each.tid, thread.name)
        if pid == each.tid:
            yield _metadata("process_name", pid, each.tid, thread.name)

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
            yield self._on_vcpu(each, name="wake", cat="wake", ph="f", bp="e", id=arrow)

    def _run_ends(self, each):
        switch, tid = self._running.pop(each.vcpu, (None, 0))
        if not tid:
            return
        thread = self._thread(tid)
        process = self._threads.get(thread.pid)
        yield self._on_vcpu(
            switch,
            name=thread.name,
            cat="running",
            ph="X",
            dur=self._clock.span(each.cycles - switch.cycles),
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
            dur=self._clock.span(each.cycles - call.cycles),
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
        yield self._on_vcpu(each, name=name, cat="event", ph="i", s="t")

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
        yield self._on_vcpu(
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
        yield _metadata("process_name", _VCPUS, 0, "vcpus")
        for vcpu in sorted(vcpus):
            yield _metadata("thread_name", _VCPUS, vcpu, f"vcpu {vcpu}")


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
