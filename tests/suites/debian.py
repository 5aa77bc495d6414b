# SPDX-License-Identifier: BSD-2-Clause
"""Debian's programs do in a machine what they do on this host: tests/debian/README.

The jobs of a tree share a machine, one with few CPUs and then one with more than the host has.
One that takes the machine down with it costs only itself:
those behind it get another machine.
"""

import itertools
import shutil
import tempfile

from . import jobs as job_files
from . import processes, trees
from .paths import SEAM

_ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LANG": "C.UTF-8",
    "TERM": "dumb",
    "USER": "root",
}
_CPUS = (2, 4)
_START_SECONDS = 90  # of a machine, on a busy host, with a tree that is packed first


def run(report):
    """Run the quick jobs, or those that are named; the table of all comes last."""
    jobs = [
        job
        for job in job_files.jobs_read()
        if report.wants(job.name) and (job.is_quick or report.is_chosen)
    ]
    if not jobs:
        return
    report.expect(len(jobs) * len(_CPUS))
    rows = [f"{'job':<24}{'CPUs':>4}  {'tree':<20}{'result':<10}{'inside ms':>10}{'host ms':>10}"]
    for tree, group in itertools.groupby(jobs, key=lambda job: job.tree):
        place = trees.debian_tree(tree, job_files.packages_of(tree), report.note)
        rows += _group_run(report, list(group), place)
    for row in rows:
        report.note(row)


def _group_run(report, jobs, tree):
    """Run JOBS in TREE and report them; return their rows of the table."""
    with tempfile.TemporaryDirectory(prefix="seam-jobs-") as scratch:
        shutil.copy(job_files.PLACE / "driver.sh", scratch)
        for job in jobs:
            with open(f"{scratch}/{job.name}.sh", "w", encoding="utf-8") as file:
                file.write(job.script + "\n")
        trees.debs_put(sorted({name for job in jobs for name in job.debs}), scratch)
        outside, why_not = _on_host([job for job in jobs if job.is_for_host()], tree, scratch)
        rows = []
        for cpus in _CPUS:
            inside, losses = _in_machines(jobs, tree, scratch, cpus)
            for job in jobs:
                results = inside.get(job.name), outside.get(job.name)
                rows.append(_judge(report, job, cpus, *results, losses, why_not))
    return rows


def _judge(report, job, cpus, inside, outside, losses, why_not):
    """Report what became of JOB on CPUS; return its row."""
    name = f"{job.name}.{cpus}cpu"
    problem = _problem(job, inside, outside, losses)
    is_known = outside is not None or job.expected is not None
    result = "FAILED" if problem else "ok" if is_known else "skipped"
    times = [str(side.milliseconds) if side else "-" for side in (inside, outside)]
    if problem:
        report.fail(name, problem)
    elif is_known:
        report.ok(name)
    else:
        why = why_not if job.is_for_host() else "it needs root"
        report.skip(name, f"the host cannot run it ({why}), and nothing else tells")
    return f"{job.name:<24}{cpus:>4}  {job.tree:<20}{result:<10}{times[0]:>10}{times[1]:>10}"


def _problem(job, inside, outside, losses):
    """Why the job has failed, or None."""
    if inside is None:
        return losses.get(job.name, "it was not run")
    if outside is not None:
        missing = [line for line in outside.errors if "command not found" in line]
        if missing:
            return f"the tree lacks a program: {missing[0]}"
        if inside.status != outside.status:
            statuses = f"status {inside.status}, on the host {outside.status}"
            return f"{statuses}\n{_both(inside, outside)}"
        if inside.text() != outside.text():
            return "output differs\n" + _both(inside, outside)
    if outside is None and inside.status != 0:
        return f"status {inside.status}\n{inside.explain()}"
    if job.expected is not None and inside.text() != job.expected.rstrip("\n"):
        return f"output is not what the job expects:\n{job.expected}--- but:\n{inside.explain()}"
    return None


def _both(inside, outside):
    return f"--- on the host:\n{outside.explain()}\n--- inside:\n{inside.explain()}"


def _driver(jobs):
    words = [f"{name}={value}" for name, value in _ENVIRONMENT.items()]
    names = [f"{job.name}:{job.seconds}" for job in jobs]
    return ["/usr/bin/env", "-i", *words, "/bin/bash", "/tmp/jobs/driver.sh", *names]


def _on_host(jobs, tree, scratch):
    """Return ({name: result}, "" or why there are none)."""
    if not jobs:
        return {}, ""
    collector = job_files.Collector()
    seconds = sum(job.seconds for job in jobs)
    command = [job_files.PLACE / "host.sh", tree, scratch, *_driver(jobs)]
    ended = processes.lines_run(command, collector.take, idle=seconds, timeout=seconds)
    return collector.done, (ended.tail or [ended.reason])[-1] if not collector.done else ""


def _in_machines(jobs, tree, scratch, cpus):
    """Return ({name: result}, {name of a job whose machine ended: what was seen})."""
    done, losses = {}, {}
    left = jobs
    while left:
        collector = job_files.Collector()
        seconds = sum(job.seconds for job in left) + _START_SECONDS
        command = [SEAM, "run", "--root", tree, "--smp", cpus, "--timeout", seconds]
        memory_mib = max(job.memory_mib for job in left)
        command += ["--mem", memory_mib] if memory_mib else []
        command += ["--bind", f"{scratch}:/tmp/jobs", "--", *_driver(left)]
        idle = max(job.seconds for job in left) + _START_SECONDS
        with processes.machine_slot(cpus):
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
