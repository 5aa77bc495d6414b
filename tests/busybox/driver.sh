# SPDX-License-Identifier: BSD-2-Clause
# driver.sh - runs inside, by the busybox under test: every case in a directory of its own.
# usage: sh driver.sh DIRECTORY   (with cases/ and data/ in it; work/ is made)
# For each case one line "== NAME STATUS LENGTH" and LENGTH bytes of output.
cd "$1" || exit 1
D=../../data
export D
umask 022
mkdir -p work
for path in cases/*; do
    name=${path##*/}
    rm -rf "work/$name"
    mkdir "work/$name"
    (cd "work/$name" && exec timeout 60 sh "../../cases/$name" < /dev/null > ../out 2>&1)
    status=$?
    echo "== $name $status $(wc -c < work/out)"
    cat work/out
    rm -rf "work/$name"
done
echo "== end"
