# SPDX-License-Identifier: BSD-2-Clause
"""Archives: what cpio(1) reads back is what lay in the tree."""

import os
import socket
import stat
import subprocess
import unittest

import support
from seamtool import cpio, image, tree
from seamtool.errors import SeamError


class ArchiveCase(support.DirectoryCase):
    def archive(self, entries):
        """Write ENTRIES, return (path, warnings)."""
        path = self.path("archive")
        warnings = []
        with open(path, "wb") as file:
            cpio.archive_write(file.fileno(), entries, warnings.append)
        return path, warnings

    def listing(self, path):
        with open(path, "rb") as file:
            done = subprocess.run(
                ["cpio", "-itvn", "--quiet"],
                stdin=file,
                capture_output=True,
                check=True,
                env={**os.environ, "LC_ALL": "C", "TZ": "UTC"},
            )
        self.assertEqual(done.stderr, b"")
        return [line.split() for line in done.stdout.decode().splitlines()]

    def extract(self, path):
        out = self.path("out")
        os.mkdir(out)
        with open(path, "rb") as file:
            options = "-idmu" if os.geteuid() == 0 else "-idmu --no-preserve-owner"
            subprocess.run(
                ["cpio", *options.split(), "--quiet"], stdin=file, cwd=out, check=True
            )
        return out

    def headers(self, path):
        """Yield (name, fields, offset of the data), as a plain reader sees them."""
        with open(path, "rb") as file:
            content = file.read()
        offset = 0
        while True:
            self.assertEqual(content[offset : offset + 6], b"070701")
            text = content[offset + 6 : offset + 110]
            fields = [int(text[i : i + 8], 16) for i in range(0, 104, 8)]
            name_bytes, size = fields[11], fields[6]
            name = content[offset + 110 : offset + 110 + name_bytes]
            self.assertEqual(name[-1:], b"\0")
            data = (offset + 110 + name_bytes + 3) & ~3
            yield name.rstrip(b"\0"), fields, data
            if name.startswith(b"TRAILER!!!"):
                return
            offset = (data + size + 3) & ~3


class FormatTest(ArchiveCase):
    def test_owners_modes_devices_and_times(self):
        entries = [
            cpio.Entry(b".", stat.S_IFDIR | 0o755),
            cpio.Entry(b"null", stat.S_IFCHR | 0o666, rdev=os.makedev(1, 3)),
            cpio.Entry(b"disk", stat.S_IFBLK | 0o660, uid=3, gid=70000, rdev=os.makedev(259, 1)),
            cpio.Entry(b"fifo", stat.S_IFIFO | 0o600),
            cpio.Entry(b"link", stat.S_IFLNK | 0o777, data=b"/else/where"),
            cpio.Entry(b"su", stat.S_IFREG | 0o4755, data=b"x" * 10, mtime=86400),
        ]
        listing = self.listing(self.archive(entries)[0])
        self.assertEqual(
            [line[0] for line in listing],
            ["drwxr-xr-x", "crw-rw-rw-", "brw-rw----", "prw-------", "lrwxrwxrwx", "-rwsr-xr-x"],
        )
        self.assertEqual(listing[1][4:6], ["1,", "3"])
        self.assertEqual(listing[2][2:6], ["3", "70000", "259,", "1"])
        self.assertEqual(listing[4][-3:], ["link", "->", "/else/where"])
        self.assertEqual(listing[5][4:8], ["10", "Jan", "2", "1970"])

    def test_data_of_pages_is_aligned_and_follows_all_else(self):
        entries = [cpio.Entry(b".", stat.S_IFDIR | 0o755)]
        for size in (4096, 10, 4095, 5000, 100_000, 0, 4097):
            entries.append(cpio.Entry(b"f%d" % size, stat.S_IFREG | 0o644, data=b"d" * size))
        path, _ = self.archive(entries)
        names = []
        for name, fields, data in self.headers(path):
            names.append(name)
            if fields[6] >= 4096:
                self.assertEqual(data % 4096, 0, name)
        self.assertEqual(
            names, b". f10 f4095 f0 f4096 f5000 f100000 f4097 TRAILER!!!".split()
        )

    def test_name_field_stays_within_what_linux_reads(self):
        entries = [cpio.Entry(b".", stat.S_IFDIR | 0o750, uid=5)]
        lengths = sorted({*range(10, 4096, 111), *range(3960, 4096)})
        for length in lengths:
            name = b"%04d" % length + b"n" * (length - 4)
            entries.append(cpio.Entry(name, stat.S_IFREG | 0o644, data=b"d" * (4096 + length)))
        found = set()
        for name, fields, data in self.headers(self.archive(entries)[0]):
            self.assertLessEqual(fields[11], 4096)
            if name == b".":
                self.assertEqual((fields[1], fields[2]), (stat.S_IFDIR | 0o750, 5))
            elif fields[6]:
                self.assertEqual(data % 4096, 0)
                self.assertEqual(fields[6], 4096 + len(name))
                found.add(name)
        self.assertEqual(len(found), len(lengths))

    def test_too_long_and_too_large_are_left_out_with_a_warning(self):
        entries = [
            cpio.Entry(b"x" * 5000, stat.S_IFREG, data=b""),
            cpio.Entry(b"huge", stat.S_IFREG, size=1 << 32),
        ]
        path, warnings = self.archive(entries)
        self.assertEqual(self.listing(path), [])
        self.assertRegex(warnings[0], "path is too long")
        self.assertRegex(warnings[1], "huge is left out: it is larger")


class TreeTest(ArchiveCase):
    def setUp(self):
        super().setUp()
        self.root = self.path("root")
        os.mkdir(self.root)

    def tree_archive(self):
        scan = tree.Tree(self.root)
        path, warnings = self.archive(scan.entries)
        return path, scan.warnings + warnings

    def test_what_comes_out_is_what_went_in(self):
        for size in (0, 1, 4095, 4096, 4097, 16384, 16385, 3_000_000):
            self.write(f"root/dir{size}/file", os.urandom(size), 0o640)
        os.symlink("../file", self.path("root", "dir1", "link"))
        self.write("root/" + "n" * 200 + "/" + "ü" * 60, b"x" * 9000)
        os.utime(self.path("root", "dir1", "file"), (1_000_000_000, 1_000_000_000))
        path, warnings = self.tree_archive()
        out = self.extract(path)
        subprocess.run(["diff", "-r", "--no-dereference", self.root, out], check=True)
        self.assertEqual(warnings, [])
        for name in ("dir1/file", "dir1"):
            inside, outside = os.lstat(f"{out}/{name}"), os.lstat(f"{self.root}/{name}")
            self.assertEqual(inside.st_mode, outside.st_mode)
            self.assertEqual(inside.st_uid, outside.st_uid)
        self.assertEqual(os.stat(f"{out}/dir1/file").st_mtime, 1_000_000_000)

    def test_hard_links_stay_links(self):
        for size in (10, 50_000):
            first = self.write(f"root/z{size}", b"c" * size)
            os.link(first, self.path("root", f"a{size}"))
            os.link(first, self.path("root", f"b{size}"))
            os.link(first, self.path(f"outside{size}"))
        path, _ = self.tree_archive()
        found = {name: fields for name, fields, _ in self.headers(path)}
        self.assertEqual([found[n][6] for n in (b"a10", b"b10", b"z10")], [10, 0, 0])
        self.assertEqual(len({found[n][0] for n in (b"a50000", b"b50000", b"z50000")}), 1)
        self.assertEqual(found[b"a10"][4], 3)
        out = self.extract(path)
        inodes = {os.stat(f"{out}/{name}").st_ino for name in ("a50000", "b50000", "z50000")}
        self.assertEqual(len(inodes), 1)
        self.assertEqual(os.path.getsize(f"{out}/z50000"), 50_000)

    def test_file_that_shrinks_while_it_is_read_ends_in_zeros(self):
        for size in (100, 50_000):
            self.write(f"root/f{size}", b"x" * size)
        scan = tree.Tree(self.root)
        for size in (100, 50_000):
            os.truncate(self.path("root", f"f{size}"), 10)
        path, _ = self.archive(scan.entries)
        out = self.extract(path)
        for size in (100, 50_000):
            with open(f"{out}/f{size}", "rb") as file:
                self.assertEqual(file.read(), b"x" * 10 + bytes(size - 10))

    def test_file_that_goes_away_is_left_out_with_a_warning(self):
        path = self.write("root/gone", b"x" * 5000)
        scan = tree.Tree(self.root)
        os.unlink(path)
        path, warnings = self.archive(scan.entries)
        self.assertEqual(warnings, ["gone is left out: No such file or directory"])
        self.assertEqual(len(self.listing(path)), 1)

    @unittest.skipUnless(os.geteuid() == 0, "needs root to become another user")
    def test_unreadable_file_is_left_out_with_a_warning(self):
        self.write("root/secret", b"x", 0o600)
        self.write("root/open", b"x", 0o644)
        os.chmod(self.dir, 0o755)
        child = os.fork()
        if child == 0:
            status = 1
            try:
                os.setuid(65534)
                scan = tree.Tree(self.root)
                names = [entry.path for entry in scan.entries]
                if names == [b".", b"open"] and "secret is left out" in scan.warnings[0]:
                    status = 0
            finally:
                os._exit(status)
        self.assertEqual(os.waitpid(child, 0)[1], 0)

    def test_sockets_are_left_out(self):
        with socket.socket(socket.AF_UNIX) as end:
            end.bind(self.path("root", "socket"))
        self.assertEqual([entry.path for entry in tree.Tree(self.root).entries], [b"."])

    def test_no_directory_is_an_error(self):
        with self.assertRaisesRegex(SeamError, "is no directory"):
            tree.Tree(self.write("file"))


class CacheTest(ArchiveCase):
    def setUp(self):
        super().setUp()
        self.root = self.path("root")
        os.mkdir(self.root)
        self.write("root/file", b"one")
        saved = image.CACHE
        image.CACHE = self.path("cache")
        self.addCleanup(setattr, image, "CACHE", saved)
        # Old enough that a fingerprint can be trusted at once.
        saved_grain = tree._RACY_SECONDS
        tree._RACY_SECONDS = 0
        self.addCleanup(setattr, tree, "_RACY_SECONDS", saved_grain)

    def test_same_tree_is_found_again(self):
        self.assertEqual(image.image_for_root(self.root), image.image_for_root(self.root))

    def test_each_change_gives_another_image(self):
        seen = [image.image_for_root(self.root)]
        file = self.path("root", "file")

        def touch_mode():
            os.chmod(file, 0o600)

        def touch_content():
            self.write("root/file", b"two")

        def touch_name():
            os.rename(file, self.path("root", "other"))

        def touch_new():
            os.symlink("x", self.path("root", "link"))

        for change in (touch_mode, touch_content, touch_name, touch_new):
            change()
            seen.append(image.image_for_root(self.root))
        self.assertEqual(len(set(seen)), 5)

    def test_change_within_the_clock_s_grain_is_seen(self):
        tree._RACY_SECONDS = 60
        self.assertNotEqual(image.image_for_root(self.root), image.image_for_root(self.root))

    def test_old_images_are_dropped(self):
        saved = image._LIMIT_IMAGES
        image._LIMIT_IMAGES = 3
        self.addCleanup(setattr, image, "_LIMIT_IMAGES", saved)
        for number in range(6):
            self.write("root/file", b"%d" % number)
            path = image.image_for_root(self.root)
            os.utime(path, (1000 + number, 1000 + number))
        self.assertEqual(len(os.listdir(image.CACHE)), 3)
        self.assertTrue(os.path.exists(path))

    def test_cache_within_the_tree_is_not_packed(self):
        image.CACHE = self.path("root", "cache")
        image.image_for_root(self.root)
        listing = self.listing(image.image_for_root(self.root))
        self.assertEqual([line[-1] for line in listing], [".", "cache", "file"])


if __name__ == "__main__":
    unittest.main()
