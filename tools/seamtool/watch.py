# SPDX-License-Identifier: BSD-2-Clause
"""What seam run does beside the machine for --trace and --profile, and what it tells at the end."""

import sys

from . import record
from .errors import SeamError


def watch_make(options, initrd, kernel):
    """Return a Watch for what the options of seam run ask for, or None."""
    if options.profile and options.gdb:
        raise SeamError("--profile and --gdb exclude each other: both stop the machine")
    if not options.trace and not options.profile:
        return None
    return Watch(options, initrd, kernel)


class Watch:
    """
    arguments  QEMU's
    fds        descriptors that QEMU inherits
    """

    def __init__(self, options, initrd, kernel):
        self._options = options
        self._initrd = initrd
        self._kernel = kernel
        self._functions = None
        self._cpu_rings = []
        self._ring = self._drain = self._trace = None
        self._counts = self._sampler = None
        self._memory = None
        self.arguments, self.fds = (), ()

    def prepare(self, memory, log):
        """Before QEMU starts; MEMORY is its memory, LOG what the machine will say."""
        from . import counts, profile, trace

        self._ring = record.LibosRing(memory, log)
        if self._options.trace:
            self._cpu_rings = [record.CpuRing(memory, log, n) for n in range(self._options.smp)]
            self._trace = trace.trace_open(self._options.trace)
        if self._options.profile:
            self._functions = profile.Functions(self._initrd, self._kernel)
            if self._options.icount:
                source = self._counts = counts.Counts(self._functions.first_return())
            else:
                source = self._sampler = profile.Sampler(self._ring)
            self.arguments, self.fds = source.arguments, (source.fd,)

    def start(self):
        """QEMU runs."""
        self._drain = record.Drain([self._ring, *self._cpu_rings])
        self._drain.start()
        if self._sampler:
            self._sampler.start()

    def finish(self):
        """QEMU has ended, or is about to be ended."""
        if self._sampler:
            self._sampler.finish()
        self._drain.finish()

    def report(self):
        """Write the trace, show the profile; False: something failed, and the user knows what."""
        if self._drain.failure is not None:
            _say(str(self._drain.failure))
            return False
        if not self._ring.room:
            _say("the machine has recorded nothing: it may be too small, or have failed early")
        rings = [self._ring, *self._cpu_rings]
        if lost := sum(ring.lost for ring in rings):
            _say(f"{lost} records of what happened were lost: this host is too slow")
        if beyond := sum(ring.beyond for ring in rings):
            _say(f"the last {beyond} records of what happened are left out: too many")
        is_written = self._trace is None or self._trace_write()
        if self._options.profile:
            self._profile_show()
        return is_written

    def _profile_show(self):
        from . import profile

        if self._counts:
            counter = profile.blocks_count(self._counts.read(), self._ring, self._functions)
            lines = profile.table(counter, "instructions")
        else:
            samples = self._sampler.samples
            counter = profile.samples_count(samples, self._ring, self._functions)
            lines = profile.table(counter, "samples")
        print("\n".join(lines), file=sys.stderr)

    def _trace_write(self):
        from . import trace

        if not self._ring.room:
            return False
        try:
            with self._trace:
                trace.trace_write(self._trace, self._ring, self._cpu_rings)
        except OSError as error:
            _say(f"cannot write the trace {self._options.trace}: {error.strerror}")
            return False
        return True

    def close(self):
        for each in (self._ring, *self._cpu_rings, self._counts, self._trace):
            if each is not None:
                each.close()


def _say(text):
    print(f"seam: {text}", file=sys.stderr)
