#!/usr/bin/python3 -IS
# SPDX-License-Identifier: BSD-2-Clause
"""Stands in for QEMU and the guest: speaks the console protocol as a libOS does.

What it plays is the kernel command line's init= word; see the functions at the
end.  It is found as qemu-system-x86_64 by a PATH that tests set.
"""

import os
import signal
import sys
import time
import urllib.parse

DLE = 0x10
STATUS_ENDED = 33
STATUS_PANIC = 35


def main():
    options = sys.argv[1:]
    words = options[options.index("-append") + 1].split(" ")
    chardevs = [options[i + 1] for i, option in enumerate(options) if option == "-chardev"]
    ports = [text.split("path=")[1].split(",")[0] for text in chardevs if "path=" in text]
    guest = Guest(words, os.open(ports[0], os.O_WRONLY), os.open(ports[1], os.O_WRONLY))
    guest.options = options
    guest.log("booting")
    getattr(guest, "play_" + guest.word("init").strip("/"))(*guest.words("arg"))


class Guest:
    def __init__(self, words, com2, com3):
        self._words = words
        self._com2 = com2
        self._com3 = com3
        self._unread = b""

    def words(self, name):
        prefix = name + "="
        found = [word[len(prefix) :] for word in self._words if word.startswith(prefix)]
        return [urllib.parse.unquote(word, errors="surrogateescape") for word in found]

    def word(self, name):
        return self.words(name)[0]

    def log(self, line):
        os.write(self._com2, line.encode() + b"\n")

    def say(self, data):
        data = data if isinstance(data, bytes) else data.encode("utf-8", "surrogateescape")
        while data:
            data = data[os.write(1, data) :]

    def end(self, status):
        self.log(f"seam: exit {status}")
        sys.exit(STATUS_ENDED)

    def ready(self):
        self.log("seam: console ready")

    def byte(self):
        if not self._unread:
            self._unread = os.read(0, 4096)
            if not self._unread:
                sys.exit(1)
        value, self._unread = self._unread[0], self._unread[1:]
        return value

    def events(self):
        """Yield ("data", byte), ("end",), ("signal", number), ("window", columns, rows)."""
        while True:
            value = self.byte()
            if value != DLE:
                yield "data", value
                continue
            kind = chr(self.byte())
            if kind == "E":
                yield ("end",)
            elif kind == "S":
                yield "signal", self.byte()
            elif kind == "W":
                fields = bytes(self.byte() for _ in range(4))
                yield (
                    "window",
                    int.from_bytes(fields[:2], "little"),
                    int.from_bytes(fields[2:], "little"),
                )
            else:
                yield "data", ord(kind)

    # Programs

    def play_cat(self):
        self.ready()
        out = bytearray()
        for event in self.events():
            if event[0] == "data":
                out.append(event[1])
                if not self._unread:
                    self.say(bytes(out))
                    out.clear()
            elif event[0] == "end":
                self.say(bytes(out))
                self.end(0)
            elif event[0] == "signal":
                self.end(128 + event[1])
            elif event[0] == "window":
                self.say(f"<{event[1]}x{event[2]}>")

    def play_late_cat(self):
        """Set up the port late; what came before is lost, as in a 16550."""
        time.sleep(0.3)
        os.set_blocking(0, False)
        try:
            if os.read(0, 4096):
                self.say("lost input\n")
        except BlockingIOError:
            pass
        os.set_blocking(0, True)
        self.play_cat()

    def play_exit(self, status):
        self.end(status)

    def play_words(self, *_):
        self.say("\n".join(self._words) + "\n")
        self.end(0)

    def play_options(self):
        self.say("\n".join(self.options) + "\n")
        self.end(0)

    def play_both(self):
        self.say("to output\n")
        os.write(self._com3, b"to error\n")
        self.log("strace: write(1, ...) = 10")
        self.log("stats: 1 call")
        self.log("seam: error: told plainly")
        self.end(0)

    def play_panic(self):
        self.log("seam: panic: a reason")
        self.log("rip 0x1234")
        sys.exit(STATUS_PANIC)

    def play_reset(self):
        sys.exit(0)

    def play_refuse(self):
        os.write(2, b"qemu: cannot do that\n")
        sys.exit(1)

    def play_mute(self):
        sys.exit(STATUS_ENDED)

    def play_crash(self):
        os.kill(os.getpid(), signal.SIGKILL)

    def play_hang(self):
        self.say("up\n")
        time.sleep(60)

    def play_deaf(self):
        """Take signals, but no input beyond the first byte of it."""
        self.ready()
        for event in self.events():
            if event[0] == "signal":
                self.end(128 + event[1])

    def play_catcher(self):
        self.ready()
        self.say("up\n")
        for event in self.events():
            if event[0] == "signal":
                self.say(f"signal {event[1]}\n")

    def play_flood(self):
        """Write for ever, as yes(1); end by SIGPIPE's number."""
        self.ready()
        os.set_blocking(0, False)
        os.set_blocking(1, False)
        while True:
            try:
                os.write(1, b"y\n" * 512)
            except BlockingIOError:
                time.sleep(0.001)
            try:
                if bytes((DLE, ord("S"), signal.SIGPIPE)) in os.read(0, 64):
                    self.end(128 + signal.SIGPIPE)
            except BlockingIOError:
                pass

    def play_bytes(self, count):
        """Write COUNT bytes of a known pattern."""
        pattern = bytes(range(256)) * 256
        left = int(count)
        while left:
            part = pattern[:left]
            self.say(part)
            left -= len(part)
        self.end(0)

    def play_unended_line(self):
        os.write(self._com2, b"seam: exit 4")
        sys.exit(STATUS_ENDED)

    def play_long_line(self):
        os.write(self._com2, b"x" * 300_000 + b"\n")
        self.end(0)


if __name__ == "__main__":
    main()
