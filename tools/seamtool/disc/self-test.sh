#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The first program of a disc's self-test: the behaviour of the Linux API on this machine.
echo "Seam: self-test on $(nproc) CPU(s) with $(awk '/^MemTotal/ { print int($2 / 1024) }' /proc/meminfo) MiB"
/bin/self-test | awk '/^ok / { n++; printf "\r%d passed", n; fflush(); next }
    { if (n) printf "\r"; print; fflush() }'
echo "Press Enter to switch the machine off."
read -r _
poweroff -f
