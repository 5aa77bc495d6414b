# SPDX-License-Identifier: BSD-2-Clause
"""Profiles: names of functions, whose code an address is, and the table."""

import gzip
import os
import stat
import subprocess
import unittest

import support
from seamtool import archive, cpio, elf, profile, record

SOURCE = """
__attribute__((noinline)) int first_function(int x) { return x * 3; }
__attribute__((noinline)) int second_function(int x) { return first_function(x) + 1; }
int main(int n, char **v) { (void)v; return second_function(n); }
"""

REGISTERS = """\

CPU#0
RAX=0000000000000000 RBX=00007f0000000000
RIP=000000000040ebf0 RFL=00000246 [---Z-P-] CPL=3 II=0 A20=1 SMM=0 HLT=0
CR0=80050033 CR2=0000000000410300 CR3=000000000f5a7000 CR4=003506f0
XMM00=00000000000000000000000000000000
\r
CPU#1
RAX=0000000000000000
RIP=ffffffff80201234 RFL=00000246 [---Z-P-] CPL=0 II=0 A20=1 SMM=0 HLT=1
CR0=80050033 CR2=0000000000000000 CR3=0000000000001000 CR4=003506f0
"""


class ElfTest(support.DirectoryCase):
    def build(self, *options):
        source = self.write("prog.c", SOURCE.encode())
        path = self.path("prog")
        subprocess.run(["gcc", "-O1", *options, "-o", path, source], check=True)
        return path

    def read(self, path):
        with open(path, "rb") as file:
            return elf.Elf(file.read())

    def symbols(self, path):
        done = subprocess.run(["nm", path], capture_output=True, text=True, check=True)
        return {line.split()[2]: int(line.split()[0], 16) for line in done.stdout.splitlines()
                if len(line.split()) == 3}  # fmt: skip

    def test_functions_have_their_names(self):
        path = self.build()
        names, file = self.symbols(path), self.read(path)
        for name in ("first_function", "second_function", "main"):
            self.assertEqual(file.function(names[name]), name)
            self.assertEqual(file.function(names[name] + 1), name)
            self.assertEqual(file.find(name), names[name])
        self.assertIsNone(file.function(1 << 40))

    def test_functions_of_a_stripped_file_have_addresses(self):
        path = self.build()
        names = self.symbols(path)
        subprocess.run(["strip", path], check=True)
        file = self.read(path)
        for name in ("first_function", "second_function"):
            self.assertEqual(file.function(names[name] + 1), hex(names[name]))

    def test_symbols_can_lie_in_another_file(self):
        path, debug = self.build("-Wl,--build-id"), self.path("debug")
        names = self.symbols(path)
        subprocess.run(["objcopy", "--only-keep-debug", path, debug], check=True)
        subprocess.run(["strip", path], check=True)
        asked = []

        def find(build_id):
            asked.append(build_id)
            with open(debug, "rb") as file:
                return file.read()

        with open(path, "rb") as file:
            stripped = elf.Elf(file.read(), find)
        self.assertEqual(stripped.function(names["first_function"]), "first_function")
        self.assertRegex(asked[0], "^[0-9a-f]{40}$")

    def test_damaged_files_have_no_functions(self):
        with open(self.build(), "rb") as file:
            data = file.read()
        self.assertIsNone(elf.Elf(b"#!/bin/sh\n").function(0))
        for size in (10, 63, 100, 1000, len(data) // 2, len(data) - 100):
            elf.Elf(data[:size]).function(0x401000)


class ArchiveTest(support.DirectoryCase):
    def archive(self, *entries):
        path = self.path("archive")
        with open(path, "ab") as file:
            made = [
                cpio.Entry(name, stat.S_IFREG | 0o644, data=data, link_key=key)
                for name, data, key in entries
            ]
            cpio.archive_write(file.fileno(), made, self.fail)
            os.ftruncate(file.fileno(), -(-file.tell() // 4096) * 4096)
        return path

    def test_files_are_found_by_path(self):
        path = self.archive((b"a", b"small", None), (b"dir/b", b"x" * 9000, None))
        files = archive.Archive(path)
        self.assertEqual(files.read("/a"), b"small")
        self.assertEqual(files.read("/dir/b"), b"x" * 9000)
        self.assertIsNone(files.read("/c"))

    def test_all_names_of_a_file_are_found(self):
        path = self.archive((b"a", b"text", 1), (b"b", b"text", 1))
        files = archive.Archive(path)
        self.assertEqual((files.read("/a"), files.read("/b")), (b"text", b"text"))

    def test_later_archives_replace(self):
        self.archive((b"a", b"old", None), (b"b", b"kept", None))
        files = archive.Archive(self.archive((b"a", b"new", None)))
        self.assertEqual((files.read("/a"), files.read("/b")), (b"new", b"kept"))

    def test_packed_archives_are_read(self):
        with open(self.archive((b"a", b"text", None)), "rb") as file:
            packed = self.write("packed", gzip.compress(file.read()))
        self.assertEqual(archive.Archive(packed).read("/a"), b"text")


class FakeRing:
    def __init__(self, *records):
        self.room = 1
        self._records = records

    def records(self):
        yield from enumerate(self._records)


class FakeFunctions:
    """Addresses above 0x1000000 are the kernel's; files have the given code."""

    def __init__(self, codes=None):
        self._codes = codes or {}

    def fixed(self, address):
        return ("kernel", "[kernel]", "k") if address >= 0x1000000 else None

    def mapped(self, _address, where):
        return "program", where.path if where else "?", "f"

    def code(self, where, _address, size):
        return self._codes[where.path][:size]


def a_map(root, start, end, path, offset=0):
    made = record.Record((0, record.MAP, 0, 0, 1, root, start, end, offset, 0, 0))
    made.text = path
    return made


def a_space(root):
    return record.Record((0, record.SPACE, 0, 0, 1, root, 0, 0, 0, 0, 0))


class CountTest(unittest.TestCase):
    def test_registers_are_read(self):
        seen = list(profile.registers_parse(REGISTERS))
        self.assertEqual(seen, [(0x40EBF0, 0xF5A7), (0, None)])
        self.assertEqual(list(profile.registers_parse("")), [])

    def test_samples_see_what_was_mapped_then(self):
        ring = FakeRing(
            a_space(7),
            a_map(7, 0x1000, 0x2000, "/old"),
            a_map(7, 0x1000, 0x2000, "/new"),
            a_space(7),
        )
        at = ((0x1234, 7),)
        samples = [(2, at), (3, at), (3, at), (4, at), (4, ((0x1000001, 7), (0, None)))]
        counter = profile.samples_count(samples, ring, FakeFunctions())
        self.assertEqual(counter["program", "/old", "f"], 1)
        self.assertEqual(counter["program", "/new", "f"], 2)
        self.assertEqual(counter["program", "?", "f"], 1)
        self.assertEqual(counter["kernel", "[kernel]", "k"], 1)
        self.assertEqual(counter[profile.IDLE], 1)

    def test_samples_of_the_boot_do_not_count(self):
        counter = profile.samples_count([(0, ((0x1000001, 1),))], FakeRing(), FakeFunctions())
        self.assertEqual(sum(counter.values()), 0)

    def test_blocks_are_those_of_the_file_with_this_code(self):
        ring = FakeRing(a_map(7, 0x1000, 0x2000, "/one"), a_map(8, 0x1000, 0x3000, "/two"))
        functions = FakeFunctions({"/one": b"abcdefgh", "/two": b"stuvwxyz"})
        # The last two of four bytes were patched.
        blocks = [(0x1234, 10, b"ab\xe9\0"), (0x1234, 5, b"stuv"), (0x2500, 2, b"xxxx")]
        counter = profile.blocks_count(blocks, ring, functions)
        self.assertEqual(counter["program", "/one", "f"], 10)
        self.assertEqual(counter["program", "/two", "f"], 7)


class TableTest(unittest.TestCase):
    def test_shares_and_rows(self):
        counter = profile.Counter(
            {("program", "/a", "hot"): 6, ("kernel", "[kernel]", "k"): 2, profile.IDLE: 2}
        )
        lines = profile.table(counter, "samples")
        self.assertEqual(
            lines[0], "profile: 10 samples: program 60.0%, libOS 0.0%, kernel 20.0%, idle 20.0%"
        )
        self.assertEqual(lines[2].split(), ["75.00%", "6", "/a", "hot"])
        self.assertEqual(lines[3].split(), ["25.00%", "2", "[kernel]", "k"])

    def test_rest_is_summed_up(self):
        counter = profile.Counter({("program", "/a", f"f{n}"): 1 for n in range(100)})
        lines = profile.table(counter, "instructions")
        self.assertEqual(lines[-1].split(), ["75.00%", "75", "75", "more", "functions"])

    def test_nothing_counted_is_told(self):
        self.assertIn("no samples", profile.table(profile.Counter(), "samples")[0])


if __name__ == "__main__":
    unittest.main()
