# SPDX-License-Identifier: BSD-2-Clause
"""Steps that boot a machine by firmware and loader, without `seam run`."""

import os
import shlex
import subprocess

from behave import given, then, when
from seamtool import image
from seamtool.cmdline import cmdline_build
from seamtool.machine import Boot
from seamtool.paths import BUILD, KERNEL

SECONDS = 120
MENU = "highlighted"
DOWN = "\x1b[B"
STANDS_STILL_SECONDS = 2

_WORDS = [("stdin", "tty"), ("stdout", "tty"), ("stderr", "tty"), ("init", "/sbin/init")]
_OVMF = ["-bios", "/usr/share/ovmf/OVMF.fd"]
_U_BOOT = ["-bios", "/usr/lib/u-boot/qemu-x86_64/u-boot.rom"]


def _pvh(machine):
    tree = image.image_for_root(None)
    line = cmdline_build([("log", "none"), *_WORDS])
    return ["-M", machine, "-kernel", KERNEL, "-initrd", tree, "-append", line]


def _cd(disc):
    return ["-M", "q35", "-cdrom", disc]


def _drive(disc):
    return ["-drive", f"if=none,id=disc,format=raw,file={disc},snapshot=on"]


def _usb(disc):
    return ["-M", "q35", "-device", "qemu-xhci", *_drive(disc), "-device", "usb-storage,drive=disc"]


def _virtio(disc):
    return ["-M", "pc", *_drive(disc), "-device", "virtio-blk-pci,drive=disc"]


# Name: (QEMU's arguments, given the disc; is there a menu?)
PATHS = {
    "PVH on microvm": (lambda _: _pvh("microvm"), False),
    "PVH on microvm, without ACPI": (lambda _: _pvh("microvm,acpi=off,rtc=off"), False),
    "PVH on q35": (lambda _: _pvh("q35"), False),
    "GRUB on a BIOS, from CD": (_cd, True),
    "GRUB on a BIOS, from a disk": (_virtio, True),
    "GRUB on a BIOS, from a USB stick": (_usb, True),
    "GRUB on UEFI, from CD": (lambda disc: _cd(disc) + _OVMF, True),
    "GRUB on UEFI, from a USB stick": (lambda disc: _usb(disc) + _OVMF, True),
    "U-Boot, from a disk": (lambda disc: _virtio(disc) + _U_BOOT, True),
}


def _boot(context, path, may_restart):
    arguments, context.has_menu = PATHS[path]
    disc = getattr(context, "disc", None) or os.path.join(BUILD, "seam-x86_64.iso")
    context.console = Boot(arguments(disc), may_restart=may_restart, timeout=SECONDS)


@given('a machine that boots by "{path}"')
def step_boot(context, path):
    _boot(context, path, False)


@given('a machine that boots by "{path}" and may restart')
def step_boot_again(context, path):
    _boot(context, path, True)


@when("the loader's menu has been answered, if there is one")
def step_menu(context):
    if context.has_menu:
        context.console.expect_text(MENU)
        context.console.send("\r")
    context.console.expect_prompt()


@when("line {number:d} of the loader's menu is chosen")
def step_menu_line(context, number):
    context.console.expect_text(MENU)
    for _ in range(number - 1):
        context.console.send(DOWN)
    context.console.send("\r")


@when('U-Boot\'s prompt is given the commands of "{page}"')
def step_u_boot(context, page):
    text = (context.top / page).read_text()
    commands = text.partition("### U-Boot")[2].split("```")[1].split("\n")
    console = context.console
    console.expect_text("stop autoboot")
    console.send("\r")
    for command in filter(None, commands):
        console.expect_text("=> ")
        console.send_line(command)


@then("a prompt appears")
def step_prompt(context):
    context.console.expect_prompt()


@then('the console shows "{text}"')
def step_shows(context, text):
    context.console.expect_text(text)


@then("the machine is off")
def step_off(context):
    assert context.console.wait_end() == 0


@then("the machine stands still")
def step_still(context):
    context.console.expect(r"Requesting system halt[\r\n]+")
    assert not context.console.says_anything(STANDS_STILL_SECONDS)
    assert context.console.child.isalive()


@given('a tree with a script "{path}" that says "{text}" to its argument')
def step_tree(context, path, text):
    from seamtool.default_tree import BUSYBOX

    context.root = context.scratch / "tree"
    script = context.root / path.lstrip("/")
    script.parent.mkdir(parents=True)
    script.write_text("#!/bin/busybox sh\necho " + text.replace("{}", '"$1"') + "\n")
    script.chmod(0o755)
    (context.root / "bin/busybox").write_bytes(open(BUSYBOX, "rb").read())
    (context.root / "bin/busybox").chmod(0o755)


@given('a disc made of it by "{command}"')
def step_disc(context, command):
    context.disc = context.scratch / "own.iso"
    words = shlex.split(command.format(root=context.root, disc=context.disc))
    subprocess.run([context.top / words[0], *words[1:]], check=True, capture_output=True)
