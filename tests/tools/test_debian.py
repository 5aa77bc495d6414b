# SPDX-License-Identifier: BSD-2-Clause
"""Trees of Debian packages: unpacking, owners on record, refusals; mmdebstrap is played by a script."""

import io
import os
import stat
import subprocess
import tarfile

import support
from seamtool import bind, debian, marker, tree, untar
from seamtool.errors import SeamError

_FAKES = {
    "apt-get": """\
printf 'Repo-URI: http://archive.invalid/\\nRelease: %s\\nComponent: main\\nOrigin: Debian\\n\\n' "$SUITE"
printf 'Repo-URI: http://other.invalid/\\nRelease: %s\\nComponent: x\\nOrigin: Other\\n' "$SUITE"
""",
    "apt-config": "echo 'Acquire::Retries \"3\";'",
    "apt-cache": "[ \"$2\" != nosuch ]",
    "mmdebstrap": """\
cat >"$PLACE/sources"
echo "$@" >"$PLACE/arguments"
[ ! -e "$PLACE/failure" ] || { cat "$PLACE/failure" >&2; exit 1; }
echo 'I: extracting archives...' >&2
cat "$PLACE/tar"
""",
}


def archive_make():
    """A small tree as mmdebstrap writes it: bytes."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name, kind, mode, uid, data in (
            ("./", tarfile.DIRTYPE, 0o755, 0, b""),
            ("./etc", tarfile.DIRTYPE, 0o755, 0, b""),
            ("./etc/hostname", tarfile.REGTYPE, 0o644, 0, b"buildhost\n"),
            ("./etc/shadow", tarfile.REGTYPE, 0o000, 0, b"secret"),
            ("./su", tarfile.REGTYPE, 0o4755, 33, b"program"),
        ):
            member = tarfile.TarInfo(name)
            member.type, member.mode, member.uid, member.gid = kind, mode, uid, 44
            member.size, member.mtime = len(data), 1000
            archive.addfile(member, io.BytesIO(data))
        link = tarfile.TarInfo("./also")
        link.type, link.linkname = tarfile.LNKTYPE, "./su"
        archive.addfile(link)
    return file.getvalue()


class UnpackTest(support.DirectoryCase):
    def unpack(self, is_root):
        root = self.path("tree")
        os.mkdir(root)
        files = {"etc/hostname": b"seam\n"}
        return root, untar.tree_unpack(io.BytesIO(archive_make()), root, files, is_root)

    def test_owners_of_another_user_are_on_record(self):
        root, owners = self.unpack(False)
        self.assertEqual(owners["su"], (33, 44, 0o4755))
        self.assertEqual(owners["also"], (33, 44, 0o4755))
        self.assertEqual(stat.S_IMODE(os.stat(self.path("tree/su")).st_mode), 0o755)
        self.assertEqual(stat.S_IMODE(os.stat(self.path("tree/etc/shadow")).st_mode), 0o600)
        with open(self.path("tree/etc/hostname"), "rb") as file:
            self.assertEqual(file.read(), b"seam\n")
        marker.Marker("s", ["p"], owners).write(root)
        self.write("tree/mine", b"x", 0o600)
        entries = {entry.path: entry for entry in tree.Tree(root).entries}
        self.assertNotIn(b".seam-tree", entries)
        su, mine = entries[b"su"], entries[b"mine"]
        self.assertEqual((su.uid, su.gid, su.mode), (33, 44, stat.S_IFREG | 0o4755))
        self.assertEqual((mine.uid, mine.gid, mine.mode), (0, 0, stat.S_IFREG | 0o600))
        self.assertEqual(entries[b"etc/shadow"].mode, stat.S_IFREG)

    def test_a_record_of_owners_counts_in_the_fingerprint(self):
        root, owners = self.unpack(False)
        marker.Marker("s", ["p"], owners).write(root)
        before = tree.Tree(root).fingerprint()
        owners["su"] = (1, 1, 0o755)
        marker.Marker("s", ["p"], owners).write(root)
        self.assertNotEqual(tree.Tree(root).fingerprint(), before)

    def test_a_name_that_leads_out_is_refused(self):
        file = io.BytesIO()
        with tarfile.open(fileobj=file, mode="w") as archive:
            archive.addfile(tarfile.TarInfo("./../evil"))
        file.seek(0)
        os.mkdir(self.path("tree"))
        with self.assertRaises(tarfile.TarError):
            untar.tree_unpack(file, self.path("tree"), {}, False)


class DebianCase(support.DirectoryCase):
    def setUp(self):
        super().setUp()
        for name, script in _FAKES.items():
            self.write(f"bin/{name}", b"#!/bin/sh\n" + script.encode(), 0o755)
        self.write("tar", archive_make())
        with open("/etc/os-release", encoding="utf-8") as file:
            facts = dict(line.rstrip().split("=", 1) for line in file if "=" in line)
        self.suite = facts["VERSION_CODENAME"].strip('"')
        path = self.path("bin") + ":" + os.environ["PATH"]
        self.env = {**os.environ, "PATH": path, "PLACE": self.dir, "SUITE": self.suite}

    def make(self, *options, packages="make,bash"):
        command = [support.SEAM, "root", "debian", "--packages", packages]
        command += ["-o", self.path("out/deb"), *options]
        return subprocess.run(command, env=self.env, capture_output=True, text=True, check=False)

    def text(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def test_a_tree_is_made(self):
        done = self.make()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("seam: unpacking\n", done.stderr)
        self.assertEqual(self.text("out/deb/etc/hostname"), "seam\n")
        self.assertEqual(os.listdir(self.path("out")), ["deb"])
        self.assertEqual(
            self.text("sources"), f"deb [arch=amd64] http://archive.invalid/ {self.suite} main\n"
        )
        self.assertIn("--include=bash,make ", self.text("arguments"))

    def test_the_same_again_is_there_already(self):
        self.make()
        os.unlink(self.path("arguments"))
        self.assertEqual(self.make().returncode, 0)
        self.assertFalse(os.path.exists(self.path("arguments")))
        done = self.make(packages="perl")
        self.assertEqual(done.returncode, 125)
        self.assertIn("--update replaces it", done.stderr)
        self.assertEqual(self.make("--update", packages="perl").returncode, 0)
        self.assertEqual(marker.marker_read(self.path("out/deb")).packages, ["perl"])

    def test_other_directories_are_left_alone(self):
        self.write("out/deb/mine", b"x")
        done = self.make("--update")
        self.assertEqual(done.returncode, 125)
        self.assertIn("no tree made by seam", done.stderr)
        self.assertEqual(os.listdir(self.path("out/deb")), ["mine"])

    def test_an_unknown_package_is_named(self):
        done = self.make(packages="make,nosuch")
        self.assertEqual(done.returncode, 125)
        self.assertEqual(done.stderr, f"seam: {self.suite} has no package nosuch\n")

    def test_failures_are_explained_and_leave_nothing(self):
        for message, text in (
            ("E: Unable to locate package foo", "has no package foo"),
            ("Err:1 Could not resolve 'archive.invalid'", "cannot be reached"),
            ("E: something else", "something else"),
        ):
            with self.subTest(message=message):
                self.write("failure", message.encode() + b"\n")
                done = self.make()
                self.assertEqual(done.returncode, 125)
                self.assertIn(text, done.stderr)
                self.assertEqual(os.listdir(self.path("out")), [])

    def test_an_archive_can_be_the_output(self):
        place = self.path("out/deb.cpio")
        done = self.make("-o", place)
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(place, "rb") as file:
            self.assertEqual(file.read(6), b"070701")


class ArchiveHooksTest(support.DirectoryCase):
    """What mmdebstrap runs for root before and after it makes a tree."""

    def run_hook(self, hook):
        name, command = hook[2:].split("=", 1)
        subprocess.run(["sh", "-ec", command, "exec", self.path("root")], check=True)
        return name

    def test_archives_go_in_and_come_back_as_links(self):
        old = self.write("it's/archives/old_1_all.deb", b"old")
        os.mkdir(self.path("root"))
        before, after = debian._archive_hooks(self.path("it's/archives"))
        self.assertEqual(self.run_hook(before), "setup-hook")
        place = "root/var/cache/apt/archives"
        self.assertTrue(os.path.isdir(self.path(place, "partial")))
        self.assertTrue(os.path.samefile(self.path(place, "old_1_all.deb"), old))
        new = self.write(f"{place}/new_1_all.deb", b"new")
        self.assertEqual(self.run_hook(after), "customize-hook")
        self.assertTrue(os.path.samefile(self.path("it's/archives/new_1_all.deb"), new))
        self.assertEqual(len(os.listdir(self.path("it's/archives"))), 2)


class BindTest(support.DirectoryCase):
    def test_arguments(self):
        self.assertEqual(bind.binds_parse(["a:b:/c//d"]), [("a:b", "/c/d")])
        for text in ("a", "a:b", ":/a", "a:/b/../c"):
            with self.subTest(text=text), self.assertRaises(SeamError):
                bind.binds_parse([text])

    def test_the_archive_follows_at_a_page(self):
        image = self.write("image", b"070701 not read")
        self.write("root/real/f")
        os.symlink("real", self.path("root/link"))
        host = self.write("host/f", b"content")
        fd = bind.image_with_binds(
            image, [(host, "/link/new"), (self.path("host"), "/d")], self.path("root"), self.fail
        )
        with open(fd, "rb") as file:
            file.seek(0)
            content = file.read()
        self.assertEqual(content[4096:4102], b"070701")
        done = subprocess.run(
            ["cpio", "-it", "--quiet"], input=content[4096:], capture_output=True, check=True
        )
        self.assertEqual(done.stdout.split(), [b"real/new", b"d", b"d/f"])
