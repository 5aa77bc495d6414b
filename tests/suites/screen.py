# SPDX-License-Identifier: BSD-2-Clause
"""The console on the screen: discs boot, keys are typed, and pictures of the screen are read."""

import os
import pathlib
import re
import time

from . import trees
from .cases import Cases
from .paths import RESULTS
from .screen_machine import ScreenMachine, disc_make

_BLACK, _GREY = (0, 0, 0), (0xAA, 0xAA, 0xAA)
_RED, _BLUE, _BRIGHT_BLUE = (0xAA, 0, 0), (0, 0, 0xAA), (0x55, 0x55, 0xFF)
_PROMPT = r"^/ #"
_STD = ("-vga", "std")
_OVMF = "/usr/share/ovmf/OVMF.fd"

_case = Cases()


def run(report):
    """Run all, two machines at a time."""
    _case.run(report, trees.archive_make("screen", ["keyboard_restart"]))


def _machine(name, archive, words="log=com2", *, extra=_STD, mode=None, **how):
    disc = disc_make(f"screen-{name}", archive, words, mode)
    return ScreenMachine(name, disc, extra=extra, **how)


def _run(screen, command, pattern):
    """Type COMMAND at the shell; wait for PATTERN and a prompt after it."""
    screen.type(f"clear; {command}\n")
    return screen.wait_for(rf"(?s)\A{pattern}\n/ #\Z")


@_case
def a_shell_on_screen_and_serial_port(archive):
    """Both show the same, both can type, and the terminal has the screen's size."""
    with _machine("shell", archive) as screen:
        picture = screen.wait_for(_PROMPT)
        assert (picture.width, picture.height) == (1024, 768)
        picture = _run(screen, "stty size; echo $TERM; tty", r"48 128\nlinux\n/dev/\w+")
        picture = _run(screen, "ls /", r"bin +etc +.*\bvar")
        assert re.search(rb"bin +etc +", screen.serial), screen.explain("")
        screen.send(b"echo from-the-host\r")
        picture = screen.wait_for(r"^from-the-host$")
        cell = picture.cell(0, 0)
        assert (cell.char, cell.fg, cell.bg) == ("b", _GREY, _BLACK)


@_case
def the_cursor_is_a_block(archive):
    """It stands behind the prompt, and is gone when a program hides it."""
    with _machine("cursor", archive) as screen:
        screen.wait_for(_PROMPT)
        picture = _run(screen, "echo x", "x")
        assert picture.cell(4, 1).bg == _GREY and picture.cell(5, 1).bg == _BLACK
        screen.type("clear; printf '\\033[?25lhidden'; sleep 100\n")
        picture = screen.wait_for(r"\Ahidden\Z")
        assert picture.cell(6, 0).bg == _BLACK


@_case
def an_editor_draws_and_leaves(archive):
    """vi on the alternate screen: what was there before comes back."""
    with _machine("vi", archive, cpus=2) as screen:
        screen.wait_for(_PROMPT)
        screen.type("clear; echo before; vi /tmp/f\n")
        picture = screen.wait_for(r"- /tmp/f")
        assert [picture.row(y) for y in (0, 1, 46)] == ["", "~", "~"], picture.lines()
        screen.type("ihello world\nline two\x1b")
        screen.wait_for(r"\Ahello world\nline two\n~")
        time.sleep(0.5)  # vi waits after an escape: it might begin a sequence
        screen.keys("up")
        screen.type("0x")
        picture = screen.wait_for(r"\Aello world\nline two\n~")
        assert picture.cell(0, 0).bg == _GREY and picture.cell(0, 1).bg == _BLACK
        screen.type(":wq\n")
        screen.wait_for(r"\Abefore\n/ #\Z")
        _run(screen, "cat /tmp/f", "ello world\nline two")


@_case
def colours_lines_and_letters(archive):
    """Cells have the colours and the characters that were asked for."""
    with _machine("colours", archive) as screen:
        screen.wait_for(_PROMPT)
        screen.type(r"clear; printf '\033[31;44mA\033[1;7mB\033[0m\033[4mC\033[0m\n'; ")
        screen.type(r"printf '\033(0lqk\033(B \xc3\xa4\xe2\x94\xbc\xe2\x96\x88\xe2\x82\xac\n'" "\n")
        picture = screen.wait_for(r"\AABC\n┌─┐ ä┼ €")
        first, second = picture.cell(0, 0), picture.cell(1, 0)
        assert (first.fg, first.bg) == (_RED, _BLUE), (first.fg, first.bg)
        assert (second.fg, second.bg) == (_BRIGHT_BLUE, _RED), (second.fg, second.bg)
        assert picture.cell(2, 0).underline and not picture.cell(1, 0).underline
        assert picture.cell(6, 1).bg == _GREY, "a full block is all of its colour"


@_case
def much_output_scrolls(archive):
    """The last lines stand there in the end, and the port has got all of them."""
    with _machine("scroll", archive) as screen:
        screen.wait_for(_PROMPT)
        screen.type("seq 1 5000\n")
        picture = screen.wait_for(r"^5000\n/ #\Z")
        lines = [str(n) for n in range(5000 - 46, 5001)] + ["/ #"]
        assert picture.lines() == lines, picture.lines()
        screen.wait_for_serial(rb"\r\n5000\r\n")
        numbers = [int(line) for line in re.findall(rb"^(\d+)\r$", screen.serial, re.MULTILINE)]
        assert numbers == list(range(1, 5001))


@_case
def keys_edit_the_line(archive):
    """Arrows, home, delete, control and the shell's history."""
    with _machine("keys", archive) as screen:
        screen.wait_for(_PROMPT)
        _run(screen, "echo one", "one")
        screen.type("xcho two")
        screen.keys("home")
        screen.keys("delete")
        screen.type("e\n")
        screen.wait_for(r"^two$")
        screen.type("clear; echo three\n")
        screen.wait_for(r"\Athree\n/ #\Z")
        screen.keys("up")
        screen.keys("up")
        screen.type("\n")
        screen.wait_for(r"^two$")
        screen.type("sleep 1000\n")
        screen.keys("ctrl", "c")
        screen.type("echo status=$?\n")
        screen.wait_for(r"^status=130$")
        screen.keys("caps_lock")
        screen.type("echo\n")
        screen.wait_for(r"ECHO: not found")


@_case
def another_keymap(archive):
    """keymap=de: letters that change places, a third level, and what stands beyond ASCII."""
    with _machine("keymap", archive, "log=com2 keymap=de") as screen:
        screen.wait_for(_PROMPT)
        for names in (("e",), ("c",), ("h",), ("o",), ("spc",), ("y",), ("z",), ("shift", "7")):
            screen.keys(*names)
        for names in (("alt_r", "7"), ("minus",), ("semicolon",)):
            screen.keys(*names)
        screen.wait_for(r"^/ # echo zy/\{ßö")


@_case
def only_the_screen(archive):
    """console=screen: the port is silent."""
    with _machine("only", archive, "log=com2 console=screen") as screen:
        screen.wait_for(_PROMPT)
        _run(screen, "echo seen", "seen")
        assert b"seen" not in screen.serial, screen.explain("")


@_case
def only_the_serial_port(archive):
    """console=serial: the screen stays as the loader left it."""
    words = "log=com2 console=serial stdin=tty stdout=tty stderr=tty"
    with _machine("serial", archive, words) as screen:
        screen.wait_for_serial(rb"/ # ")
        screen.send(b"echo heard\r")
        screen.wait_for_serial(rb"\nheard\r")
        assert not any("heard" in line for line in screen.picture().lines())


@_case
def a_text_screen(archive):
    """Where GRUB has no pixels: 80x25 characters in the PC's own memory for them."""
    with _machine("text", archive, mode="text") as screen:
        screen.wait_for_serial(rb"/ # ")
        screen.type("clear; stty size; ls /\n")
        screen.wait_for_serial(rb"25 80\r\n(.*\r\n)+/ # ")
        path = RESULTS / "screen-text.bin"
        lines = []
        for _ in range(50):
            screen.monitor("pmemsave", val=0xB8000, size=4000, filename=str(path))
            data = path.read_bytes()[::2].decode("cp437")
            lines = [data[i : i + 80].rstrip() for i in range(0, 2000, 80)]
            if lines[0] == "25 80" and "/ #" in lines:
                break
        assert lines[0] == "25 80" and lines[1].startswith("bin "), lines


@_case
def pixels_of_two_bytes(archive):
    """Another mode: 800x600, 16 bits a pixel."""
    with _machine("small", archive, mode="800x600x16") as screen:
        picture = screen.wait_for(_PROMPT)
        assert (picture.width, picture.height) == (800, 600)
        picture = _run(screen, "stty size", "37 100")
        assert picture.cell(0, 0).fg[0] in range(0xA0, 0xB0), picture.cell(0, 0).fg


@_case
def uefi_hands_over_its_screen(archive):
    """The same disc on OVMF."""
    if not os.path.exists(_OVMF):
        raise RuntimeError("ovmf is not installed: run ./setup")
    with _machine("uefi", archive, bios=pathlib.Path(_OVMF)) as screen:
        screen.wait_for(_PROMPT, seconds=120)
        _run(screen, "echo on-$(uname -s)", "on-Linux")


@_case
def control_alt_delete_restarts(archive):
    """QEMU is told to end where the machine would restart."""
    with _machine("restart", archive) as screen:
        screen.wait_for(_PROMPT)
        screen.keys("ctrl", "alt", "delete")
        assert screen.wait_for_end() == 0


@_case
def control_alt_delete_can_be_a_signal(archive):
    """After reboot(2) said so the first process gets SIGINT, until it says otherwise."""
    words = "log=com2 init=/tests/keyboard_restart"
    with _machine("signal", archive, words) as screen:
        screen.wait_for("^waiting for the keys")
        screen.keys("ctrl", "alt", "delete")
        screen.wait_for("^told of the keys")
        screen.keys("ctrl", "alt", "delete")
        assert screen.wait_for_end() == 0


@_case
def no_keyboard_is_no_hang(archive):
    """A machine without the keyboard's controller comes up all the same."""
    with _machine("nokeys", archive, options=",i8042=off") as screen:
        screen.wait_for(_PROMPT)
        screen.send(b"echo by-port\r")
        screen.wait_for(r"^by-port$")


@_case
def no_screen_is_no_change(archive):
    """Without a screen in the machine the serial port is the console."""
    words = "log=com2 stdin=tty stdout=tty stderr=tty"
    with _machine("none", archive, words, extra=("-vga", "none")) as screen:
        screen.wait_for_serial(rb"/ # ")
        screen.send(b"echo heard\r")
        screen.wait_for_serial(rb"\nheard\r")
