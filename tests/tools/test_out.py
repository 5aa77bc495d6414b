# SPDX-License-Identifier: BSD-2-Clause
"""What comes out of a machine's memory: files as described, and nothing that leads elsewhere."""

import os
import stat
import struct

import support
from seamtool import out
from seamtool.errors import SeamError

_PAGE = 4096
_FIRST = 3  # frame in which descriptions begin


class Description:
    """Writes a description and content into a memory, as the libOS does."""

    def __init__(self, memory):
        self._memory = memory
        self._stream = b""
        self._next_frame = 100

    def add(self, path, kind, data=b"", *, mode=0o644, nlink=1, ino=1, runs=None, size=None):
        size = len(data) if size is None else size
        self._stream += struct.pack(
            "<IIIIIIQQq", kind, mode, os.getuid(), os.getgid(), len(path), nlink, ino, size, 1000
        )
        self._stream += path
        if kind == stat.S_IFLNK:
            self._stream += data
        elif kind == stat.S_IFREG:
            for run in self._place(data) if runs is None else runs:
                self._stream += struct.pack("<III", *run)
            self._stream += bytes(12)

    def _place(self, data):
        frame, self._next_frame = self._next_frame, self._next_frame + -(-len(data) // _PAGE)
        os.pwrite(self._memory.fd, data, frame * _PAGE)
        return [(0, frame, self._next_frame - frame)] if data else []

    def finish(self, is_ended=True):
        stream = self._stream + (bytes(48) if is_ended else b"")
        room = _PAGE - 16
        parts = [stream[at : at + room] for at in range(0, len(stream), room)]
        for number, part in enumerate(parts):
            following = _FIRST + number + 1 if number + 1 < len(parts) else 0
            head = b"SEAMOUT1" + struct.pack("<II", following, len(part))
            os.pwrite(self._memory.fd, head + part, (_FIRST + number) * _PAGE)


class OutCase(support.DirectoryCase):
    def setUp(self):
        super().setUp()
        self.memory = out.Memory(4, 4)
        self.addCleanup(self.memory.close)
        self.description = Description(self.memory)
        self.description.add(b"", stat.S_IFDIR, mode=0o755)
        self.dest = self.path("dest")

    def unpack(self, is_ended=True):
        self.description.finish(is_ended)
        outs = [("/g", self.dest)]
        return out.outs_unpack(outs, self.memory, [f"seam: out 0 {_FIRST}"])

    def content(self, name):
        with open(os.path.join(self.dest, name), "rb") as file:
            return file.read()

    def test_files_arrive(self):
        add = self.description.add
        data = os.urandom(3 * _PAGE + 5)
        add(b"d", stat.S_IFDIR, mode=0o750)
        add(b"d/f", stat.S_IFREG, data, mode=0o4755, nlink=2, ino=7)
        add(b"d/g", stat.S_IFREG, data, mode=0o4755, nlink=2, ino=7)
        add(b"empty", stat.S_IFREG)
        add(b"l", stat.S_IFLNK, b"/etc/passwd")
        add(b"holes", stat.S_IFREG, size=10 * _PAGE, runs=[(4, 100, 1)])
        self.assertEqual(self.unpack(), [])
        self.assertEqual(self.content("d/f"), data)
        status = os.stat(os.path.join(self.dest, "d/f"))
        self.assertEqual((stat.S_IMODE(status.st_mode), status.st_nlink), (0o755, 2))
        self.assertEqual(status.st_mtime, 1000)
        self.assertEqual(stat.S_IMODE(os.stat(os.path.join(self.dest, "d")).st_mode), 0o750)
        self.assertEqual(self.content("empty"), b"")
        self.assertEqual(os.readlink(os.path.join(self.dest, "l")), "/etc/passwd")
        holes = bytes(4 * _PAGE) + data[:_PAGE] + bytes(5 * _PAGE)
        self.assertEqual(self.content("holes"), holes)

    def test_many_files_take_many_pages(self):
        for number in range(300):
            self.description.add(b"f%d" % number, stat.S_IFREG, b"%d" % number, ino=number)
        self.assertEqual(self.unpack(), [])
        self.assertEqual(self.content("f299"), b"299")

    def test_what_is_there_is_replaced_and_links_are_not_followed(self):
        outside = self.write("outside/f", b"keep")
        os.makedirs(os.path.join(self.dest, "was_dir/x"))
        os.symlink(self.path("outside"), os.path.join(self.dest, "d"))
        os.symlink(outside, os.path.join(self.dest, "f"))
        self.description.add(b"d", stat.S_IFDIR, mode=0o755)
        self.description.add(b"d/f", stat.S_IFREG, b"new")
        self.description.add(b"f", stat.S_IFREG, b"new")
        self.description.add(b"was_dir", stat.S_IFREG, b"file")
        self.assertEqual(self.unpack(), [])
        self.assertEqual(self.content("d/f"), b"new")
        self.assertEqual(self.content("was_dir"), b"file")
        with open(outside, "rb") as file:
            self.assertEqual(file.read(), b"keep")

    def test_a_link_among_the_files_is_no_way_out(self):
        os.mkdir(self.path("outside"))
        self.description.add(b"l", stat.S_IFLNK, os.fsencode(self.path("outside")))
        self.description.add(b"l/f", stat.S_IFREG, b"x")
        self.assertTrue(self.unpack())
        self.assertEqual(os.listdir(self.path("outside")), [])

    def test_paths_that_lead_out_are_refused(self):
        for path in (b"../f", b"/f", b"a/../../f", b"a//f", b"./f", b"a\0b"):
            with self.subTest(path=path):
                self.description = Description(self.memory)
                self.description.add(path, stat.S_IFREG, b"x")
                self.assertIn("leads elsewhere", self.unpack()[0])
        self.assertFalse(os.path.exists(self.path("f")))

    def test_frames_beyond_the_memory_are_refused(self):
        self.description.add(b"f", stat.S_IFREG, size=_PAGE, runs=[(0, 1 << 30, 1)])
        self.assertIn("is no memory", self.unpack()[0])

    def test_a_description_without_end_is_refused(self):
        self.assertIn("does not end", self.unpack(is_ended=False)[0])

    def test_a_ring_of_pages_is_refused(self):
        head = b"SEAMOUT1" + struct.pack("<II", _FIRST, 0)
        os.pwrite(self.memory.fd, head, _FIRST * _PAGE)
        problems = out.outs_unpack([("/g", self.dest)], self.memory, [f"seam: out 0 {_FIRST}"])
        self.assertIn("does not end", problems[0])

    def test_the_libos_says_what_is_wrong(self):
        outs = [("/a", self.dest), ("/b", self.dest)]
        problems = out.outs_unpack(outs, self.memory, ["seam: out 0 error no such thing"])
        self.assertEqual(problems[0], "--out /a: no such thing")
        self.assertIn("without handing it over", problems[1])

    def test_memory_above_4_gib_follows_what_is_below_the_gap(self):
        memory = out.Memory(4096, 3072)
        self.addCleanup(memory.close)
        self.assertEqual(memory.offset(1 << 20, 1), 3072 << 20)
        self.assertEqual(memory.offset(5, 1), 5 * _PAGE)
        for frame in ((3072 << 8), (1 << 20) + (1024 << 8)):
            self.assertRaises(Exception, memory.offset, frame, 1)

    def test_arguments(self):
        self.assertEqual(out.outs_parse(["/a//b:x"]), [("/a/b", os.path.abspath("x"))])
        for text in ("/a", "/a:", "a:b", "/a/../b:c", "/a:" + self.write("file")):
            with self.subTest(text=text), self.assertRaises(SeamError):
                out.outs_parse([text])
