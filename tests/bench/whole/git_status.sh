# SPDX-License-Identifier: BSD-2-Clause
# 5,000 committed files in 50 directories, none of them changed.
case $1 in
setup)
    git init -q .
    d=0
    while [ $d -lt 50 ]; do
        mkdir d$d
        i=0
        while [ $i -lt 100 ]; do
            echo "file $i of $d" >d$d/file-$i
            i=$((i + 1))
        done
        d=$((d + 1))
    done
    # One pack for all of them: 5,000 loose objects would take longer than the row.
    git config core.bigFileThreshold 1
    git add .
    git -c user.name=a -c user.email=a@b -c gc.auto=0 commit -q -m all
    git config --unset core.bigFileThreshold
    git status --short
    ;;
run) exec git status --short ;;
esac
