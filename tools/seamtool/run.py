# SPDX-License-Identifier: BSD-2-Clause
"""seam run: one program in one machine, from the options to the exit status."""

import os
import shutil
import subprocess
import sys
import time

from . import bind, image, out, relay, watch
from .cmdline import cmdline_build
from .console import Log
from .errors import STATUS_FAILURE, STATUS_SIGNAL, STATUS_TIMEOUT, Restart, SeamError
from .paths import GDB_SOCKET, KERNEL, TOP
from .qemu import (
    ICOUNT,
    INITRD_MOST_MIB,
    STATUS_ENDED,
    STATUS_PANIC,
    Qemu,
    accel_choose,
    below_4g_mib,
)
from .terminal import LEAVE_HINT, is_terminal, window_size

_TRACE_FRAMES = 64  # of each CPU's ring

_DEFAULT_COMMAND = ["/bin/sh", "-l"]
DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

# What kernel and libOS need beside the tree itself to start at all; frames' descriptions and the
# small files, which are copied, come on top in proportion.
_BASE_MEMORY_MIB = 6
_DEFAULT_MEMORY_MIB = 256
_SMALL_TREE_MIB = 64  # fits into the default with room enough


def run_program(options):
    """Run until the machine's end; a machine that restarts itself is run again."""
    _open_missing_streams()
    deadline = None if options.timeout is None else time.monotonic() + options.timeout
    while True:
        left = None if deadline is None else max(deadline - time.monotonic(), 0)
        try:
            return _run_once(options, left)
        except Restart:
            continue


def _run_once(options, seconds_left):
    streams = Streams()
    kernel = options.kernel or _built_kernel()
    if not os.path.isfile(kernel):
        raise SeamError(f"there is no kernel at {kernel}")
    if options.on == "xen":
        return _run_on_xen(options, streams, kernel, seconds_left)
    outs = out.outs_parse(options.out)
    initrd, fds = _initrd(options)
    log = Log()
    memory = watcher = log_file = machine = None
    try:
        mem_mib = _memory(options.mem, initrd, options.machine)
        cmdline = cmdline_build(_words(options, streams, outs))
        log_file = _open_log(options.log)
        watcher = watch.watch_make(options, initrd, kernel)
        if outs or watcher:
            memory = out.Memory(mem_mib, below_4g_mib(options.machine, mem_mib))
        if watcher:
            watcher.prepare(memory, log)
        machine = Qemu(
            kernel,
            cmdline,
            initrd=initrd,
            mem_mib=mem_mib,
            smp=options.smp,
            machine=options.machine,
            accel=_accel_checked(options),
            extra=_extra(options, kernel, watcher),
            memory_fd=memory.fd if memory else None,
            fds=(*fds, *(watcher.fds if watcher else ())),
        )
        status = _relay(options, streams, machine, log, log_file, watcher, seconds_left)
        has_failed = memory and outs and not _bring_out(outs, memory, log)
        if watcher and not watcher.report():
            has_failed = True
        return STATUS_FAILURE if has_failed and log.exit_status is not None else status
    finally:
        for each in (machine, watcher, memory, log_file):
            if each:
                each.close()
        for fd in fds:
            os.close(fd)


def _run_on_xen(options, streams, kernel, seconds_left):
    from .xen.run import machine_start, relay_make, status_of

    machine = log_file = None
    initrd, fds = _initrd(options)
    try:
        mem_mib = _memory(options.mem, initrd, options.machine)
        cmdline = cmdline_build(_words(options, streams))
        log_file = _open_log(options.log)
        machine = machine_start(options, kernel, cmdline, initrd, mem_mib)
        log = Log()
        link = relay_make(options, machine, streams, _line_filter(options), log, log_file)
        _tell_leave_key(streams)
        reason = link.run(seconds_left)
        return status_of(reason, link, machine, options, _status)
    finally:
        for each in (machine, log_file):
            if each:
                each.close()
        for fd in fds:
            os.close(fd)


def _tell_leave_key(streams):
    if streams.is_raw and is_terminal(2):
        print(f"seam: {LEAVE_HINT}", file=sys.stderr)


def _extra(options, kernel, watcher):
    """QEMU's further arguments."""
    return (
        *_gdb_arguments(options.gdb, kernel),
        *(ICOUNT if options.icount else ()),
        *(watcher.arguments if watcher else ()),
    )


def _accel_checked(options):
    accel = accel_choose(options.kvm)
    if accel == "kvm" and options.icount:
        raise SeamError("--icount counts what is emulated: it cannot be had with KVM")
    return accel


def _relay(options, streams, machine, log, log_file, watcher, seconds_left):
    """Run the machine to its end; return our exit status."""
    _tell_leave_key(streams)
    link = relay.Relay(
        machine,
        is_raw=streams.is_raw,
        show_line=_line_filter(options),
        log=log,
        log_file=log_file,
    )
    if watcher:
        watcher.start()
    try:
        reason = link.run(seconds_left)
    finally:
        if watcher:
            watcher.finish()
    return _status(reason, link, machine, options)


def _bring_out(outs, memory, log):
    """Unpack what --out asks for; False: something is missing, and the user knows what."""
    problems = out.outs_unpack(outs, memory, log.outs)
    for text in problems:
        _complain(text)
    return not problems


class Streams:
    """What the guest is told about the user's standard streams.

    The guest drives the terminal only where both input and output are one:
    else its echo would mix with the program's output, and the host's own line
    discipline does the job.  Standard error stays apart unless it goes to the
    terminal that the guest drives.
    """

    def __init__(self, is_tty=is_terminal):
        self.is_raw = is_tty(0) and is_tty(1)
        self.stdin = "tty" if self.is_raw else "pipe"
        self.stdout = "tty" if is_tty(1) else "pipe"
        self.stderr = "tty" if is_tty(1) and is_tty(2) else "pipe"
        size = window_size(1) if is_tty(1) else None
        self.winsize = f"{size[0]}x{size[1]}" if size else None


def _words(options, streams, outs=()):
    is_on_xen = options.on == "xen"
    words = [] if is_on_xen else [("log", "com2")]
    words += [
        ("console", "framed" if is_on_xen else "escaped"),
        ("stdin", streams.stdin),
        ("stdout", streams.stdout),
        ("stderr", streams.stderr),
    ]
    if streams.winsize:
        words.append(("winsize", streams.winsize))
    if options.trace or options.profile:
        words.append(("record", "events" if options.trace else "maps"))
    if options.trace:
        words.append(("trace", _TRACE_FRAMES))
    if options.no_patch:
        words.append("no-patch")
    for name in ("strace", "stats", "verbose"):
        if getattr(options, name):
            words.append(name)
    if options.mode:
        words.append(("mode", options.mode))
    words += options.append
    words.append(("cwd", options.cwd))
    words += [("out", guest) for guest, _ in outs]
    for name, value in _environment(options.env, streams).items():
        words.append(("env", f"{name}={value}"))
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    command = command or _DEFAULT_COMMAND
    words.append(("init", command[0]))
    words += [("arg", argument) for argument in command[1:]]
    return words


def _environment(changes, streams):
    has_terminal = streams.stdout == "tty"
    environment = {
        "PATH": DEFAULT_PATH,
        "HOME": "/root",
        "USER": "root",
        "TERM": os.environ.get("TERM", "linux") if has_terminal else "dumb",
    }
    return environment_change(environment, changes)


def environment_change(environment, changes):
    """Make the changes that --env asks for, K=V or K; return ENVIRONMENT."""
    for change in changes:
        name, sign, value = change.partition("=")
        if not name:
            raise SeamError(f"--env '{change}' has no name before the '='")
        if sign:
            environment[name] = value
        elif name in os.environ:
            environment[name] = os.environ[name]
        else:
            environment.pop(name, None)
    return environment


def _line_filter(options):
    """Return the function that says what of a log line the user sees."""

    def show(line):
        if line.startswith("seam: error: "):
            return "seam: " + line[len("seam: error: ") :]
        for name in ("strace", "stats"):
            if line.startswith(name + ": "):
                return line[len(name) + 2 :] if getattr(options, name) else None
        return line if options.verbose else None

    return show


def _status(reason, link, machine, options):
    """Turn how it ended into our exit status, and say what the user must know."""
    if reason == relay.TIMED_OUT:
        _complain(f"timed out after {options.timeout:g} s")
        return STATUS_TIMEOUT
    if reason == relay.LEFT:
        _complain("left the machine")
        return STATUS_SIGNAL + 2
    if reason == relay.KILLED:
        return STATUS_SIGNAL + link.signal
    if reason == relay.BROKEN_PIPE:
        if not isinstance(link.output_failure, BrokenPipeError):
            _complain(f"cannot write standard output: {link.output_failure.strerror}")
            return STATUS_FAILURE
        return STATUS_SIGNAL + 13
    if reason == relay.HALTED:
        _complain("the machine has halted")
        return 0
    ended = machine.wait()
    if ended == 0 and link.log.wants_restart:
        raise Restart
    has_ended_well = ended == STATUS_ENDED and link.log.exit_status is not None
    if options.verbose or not has_ended_well:
        sys.stderr.write(link.qemu_errors.decode("utf-8", "replace"))
    if has_ended_well:
        return link.log.exit_status
    _report_failure(ended, link, options)
    return STATUS_FAILURE


def _report_failure(ended, link, options):
    log = link.log
    if log.panic or ended == STATUS_PANIC:
        shown, what = log.panic or list(log.tail), "the kernel panicked"
    elif ended == STATUS_ENDED:
        shown, what = list(log.tail), "the machine ended without an exit status"
    elif ended == 0:
        shown, what = list(log.tail), "the machine reset itself (triple fault?)"
    elif ended < 0:
        shown, what = list(log.tail), f"QEMU was killed by signal {-ended}"
    else:
        shown, what = list(log.tail), f"QEMU failed with status {ended}"
    if not options.verbose:
        for line in shown:
            print(line, file=sys.stderr)
    _complain(what)


def _complain(message):
    print(f"seam: {message}", file=sys.stderr)


def _open_missing_streams():
    """A closed standard stream's number must not go to a socket of ours."""
    for fd in range(3):
        try:
            os.fstat(fd)
        except OSError:
            # The lowest free number is FD, as all below it are open.
            os.open(os.devnull, os.O_RDONLY if fd == 0 else os.O_WRONLY)
            os.set_inheritable(fd, True)
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", errors="replace", closefd=False)


def _built_kernel():
    if os.path.exists(KERNEL):
        return KERNEL
    if not shutil.which("ninja") or not os.path.exists(os.path.join(TOP, "build.ninja")):
        raise SeamError("the kernel is not built: run ./setup && ninja first")
    target = os.path.relpath(KERNEL, TOP)
    built = subprocess.run(
        ["ninja", "-C", TOP, target],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if built.returncode != 0:
        sys.stderr.write(built.stdout.decode("utf-8", "replace"))
        raise SeamError("the kernel cannot be built; if tools are missing, run ./setup")
    return KERNEL


def _initrd(options):
    """Return the image's path, and the descriptors that must be open for it to exist."""
    binds = bind.binds_parse(options.bind)
    path = image.image_for_root(options.root)
    if not binds:
        return path, []
    root = options.root if options.root and os.path.isdir(options.root) else None
    fd = bind.image_with_binds(path, binds, root, image.warn)
    return f"/dev/fd/{fd}", [fd]


def _memory(mem_mib, initrd, machine):
    """Return the machine's memory in MiB: what is asked for, else the tree's size and room."""
    tree_mib = -(-os.path.getsize(initrd) // (1 << 20))
    most = INITRD_MOST_MIB[machine]
    if tree_mib > most:
        raise SeamError(f"the tree takes {tree_mib} MiB: a {machine} machine loads up to {most}")
    if mem_mib is None:
        room = max(_DEFAULT_MEMORY_MIB, tree_mib // 4) if tree_mib > _SMALL_TREE_MIB else 0
        return max(_DEFAULT_MEMORY_MIB, tree_mib + room)
    needed = tree_mib + tree_mib // 32 + _BASE_MEMORY_MIB
    if mem_mib < needed:
        raise SeamError(
            f"the tree takes {tree_mib} MiB of memory: use --mem {needed} or more, or leave --mem out"
        )
    return mem_mib


def _open_log(path):
    if path is None:
        return None
    try:
        return open(path, "wb")
    except OSError as error:
        raise SeamError(f"cannot write the log {path}: {error.strerror}") from None


def _gdb_arguments(wanted, kernel):
    if not wanted:
        return ()
    path = os.path.relpath(kernel, TOP)
    print(
        f"seam: the machine waits for gdb; in {TOP} run:\n"
        f"seam:   gdb {path} -ex 'target remote {GDB_SOCKET}'",
        file=sys.stderr,
    )
    return ("-S", "-gdb", f"unix:{GDB_SOCKET},server=on,wait=off")
