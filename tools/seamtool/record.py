# SPDX-License-Identifier: BSD-2-Clause
"""What happens inside, as the libOS and the kernel record it in memory.

libos/trace/record.h and secure-bindings/include/exo/trace.h have the layouts.  The machine's memory is a file that QEMU and seam share.  A thread copies new records out of the rings while the machine
runs; nothing that they say is trusted further than numbers and text.
"""

import mmap
import struct
import threading

from .errors import SeamError

RECORD = struct.Struct("<QBBHi6Q")
KERNEL_RECORD = struct.Struct("<QBxHIQQ")
_HEAD = struct.Struct("<8sQQQ")
_MAGIC = b"SEARECR1"
_KERNEL_MAGIC = b"XOTRACE1"
_PAGE_BYTES = 4096
_ROOM_MOST = 1 << 20

# Kinds of the libOS's records, and of the kernel's.
TEXT, SPACE, MAP, THREAD, EXIT, SWITCH, CALL, RESULT, FAULT, EVENT, SIGNAL, WAKE = range(1, 13)
RUN, IDLE, UPCALL, INTERRUPT, KERNEL_CALL, SLICE_END, FORCED = range(1, 8)

_POLL_SECONDS = 0.002
_KEPT_MOST = 2 << 20  # records; a trace with more could not be looked at


class Record:
    """One record; text: what its texts say, of a MAP."""

    __slots__ = ("cycles", "kind", "vcpu", "number", "tid", "args", "text")

    def __init__(self, fields):
        self.cycles, self.kind, self.vcpu, self.number, self.tid, *self.args = fields
        self.text = ""

    def bytes(self, first=0):
        """The arguments from FIRST on as bytes."""
        return struct.pack(f"<{6 - first}Q", *self.args[first:])


class Ring:
    """A ring as it lies in memory, and what was copied out of it.

    memory     an out.Memory
    place      called for the frame of the ring's head; None: not known yet
    layout     of a record, with the time first
    lost       records that were replaced before they were copied
    beyond     records at the end that were not kept, because there were so many
    """

    def __init__(self, memory, place, magic, layout):
        self._memory = memory
        self._place = place
        self._magic = magic
        self._layout = layout
        self._view = None
        self._head_at = 0
        self._chunks = []  # (number of the first record, bytes)
        self._kept = 0
        self.cycles_hz = 0
        self.room = 0
        self.copied = 0  # all before this number were copied or are lost
        self.lost = 0
        self.beyond = 0

    def find(self):
        """Is there a ring?  Look for it if it was not known."""
        if self._view is None and self._place() is not None:
            self._open(self._place())
        return self.room > 0

    def _open(self, frame):
        self._view = mmap.mmap(self._memory.fd, 0, prot=mmap.PROT_READ)
        at = self._memory.offset(frame, 1)
        magic, hz, room, _ = _HEAD.unpack_from(self._view, at)
        if magic != self._magic or not hz or room & (room - 1) or not 0 < room <= _ROOM_MOST:
            raise SeamError("the records of what happened are broken")
        self._memory.offset(frame, 1 + room * self._layout.size // _PAGE_BYTES)
        self._head_at = at
        self.cycles_hz = hz
        self.room = room

    def end(self):
        """How many records have been written."""
        return _HEAD.unpack_from(self._view, self._head_at)[3]

    def drain(self):
        """Copy what is new."""
        end = self.end()
        if end - self.copied > self.room:
            # What is about to be replaced is not worth the race.
            self._lose(end - self.room + self.room // 8)
        first = self.copied
        data = b"".join(self._copy(first, end))
        # The writer went on meanwhile: the place of record `end` may be in the making.
        torn = max(0, self.end() + 1 - self.room - first)
        torn = min(torn, end - first)
        if torn:
            self._lose(first + torn)
            data = data[torn * self._layout.size :]
        if data and self._kept < _KEPT_MOST:
            self._chunks.append((self.copied, data))
            self._kept += len(data) // self._layout.size
        else:
            self.beyond += len(data) // self._layout.size
        self.copied = end

    def _lose(self, first):
        self.lost += first - self.copied
        self.copied = first

    def _copy(self, first, end):
        base = self._head_at + _PAGE_BYTES
        while first < end:
            at = first % self.room
            count = min(end - first, self.room - at)
            start = base + at * self._layout.size
            yield self._view[start : start + count * self._layout.size]
            first += count

    def fields(self):
        """Yield (number, fields) of each record, oldest first."""
        for first, data in self._chunks:
            yield from enumerate(self._layout.iter_unpack(data), first)

    def close(self):
        if self._view is not None:
            self._view.close()


class LibosRing(Ring):
    """What the libOS records; LOG is the console.Log, whose line tells where."""

    def __init__(self, memory, log):
        super().__init__(memory, lambda: log.record, _MAGIC, RECORD)

    def records(self):
        """Yield (number, Record), oldest first; texts are joined to what they belong to."""
        last = None
        for number, fields in self.fields():
            if fields[1] == TEXT:
                if last is not None and last[1].kind == MAP:
                    last[1].text += Record(fields).bytes().rstrip(b"\0").decode("utf-8", "replace")
                continue
            if last is not None:
                yield last
            last = number, Record(fields)
        if last is not None:
            yield last


class CpuRing(Ring):
    """What the kernel records of CPU."""

    def __init__(self, memory, log, cpu):
        super().__init__(memory, lambda: log.traces.get(cpu), _KERNEL_MAGIC, KERNEL_RECORD)


class Drain(threading.Thread):
    """Drains rings until it is told to stop, and once more then."""

    def __init__(self, rings):
        super().__init__(daemon=True)
        self._rings = rings
        self._is_over = threading.Event()
        self.failure = None

    def run(self):
        try:
            while not self._is_over.wait(_POLL_SECONDS):
                self._drain()
        except (SeamError, ValueError, struct.error) as error:
            self.failure = error

    def finish(self):
        """Stop; what was recorded up to here is in the rings' records."""
        self._is_over.set()
        self.join()
        if self.failure is None:
            self._drain()

    def _drain(self):
        for ring in self._rings:
            if ring.find():
                ring.drain()
