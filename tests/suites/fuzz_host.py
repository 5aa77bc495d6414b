# SPDX-License-Identifier: BSD-2-Clause
"""Parsers, the file tree and the line discipline on this host, fed with inputs made by libFuzzer.

Each program of tests/fuzz/host runs a fixed number of inputs from a fixed seed.  The input of a
failure is kept: `build/fuzz/NAME_fuzz FILE` repeats it.
"""

import shutil

from . import fuzz_seeds, processes
from .paths import BUILD, RESULTS, TOP

_SECONDS = 300

# Inputs for each program: some seconds in all.
_RUNS = {
    "bpf": 200000,
    "elf": 200000,
    "initramfs": 20000,
    "insn": 500000,
    "keys": 200000,
    "ldisc": 10000,
    "netlink": 100000,
    "options": 100000,
    "path": 20000,
    "vfs": 20000,
    "vt": 50000,
}


def run(report):
    """Run all of them, two at a time."""
    jobs = [lambda n=name: fuzz(report, n, [f"-runs={_RUNS[n]}", "-seed=1"]) for name in names()]
    processes.run_all(jobs)


def names():
    """Return the programs' names."""
    return sorted(
        source.stem.removesuffix("_fuzz") for source in (TOP / "tests/fuzz/host").glob("*_fuzz.c")
    )


def fuzz(report, name, options, *, keeps=False, seconds=_SECONDS):
    """Run NAME with libFuzzer's OPTIONS; KEEPS: what it has learnt serves the next run too."""
    if not report.wants(name):
        return
    report.expect(1)
    place = RESULTS / "fuzz-host" / name
    learnt, seeds = place / ("kept" if keeps else "corpus"), place / "seeds"
    for directory in (seeds, *(() if keeps else (learnt,))):
        shutil.rmtree(directory, ignore_errors=True)
    for directory in (seeds, learnt):
        directory.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(fuzz_seeds.of(name)):
        (seeds / f"{number:02}").write_bytes(seed)
    command = [BUILD / f"fuzz/{name}_fuzz", "-max_len=4096", "-timeout=20", "-rss_limit_mb=2048"]
    command += ["-verbosity=0", f"-artifact_prefix={place}/", *options]
    if dictionary := fuzz_seeds.dictionary_of(name):
        (place / "words").write_text(dictionary)
        command.append(f"-dict={place}/words")
    command += [learnt, seeds]
    env = {**processes.environment(), "CMOCKA_TEST_ABORT": "1"}
    ended = processes.lines_run(
        command, lambda _line: None, idle=seconds, timeout=seconds, cwd=place, env=env
    )
    if ended.status == 0 and not ended.reason:
        report.ok(name)
    else:
        report.fail(name, ended.explain())
