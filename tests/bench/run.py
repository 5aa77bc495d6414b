#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""`ninja bench`: what the exokernel's and the libOS's core paths cost here.

Boots two machines under emulation, a native program on the bare exokernel and
a Linux program on the libOS, several times each; takes the least of each
figure; measures the cold start; prints a table and writes build/bench.json.
It judges nothing.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tools"))

from seamtool.machine import Machine  # noqa: E402

COSTS = os.path.join(TOP, "build/x86_64/native/costs.elf")
PATHS = os.path.join(TOP, "build/bench/paths")


def native_costs():
    """Return {name: (ns, cycles)} of the exokernel's own paths."""
    result = Machine(kernel=COSTS, cmdline="log=com2").run(timeout=60)
    rate = None
    costs = {}
    for line in result.log.splitlines():
        words = line.split()
        if words[:1] == ["rate"]:
            rate = int(words[1]) / 1e9
        elif words[:1] == ["cost"] and rate:
            costs["exokernel " + words[1]] = (int(words[2]) / rate, int(words[2]))
    if not costs:
        sys.exit("bench: the native program gave no figures\n" + result.explain())
    return costs


def seam_run(root, *words):
    command = [os.path.join(TOP, "seam"), "run", "--root", root, "--timeout", "120", "--", *words]
    return subprocess.run(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, check=True).stdout


def linux_costs(root):
    """Return {name: (ns, cycles)} of what a program pays."""
    costs = {}
    for line in seam_run(root, "/paths").decode().splitlines():
        words = line.split()
        if words[:1] == ["cost"]:
            costs["program " + words[1]] = (float(words[2]), int(words[3]))
    return costs


def cold_start(root):
    """Seconds from starting `seam run` until the program's first byte is here, and to its end."""
    command = [os.path.join(TOP, "seam"), "run", "--root", root, "--", "/paths", "--first"]
    start = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL) as process:
        process.stdout.read(1)
        first = time.monotonic() - start
        process.wait()
    return first, time.monotonic() - start


def least(rounds, measure):
    """Run MEASURE several times and keep the least of each figure."""
    best = {}
    for _ in range(rounds):
        for name, figures in measure().items():
            best[name] = min(best.get(name, figures), figures)
    return best


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=3, help="boots of each machine (default 3)")
    parser.add_argument("--json", default=os.path.join(TOP, "build/bench.json"), help="where the figures go")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as root:
        os.mkdir(os.path.join(root, "tmp"))
        subprocess.run(["cp", PATHS, os.path.join(root, "paths")], check=True)
        figures = least(options.rounds, native_costs)
        figures.update(least(options.rounds, lambda: linux_costs(root)))
        starts = [cold_start(root) for _ in range(options.rounds + 2)]
    first, whole = min(s[0] for s in starts), min(s[1] for s in starts)
    print(f"{'path':32} {'ns':>12} {'cycles':>12}")
    for name, (ns, cycles) in figures.items():
        print(f"{name:32} {ns:12.0f} {cycles:12}")
    print(f"{'cold start to the first byte':32} {first * 1e9:12.0f}")
    print(f"{'a whole `seam run`':32} {whole * 1e9:12.0f}")
    with open(options.json, "w", encoding="utf-8") as out:
        rows = {name: {"ns": ns, "cycles": cycles} for name, (ns, cycles) in figures.items()}
        rows["cold start"] = {"ns": first * 1e9}
        rows["whole run"] = {"ns": whole * 1e9}
        json.dump({"accel": "tcg", "rows": rows}, out, indent=2)
    print(f"written: {os.path.relpath(options.json, TOP)}")


if __name__ == "__main__":
    main()
