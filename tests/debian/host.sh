#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# host.sh TREE JOBS COMMAND... - run COMMAND in TREE, which stays as it is, with JOBS as /tmp/jobs.
#
# Mounts, process ids and the network are those of namespaces of its own, so nothing is left
# behind, and no server of the host is met.
set -e
if [ "$1" != --inside ]; then
    as_root=
    [ "$(id -u)" = 0 ] || as_root=--map-root-user
    exec unshare $as_root --mount --pid --fork --ipc --net --kill-child "$0" --inside "$@"
fi
tree=$2 jobs=$3
shift 3
# SIOCSIFFLAGS: IFF_UP | IFF_RUNNING
python3 -c 'import fcntl, socket, struct
fcntl.ioctl(socket.socket(), 0x8914, struct.pack("16sh14x", b"lo", 0x41))'
mount --make-rprivate /
mount --bind "$tree" "$tree"
mount -t tmpfs -o mode=1777 none "$tree/tmp"
mount -t proc none "$tree/proc"
mount --rbind /dev "$tree/dev"
mkdir "$tree/tmp/jobs"
mount --bind "$jobs" "$tree/tmp/jobs"
mount -o remount,bind,ro "$tree"
exec chroot "$tree" "$@"
