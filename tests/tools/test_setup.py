# SPDX-License-Identifier: BSD-2-Clause
"""setup, with fakes in place of apt and dpkg: what it would do, and what it says."""

import os
import shutil
import subprocess
import unittest

import support

# What the fakes stand in for must not be found; these are what setup itself uses.
_REAL_TOOLS = (
    "awk basename bash cat dirname env grep ln mkdir mktemp mv readlink rm sed sort touch tr uname"
)

_DPKG_QUERY = """#!/bin/sh
while read -r name; do echo "ii  $name"; done <"$FAKE/installed"
"""

_APT = """#!/bin/sh
echo "$(basename "$0") $*" >>"$FAKE/calls"
[ ! -e "$FAKE/offline" ] || { echo "E: no network"; exit 100; }
case $1 in
install) for name; do echo "$name"; done >>"$FAKE/installed" ;;
esac
"""


class SetupTest(support.DirectoryCase):
    def setUp(self):
        super().setUp()
        shutil.copy(os.path.join(support.TOP, "setup"), self.dir)
        for name in _REAL_TOOLS.split():
            os.makedirs(self.path("bin"), exist_ok=True)
            os.symlink(shutil.which(name), self.path("bin", name))
        os.makedirs(self.path("build", "guest", "busybox-static"))
        os.makedirs(self.path("build", "src", "zlib"))
        os.makedirs(self.path("build", "src", "console-setup-linux"))
        self.fake("dpkg-query", _DPKG_QUERY)
        for name in ("apt-get", "apt-cache"):
            self.fake(name, _APT)
        self.fake_id(0)
        self.packages = self.listed_packages()
        self.write_installed(self.packages)

    def fake(self, name, text):
        self.write("bin/" + name, text.encode(), 0o755)

    def fake_id(self, number):
        self.fake("id", f"#!/bin/sh\necho {number}\n")

    def write_installed(self, names):
        self.write("installed", "".join(name + "\n" for name in names).encode())

    def listed_packages(self):
        lines = self.run_setup("--list").stdout.split("Guest packages")[0].splitlines()[1:]
        return [line.split()[0] for line in lines if line.strip()]

    def run_setup(self, *arguments):
        return subprocess.run(
            [self.path("setup"), *arguments],
            env={"PATH": self.path("bin"), "FAKE": self.dir},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    def calls(self):
        try:
            with open(self.path("calls"), encoding="utf-8") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def test_nothing_missing_means_nothing_is_done(self):
        self.write("offline")
        for _ in range(2):
            done = self.run_setup()
            self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.calls(), "")
        self.assertNotIn("install", done.stdout)

    def test_missing_packages_are_installed_and_explained(self):
        missing = {"ninja-build", "lld-19"}
        self.write_installed([name for name in self.packages if name not in missing])
        done = self.run_setup()
        self.assertEqual(done.returncode, 0, done.stderr)
        install = [line for line in self.calls().splitlines() if " install " in line]
        self.assertEqual(len(install), 1)
        self.assertEqual(set(install[0].split()[-2:]), missing)
        self.assertRegex(done.stdout, r"ninja-build +build tool")
        self.assertEqual(self.run_setup().returncode, 0)

    def test_user_goes_through_sudo(self):
        self.fake_id(1000)
        self.fake("sudo", '#!/bin/sh\necho "sudo $*" >>"$FAKE/calls"\nexec "$@"\n')
        self.write_installed(self.packages[1:])
        self.assertEqual(self.run_setup().returncode, 0)
        self.assertIn("sudo apt-get update", self.calls())
        self.assertRegex(self.calls(), "sudo env .*apt-get install")

    def test_user_without_sudo_is_told_what_is_missing(self):
        self.fake_id(1000)
        self.write_installed(self.packages[1:])
        done = self.run_setup()
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"installing {self.packages[0]}", done.stderr)
        self.assertIn("run ./setup as root", done.stderr)
        self.assertEqual(self.calls(), "")

    def test_failure_shows_what_apt_said(self):
        self.write("offline")
        self.write_installed(self.packages[1:])
        done = self.run_setup()
        self.assertEqual(done.returncode, 1)
        self.assertIn("E: no network", done.stderr)
        self.assertIn("apt-get update failed", done.stderr)

    def test_other_systems_are_told_the_packages(self):
        os.unlink(self.path("bin", "apt-get"))
        done = self.run_setup()
        self.assertEqual(done.returncode, 1)
        for name in self.packages:
            self.assertIn(name, done.stderr)
        self.assertEqual(self.calls(), "")

    def test_headers_are_linked_for_the_libos(self):
        self.assertEqual(self.run_setup().returncode, 0)
        for name in ("linux/stat.h", "asm/unistd_64.h", "asm-generic/errno.h"):
            self.assertTrue(os.path.exists(self.path("build", "uapi", name)), name)

    def test_bench_fetches_a_kernel_only_when_asked(self):
        kernel = self.path("build", "guest", "linux-image-cloud-amd64", "boot", "vmlinuz-1")
        self.fake("apt-cache", "#!/bin/sh\necho '  Depends: linux-image-1-cloud-amd64'\n")
        self.fake("apt-get", _APT + 'case $1 in download) : >"$2.deb" ;; esac\n')
        self.fake(
            "dpkg-deb",
            "#!/bin/sh\nmkdir boot usr && : >boot/vmlinuz-1 && : >usr/other && tar -c ./boot ./usr\n",
        )
        for name in ("tar", "rm", "mkdir"):
            path = self.path("bin", name)
            if not os.path.lexists(path):
                os.symlink(shutil.which(name), path)
        self.assertEqual(self.run_setup().returncode, 0)
        self.assertFalse(os.path.exists(kernel))
        done = self.run_setup("--bench")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(os.path.exists(kernel))
        self.assertFalse(os.path.exists(self.path(os.path.dirname(kernel), "..", "usr")))
        self.assertIn("download linux-image-1-cloud-amd64", self.calls())
        before = self.calls()
        self.assertEqual(self.run_setup("--bench").returncode, 0)
        self.assertEqual(self.calls(), before)

    def test_xen_fetches_what_its_packages_depend_on_only_when_asked(self):
        self.fake(
            "apt-cache",
            """#!/bin/sh
case "$*" in
*--recurse*) printf '%s\\n' xen-utils-4.9 libxenstore9 libc6 libfoo1 zlib1g '  Depends: libc6' ;;
*xen-system*) printf '  Depends: %s\\n' xen-hypervisor-4.9-amd64 xen-hypervisor-common xen-utils-4.9 ;;
*linux-image*) echo '  Depends: linux-image-1-amd64' ;;
esac
""",
        )
        self.fake(
            "apt-get",
            _APT + 'all="$*"; [ "${all#*download}" = "$all" ] ||\n'
            'for name in ${all#*download}; do : >"$name.deb"; done\n',
        )
        self.fake(
            "dpkg-deb",
            "#!/bin/sh\ncase $1 in\n-x) : >$3/$(basename $2) ;;\n*) m=lib/modules/1/kernel/drivers\n"
            "mkdir -p boot $m/xen $m/virtio $m/char $m/net\n"
            ": >boot/vmlinuz-1; : >$m/char/virtio_console.ko; : >$m/net/other.ko\n"
            "tar -c ./boot ./lib ;;\nesac\n",
        )
        for name in ("tar", "rm", "mkdir", "printf"):
            path = self.path("bin", name)
            if not os.path.lexists(path):
                os.symlink(shutil.which(name), path)
        self.assertEqual(self.run_setup().returncode, 0)
        self.assertFalse(os.path.exists(self.path("build", "guest", "xen")))
        done = self.run_setup("--xen")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(
            sorted(os.listdir(self.path("build", "guest", "xen"))),
            [
                *("libc6.deb", "libxenstore9.deb", "xen-hypervisor-4.9-amd64.deb"),
                *("xen-utils-4.9.deb", "xen-utils-common.deb", "xenstore-utils.deb", "zlib1g.deb"),
            ],
        )
        modules = self.path("build", "guest", "linux-image-amd64", "lib/modules/1/kernel/drivers")
        self.assertTrue(os.path.exists(os.path.join(modules, "char/virtio_console.ko")))
        self.assertFalse(os.path.exists(os.path.join(modules, "net")))
        before = self.calls()
        self.assertEqual(self.run_setup("--xen").returncode, 0)
        self.assertEqual(self.calls(), before)


if __name__ == "__main__":
    unittest.main()
