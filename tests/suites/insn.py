# SPDX-License-Identifier: BSD-2-Clause
"""How long instructions are, according to the libOS and to LLVM's disassembler.

The code is what compilers made of programs of this host, and made-up bytes for each opcode.
`llvm-objdump-19 -d build/test/insn/NAME.o | build/unit/insn_compare` repeats one comparison.
"""

import pathlib
import random
import re
import subprocess

from . import processes
from .paths import BUILD, RESULTS

_SECONDS = 120
_CODE_BYTES_MAX = 3 << 20
_COMPARE = 'llvm-objdump-19 -d "$0" | "$1"'
_LAST = re.compile(r"^(\d+) compared, (\d+) differ, (\d+) refused$")

# Those that this host has are taken.
_PROGRAMS = {
    "busybox": BUILD / "guest/busybox-static/bin/busybox",
    "libc": pathlib.Path("/lib/x86_64-linux-gnu/libc.so.6"),
    "libclang": pathlib.Path("/usr/lib/llvm-19/lib/libclang-cpp.so.19.1"),
    "libcrypto": pathlib.Path("/lib/x86_64-linux-gnu/libcrypto.so.3"),
}
_COMPARED_MIN = 100000
# Parts of those that were compared.  Among libcrypto's are some in its tables, which are no code,
# and made-up ones of AMD or of extensions to come.
_REFUSED_MAX = 0.001
_MADE_UP_REFUSED_MAX = 0.002

_PREFIXES = ("", "66", "f2", "f3", "48", "66 48", "67", "41", "f3 48", "64", "f0", "66 67 48")
_VECTOR_PREFIXES = ("", "", "67", "65")
_NOP = b"\x90"
_CELL_BYTES = 20  # an instruction, then as many of _NOP that the next one is found again


def run(report):
    """Compare two at a time."""
    names = [name for name, path in _PROGRAMS.items() if path.exists() and report.wants(name)]
    jobs = [lambda n=name: _program_compare(report, n) for name in names]
    if report.wants("made_up"):
        jobs.append(lambda: _made_up_compare(report))
    report.expect(len(jobs))
    processes.run_all(jobs)


def _program_compare(report, name):
    path = _place(name, ".text")
    _run("llvm-objcopy-19", "-O", "binary", "--only-section=.text", _PROGRAMS[name], path)
    _compare(report, name, path.read_bytes()[:_CODE_BYTES_MAX], _REFUSED_MAX)


def _made_up_compare(report):
    code = b"".join(cell.ljust(_CELL_BYTES, _NOP) for cell in _made_up(random.Random(1)))
    _compare(report, "made_up", code, _MADE_UP_REFUSED_MAX)


def _made_up(chance):
    """Yield beginnings of instructions: each opcode of each map, with prefixes and operands."""
    for opcode in range(256):
        for escape in ("", "0f", "0f 38", "0f 3a"):
            for prefix in _PREFIXES:
                for _ in range(4):
                    yield bytes.fromhex(prefix + escape) + bytes([opcode]) + chance.randbytes(2)
        for _ in range(200):
            prefix = bytes.fromhex(chance.choice(_VECTOR_PREFIXES))
            yield prefix + _vector_prefix(chance) + bytes([opcode]) + chance.randbytes(2)


def _vector_prefix(chance):
    """Return VEX or EVEX without the bits that processors of today do not know."""
    first, second, third = chance.randbytes(3)
    return chance.choice(
        (
            bytes([0xC5, first]),
            bytes([0xC4, first & 0xE0 | chance.randint(1, 3), second]),
            bytes([0x62, first & 0xF0 | chance.randint(1, 6), second | 4, third]),
        )
    )


def _compare(report, name, code, refused_max):
    raw, linked = _place(name, ".bin"), _place(name, ".o")
    raw.write_bytes(code)
    as_text = "--rename-section=.data=.text,alloc,code"
    _run("llvm-objcopy-19", "-I", "binary", "-O", "elf64-x86-64", as_text, raw, linked)
    command = ["bash", "-o", "pipefail", "-c", _COMPARE, linked, BUILD / "unit/insn_compare"]
    lines = []
    ended = processes.lines_run(command, lines.append, idle=_SECONDS, timeout=_SECONDS)
    match = _LAST.match(lines[-1]) if lines and ended.status == 0 else None
    compared, differ, refused = (int(part) for part in match.groups()) if match else (0, 0, 0)
    if compared >= _COMPARED_MIN and differ == 0 and refused <= compared * refused_max:
        report.ok(name)
    else:
        report.fail(name, ended.explain())


def _place(name, suffix):
    (RESULTS / "insn").mkdir(parents=True, exist_ok=True)
    return RESULTS / "insn" / (name + suffix)


def _run(*command):
    subprocess.run(command, check=True)
