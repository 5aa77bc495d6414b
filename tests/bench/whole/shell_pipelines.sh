# SPDX-License-Identifier: BSD-2-Clause
# Two dynamic programs and a pipe, each time.
case $1 in
run)
    i=0
    while [ $i -lt 20 ]; do
        seq 100 | wc -l
        i=$((i + 1))
    done
    ;;
esac
