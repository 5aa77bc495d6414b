# SPDX-License-Identifier: BSD-2-Clause
"""Linux programs through `seam run`: linking, arguments, statuses, streams, trees, limits."""

import os
import re
import shutil
import subprocess
import tempfile
import time

from . import processes, trees
from .cases import Cases
from .paths import GUEST_PROGRAMS, SEAM
from .seam import Run

_SMALL = ("static-pie", "exit_status", "args_env", "crash_segv", "loop_forever")
_SIGNALS = {"HUP": 1, "INT": 2, "ABRT": 6, "KILL": 9, "SEGV": 11, "PIPE": 13, "TERM": 15}
_BYTES = bytes(range(256)) * 4096  # 1 MiB

_case = Cases()


class _Trees:
    """The trees that the tests use: an archive of the small programs, the host's own programs."""

    def __init__(self, scratch):
        self.small = trees.archive_make("runs", _SMALL)
        self.tests = trees.archive_make("runs-tests", ["guest-tests"])
        self.host = os.path.join(scratch, "host")
        tools = [shutil.which(name) for name in ("bash", "perl", "ls", "cat", "sort", "env")]
        trees.host_tree_make(self.host, [GUEST_PROGRAMS / "dynamic", *tools])
        self.scratch = scratch


def run(report):
    """Run all, two machines at a time."""
    with tempfile.TemporaryDirectory(prefix="seam-runs-") as scratch:
        _case.run(report, _Trees(scratch))


# ---------------------------------------------------------------- linking


@_case
def static_pie_is_relocated(t):
    """A position-independent program without interpreter."""
    Run(["--root", t.small, "--", "/tests/static-pie"]).check_all("static-pie-relocated\n")


@_case
def dynamic_program_finds_its_libraries(t):
    """The host's ld.so and libc, and a library opened while it runs."""
    result = Run(["--root", t.host, "--env", "HOME=/h", "--", "/bin/dynamic", "7"])
    result.check_all("dynamic: cos(0)=1.0 tls=42 args=2 home=/h\n", 7)


@_case
def dynamic_program_without_its_interpreter_is_enoent(t):
    """No ld.so in the tree: the shell says "not found", with status 127."""
    root = os.path.join(t.scratch, "bare")
    os.makedirs(root)
    shutil.copy(GUEST_PROGRAMS / "dynamic", root)
    result = Run(["--root", root, "--", "/dynamic"])
    result.check(result.status == 127 and result.output == b"")


@_case
def bash_of_the_host(t):
    """A dynamically linked shell with arrays, jobs, pipes and process substitution."""
    script = """
        declare -A count
        for word in b a c a b a; do (( count[$word]++ )); done
        for word in "${!count[@]}"; do echo "$word ${count[$word]}"; done | sort
        cat <(echo substituted) | while read -r line; do echo "got $line"; done
        { sleep() { read -rt "$1" <> <(:) || :; }; sleep 0.1; echo job; } & wait
        printf '%s\\n' {1..3} | sort -r | tr '\\n' ' ' 2>/dev/null || echo no tr
        trap 'echo trapped' USR1; kill -USR1 $$; echo "$((2 ** 40)) ${#script}"; exit 3
    """
    expected = subprocess.run(
        ["env", "-i", f"PATH={t.host}/bin", shutil.which("bash"), "-c", script],
        capture_output=True,
        check=False,
    )
    result = Run(["--root", t.host, "--", "/bin/bash", "-c", script])
    result.check(result.output == expected.stdout, f"expected {expected.stdout!r}")
    result.check(result.status == expected.returncode)


@_case
def perl_of_the_host(t):
    """An interpreter: regular expressions, sorting, files, fork and wait."""
    script = (
        "my %n; $n{$_}++ for split //, 'mississippi';"
        "print join(',', map {\"$_$n{$_}\"} sort keys %n), qq(\\n);"
        "open my $f, '>', '/tmp/x' or die; print $f $_ ** 2, qq(\\n) for 1..100; close $f;"
        "open $f, '<', '/tmp/x'; my $sum = 0; $sum += $_ while <$f>; print qq($sum\\n);"
        "my $pid = fork; exit 5 if !$pid; waitpid $pid, 0; print $? >> 8, qq(\\n);"
    )
    root = os.path.join(t.scratch, "perl")
    trees.host_tree_make(root, [shutil.which("perl")])
    Run(["--root", root, "--", "/bin/perl", "-e", script]).check_all("i4,m1,p2,s4\n338350\n5\n")


# ---------------------------------------------------------------- arguments, statuses


@_case
def arguments_and_environment_arrive_unchanged(t):
    """Blanks, quotes, percent signs, new lines, other alphabets, nothing at all."""
    words = ["", " ", "a b", "%41%", "\"'\\", "x\ny", "\x01\x7f", "\u00fcber \u6f22", "-n", "--", "init="]
    options = ["--root", t.small, "--cwd", "/tmp", "--env", "K=a b%=\u00e9\n", "--env", "EMPTY="]
    result = Run([*options, "--", "/tests/args_env", *words])
    for number, word in enumerate(["/tests/args_env", *words]):
        result.check(f"arg {number} {word}\n" in result.text, f"argument {number}, {word!r}")
    result.check(f"arg {len(words) + 1} " not in result.text, "one argument too many")
    result.check("env K=a b%=\u00e9\n\n" in result.text and "env EMPTY=\n" in result.text)
    result.check("\ncwd /tmp\npid 1 uid 0\n" in result.text)
    names = re.findall(r"^env (\w+)=", result.text, re.MULTILINE)
    result.check(sorted(names) == ["EMPTY", "HOME", "K", "PATH", "TERM", "USER"], f"{names}")


@_case
def a_name_without_slash_is_looked_up(_t):
    """As a shell does, in the PATH inside."""
    Run(["--", "echo", "found"]).check_all("found\n")


@_case
def missing_and_unexecutable_programs(_t):
    """127 and 126, and one line that says why."""
    for program, status in (("/no/such", 127), ("nosuch", 127), ("/etc/passwd", 126), ("/etc", 126)):
        result = Run(["--", program])
        result.check(result.status == status, f"expected status {status}")
        result.check(result.output == b"" and re.fullmatch(r"seam: .+\n", result.error_text))


def _status_case(number):
    def status_is_the_programs(t):
        Run(["--root", t.small, "--", "/tests/exit_status", number]).check_all("", number)

    status_is_the_programs.__name__ = f"status_{number}_is_the_programs_own"
    _case(status_is_the_programs)


def _signal_case(name, number):
    def status_is_128_and_signal(t):
        Run(["--root", t.small, "--", "/tests/exit_status", -number]).check_all("", 128 + number)

    status_is_128_and_signal.__name__ = f"ended_by_sig{name.lower()}_is_{128 + number}"
    _case(status_is_128_and_signal)


for _number in (0, 1, 2, 77, 124, 255):
    _status_case(_number)
for _name, _number in _SIGNALS.items():
    _signal_case(_name, _number)


@_case
def a_crash_is_139_and_loses_no_output(t):
    """What was written before the fault arrives."""
    Run(["--root", t.small, "--", "/tests/crash_segv"]).check_all("crashing\n", 139)


# ---------------------------------------------------------------- streams


@_case
def a_mebibyte_passes_unchanged(_t):
    """All byte values, both directions."""
    Run(["--", "/bin/cat"], stdin=_BYTES).check_all(_BYTES)


@_case
def a_mebibyte_passes_on_two_cpus(_t):
    """The same, with interrupts and program on different CPUs."""
    Run(["--smp", 2, "--", "/bin/cat"], stdin=_BYTES).check_all(_BYTES)


@_case
def errors_stay_apart_from_output(_t):
    """Two streams, byte for byte."""
    script = "i=0; while [ $i -lt 200 ]; do echo out $i; echo err $i >&2; i=$((i+1)); done"
    output, error = ("".join(f"{kind} {i}\n" for i in range(200)) for kind in ("out", "err"))
    Run(["--", "/bin/sh", "-c", script]).check_all(output, 0, error)


@_case
def end_of_input_arrives(_t):
    """A program that reads to the end ends."""
    Run(["--", "/usr/bin/wc", "-c"], stdin=b"").check_all("0\n")
    Run(["--", "/usr/bin/wc", "-c"], stdin=b"x" * 100).check_all("100\n")


@_case
def input_that_nobody_reads_does_no_harm(_t):
    """The program ends while input is still coming."""
    Run(["--", "/bin/echo", "done"], stdin=_BYTES).check_all("done\n")


@_case
def a_closed_output_ends_the_machine(_t):
    """`seam run -- yes | head -n 3` comes to an end."""
    began = time.monotonic()
    with processes.machine_slot():
        done = subprocess.run(
            ["sh", "-c", f"'{SEAM}' run -- /usr/bin/yes | head -n 3"],
            capture_output=True,
            env=processes.environment(),
            timeout=60,
            check=False,
        )
    assert done.stdout == b"y\ny\ny\n", done
    assert done.stderr == b"", done
    assert time.monotonic() - began < 30


@_case
def output_holds_only_what_the_program_writes(_t):
    """No control sequences, no messages, also on standard error."""
    Run(["--", "/bin/true"]).check_all("")
    Run(["--smp", 4, "--machine", "q35", "--", "/bin/true"]).check_all("")


# ---------------------------------------------------------------- limits


@_case
def a_hang_ends_after_its_time(t):
    """Status 124, and a line that says so."""
    began = time.monotonic()
    result = Run(["--root", t.small, "--timeout", 3, "--", "/tests/loop_forever"])
    result.check(result.status == 124)
    result.check(re.fullmatch(r"seam: timed out after 3 s\n", result.error_text))
    assert time.monotonic() - began < 20


@_case
def the_machine_ends_with_the_first_process(_t):
    """Whatever else runs."""
    script = "for i in 1 2 3; do (while :; do :; done) & sleep 1000 & done; echo bye; exit 9"
    Run(["--smp", 2, "--", "/bin/sh", "-c", script]).check_all("bye\n", 9)


@_case
def an_interactive_shell_lives_in_24_mib(_t):
    """Typed at a terminal."""
    from seamtool.machine import Console

    with processes.machine_slot(), Console(["--mem", "24"], timeout=60) as console:
        console.expect_prompt()
        assert console.run("echo $((6 * 7))") == "42"
        assert console.run("ls / | wc -l") != "0"
        assert console.run("dd if=/dev/zero of=/tmp/f bs=1M count=4 2>/dev/null; wc -c </tmp/f") == str(4 << 20)
        console.send_line("exit 6")
        assert console.wait_end() == 6


@_case
def more_memory_than_there_is_is_refused_to_the_program(_t):
    """A file that does not fit: an error for dd, and the shell goes on."""
    script = "dd if=/dev/zero of=/tmp/f bs=1M count=200 2>/dev/null || echo full; rm /tmp/f; echo on"
    Run(["--mem", 40, "--", "/bin/sh", "-c", script]).check_all("full\non\n")


@_case
def memory_comes_back(t):
    """After hundreds of tests as much is free as after the same tests some time before.

    The libOS keeps what it needed at most at one time, and how many processes lived at once is
    chance: so it is asked again until nothing more has gone.  What is lost is lost each time.
    """
    script = """
        before=0 free=1000000
        for round in 1 2 3 4 5 6 7 8; do
            [ $((before - free)) -le 64 ] && [ $round -gt 2 ] && break
            before=$free
            /tests/guest-tests 'epoll*' 'exec*' 'fork*' 'futex*' 'memfd*' 'mmap*' 'open*' 'pipe*' \\
                'poll*' 'proc*' 'rename*' 'signal*' 'thread*' 'timer*' 'tty*' >/tmp/log
            tail -n 1 /tmp/log; rm /tmp/log
            free=$(awk '/MemFree/ { print $2 }' /proc/meminfo)
            echo $free
        done
    """
    result = Run(["--root", t.tests, "--", "/bin/sh", "-c", script], seconds=300)
    lines = result.text.splitlines()
    result.check(len(lines) >= 4 and len(set(lines[0::2])) == 1)
    before, free = int(lines[-3]), int(lines[-1])
    result.check(before - free <= 64, f"{before - free} KiB are gone")


@_case
def cpus_are_all_there(_t):
    """nproc and /proc/cpuinfo."""
    for cpus in (1, 2, 4):
        script = "nproc; grep -c ^processor /proc/cpuinfo"
        Run(["--smp", cpus, "--", "/bin/sh", "-c", script]).check_all(f"{cpus}\n{cpus}\n")


# ---------------------------------------------------------------- trees


def _busybox_tree(root):
    from seamtool.default_tree import BUSYBOX

    os.makedirs(os.path.join(root, "bin"))
    shutil.copy(BUSYBOX, os.path.join(root, "bin/busybox"))
    os.symlink("busybox", os.path.join(root, "bin/sh"))


@_case
def a_directory_goes_in_as_it_lies(t):
    """Modes, owners, links, times, names."""
    root = os.path.join(t.scratch, "lies")
    _busybox_tree(root)
    data = os.path.join(root, "data")
    os.mkdir(data)
    for name, size, mode in (("empty", 0, 0o600), ("small", 100, 0o4755), ("large", 100_000, 0o444)):
        with open(os.path.join(data, name), "wb") as file:
            file.write(_BYTES[:size])
        os.chmod(file.name, mode)
        os.utime(file.name, (1_000_000_000, 1_000_000_000))
    os.link(os.path.join(data, "large"), os.path.join(data, "hard"))
    os.symlink("small", os.path.join(data, "soft"))
    os.symlink("/no/where", os.path.join(data, "dangling"))
    os.mkdir(os.path.join(data, "sticky dir"))
    os.chmod(os.path.join(data, "sticky dir"), 0o1777)
    os.mkfifo(os.path.join(data, "fifo"))
    if os.geteuid() == 0:
        os.chown(os.path.join(data, "small"), 1234, 567)
        os.chmod(os.path.join(data, "small"), 0o4755)
    look = "cd data && /bin/busybox stat -c '%n %f %h %u %g %s' * && /bin/busybox stat -c '%n %Y' large"
    expected = subprocess.run(
        [os.path.join(root, "bin/busybox"), "sh", "-c", look.replace("/bin/busybox", "busybox")],
        cwd=root,
        env={"PATH": os.path.join(root, "bin")},
        capture_output=True,
        check=True,
    )

    def without_directory_sizes(text):
        return re.sub(r"(?m)^(sticky dir .*) \d+$", r"\1", text)

    result = Run(["--root", root, "--", "/bin/sh", "-c", look + "; /bin/busybox md5sum large"])
    lines = result.text.splitlines()
    result.check(result.status == 0)
    result.check(
        without_directory_sizes("\n".join(lines[:-1]) + "\n")
        == without_directory_sizes(expected.stdout.decode()),
        f"expected\n{expected.stdout.decode()}",
    )
    digest = subprocess.run(["md5sum", os.path.join(data, "large")], capture_output=True, check=True)
    result.check(lines[-1].split()[0] == digest.stdout.decode().split()[0])


@_case
def a_change_in_the_tree_is_seen_by_the_next_run(t):
    """The image of a tree is kept, but never used when the tree is another."""
    root = os.path.join(t.scratch, "changes")
    _busybox_tree(root)
    path = os.path.join(root, "text")
    command = ["--root", root, "--", "/bin/busybox", "cat", "/text"]
    for text in ("one\n", "two\n"):
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        Run(command).check_all(text)
    os.unlink(path)
    result = Run(command)
    result.check(result.status == 1 and "No such file" in result.error_text)


@_case
def what_is_written_inside_does_not_reach_the_host(t):
    """The tree is a copy."""
    root = os.path.join(t.scratch, "copy")
    _busybox_tree(root)
    os.mkdir(os.path.join(root, "tmp"))
    Run(["--root", root, "--", "/bin/sh", "-c", ">/tmp/f; >/new; echo ok"]).check_all("ok\n")
    assert sorted(os.listdir(root)) == ["bin", "tmp"] and not os.listdir(os.path.join(root, "tmp"))


@_case
def directories_that_programs_need_are_made(t):
    """/proc, /dev, /tmp exist even if the tree has none."""
    root = os.path.join(t.scratch, "needs")
    _busybox_tree(root)
    script = "set -e; cd /; echo x >/tmp/a; echo y >/dev/shm/b; /bin/busybox cat /tmp/a /dev/shm/b; : </dev/null"
    result = Run(["--root", root, "--", "/bin/sh", "-c", script + "; read line </proc/self/comm; echo $line"])
    result.check_all("x\ny\nsh\n")


# ---------------------------------------------------------------- folders in and out


@_case
def a_folder_of_the_host_is_copied_in(t):
    """Over the default tree, with the way to it made; what the tree had there is replaced."""
    host = os.path.join(t.scratch, "bound")
    os.makedirs(os.path.join(host, "sub"))
    for name, content in (("sub/small", _BYTES[:10]), ("large", _BYTES)):
        with open(os.path.join(host, name), "wb") as file:
            file.write(content)
    other = os.path.join(t.scratch, "motd")
    with open(other, "w", encoding="ascii") as file:
        file.write("bound\n")
    binds = ["--bind", f"{host}:/a/b", "--bind", f"{other}:/etc/motd"]
    script = "cd /a/b && find . | sort && md5sum large && cat /etc/motd && echo x >sub/small && ls /etc/passwd"
    result = Run([*binds, "--", "/bin/sh", "-c", script])
    digest = subprocess.run(
        ["md5sum", "large"], cwd=host, capture_output=True, text=True, check=True
    )
    expected = f".\n./large\n./sub\n./sub/small\n{digest.stdout}bound\n/etc/passwd\n"
    result.check_all(expected)
    with open(os.path.join(host, "sub/small"), "rb") as file:
        assert file.read() == _BYTES[:10]


@_case
def a_folder_is_brought_out_whatever_the_status(t):
    """Files, links, modes and holes; the status is the program's."""
    dest = os.path.join(t.scratch, "brought", "out")
    script = """
        mkdir -p /r/d && cd /r && yes seam | head -c 1000000 >d/f && ln d/f hard && ln -s d/f soft
        chmod 640 d/f && truncate -s 1000000 holes && echo end >>holes && >empty && %s
    """
    for end, status in (("exit 7", 7), ("kill -9 $$", 137)):
        result = Run(["--out", f"/r:{dest}", "--", "/bin/sh", "-c", script % end])
        result.check_all("", status)
        assert sorted(os.listdir(dest)) == ["d", "empty", "hard", "holes", "soft"]
        found = os.stat(os.path.join(dest, "d/f"))
        assert (found.st_mode & 0o777, found.st_nlink, found.st_size) == (0o640, 2, 1_000_000)
        with open(os.path.join(dest, "soft"), "rb") as file:
            assert file.read() == b"seam\n" * 200_000
        with open(os.path.join(dest, "holes"), "rb") as file:
            assert file.read() == bytes(1_000_000) + b"end\n"


@_case
def many_files_pass_in_and_out_unchanged(t):
    """A large folder, with two CPUs and memory above 4 GiB."""
    host, dest = os.path.join(t.scratch, "many"), os.path.join(t.scratch, "many-out")
    for number in range(400):
        place = os.path.join(host, str(number % 20))
        os.makedirs(place, exist_ok=True)
        with open(os.path.join(place, str(number)), "wb") as file:
            file.write(_BYTES[: number * 300])
    options = ["--mem", 4500, "--smp", 2, "--bind", f"{host}:/in", "--out", f"/out:{dest}"]
    Run([*options, "--", "/bin/cp", "-a", "/in", "/out"]).check_all("")
    subprocess.run(["diff", "-r", host, dest], check=True)


@_case
def what_cannot_be_brought_out_is_told(t):
    """Status 125, one line each; what can be is brought nevertheless."""
    dest = os.path.join(t.scratch, "partly")
    outs = [word for name in ("/none", "/proc", "/etc/motd", "/etc") for word in ("--out", f"{name}:{dest}")]
    result = Run([*outs, "--", "/bin/true"])
    result.check(result.status == 125 and result.output == b"")
    for text in ("/none: there is no such", "/proc: its files are not in", "/etc/motd: it is no dir"):
        result.check(f"seam: --out {text}" in result.error_text, text)
    assert "passwd" in os.listdir(dest)
    result = Run(["--timeout", 2, "--out", f"/etc:{dest}", "--", "/bin/sleep", 100])
    result.check(result.status == 124 and "without handing it over" in result.error_text)


@_case
def a_large_tree_gets_memory_enough(t):
    """Without --mem; with too little, the message says what is needed."""
    root = os.path.join(t.scratch, "large")
    _busybox_tree(root)
    with open(os.path.join(root, "data"), "wb") as file:
        file.truncate(400 << 20)
    Run(["--root", root, "--", "/bin/busybox", "stat", "-c", "%s", "/data"]).check_all("419430400\n")
    result = Run(["--root", root, "--mem", 300, "--", "/bin/sh"])
    needed = re.search(r"use --mem (\d+)", result.error_text)
    result.check(result.status == 125 and needed)
    Run(["--root", root, "--mem", needed[1], "--", "/bin/sh", "-c", "exit 4"]).check_all("", 4)
