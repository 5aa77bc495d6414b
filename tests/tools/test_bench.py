# SPDX-License-Identifier: BSD-2-Clause
"""seam bench: which rows, what becomes of the figures, and guests that hang or crash."""

import contextlib
import io
import json
import os
import shutil
import tempfile
import time
import unittest
import xml.etree.ElementTree as ElementTree
from unittest import mock

import support
from seamtool.bench import boot, chart, counts, figures, guests, least, native, rows, table
from seamtool.bench.figures import COUNT, WALL
from seamtool.bench.guests import LINUX, SEAM
from seamtool.errors import SeamError

_ROWS = rows.rows_parse(
    "call\tgetppid\t0\ta call\n"
    "stream\tpipe_latency\t0\ta byte\n"
    "stream\tpipe_bandwidth\t1048576\tmany bytes\n"
    "whole\tgcc\t0\tcompiles\n"
)


def _names(words):
    return [row.name for row in rows.rows_choose(_ROWS, words)]


class RowsTest(unittest.TestCase):
    def test_without_words_all_but_whole_programs(self):
        self.assertEqual(_names([]), ["getppid", "pipe_latency", "pipe_bandwidth"])

    def test_names_groups_and_patterns(self):
        self.assertEqual(_names(["pipe_b*", "whole"]), ["pipe_bandwidth", "gcc"])
        self.assertEqual(_names(["stream", "getppid"]), _names([]))
        self.assertEqual(len(_names(["all"])), len(_ROWS))

    def test_a_word_that_names_nothing_is_an_error(self):
        with self.assertRaisesRegex(SeamError, "'getpid'.*--list"):
            _names(["getppid", "getpid"])

    def test_bytes_are_numbers(self):
        self.assertEqual([row.bytes for row in _ROWS], [0, 0, 1 << 20, 0])


class FiguresTest(unittest.TestCase):
    def samples(self):
        samples = figures.Samples()
        for value in (300.0, 200.0, 220.0):
            samples.add(WALL, SEAM, "getppid", value)
        for value in (500.0, 400.0, 410.0):
            samples.add(WALL, LINUX, "getppid", value)
        samples.add(COUNT, SEAM, "getppid", 400)
        samples.add(COUNT, LINUX, "getppid", 100)
        for system in (SEAM, LINUX):
            samples.add(WALL, system, "pipe_latency", 1000.0)
        samples.fail(SEAM, "pipe_latency", "no pipes")
        return samples

    def test_least_of_the_boots_and_their_spread(self):
        cell = self.samples().cell(WALL, SEAM, "getppid")
        self.assertEqual(cell.least, 200.0)
        self.assertAlmostEqual(cell.spread, 0.5)

    def test_ratio_above_one_is_seams(self):
        samples = self.samples()
        self.assertEqual(table.ratios(_ROWS, samples, WALL), {"getppid": 2.0})
        self.assertEqual(table.ratios(_ROWS, samples, COUNT), {"getppid": 0.25})

    def test_a_row_that_failed_once_has_no_figure(self):
        self.assertIsNone(self.samples().cell(WALL, SEAM, "pipe_latency"))
        self.assertIsNone(figures.ratio(None, figures.Cell(1.0, 0.0)))

    def test_geometric_mean(self):
        self.assertAlmostEqual(figures.geometric_mean([2.0, 8.0, None]), 4.0)
        self.assertIsNone(figures.geometric_mean([None]))

    def test_table_has_figures_means_and_failures(self):
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            table.table_print(_ROWS, self.samples())
        text = out.getvalue()
        self.assertRegex(text, r"getppid +200 ns +400 ns +2\.00 +50/25% +400 +100 +0\.25")
        self.assertRegex(text, r"gcc +- +- +-")
        self.assertIn("wall time: 2.00", text)
        self.assertIn("failed: Seam: pipe_latency: no pipes", text)

    def test_json_has_all_of_it(self):
        path = os.path.join(tempfile.mkdtemp(), "figures.json")
        self.addCleanup(shutil.rmtree, os.path.dirname(path))
        table.json_write(path, _ROWS, self.samples(), {"commit": "c"})
        with open(path, encoding="utf-8") as file:
            record = json.load(file)
        self.assertEqual(record["commit"], "c")
        self.assertEqual(record["rows"]["getppid"][WALL]["ratio"], 2.0)
        self.assertEqual(record["rows"]["getppid"][WALL][LINUX]["least"], 400.0)
        self.assertEqual(record["failed"][0]["row"], "pipe_latency")
        self.assertAlmostEqual(record["geometric_mean"][COUNT], 0.25)

    def test_times_have_three_digits_and_a_unit(self):
        pairs = ((1.5, "1.50 ns"), (999.4, "999 ns"), (999.9, "1.00 us"), (23456, "23.5 us"))
        for ns, text in (*pairs, (2e9, "2.00 s")):
            self.assertEqual(table.time_text(ns), text)
        for count, text in ((163, "163"), (262135, "262k"), (1.5e9, "1.50G")):
            self.assertEqual(table.count_text(count), text)


class ChartTest(unittest.TestCase):
    def bars(self, values):
        text = chart.chart_make("a < b", "when", [("g", list(values.items()))])
        top = ElementTree.fromstring(text)
        name = "{http://www.w3.org/2000/svg}"
        rects = top.findall(name + "rect")[1:]
        lines = [line for line in top.findall(name + "line") if line.get("stroke") == "#222222"]
        self.assertEqual(len(lines), 1)
        one = float(lines[0].get("x1"))
        return one, [(float(r.get("x")), float(r.get("width")), r.get("fill")) for r in rects]

    def test_bars_begin_at_one(self):
        one, ((x, width, fast), (other_x, other_width, slow)) = self.bars({"f": 4.0, "s": 0.25})
        self.assertAlmostEqual(x, one, delta=0.2)
        self.assertAlmostEqual(other_x + other_width, one, delta=0.2)
        self.assertAlmostEqual(width, other_width, delta=0.2)  # the scale is logarithmic
        self.assertNotEqual(fast, slow)

    def test_what_is_beyond_the_scale_ends_at_its_end(self):
        _, bars = self.bars({"a": 1e6, "b": 1000.0})
        self.assertEqual(bars[0][1], bars[1][1])

    def test_equal_systems_have_a_chart_too(self):
        _, ((_, width, _),) = self.bars({"a": 1.0})
        self.assertGreater(width, 0)


class GuestsTest(unittest.TestCase):
    def test_lines_of_the_program(self):
        found = guests.Figures()
        for line in (
            "rate 2000000",
            "begin a",
            "row a 12.500 13.000 100 41",
            "begin b",
            "fail b fork: No such process",
            "fail b its process ended with 0x9",
            "noise of the row's own",
            "begin c",
        ):
            found.take(line)
        self.assertEqual((found.khz, found.cycles, found.at), (2000000, {"a": 12.5}, "c"))
        self.assertEqual(found.failed, {"b": "fork: No such process"})
        self.assertFalse(found.is_complete)

    def test_linux_is_given_what_makes_it_fast(self):
        setting = guests.Setting("initrd", 64, khz=2000000)
        with mock.patch.object(guests, "linux_kernel", return_value="vmlinuz"):
            machine = guests.machine_make(LINUX, setting, ["/bench/bench-static", "call"])
        words = machine._settings["cmdline"].split()
        wanted = {"mitigations=off", "clearcpuid=erms,rep_good", "norandmaps"}
        self.assertLessEqual(wanted | {"tsc_early_khz=2000000"}, set(words))
        self.assertEqual(words[words.index("--") + 1 :], ["/bench/bench-static", "call"])

    def test_both_systems_get_the_same_machine(self):
        setting = guests.Setting("initrd", 64, 2, is_icount=True)
        with mock.patch.object(guests, "linux_kernel", return_value="vmlinuz"):
            pair = [guests.machine_make(s, setting, ["/p"])._settings for s in (SEAM, LINUX)]
        for settings in pair:
            del settings["kernel"], settings["cmdline"]
        self.assertEqual(pair[0], pair[1])
        self.assertIn("-icount", pair[0]["extra"])

    def test_no_linux_kernel_names_the_command_that_gets_it(self):
        with mock.patch.object(guests, "GUEST_PACKAGES", "/nowhere"):
            with self.assertRaisesRegex(SeamError, "./setup --bench"):
                guests.linux_kernel()

    def test_costs_of_the_exokernel(self):
        text = "seam: hello\nrate 2000000000\ncost null-call 300\ncost map-page 1000\n"
        self.assertEqual(native.costs_parse(text, False), {"null-call": 150, "map-page": 500})
        self.assertEqual(native.costs_parse(text, True)["null-call"], 300)
        self.assertEqual(native.costs_parse("cost null-call 300\n", False), {})


class BootTest(support.FakeMachineCase):
    def setUp(self):
        super().setUp()
        patch = mock.patch.dict(os.environ, self.env)
        patch.start()
        self.addCleanup(patch.stop)
        self.lines = []

    def machine(self, play):
        words = "init=/" + play.replace(" ", " arg=")
        return boot.Machine("the guest", self.kernel, words, initrd=self.kernel, mem_mib=64)

    def test_lines_and_status_of_a_regular_end(self):
        self.assertEqual(self.machine("both").run(self.lines.append), 0)
        self.assertEqual(self.lines, ["to output"])
        self.assertEqual(self.machine("exit 3").run(self.lines.append), 3)

    def test_a_guest_that_hangs_is_ended_and_named(self):
        start = time.monotonic()
        with self.assertRaisesRegex(SeamError, r"the guest said nothing for 0.3 s[^$]*booting"):
            self.machine("hang").run(self.lines.append, silent_seconds=0.3)
        self.assertLess(time.monotonic() - start, 30)

    def test_a_guest_that_crashes_is_an_error_with_its_log(self):
        for play, why in (("crash", "-9"), ("reset", "status 0"), ("panic", "a reason")):
            with self.assertRaisesRegex(SeamError, f"the guest crashed[^$]*{why}"):
                self.machine(play).run(self.lines.append)

    def test_qemus_own_message_is_shown(self):
        with self.assertRaisesRegex(SeamError, "qemu: cannot do that"):
            self.machine("refuse").run(self.lines.append)

    def test_the_first_line_ends_the_machine(self):
        seconds, line = self.machine("hang").first_line(20)
        self.assertEqual(line, "up")
        self.assertLess(seconds, 20)
        with self.assertRaisesRegex(SeamError, "ended before it started a program"):
            self.machine("exit 0").first_line(20)


class CountsTest(support.DirectoryCase):
    def test_what_is_written_is_read(self):
        counts.counts_write(self.path("f"), {"null-call": 163, "fork_exit": 262135})
        self.assertEqual(
            counts.counts_read(self.path("f")), {"null-call": 163, "fork_exit": 262135}
        )

    def test_growth_by_more_than_a_tenth_is_a_problem(self):
        known = {"a": 100}
        self.assertIsNone(counts.problem("a", known, {"a": 110}))
        self.assertIsNone(counts.problem("a", known, {"a": 20}))
        self.assertIn("111 instructions, 100", counts.problem("a", known, {"a": 111}))

    def test_paths_on_one_side_only_are_problems(self):
        self.assertIn("not in the file", counts.problem("b", {}, {"b": 1}))
        self.assertIn("was not measured", counts.problem("b", {"b": 1}, {}))


class LeastTest(unittest.TestCase):
    def test_least_number_that_works(self):
        for wanted in (1, 2, 63, 64, 100):
            asked = []
            found = least.least_find(100, lambda n, w=wanted, a=asked: (a.append(n), n >= w)[1])
            self.assertEqual(found, wanted)
            self.assertLess(len(asked), 10)

    def test_nothing_works(self):
        self.assertIsNone(least.least_find(100, lambda n: False))


if __name__ == "__main__":
    unittest.main()
