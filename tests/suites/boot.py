# SPDX-License-Identifier: BSD-2-Clause
"""Ways to boot: PVH and Multiboot2, with and without a tree; and how a failing kernel says so."""

import gzip

from . import disc, machine, trees
from .cases import Cases
from .paths import KERNEL, NATIVE, RESULTS

_WORDS = "log=com2 stdin=pipe stdout=pipe stderr=pipe"
_HELLO = f"{_WORDS} init=/bin/echo arg=booted"

_case = Cases()


def run(report):
    """Run all, two machines at a time."""
    _case.run(report, trees.archive_make("boot", []))


@_case
def pvh_on_microvm(archive):
    """QEMU's -kernel, no firmware."""
    machine.boot(KERNEL, _HELLO, initrd=archive).check_end(r"^booted$", r"^seam: exit 0$")


@_case
def pvh_on_q35(archive):
    """QEMU's -kernel after a BIOS."""
    result = machine.boot(KERNEL, _HELLO, initrd=archive, machine="q35")
    result.check_end(r"^booted$", r"^seam: exit 0$")


@_case
def multiboot2_through_grub(archive):
    """A disc with GRUB, the kernel and the tree as a module."""
    result = disc.boot("grub", f"multiboot2 /boot/seam.elf {_HELLO}", {"tree.cpio": archive})
    result.check_end(r"^booted$", r"^seam: exit 0$")


@_case
def multiboot2_with_four_cpus(archive):
    """The firmware of a disc's machine tells of all CPUs."""
    words = f"{_WORDS} init=nproc"
    result = disc.boot("cpus", f"multiboot2 /boot/seam.elf {words}", {"tree.cpio": archive}, cpus=4)
    result.check_end(r"^4$", r"^seam: exit 0$")


@_case
def another_first_domain_as_a_module(_archive):
    """The module `domain0` is run in place of the libOS in the image."""
    result = disc.boot("domain0", "multiboot2 /boot/seam.elf", {"domain0": NATIVE / "attack"})
    result.check_end(r"^\d\d+ passed, 0 failed$")


@_case
def a_screen_is_one_domains(_archive):
    """The frames of the screen that GRUB hands over, attacked by two domains."""
    modules = {"domain0": NATIVE / "device"}
    result = disc.boot("device", "multiboot2 /boot/seam.elf", modules, extra=["-vga", "std"])
    result.check_end(r"^\d\d+ passed, 0 failed$")


@_case
def compressed_tree(archive):
    """A tree packed with gzip."""
    packed = RESULTS / "boot.cpio.gz"
    packed.write_bytes(gzip.compress(archive.read_bytes(), 1))
    result = machine.boot(KERNEL, _HELLO, initrd=packed, mem_mib=128)
    result.check_end(r"^booted$", r"^seam: exit 0$")


@_case
def memory_around_the_hole_below_4_gib(archive):
    """RAM lies in two ranges, and all of it is counted."""
    words = f"{_WORDS} init=/bin/sh arg=-c arg=" + "free%20-m%20|%20awk%20'/Mem/{print($2>3800)}'"
    result = machine.boot(KERNEL, words, initrd=archive, machine="q35", mem_mib=4096)
    result.check_end(r"^1$", r"^seam: exit 0$")


@_case
def no_tree_is_told(_archive):
    """Without a tree there is no program to run."""
    result = machine.boot(KERNEL, _HELLO)
    result.check_end(r"^seam: error: /bin/echo: ", r"^seam: exit 127$")


@_case
def panic_tells_the_reason_and_the_way_there(_archive):
    """A CPU that lacks what the kernel needs: reason and symbolised backtrace."""
    result = machine.boot(KERNEL, _HELLO, cpu="qemu64")
    result.check_panic(
        r"^seam: panic: this CPU lacks \w+$",
        r"^seam: backtrace:$",
        r"^seam: +[0-9a-f]{16} kernel_main\+0x[0-9a-f]+$",
    )


@_case
def panic_is_told_even_without_a_log(_archive):
    """With log=none the reason goes to the first serial port, which has the console else."""
    result = machine.boot(KERNEL, _HELLO.replace("log=com2", "log=none"), cpu="qemu64")
    result.check_panic(r"^seam: panic: this CPU lacks \w+$")


@_case
def broken_first_domain_is_a_panic(_archive):
    """A module `domain0` that is no program."""
    junk = RESULTS / "junk"
    junk.write_bytes(b"no program\n" * 100)
    result = disc.boot("junk", "multiboot2 /boot/seam.elf", {"domain0": junk})
    result.check_panic(r"^seam: panic: domain 0's image is no ELF64 executable$", "kernel_main")


@_case
def truncated_first_domain_is_a_panic(_archive):
    """A module `domain0` that is cut off within a segment."""
    part = RESULTS / "part"
    part.write_bytes((NATIVE / "attack").read_bytes()[:5000])
    result = disc.boot("part", "multiboot2 /boot/seam.elf", {"domain0": part})
    result.check_panic(r"^seam: panic: domain 0's image ")


@_case
def broken_tree_is_a_panic(_archive):
    """An archive that is none."""
    junk = RESULTS / "junk.cpio"
    junk.write_bytes(b"no archive\n" * 1000)
    result = machine.boot(KERNEL, _HELLO, initrd=junk)
    result.check_panic(r"initramfs: at byte 0", r"^seam: panic: ")
