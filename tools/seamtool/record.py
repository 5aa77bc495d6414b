# SPDX-License-Identifier: BSD-2-Clause
"""What happens inside, as the libOS records it in memory (libos/trace/record.h has the layout).

The machine's memory is a file that QEMU and seam share.  A thread copies new records out of the
ring while the machine runs; nothing that they say is trusted further than numbers and text.
"""

import mmap
import struct
import threading

from .errors import SeamError

RECORD = struct.Struct("<QBBHi6Q")
_HEAD = struct.Struct("<8sQQQ")
_MAGIC = b"SEARECR1"
_PAGE_BYTES = 4096
_ROOM_MOST = 1 << 20

TEXT, SPACE, MAP, THREAD, EXIT, SWITCH, CALL, RESULT, FAULT, EVENT, SIGNAL, WAKE = range(1, 13)

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
    """The ring as it lies in memory, and what was copied out of it.

    memory     an out.Memory
    log        the console.Log, whose records line tells where the ring is
    lost       records that were replaced before they were copied
    beyond     records at the end that were not kept, because there were so many
    """

    def __init__(self, memory, log):
        self._memory = memory
        self._log = log
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
        if self._view is None and self._log.record is not None:
            self._open(self._log.record)
        return self.room > 0

    def _open(self, frame):
        self._view = mmap.mmap(self._memory.fd, 0, prot=mmap.PROT_READ)
        at = self._memory.offset(frame, 1)
        magic, hz, room, _ = _HEAD.unpack_from(self._view, at)
        if magic != _MAGIC or not hz or room & (room - 1) or not 0 < room <= _ROOM_MOST:
            raise SeamError("the libOS's records are broken")
        self._memory.offset(frame, 1 + room * RECORD.size // _PAGE_BYTES)
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
            data = data[torn * RECORD.size :]
        if data and self._kept < _KEPT_MOST:
            self._chunks.append((self.copied, data))
            self._kept += len(data) // RECORD.size
        else:
            self.beyond += len(data) // RECORD.size
        self.copied = end

    def _lose(self, first):
        self.lost += first - self.copied
        self.copied = first

    def _copy(self, first, end):
        base = self._head_at + _PAGE_BYTES
        while first < end:
            at = first % self.room
            count = min(end - first, self.room - at)
            start = base + at * RECORD.size
            yield self._view[start : start + count * RECORD.size]
            first += count

    def records(self):
        """Yield (number, Record), oldest first; texts are joined to what they belong to."""
        last = None
        for number, fields in self._fields():
            if fields[1] == TEXT:
                if last is not None and last[1].kind == MAP:
                    last[1].text += Record(fields).bytes().rstrip(b"\0").decode("utf-8", "replace")
                continue
            if last is not None:
                yield last
            last = number, Record(fields)
        if last is not None:
            yield last

    def _fields(self):
        for first, data in self._chunks:
            yield from enumerate(RECORD.iter_unpack(data), first)

    def close(self):
        if self._view is not None:
            self._view.close()


class Drain(threading.Thread):
    """Drains a ring until it is told to stop, and once more then."""

    def __init__(self, ring):
        super().__init__(daemon=True)
        self._ring = ring
        self._is_over = threading.Event()
        self.failure = None

    def run(self):
        try:
            while not self._is_over.wait(_POLL_SECONDS):
                if self._ring.find():
                    self._ring.drain()
        except (SeamError, ValueError, struct.error) as error:
            self.failure = error

    def finish(self):
        """Stop; what was recorded up to here is in the ring's records."""
        self._is_over.set()
        self.join()
        if self.failure is None and self._ring.find():
            self._ring.drain()
