# SPDX-License-Identifier: BSD-2-Clause
"""The console protocol, the log's lines, and the key that leaves."""

import unittest

import support  # noqa: F401  (sets the path)
from seamtool.console import InputQueue, LineSplitter, Log, escape_signal, escape_window
from seamtool.terminal import LEAVE, NOTHING, THREADS, LeaveKey


class Taker:
    """Takes a limited number of bytes at a time."""

    def __init__(self, limit):
        self.limit = limit
        self.taken = b""

    def __call__(self, data):
        part = bytes(data[: self.limit])
        self.taken += part
        return len(part)


class InputQueueTest(unittest.TestCase):
    def test_data_link_escape_is_doubled(self):
        queue = InputQueue()
        queue.put(b"a\x10b")
        taker = Taker(100)
        queue.send(taker)
        self.assertEqual(taker.taken, b"a\x10\x10b")
        self.assertTrue(queue.is_empty())

    def test_all_arrives_in_order_through_a_narrow_end(self):
        queue = InputQueue()
        data = bytes(range(256)) * 50
        queue.put(data)
        queue.put_end_of_file()
        taker = Taker(7)
        queue.send(taker)
        self.assertEqual(taker.taken, data.replace(b"\x10", b"\x10\x10") + b"\x10E")

    def test_signal_overtakes_input_but_splits_no_sequence(self):
        queue = InputQueue()
        queue.put(b"\x10" * 4000)
        sent = bytearray()

        def take_one_then_stop(data):
            if len(sent) == 1:
                return 0
            sent.extend(data[:1])
            return 1

        queue.send(take_one_then_stop)
        queue.put_urgent(escape_signal(2))
        taker = Taker(4096)
        queue.send(taker)
        stream = bytes(sent) + taker.taken
        at = stream.index(b"\x10S\x02")
        self.assertEqual(at % 2, 0)
        self.assertLess(at, 4096)
        self.assertEqual(len(stream), 8000 + 3)

    def test_queue_is_bounded(self):
        queue = InputQueue()
        self.assertTrue(queue.has_room())
        queue.put(b"x" * InputQueue.LIMIT_BYTES)
        self.assertFalse(queue.has_room())
        queue.send(lambda data: len(data))
        self.assertTrue(queue.has_room())

    def test_window_size_is_columns_then_rows(self):
        self.assertEqual(escape_window(300, 24), b"\x10W\x2c\x01\x18\x00")


class LineTest(unittest.TestCase):
    def test_lines_are_joined_across_reads(self):
        lines = LineSplitter()
        self.assertEqual(lines.feed(b"one\r\ntw"), ["one"])
        self.assertEqual(lines.feed(b"o\n\nrest"), ["two", ""])
        self.assertEqual(lines.finish(), ["rest"])
        self.assertEqual(lines.finish(), [])

    def test_line_without_end_is_cut(self):
        lines = LineSplitter()
        cut = lines.feed(b"x" * 100_000)
        self.assertEqual([len(line) for line in cut], [100_000])

    def test_bytes_that_are_no_text_do_no_harm(self):
        self.assertEqual(LineSplitter().feed(b"\xff\n"), ["\ufffd"])


class LogTest(unittest.TestCase):
    def test_exit_line_gives_the_status(self):
        log = Log()
        for line in ("seam: exit x", "seam: exit 300", "seam: exit 7"):
            log.add(line)
        self.assertEqual(log.exit_status, 7)

    def test_panic_report_has_what_came_before_and_all_after(self):
        log = Log()
        lines = [str(number) for number in range(30)] + ["seam: panic: why", "rip 1"]
        for line in lines:
            log.add(line)
        self.assertEqual(log.panic, lines[20:])

    def test_tail_is_bounded(self):
        log = Log()
        for number in range(1000):
            log.add(str(number))
        self.assertEqual(len(log.tail), Log.TAIL_LINES)
        self.assertEqual(log.tail[-1], "999")


class LeaveKeyTest(unittest.TestCase):
    def feed(self, *pieces):
        key = LeaveKey()
        out = b""
        for piece in pieces:
            data, wish = key.feed(piece)
            out += data
            if wish != NOTHING:
                return out, wish
        return out, NOTHING

    def test_plain_text_passes(self):
        self.assertEqual(self.feed(b"xyz\x01"), (b"xyz\x01", NOTHING))

    def test_key_and_x_leave_also_in_two_reads(self):
        self.assertEqual(self.feed(b"ab\x1dx"), (b"ab", LEAVE))
        self.assertEqual(self.feed(b"ab\x1d", b"X"), (b"ab", LEAVE))

    def test_key_and_t_ask_for_the_threads(self):
        self.assertEqual(self.feed(b"ab\x1dtc"), (b"abc", THREADS))

    def test_key_twice_sends_it_once(self):
        self.assertEqual(self.feed(b"\x1d\x1dx"), (b"\x1dx", NOTHING))

    def test_key_before_another_sends_both(self):
        self.assertEqual(self.feed(b"\x1d", b"q"), (b"\x1dq", NOTHING))


if __name__ == "__main__":
    unittest.main()
