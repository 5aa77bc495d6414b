# SPDX-License-Identifier: BSD-2-Clause
# Start redis, and let it answer once: for `seam bench --memory`.
redis-server --port 0 --unixsocket /tmp/redis --save '' --appendonly no >/dev/null &
i=0
while [ $i -lt 100 ]; do
    [ "$(redis-cli -s /tmp/redis ping 2>/dev/null)" != PONG ] || { echo PONG; exit 0; }
    i=$((i + 1))
    sleep 0.1
done
exit 1
