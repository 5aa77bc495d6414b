#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# driver.sh NAME:SECONDS... - run the jobs NAME.sh that lie beside this script, one after the other.
#
# For each it prints "@@begin NAME", the job's output with "| " before each line, the end of its
# error output with "! ", and "@@end NAME STATUS MILLISECONDS".
jobs=$(dirname "$0")
for job in "$@"; do
    name=${job%:*} seconds=${job##*:}
    echo "@@begin $name"
    mkdir "/tmp/job-$name" && cd "/tmp/job-$name" || exit 1
    began=${EPOCHREALTIME/./}
    timeout -k 5 "$seconds" /bin/bash "$jobs/$name.sh" >"/tmp/$name.out" 2>"/tmp/$name.err" </dev/null
    status=$?
    ended=${EPOCHREALTIME/./}
    { cat "/tmp/$name.out"; echo; } | sed 's/^/| /'
    { tail -n 15 "/tmp/$name.err"; echo; } | sed 's/^/! /'
    echo "@@end $name $status $(((ended - began) / 1000))"
    cd / && rm -rf "/tmp/job-$name" "/tmp/$name.out" "/tmp/$name.err"
done
