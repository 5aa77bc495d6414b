# SPDX-License-Identifier: BSD-2-Clause
"""Steps that read what seam run --profile and --trace tell."""

import gzip
import json
import re

from behave import then

from runs import check, seam_run, unescape

_ROW = re.compile(r"^ *\d+\.\d\d%  +(\d+)  (\S+) +(\S.*)$", re.M)


def rows(context):
    """Return [(count, where, function)] of the profile's table."""
    text = context.result.stderr.decode(errors="replace")
    return [(int(count), where, name) for count, where, name in _ROW.findall(text)]


@then('the first function of the profile is "{name}" in "{where}"')
def step_first(context, name, where):
    check(context, rows(context)[0][1:] == (where, name))


@then('the profile\'s count for "{name}" comes again with "{line}"')
def step_again(context, name, line):
    first = {function: count for count, _, function in rows(context)}
    seam_run(context, unescape(line))
    second = {function: count for count, _, function in rows(context)}
    check(context, first[name] > 0 and first[name] == second[name])


class Trace:
    def __init__(self, path):
        opened = gzip.open(path) if path.suffix == ".gz" else open(path, "rb")
        with opened as file:
            content = json.load(file)
        self.events = content["traceEvents"]
        self.lost = content["otherData"]["records lost"]
        self.names = {"process_name": {}, "thread_name": {}}
        for event in self.events:
            if event["ph"] == "M":
                known = self.names[event["name"]]
                known[event["pid"], event["tid"]] = event["args"]["name"]

    def thread(self, name):
        """The tracks of threads that have this name."""
        return [track for track, each in self.names["thread_name"].items() if each == name]

    def of(self, category):
        return [event for event in self.events if event.get("cat") == category]


@then('the trace "{name}" has a thread "{thread}" of the process "{process}"')
def step_thread(context, name, thread, process):
    context.trace = Trace(context.scratch / name)
    assert context.trace.lost == 0, context.trace.lost
    pids = {pid for (pid, _), each in context.trace.names["process_name"].items() if each == process}
    assert pids & {pid for pid, _ in context.trace.thread(thread)}, context.trace.names


@then('in the trace the thread "{thread}" calls "{call}" with "{result}"')
def step_call(context, thread, call, result):
    tracks = context.trace.thread(thread)
    calls = [
        (event["name"], event["args"]["result"])
        for event in context.trace.of("call")
        if (event["pid"], event["tid"]) in tracks
    ]
    assert (call, result) in calls, calls


@then('in the trace the threads "{one}" and "{other}" run on CPUs')
def step_run(context, one, other):
    runs = context.trace.of("running")
    assert {one, other} <= {event["name"] for event in runs}, runs
    assert {event["tid"] for event in runs} == {0, 1}, runs
    (group,) = {event["pid"] for event in runs}
    assert context.trace.names["process_name"][group, 0] == "vcpus", context.trace.names
    one_at_a_time(runs)


def one_at_a_time(events):
    """Fail if two of these events on one track overlap."""
    for track in {event["tid"] for event in events}:
        times = sorted((e["ts"], e["ts"] + e["dur"]) for e in events if e["tid"] == track)
        for (_, end), (begin, _) in zip(times, times[1:]):
            assert end <= begin + 0.01, (end, begin)


@then('in the trace the CPUs {cpus:d} have slices of the vcpus of domain 0')
def step_slices(context, cpus):
    slices = context.trace.of("slice")
    shown = {(event["tid"], event["name"]) for event in slices}
    assert shown == {(n, f"domain 0, vcpu {n}") for n in range(cpus)}, shown
    one_at_a_time(slices)


@then('in the trace there are exokernel calls "{names}"')
def step_exo_calls(context, names):
    calls = context.trace.of("exokernel call")
    assert set(names.split()) <= {event["name"] for event in calls}, calls[:50]


@then("in the trace there are page faults, each an upcall before")
def step_faults(context):
    faults = context.trace.of("fault")
    assert any(event["args"]["access"] == "write" for event in faults), faults
    upcalls = [event for event in context.trace.of("kernel") if event["name"] == "upcall: page fault"]
    known = {(int(event["args"]["detail"], 16) >> 12, event["ts"]) for event in upcalls}
    for fault in faults:
        page = int(fault["args"]["address"], 16) >> 12
        assert any(at == page and since <= fault["ts"] for at, since in known), fault


@then("in the trace nothing ends before it begins")
def step_order(context):
    assert all(event["ts"] >= 0 for event in context.trace.events if "ts" in event)
    assert all(event["dur"] >= 0 for event in context.trace.events if event["ph"] == "X")
