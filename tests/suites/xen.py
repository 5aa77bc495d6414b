# SPDX-License-Identifier: BSD-2-Clause
"""Seam as a guest of Xen: as the first one, by xl in dom0, and by `seam run --on xen`."""

import os
import re
import selectors
import time

from . import features, machine, processes, trees
from .cases import Cases
from .lines import Results
from .paths import KERNEL, TOP
from .seam import Run

_SESSION = TOP / "tests/xen/session"
_SESSION_SECONDS = 400
_CONFIG = TOP / "build/seam.cfg"

_case = Cases()


def run(report):
    """Run all, two machines at a time; then what is typed at a console."""
    archive = trees.archive_make("xen", [])
    _case.run(report, archive)
    if report.wants("session"):
        _session(report, archive)
    features.feature_run(report, TOP / "features/xen.feature")


@_case
def first_guest_of_xen(archive):
    """Xen starts the kernel itself: a table without a memory map, no console, two CPUs."""
    words = "init=/bin/sh arg=-c arg=exit%20$((40+$(nproc)))"
    result = _as_dom0(f"{words}", archive)
    result.check_end(r"^seam: exokernel: .*, 2 CPUs, ", r"^seam: exit 42$")


@_case
def first_guest_without_a_tree(_archive):
    """Without a module."""
    _as_dom0("init=/bin/true").check_end(r"^seam: error: /bin/true: ", r"^seam: exit 127$")


@_case
def first_guest_that_panics(archive):
    """The kernel's last words are on Xen's console."""
    junk = archive.with_name("xen-junk.cpio")
    junk.write_bytes(b"no archive\n" * 1000)
    _as_dom0("init=/bin/true", junk).check_panic(r"initramfs: at byte 0", r"^seam: panic: ")


@_case
def streams_and_status(_archive):
    """Input, output and errors are the program's own, and so is the exit status."""
    script = "cat; echo error >&2; printf 'a\\020b'; exit 42"
    run_ = Run(["--on", "xen", "--", "/bin/sh", "-c", script], stdin=b"in\x10put\x1d\xff\n")
    run_.check_all(b"in\x10put\x1d\xff\na\x10b", status=42, error="error\n")


@_case
def much_output_is_whole(_archive):
    """More than all buffers on the way hold, on two CPUs."""
    script = "seq 1 60000; nproc >&2"
    run_ = Run(["--on", "xen", "--smp", "2", "--", "/bin/sh", "-c", script])
    run_.check_all("".join(f"{i}\n" for i in range(1, 60001)), error="2\n")


@_case
def verbose_shows_xen_and_dom0(_archive):
    """And a long line of the log, which Xen cuts, is one again."""
    name = "x" * 180
    command = ["--on", "xen", "-v", "--strace", "--", "/bin/ls", f"/{name}/{name}"]
    run_ = Run(command)
    for pattern in (r"^\(XEN\) ", "^dom0: ready", "^seam: exokernel: ", f"/{name}/{name}"):
        run_.check(re.search(pattern, run_.error_text, re.MULTILINE), f"no {pattern}")
    run_.check(run_.status == 1)


@_case
def options_that_make_no_sense(_archive):
    """Each is refused with the reason."""
    for words in (["--gdb"], ["--trace", "x"], ["--profile"], ["--icount"], ["--machine", "q35"]):
        run_ = Run(["--on", "xen", *words, "--", "/bin/true"], seconds=20)
        run_.check(run_.status == 125, "expected seam's own failure")
        run_.check(f"{words[0]} is not possible with --on xen: " in run_.error_text)


@_case
def tree_of_ones_own_with_a_file_bound_into_it(_archive):
    """Trees and files reach the guest as without Xen; words may have any characters."""
    word = 'a "b" \\c \'d\' $e%20 é'
    command = ["--on", "xen", "--bind", f"{_CONFIG}:/bound", "--env", f"WORD={word}", "--", "/bin/sh"]
    run_ = Run([*command, "-c", 'printf "%s\\n" "$WORD" "$1"; cat /bound', "sh", word])
    run_.check_all(f"{word}\n{word}\n{_CONFIG.read_text()}")


@_case
def restarts_end_with_the_time(_archive):
    """A guest that restarts again and again (features/xen.feature has one that does so once)."""
    run_ = Run(["--on", "xen", "--timeout", "20", "--", "/bin/busybox", "reboot", "-f"])
    run_.check(run_.status == 124 and "timed out after 20 s" in run_.error_text)


@_case
def timeout_ends_it(_archive):
    """Xen, dom0 and the guest are all gone."""
    run_ = Run(["--on", "xen", "--timeout", "14", "--", "/bin/sleep", "1000"])
    run_.check(run_.status == 124 and "timed out" in run_.error_text)


def _as_dom0(words, archive=None):
    from seamtool.xen import parts

    # Arguments of a module end at a comma.
    modules = f"{KERNEL} {words.replace(',', '%2C')}" + (f",{archive}" if archive else "")
    xen = "console=com1 com1=115200 dom0=pvh dom0_mem=128M dom0_max_vcpus=2 guest_loglvl=all"
    return machine.boot(
        None,
        machine="disc",
        cpu="max,-monitor",
        cpus=2,
        mem_mib=512,
        extra=["-device", "amd-iommu", "-kernel", parts.hypervisor(), "-append", xen]
        + ["-initrd", modules],
        timeout=120,
    )


def _session(report, archive):
    """One dom0 in which xl starts and ends guests; each line `ok NAME` is a test."""
    from seamtool.qemu import STATUS_ENDED
    from seamtool.xen.machine import XenMachine

    wanted = re.findall(r"^ *judge (\w+)", _SESSION.read_text(), re.MULTILINE)
    report.expect(len(wanted))
    results = Results(report)
    said = []
    with processes.machine_slot(2):
        xen = XenMachine(
            KERNEL,
            _CONFIG.read_text(),
            initrd=archive,
            mem_mib=512,
            smp=1,
            start=_SESSION,
        )
        try:
            reason = _session_follow(xen, results, said)
            status = None if reason else xen.wait()
        finally:
            xen.close()
    for name in wanted:
        if name not in results.seen:
            report.fail(name, "\n".join([*said, reason or f"QEMU's status {status}"]))
    if not reason and status != STATUS_ENDED:
        report.fail("session", "\n".join([*said, f"QEMU's status {status}"]))


def _session_follow(xen, results, said):
    """Take dom0's lines until QEMU closes its end; return why it was given up, or ""."""
    rest = {}
    end = time.monotonic() + _SESSION_SECONDS
    with selectors.DefaultSelector() as selector:
        for fd in (xen.com1, xen.com2, xen.com3, xen.errors):
            selector.register(fd, selectors.EVENT_READ)
        while selector.get_map():
            if time.monotonic() > end:
                return f"not finished after {_SESSION_SECONDS} s"
            for key, _ in selector.select(1):
                data = os.read(key.fd, 65536)
                if not data:
                    selector.unregister(key.fd)
                *lines, rest[key.fd] = (rest.get(key.fd, b"") + data).split(b"\n")
                for line in lines:
                    text = line.decode("utf-8", "replace").rstrip("\r")
                    said.append(text)
                    if key.fd == xen.com3:
                        results.take(text)
    return ""
