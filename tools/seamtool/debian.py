# SPDX-License-Identifier: BSD-2-Clause
"""seam root debian: a tree made of Debian packages by mmdebstrap.

The archives are those that this machine's apt uses.  Packages and lists are kept below build/cache
and asked for anew only when they have changed.  A tree appears at its place when it is complete.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import threading

from .errors import STATUS_SIGNAL, SeamError
from .marker import Marker, marker_read
from .paths import BUILD, CACHE
from .untar import tree_unpack

_ARCHIVES = "/var/cache/apt/archives"
_LISTS = "/var/lib/apt/lists"
_DEFAULT_PLACE = os.path.join(BUILD, "debian")
_ARCHITECTURE = "amd64"
_PACKAGE_NAME = re.compile(r"[a-z0-9][a-z0-9+.-]+")

# What nobody reads in a machine whose files all lie in memory.
_LEFT_OUT = ("/usr/share/man/*", "/usr/share/info/*", "/usr/share/locale/*", "/usr/share/doc/*")
_KEPT = ("/usr/share/locale/locale.alias", "/usr/share/doc/*/copyright")

# Files of the guest that are not the packages' matter.  None: ours, and not for the guest.
_FILES = {
    "etc/hostname": b"seam\n",
    "etc/hosts": b"127.0.0.1\tlocalhost seam\n::1\tlocalhost ip6-localhost ip6-loopback\n",
    "etc/resolv.conf": b"",
    "etc/default/locale": b"LANG=C.UTF-8\n",
    "etc/profile.d/locale.sh": b"export LANG=${LANG:-C.UTF-8}\n",
    "etc/apt/apt.conf.d/99mmdebstrap": None,
}

# Settings of this machine's apt without which it would not reach its archives.
_APT_SETTINGS = re.compile(r"Acquire::(?:https?::|Retries|Check-)", re.IGNORECASE)

_PHASES = {
    "running apt-get update": "reading the package lists",
    "downloading packages with apt": "downloading packages",
    "extracting archives": "unpacking",
    "installing essential packages": "installing what every system has",
    "installing remaining packages": "installing the packages",
    "creating tarball": "writing the tree",
}
_NO_PACKAGE = re.compile(
    r"Unable to locate package (\S+)|Package '?([^\s']+)'? has no installation candidate"
)
_NO_NETWORK = re.compile(
    r"Could not (?:resolve|connect)|Temporary failure resolving|Network is unreachable"
    r"|Connection (?:timed out|failed|refused)"
)


def debian_make(options):
    """Make the tree that OPTIONS (packages, output, suite, update) ask for; the exit status."""
    packages = _packages(options.packages)
    place = os.path.abspath(options.output or _DEFAULT_PLACE)
    suite = options.suite or _host_suite()
    if shutil.which("mmdebstrap") is None:
        raise SeamError("mmdebstrap is not installed: run ./setup")
    if _is_there(place, suite, packages, options.update):
        print(f"{place} has these packages already; --update makes it anew", file=sys.stderr)
        return 0
    if suite == _host_suite():
        _packages_check(packages, suite)
    signal.signal(signal.SIGTERM, _end_orderly)
    os.makedirs(os.path.dirname(place), exist_ok=True)
    part = tempfile.mkdtemp(dir=os.path.dirname(place), prefix=f".{os.path.basename(place)}.")
    try:
        tree = os.path.join(part, "tree")
        os.mkdir(tree)
        _tree_make(tree, part, suite, packages)
        _move_to(place, tree, part)
    except OSError as error:
        raise SeamError(f"cannot make {place}: {error.strerror}") from None
    finally:
        shutil.rmtree(part, ignore_errors=True)
    print(f"seam: made {place}", file=sys.stderr)
    return 0


def _end_orderly(_number, _frame):
    sys.exit(STATUS_SIGNAL + signal.SIGTERM)


def _packages(lists):
    names = sorted({name for text in lists for name in text.replace(",", " ").split()})
    for name in names:
        if not _PACKAGE_NAME.fullmatch(name):
            raise SeamError(f"'{name}' cannot be the name of a package")
    if not names:
        raise SeamError("--packages names no package")
    return names


def _packages_check(packages, suite):
    """Find a wrong name at once, if this machine has lists: mmdebstrap finds it after a minute."""
    if _apt_knows("base-files"):
        missing = [name for name in packages if not _apt_knows(name)]
        if missing:
            raise SeamError(_no_packages(missing, suite))


def _apt_knows(name):
    command = ["apt-cache", "show", name]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _no_packages(names, suite):
    return f"{suite} has no package{'s' if len(names) > 1 else ''} {', '.join(names)}"


def _is_there(place, suite, packages, want_update):
    """Is PLACE what is asked for?  Refuse to touch what is not ours."""
    if _is_archive(place):
        if os.path.exists(place) and not want_update:
            raise SeamError(f"{place} exists: --update replaces it")
        return False
    if not os.path.lexists(place):
        return False
    if os.path.islink(place) or not os.path.isdir(place):
        raise SeamError(f"{place} exists and is no directory")
    marker = marker_read(place)
    if marker is None:
        if os.listdir(place):
            raise SeamError(f"{place} exists and is no tree made by seam: it is left as it is")
        return False
    if want_update:
        return False
    if (marker.suite, marker.packages) != (suite, packages):
        raise SeamError(
            f"{place} is a tree of {marker.suite} with other packages "
            f"({','.join(marker.packages)}): --update replaces it"
        )
    return True


def _is_archive(place):
    return place.endswith(".cpio")


def _host_suite():
    try:
        with open("/etc/os-release", encoding="utf-8") as file:
            found = re.search(r'^VERSION_CODENAME="?([a-z]+)', file.read(), re.MULTILINE)
    except OSError:
        found = None
    if not found:
        raise SeamError("this system does not tell its suite: use --suite")
    return found[1]


def _sources(suite):
    """The lines of a sources.list: the archives of this machine's own system, for SUITE."""
    home = _host_suite()
    lines = []
    for block in _output_of("apt-get", "indextargets", "Created-By: Packages").split("\n\n"):
        facts = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
        names = ("Repo-URI", "Release", "Component", "Signed-By")
        uri, release, component, key = (facts.get(name, "") for name in names)
        # Other vendors' archives hold nothing that a plain tree needs.
        is_own = facts.get("Origin", "Debian") in ("Debian", "Ubuntu")
        if not is_own or not re.fullmatch(rf"{re.escape(home)}(-[a-z]+)?", release):
            continue
        key = f" signed-by={key}" if key.startswith("/") else ""
        release = suite + release[len(home) :]
        line = f"deb [arch={_ARCHITECTURE}{key}] {uri} {release} {component}"
        if line not in lines:
            lines.append(line)
    if not lines:
        raise SeamError("this machine's apt knows no archive of its own system")
    return "\n".join(lines) + "\n"


def _output_of(*command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        raise SeamError(f"{command[0]} does not work on this machine") from None
    return done.stdout


def _apt_settings():
    dump = _output_of("apt-config", "dump")
    return [line for line in dump.splitlines() if _APT_SETTINGS.match(line)]


def _command(suite, packages):
    """mmdebstrap(1), which reads the sources and writes a tar archive to its output."""
    archives = os.path.join(CACHE, "debian", "archives")
    lists = os.path.join(CACHE, "debian", "lists")
    for directory in (archives, lists):
        os.makedirs(directory, exist_ok=True)
    argv = ["mmdebstrap", "--variant=apt", f"--architectures={_ARCHITECTURE}", "--format=tar"]
    argv += ["--include=" + ",".join(packages), "--skip=output/dev,essential/unlink"]
    argv += [f"--dpkgopt=path-exclude={pattern}" for pattern in _LEFT_OUT]
    argv += [f"--dpkgopt=path-include={pattern}" for pattern in _KEPT]
    argv += [f"--aptopt={setting}" for setting in _apt_settings()]
    # Alternatives of manual pages (a JDK's) need the directory even where no page is kept.
    argv += ['--setup-hook=mkdir -p "$1"/usr/share/man/man1']
    argv += _archive_hooks(archives) if os.geteuid() == 0 else _sync_hooks(archives, _ARCHIVES)
    argv += _sync_hooks(lists, _LISTS)
    return [*argv, suite, "-", "-"]


def _sync_hooks(host, guest):
    """Have the directory GUEST of the tree begin as HOST and end there, whoever runs this."""
    return [
        f'--setup-hook=mkdir -p "$1"{guest}/partial',
        f"--setup-hook=sync-in {_quoted(host)} {guest}",
        f"--customize-hook=sync-out {guest} {_quoted(host)}",
    ]


def _archive_hooks(archives):
    """As _sync_hooks, for root, who can link the packages rather than send them through a pipe.

    Apt makes and removes archives, and never writes into one that has its final name.
    """
    outside, inside = _quoted(archives), f'"$1"{_ARCHIVES}'
    return [
        f"--setup-hook=mkdir -p {inside}/partial && {_link_all(outside, inside)}",
        f"--customize-hook={_link_all(inside, outside)}",
    ]


def _link_all(source, target):
    """Return the shell command that puts what SOURCE has and TARGET lacks there."""
    copy = f"--update --preserve=timestamps --target-directory={target} {{}} +"
    find = f"find {source} -maxdepth 1 -name '*.deb' -exec cp"
    # Links cannot lead to another file system.
    return f"{{ {find} --link {copy} 2>/dev/null || {find} {copy}; }}"


def _quoted(path):
    return "'" + path.replace("'", "'\\''") + "'"


def _tree_make(tree, scratch, suite, packages):
    is_root = os.geteuid() == 0
    sources = os.path.join(scratch, "sources.list")
    with open(sources, "w", encoding="utf-8") as file:
        file.write(_sources(suite))
    with open(sources, "rb") as file:
        maker = subprocess.Popen(
            _command(suite, packages),
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            process_group=0,
        )
    messages = []
    reader = threading.Thread(target=_messages_read, args=(maker.stderr, messages))
    reader.start()
    owners = failure = None
    try:
        owners = tree_unpack(maker.stdout, tree, _FILES, is_root)
    except tarfile.TarError as error:
        failure = error  # the maker's own failure, if there is one, says more
    except BaseException:
        maker.terminate()
        raise
    finally:
        maker.stdout.close()
        status = maker.wait()
        reader.join()
    if status != 0:
        raise SeamError(_explain(messages, suite))
    if failure:
        raise SeamError(f"cannot read what mmdebstrap wrote: {failure}")
    Marker(suite, packages, owners).write(tree)


def _messages_read(stream, messages):
    """Keep all of mmdebstrap's messages, and say what it is doing."""
    for line in stream:
        text = line.decode("utf-8", "replace").rstrip()
        messages.append(text)
        for start, phase in _PHASES.items():
            if text.startswith("I: " + start):
                print(f"seam: {phase}", file=sys.stderr)


def _explain(messages, suite):
    text = "\n".join(messages)
    missing = sorted({a or b for a, b in _NO_PACKAGE.findall(text)})
    if missing:
        return _no_packages(missing, suite)
    problem = _NO_NETWORK.search(text)
    if problem:
        line = next(line for line in messages if problem[0] in line)
        return f"the package archives cannot be reached: {line.strip()}"
    errors = [line for line in messages if re.match(r"E: ", line)] or messages[-3:]
    return "mmdebstrap failed:\n" + "\n".join(errors[-5:])


def _move_to(place, tree, scratch):
    if _is_archive(place):
        from .cpio import archive_write
        from .tree import Tree

        archive = os.path.join(scratch, "archive")
        with open(archive, "wb") as file:
            archive_write(file.fileno(), Tree(tree).entries, _warn)
        os.replace(archive, place)
        return
    if os.path.lexists(place):
        os.rename(place, os.path.join(scratch, "old"))
    os.rename(tree, place)


def _warn(text):
    print(f"seam: warning: {text}", file=sys.stderr)
