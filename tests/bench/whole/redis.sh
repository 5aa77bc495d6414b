# SPDX-License-Identifier: BSD-2-Clause
# One client, one request at a time, in the same machine.  The server ends with the row's group.
case $1 in
setup)
    redis-server --port 0 --unixsocket "$PWD/socket" --save '' --appendonly no &
    i=0
    until redis-cli -s "$PWD/socket" ping >/dev/null 2>&1; do
        i=$((i + 1))
        [ $i -lt 100 ]
        sleep 0.1
    done
    ;;
run) redis-benchmark -s "$PWD/socket" -c 1 -n 1000 -t get,set -q ;;
esac
