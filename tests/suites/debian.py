# SPDX-License-Identifier: BSD-2-Clause
"""Debian's programs do in a machine what they do on this host: tests/debian/README.

Several jobs share a machine.  One that takes the machine down with it costs only itself: those
behind it get another machine.
"""

import re
import shutil
import tempfile

from . import processes, trees
from .paths import SEAM, TOP

_PLACE = TOP / "tests/debian"
_LINE = re.compile(r"^@@(begin|end) (\S+)(?: (\d+) (\d+))?$")
_ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LANG": "C.UTF-8",
    "TERM": "dumb",
    "USER": "root",
}
_BASE_PACKAGES = {"bash", "coreutils"}
_START_SECONDS = 60  # of a machine, on a busy host


class _Job:
    """A file NAME.job."""

    def __init__(self, path):
        self.name = path.stem
        head, _, rest = path.read_text().partition("\n---\n")
        facts = dict(line.split(":", 1) for line in head.splitlines())
        unknown = set(facts) - {"packages", "quick", "seconds"}
        if unknown or not rest:
            raise ValueError(f"{path}: {unknown or 'no script'}")
        self.packages = set(facts["packages"].split())
        self.is_quick = facts.get("quick", "no").strip() == "yes"
        self.seconds = int(facts.get("seconds", "30"))
        self.script, _, expected = rest.partition("\n--- expect\n")
        self.expected = expected or None


class _Result:
    """What became of a job on one side."""

    def __init__(self):
        self.output = []
        self.errors = []
        self.status = None
        self.milliseconds = None

    def text(self):
        return "\n".join(self.output).rstrip("\n")


def run(report):
    """Run the quick jobs, or those that are named."""
    jobs = [_Job(path) for path in sorted(_PLACE.glob("*.job"))]
    jobs = [job for job in jobs if report.wants(job.name) and (job.is_quick or report.is_chosen)]
    if not jobs:
        return
    report.expect(len(jobs))
    packages = set.union(_BASE_PACKAGES, *(job.packages for job in jobs))
    is_quick = all(job.is_quick for job in jobs)
    tree = trees.debian_tree("debian-quick" if is_quick else "debian", packages, report.note)
    with tempfile.TemporaryDirectory(prefix="seam-jobs-") as scratch:
        shutil.copy(_PLACE / "driver.sh", scratch)
        for job in jobs:
            with open(f"{scratch}/{job.name}.sh", "w", encoding="utf-8") as file:
                file.write(job.script + "\n")
        outside, why_not = _on_host(jobs, tree, scratch)
        inside, losses = _in_machines(jobs, tree, scratch)
    report.note(f"{'job':<26}{'result':<10}{'inside ms':>10}{'host ms':>10}")
    for job in jobs:
        _judge(report, job, inside.get(job.name), outside.get(job.name), losses, why_not)


def _judge(report, job, inside, outside, losses, why_not):
    problem = _problem(job, inside, outside, losses)
    is_known = outside is not None or job.expected is not None
    result = "FAILED" if problem else "ok" if is_known else "skipped"
    times = [str(side.milliseconds) if side else "-" for side in (inside, outside)]
    report.note(f"{job.name:<26}{result:<10}{times[0]:>10}{times[1]:>10}")
    if problem:
        report.fail(job.name, problem)
    elif is_known:
        report.ok(job.name)
    else:
        report.skip(job.name, f"the host cannot run it ({why_not}), and nothing else tells")


def _problem(job, inside, outside, losses):
    """Why the job has failed, or None."""
    if inside is None:
        return losses.get(job.name, "it was not run")
    if outside is not None:
        missing = [line for line in outside.errors if "command not found" in line]
        if missing:
            return f"the tree lacks a program: {missing[0]}"
        if inside.status != outside.status:
            return f"status {inside.status}, on the host {outside.status}\n" + _shown(inside)
        if inside.text() != outside.text():
            return f"output differs; on the host:\n{outside.text()}\n--- inside:\n" + _shown(inside)
    if job.expected is not None and inside.text() != job.expected.rstrip("\n"):
        return f"output is not what the job expects:\n{job.expected}--- but:\n" + _shown(inside)
    return None


def _shown(result):
    return f"{result.text()}\n--- its errors:\n" + "\n".join(result.errors)


def _driver(jobs):
    words = [f"{name}={value}" for name, value in _ENVIRONMENT.items()]
    names = [f"{job.name}:{job.seconds}" for job in jobs]
    return ["/usr/bin/env", "-i", *words, "/bin/bash", "/tmp/jobs/driver.sh", *names]


def _on_host(jobs, tree, scratch):
    """Return ({name: result}, "" or why there are none)."""
    collector = _Collector()
    seconds = sum(job.seconds for job in jobs)
    command = [_PLACE / "host.sh", tree, scratch, *_driver(jobs)]
    ended = processes.lines_run(command, collector.take, idle=seconds, timeout=seconds)
    return collector.done, (ended.tail or [ended.reason])[-1] if not collector.done else ""


def _in_machines(jobs, tree, scratch):
    """Return ({name: result}, {name of a job whose machine ended: what was seen})."""
    done, losses = {}, {}
    left = jobs
    while left:
        collector = _Collector()
        seconds = sum(job.seconds for job in left) + _START_SECONDS
        command = [SEAM, "run", "--root", tree, "--smp", 2, "--timeout", seconds]
        command += ["--bind", f"{scratch}:/tmp/jobs", "--", *_driver(left)]
        idle = max(job.seconds for job in left) + _START_SECONDS
        with processes.machine_slot():
            ended = processes.lines_run(command, collector.take, idle=idle, timeout=seconds + 10)
        done |= collector.done
        lost = collector.running or left[0].name
        left = [job for job in left if job.name not in done]
        if left:
            if lost not in {job.name for job in left}:
                lost = left[0].name
            losses[lost] = "the machine ended with it\n" + ended.explain()
            left = [job for job in left if job.name != lost]
    return done, losses


class _Collector:
    """Reads the driver's lines.

    done      {name: result} of the jobs that came to an end
    running   the name of the one that did not, or None
    """

    def __init__(self):
        self.done = {}
        self.running = None
        self._result = None

    def take(self, line):
        match = _LINE.match(line)
        if match and match[1] == "begin":
            self.running, self._result = match[2], _Result()
        elif match and match[2] == self.running:
            self._result.status, self._result.milliseconds = int(match[3]), int(match[4])
            self.done[self.running] = self._result
            self.running = None
        elif self.running and line.startswith("| "):
            self._result.output.append(line[2:])
        elif self.running and line.startswith("! ") and line != "! ":
            self._result.errors.append(line[2:])
