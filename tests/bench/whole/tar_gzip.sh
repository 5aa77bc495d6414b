# SPDX-License-Identifier: BSD-2-Clause
# A tree of 300 files, 1.2 MiB of text and of bytes that do not shrink.
case $1 in
setup)
    mkdir tree
    i=0
    while [ $i -lt 150 ]; do
        head -c 4096 /dev/urandom >tree/random-$i
        seq $i $((i + 800)) | head -c 4096 >tree/numbers-$i
        i=$((i + 1))
    done
    ;;
run) tar -czf tree.tar.gz tree ;;
esac
