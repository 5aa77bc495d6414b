# SPDX-License-Identifier: BSD-2-Clause
"""The verbs of the seam command and their options."""

import argparse
import sys

from . import errors, qemu
from .terminal import LEAVE_HINT

_DESCRIPTION = "Run Linux programs on Seam, an exokernel with a library OS."

_RUN_DESCRIPTION = f"""\
Boot a machine, run PROGRAM in it as the first process, and end with its exit
status.  Standard input, output and error are the program's own.  Without
PROGRAM an interactive shell is started.  On a terminal, {LEAVE_HINT}.
"""

_RUN_EPILOG = """\
exit status:
  0-255  the program's own; 128+N if signal N ended it
  124    the time given with --timeout was over
  125    seam, QEMU or the kernel failed; a message says why
  126    the program cannot be executed
  127    the program was not found

examples:
  seam run -- /bin/busybox uname -a
  echo hello | seam run -- /bin/cat
  seam run --root tree --mem 512 --smp 2 -- /usr/bin/prog --its-option
"""


_DEBIAN_DESCRIPTION = """\
Make a tree of the named packages, what they depend on, and what every Debian
system has, apt among it.  The archives are those that this machine's apt uses.
Packages that others only recommend are left out: who compiles programs names
libc6-dev beside gcc.
"""

_DEBIAN_EPILOG = """\
The tree appears when it is complete; after a failure nothing is left.  Packages
are kept below build/cache, so that the next tree needs only what is new.  Manual
pages and translations are left out.  As another user than root, the files are
yours, and the file .seam-tree in the tree records whose they are for the guest.

example:
  seam root debian --packages bash,coreutils,python3,gcc,libc6-dev,make -o build/deb
  seam run --root build/deb -- /bin/bash -l
"""

_IMAGE_DESCRIPTION = """\
Make a disc that boots Seam by GRUB 2, from CD or USB stick, on a BIOS and on
UEFI.  With PROGRAM it boots straight into that, with the tree as its files, and
the machine is switched off when it ends.  Without, it has a menu: shell,
self-test, rescue, memory map.
"""

_IMAGE_EPILOG = """\
The machine's screen and keyboard, if the loader hands over a screen, and its
first serial port are the program's terminal; --append console=serial or
console=screen chooses one.

examples:
  seam image -o seam.iso
  seam image --root tree -o my.iso -- /usr/bin/prog --its-option
  dd if=my.iso of=/dev/sdX bs=4M
"""

_BENCH_DESCRIPTION = """\
Run the same programs on Seam and on a Linux guest, in the same machine, in
turns, and print for each row what it takes there and there, and how many times
as long Linux takes (above 1: Seam is faster).  Times are the least of several
boots, each the least of many short repetitions; spread is how far the slowest
boot is above the fastest, for Seam and for Linux.  Instructions are counted by
QEMU (-icount), in one boot.  Without ROW all rows run but those of the group
'whole', which make a tree of Debian packages first.
"""

_BENCH_EPILOG = """\
exit status:
  0    all rows have figures
  1    a row failed on one of the systems; the last lines say why
  125  a guest hung or crashed, or something is missing; a message says so

examples:
  seam bench getppid 'pipe_*'
  seam bench --icount call memory
  seam bench --svg chart.svg whole
"""


def main(argv):
    arguments = _parser().parse_args(argv)
    try:
        return arguments.function(arguments)
    except errors.SeamError as error:
        print(f"seam: {error}", file=sys.stderr)
        return error.status
    except KeyboardInterrupt:
        return errors.STATUS_SIGNAL + 2
    except BrokenPipeError:
        return errors.STATUS_SIGNAL + 13


class _Parser(argparse.ArgumentParser):
    """Argument errors are failures of ours, and must not look like the program's."""

    def error(self, message):
        self.exit(errors.STATUS_FAILURE, f"seam: {message} (see {self.prog} --help)\n")


def _parser():
    parser = _Parser(prog="seam", description=_DESCRIPTION, allow_abbrev=False)
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    _add_run(verbs)
    _add_root(verbs)
    _add_image(verbs)
    _add_bench(verbs)
    _add_test(verbs)
    _add_info(verbs)
    return parser


def _add_run(verbs):
    parser = verbs.add_parser(
        "run",
        help="boot a machine and run a program in it",
        description=_RUN_DESCRIPTION,
        epilog=_RUN_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="seam run [options] [--] [PROGRAM [ARGUMENT ...]]",
        allow_abbrev=False,
    )
    add = parser.add_argument
    _add_program(add)
    add(
        "--out",
        metavar="DIR:DEST",
        action="append",
        default=[],
        help="bring the guest's directory DIR to DEST when the program has ended",
    )
    add(
        "--mem",
        metavar="MIB",
        type=_count,
        help="memory in MiB (default 256; with a larger tree, its size and room to work)",
    )
    add("--smp", metavar="N", type=_count, default=1, help="number of CPUs (default 1)")
    add("--timeout", metavar="S", type=_seconds, help="end the machine after S seconds")
    add("-v", "--verbose", action="store_true", help="show kernel and libOS messages on stderr")
    add("--log", metavar="FILE", help="write kernel and libOS messages to FILE")
    add("--strace", action="store_true", help="show the program's system calls on stderr")
    add("--no-patch", action="store_true", help="let every system call enter the kernel")
    add("--stats", action="store_true", help="show what the machine did, at its end, on stderr")
    add(
        "--profile",
        action="store_true",
        help="show at the end in which functions the time went, on stderr",
    )
    add(
        "--trace",
        metavar="FILE",
        help="write what happened, threads, calls, faults, to FILE, for ui.perfetto.dev",
    )
    add("--icount", action="store_true", help="let time be counted in instructions, not by clocks")
    add("--gdb", action="store_true", help="wait for gdb before the first instruction")
    add("--kvm", action="store_true", help="use the CPU's virtualisation, not emulation")
    add(
        "--machine",
        choices=qemu.MACHINES,
        default="microvm",
        help="QEMU's machine type: microvm (default) or q35",
    )
    add(
        "--on",
        choices=("qemu", "xen"),
        default="qemu",
        help="what the machine is: QEMU's (default), or a guest of Xen in QEMU",
    )
    parser.set_defaults(function=_run)


def _add_program(add):
    """What a machine is to run, and with which files."""
    add(
        "--root",
        metavar="DIR",
        help="directory tree, or cpio archive (newc, also gzipped), that becomes / "
        "(default: a small tree with busybox)",
    )
    add(
        "--bind",
        metavar="HOST:GUEST",
        action="append",
        default=[],
        help="copy a folder or file of the host to GUEST in the tree",
    )
    add(
        "--env",
        metavar="K=V",
        action="append",
        default=[],
        help="add to or change the program's environment; K alone takes the value from here",
    )
    add("--cwd", metavar="DIR", default="/", help="the program's working directory (default /)")
    add(
        "--mode",
        metavar="MODE",
        help="the system calls that there are: full (default), minimal, or custom: and"
        " categories with commas (file,process,memory,socket,signal,time,ipc,tty,thread,misc)",
    )
    add("--kernel", metavar="FILE", help="boot this image instead of build/x86_64/seam.elf")
    add(
        "--append",
        metavar="WORDS",
        action="append",
        default=[],
        help="add to the kernel's command line",
    )
    add("command", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)


def _add_root(verbs):
    parser = verbs.add_parser(
        "root",
        help="make a tree for --root",
        description="Make a directory tree that 'seam run --root' takes.",
        allow_abbrev=False,
    )
    kinds = parser.add_subparsers(title="kinds of trees", metavar="KIND", required=True)
    _add_root_debian(kinds)


def _add_root_debian(kinds):
    parser = kinds.add_parser(
        "debian",
        help="a tree of Debian packages, made by mmdebstrap",
        description=_DEBIAN_DESCRIPTION,
        epilog=_DEBIAN_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add(
        "--packages",
        metavar="LIST",
        action="append",
        required=True,
        help="names, separated by commas or blanks; can be given several times",
    )
    add(
        "-o",
        "--output",
        metavar="DIR",
        help="where the tree goes, or FILE.cpio for an archive (default: build/debian)",
    )
    add("--suite", metavar="S", help="the release, by its code name (default: this machine's)")
    add("--update", action="store_true", help="make anew a tree that is there already")
    parser.set_defaults(function=_root_debian)


def _add_image(verbs):
    parser = verbs.add_parser(
        "image",
        help="make a disc that boots, with a menu or straight into a program",
        description=_IMAGE_DESCRIPTION,
        epilog=_IMAGE_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="seam image [options] [--] [PROGRAM [ARGUMENT ...]]",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("-o", "--output", metavar="FILE", help="default: build/seam-x86_64.iso")
    _add_program(add)
    add("--title", metavar="TEXT", help="what the menu calls it")
    parser.set_defaults(function=_image)


def _add_bench(verbs):
    parser = verbs.add_parser(
        "bench",
        help="measure Seam beside Linux, row by row",
        description=_BENCH_DESCRIPTION,
        epilog=_BENCH_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="seam bench [options] [ROW | GROUP ...]",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--list", action="store_true", help="say which rows there are, by group, and end")
    add("--rounds", metavar="N", type=_count, default=3, help="boots of each system (default 3)")
    kinds = parser.add_mutually_exclusive_group()
    kinds.add_argument("--wall", action="store_true", help="only wall time")
    kinds.add_argument("--icount", action="store_true", help="only guest instructions")
    add("--dynamic", action="store_true", help="run the dynamically linked program")
    add("--no-linux", action="store_true", help="measure Seam alone")
    add("--no-patch", action="store_true", help="on Seam let every system call enter the kernel")
    add("--mem", metavar="MIB", type=_count, help="memory (default 512; whole programs: 2048)")
    add("--smp", metavar="N", type=_count, default=1, help="number of CPUs (default 1)")
    add("--memory", action="store_true", help="instead, find the least memory for a shell and redis")
    add("--json", metavar="FILE", help="where the figures go (default build/bench.json)")
    add("--svg", metavar="FILE", help="draw a chart of the ratios")
    add("rows", nargs="*", metavar="ROW", help=argparse.SUPPRESS)
    parser.set_defaults(function=_bench)


def _add_test(verbs):
    parser = verbs.add_parser(
        "test", help="build and run all tests", description="As 'ninja test' in the checkout."
    )
    parser.set_defaults(function=_test)


def _add_info(verbs):
    parser = verbs.add_parser(
        "info",
        help="show how much code is trusted, and the size of the image",
        description="Show the lines of trusted code (no blanks, no comments) and the image size.",
    )
    parser.set_defaults(function=_info)


# Each verb loads only what it needs: the start of a machine should be quick.


def _run(arguments):
    from .run import run_program

    return run_program(arguments)


def _root_debian(arguments):
    from .debian import debian_make

    return debian_make(arguments)


def _image(arguments):
    from .disc.verb import image_make

    return image_make(arguments)


def _bench(arguments):
    from .bench.verb import bench_run

    return bench_run(arguments)


def _test(_arguments):
    import subprocess

    from .paths import TOP

    try:
        return subprocess.call(["ninja", "-C", TOP, "test"])
    except FileNotFoundError:
        raise errors.SeamError("ninja is not installed: run ./setup") from None


def _info(_arguments):
    from .info import info_print

    return info_print()


def _count(text):
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"'{text}' is no positive number")
    return int(text)


def _seconds(text):
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"'{text}' is no number of seconds")
    return seconds
