# SPDX-License-Identifier: BSD-2-Clause
"""Records of what happens: copied out of a ring that goes on being written, and made a trace."""

import io
import json
import os
import struct
import unittest

import support  # noqa: F401  (the package's path)
from seamtool import record, trace
from seamtool.console import Log
from seamtool.errors import SeamError

FRAME = 3
ROOM = 64


class FakeMemory:
    """A machine's memory with a ring in it, and what the libOS does to it."""

    def __init__(self, magic=b"SEARECR1", room=ROOM):
        self._room = room
        self.fd = os.memfd_create("memory")
        os.ftruncate(self.fd, 64 * 4096)
        self._end = 0
        os.pwrite(self.fd, struct.pack("<8sQQQ", magic, 1_000_000, room, 0), FRAME * 4096)

    def offset(self, frame, count):
        if frame + count > 64:
            raise SeamError("no memory")
        return frame * 4096

    def write(self, kind, tid=1, number=0, args=(), cycles=None, vcpu=0):
        cycles = self._end if cycles is None else cycles
        args = [*args, *[0] * (6 - len(args))]
        data = record.RECORD.pack(cycles, kind, vcpu, number, tid, *args)
        os.pwrite(self.fd, data, (FRAME + 1) * 4096 + self._end % self._room * record.RECORD.size)
        self._end += 1
        os.pwrite(self.fd, struct.pack("<Q", self._end), FRAME * 4096 + 24)

    def write_text(self, text):
        data = text.encode()
        for at in range(0, len(data), 48):
            self.write(record.TEXT, args=struct.unpack("<6Q", data[at : at + 48].ljust(48, b"\0")))


class RingCase(unittest.TestCase):
    def ring(self, **settings):
        self.memory = FakeMemory(**settings)
        self.addCleanup(os.close, self.memory.fd)
        log = Log()
        log.add(f"seam: record {FRAME}")
        ring = record.LibosRing(self.memory, log)
        self.addCleanup(ring.close)
        return ring


class RingTest(RingCase):
    def cycles(self, ring):
        return [each.cycles for _, each in ring.records()]

    def test_nothing_is_found_before_the_log_says_where(self):
        memory = FakeMemory()
        self.addCleanup(os.close, memory.fd)
        self.assertFalse(record.LibosRing(memory, Log()).find())

    def test_what_was_written_comes_out_in_order(self):
        ring = self.ring()
        self.assertTrue(ring.find())
        for _ in range(3):
            for _ in range(ROOM // 2):
                self.memory.write(record.SWITCH)
            ring.drain()
        self.assertEqual(self.cycles(ring), list(range(ROOM // 2 * 3)))
        self.assertEqual(ring.lost, 0)

    def test_what_was_replaced_is_counted_as_lost(self):
        ring = self.ring()
        ring.find()
        for _ in range(ROOM * 3):
            self.memory.write(record.SWITCH)
        ring.drain()
        cycles = self.cycles(ring)
        self.assertEqual(cycles, list(range(cycles[0], ROOM * 3)))
        self.assertEqual(ring.lost, cycles[0])
        self.assertLessEqual(len(cycles), ROOM)
        self.assertGreater(len(cycles), ROOM // 2)

    def test_texts_belong_to_the_map_before_them(self):
        ring = self.ring()
        ring.find()
        path = "/a/long/path/that/needs/more/than/one/record/of/text/to/be/told"
        self.memory.write(record.MAP, number=2, args=(9, 0x1000, 0x2000, 0))
        self.memory.write_text(path)
        self.memory.write(record.SWITCH)
        ring.drain()
        kinds = [(each.kind, each.text) for _, each in ring.records()]
        self.assertEqual(kinds, [(record.MAP, path), (record.SWITCH, "")])

    def test_broken_heads_are_refused(self):
        for settings in ({"magic": b"SOMETHIN"}, {"room": 63}, {"room": 1 << 30}):
            ring = self.ring(**settings)
            with self.assertRaises(SeamError):
                ring.find()


class TraceTest(RingCase):
    CALLS = {0: ("read", 3), 231: ("exit_group", 1)}

    def events(self, *records):
        ring = self.ring()
        ring.find()
        for each in records:
            self.memory.write(**each)
        ring.drain()
        events = trace.Events(trace.Clock(0, ring.cycles_hz), self.CALLS)
        return list(events.all(each for _, each in ring.records()))

    def name(self, tid, pid, name, **more):
        words = struct.unpack("<2Q", name.encode().ljust(16, b"\0"))
        return {"kind": record.THREAD, "tid": tid, "args": (pid, *words), **more}

    def test_call_lasts_from_entry_to_result(self):
        events = self.events(
            self.name(5, 5, "prog", cycles=100),
            {"kind": record.CALL, "tid": 5, "args": (3, 0x10000, 7), "cycles": 110},
            {"kind": record.RESULT, "tid": 5, "args": ((1 << 64) - 11,), "cycles": 150},
        )
        (call,) = [each for each in events if each.get("cat") == "call"]
        self.assertEqual((call["name"], call["ph"], call["ts"], call["dur"]), ("read", "X", 110, 40))
        self.assertEqual(call["args"], {"arguments": "3, 0x10000, 7", "result": "EAGAIN"})
        self.assertEqual((call["pid"], call["tid"]), (5, 5))

    def test_call_without_result_lasts_to_the_end(self):
        events = self.events(
            {"kind": record.CALL, "tid": 5, "number": 231, "cycles": 10},
            {"kind": record.EVENT, "tid": 0, "cycles": 30},
        )
        (call,) = [each for each in events if each.get("cat") == "call"]
        self.assertEqual((call["name"], call["dur"]), ("exit_group", 20))
        self.assertEqual(call["args"]["result"], "no return")

    def test_cpus_show_who_runs(self):
        events = self.events(
            self.name(5, 5, "prog", cycles=0),
            self.name(6, 5, "worker", cycles=0),
            {"kind": record.WAKE, "tid": 5, "args": (6, 1), "cycles": 5},
            {"kind": record.SWITCH, "tid": 6, "vcpu": 1, "cycles": 10},
            {"kind": record.SWITCH, "tid": 0, "vcpu": 1, "cycles": 40},
        )
        (run,) = [each for each in events if each.get("cat") == "running"]
        self.assertEqual((run["name"], run["pid"], run["tid"]), ("worker", 1 << 30, 1))
        self.assertEqual((run["ts"], run["dur"]), (10, 30))
        self.assertEqual(run["args"], {"process": "prog", "pid": 5, "tid": 6})
        arrows = [(each["ph"], each["id"], each["tid"]) for each in events if each["name"] == "wake"]
        self.assertEqual(arrows, [("s", 1, 0), ("f", 1, 1)])

    def test_cpus_show_which_vcpu_has_them(self):
        fields = [
            (100, record.RUN, 2, 3, 17, 0),
            (130, record.KERNEL_CALL, 2, 0x10, 20, 1),
            (140, record.INTERRUPT, 0, 0x50, 0, 0),
            (150, record.UPCALL, 2, 3, 14, 0x1234),
            (160, record.IDLE, 0, 0, 0, 0),
            (170, record.RUN, 2, 4, 0, 0),
            (190, record.SLICE_END, 2, 4, 0, 0),
        ]
        made = trace.CpuEvents(trace.Clock(100, 1_000_000), {0x10: "space_unmap"}, 1)
        events = [each for each in made.all(enumerate(fields)) if each["ph"] != "M"]
        shown = [(each["name"], each["ts"], each.get("dur")) for each in events]
        self.assertEqual(
            sorted(shown, key=lambda each: each[1]),
            [
                ("domain 2, vcpu 3", 0, 60),
                ("space_unmap", 10, 20),
                ("interrupt: timer", 40, None),
                ("upcall: page fault", 50, None),
                ("domain 2, vcpu 4", 70, 20),
                ("end of a slice", 90, None),
            ],
        )
        self.assertEqual({(each["pid"], each["tid"]) for each in events}, {(0, 1)})

    def test_calls_of_the_exokernel_are_read(self):
        calls = trace.exo_calls_read()
        self.assertEqual(calls[0x10], "space_unmap")
        self.assertGreater(len(calls), 20)

    def test_tracks_have_names(self):
        events = self.events(self.name(5, 5, "prog"), self.name(6, 5, "worker"))
        names = {
            (each["name"], each["pid"], each["tid"]): each["args"]["name"]
            for each in events
            if each["ph"] == "M"
        }
        self.assertEqual(names["thread_name", 5, 6], "worker")
        self.assertEqual(names["process_name", 5, 5], "prog")
        self.assertNotIn(("process_name", 5, 6), names)

    def test_file_is_json(self):
        ring = self.ring()
        ring.find()
        for _ in range(3):
            self.memory.write(record.FAULT, args=(0x1234, 6, 0))
        ring.drain()
        file = io.BytesIO()
        trace.trace_write(file, ring)
        content = json.loads(file.getvalue())
        faults = [each for each in content["traceEvents"] if each["name"] == "page fault"]
        self.assertEqual(len(faults), 3)
        self.assertEqual(faults[0]["args"]["access"], "write")
        self.assertEqual(content["otherData"], {"records lost": 0})

    def test_table_of_calls_is_read(self):
        calls = trace.calls_read()
        self.assertEqual(calls[0], ("read", 3))
        self.assertEqual(calls[1], ("write", 3))
        self.assertEqual(calls[39], ("getpid", 0))
        self.assertEqual(calls[231][0], "exit_group")
        self.assertGreater(len(calls), 300)


if __name__ == "__main__":
    unittest.main()
