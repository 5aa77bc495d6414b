# SPDX-License-Identifier: BSD-2-Clause
## case ls_plain: ls
mkdir d; touch b a .hidden d/x; ls; ls -a; ls -A; ls -1 d; ls -d d; ls -p
## case ls_long_modes: ls chmod
touch f; chmod 4751 f; mkdir d; chmod 1777 d; ln -s f l; mkfifo p; ls -l | awk 'NR>1{print $1, $NF}'; ls -lF | awk 'NR>1{print $NF}'
## case ls_sorted: ls touch
touch -d '2020-01-01 00:00:00' old; touch -d '2021-06-01 12:00:00' new; head -c 500 $D/prose.txt > big; touch -d '2019-01-01 00:00:00' big; ls -t; ls -tr; ls -S | head -n 1; ls -r
## case ls_recursive: ls
mkdir -p a/b/c; touch a/1 a/b/2 a/b/c/3; ls -R a
## case ls_full_time: ls touch
touch -d '2001-02-03 04:05:06' f; ls -l --full-time f | awk '{print $6, $7}'
## case cp_copies: cp
cp $D/prose.txt a; cp a b; cmp a b && echo same; mkdir d; cp a b d; ls d; cp -r d e; ls e; cp a missing/x; echo $?
## case cp_preserves: cp stat
echo x > a; chmod 640 a; touch -d '2010-10-10 10:10:10' a; cp -p a b; stat -c '%a %Y %s' a b; ln -s a l; cp -d l m; readlink m; cp -L l n; stat -c %F n
## case mv_moves: mv
echo 1 > a; mv a b; ls; mkdir d; mv b d; ls d; echo 2 > c; mv c d/b; cat d/b; mv missing x; echo $?; mv d e; ls e
## case rm_removes: rm
touch a b; mkdir -p d/e/f; rm a; ls; rm d; echo $?; rm -r d; ls; rm -f missing; echo $?; rm missing; echo $?
## case mkdir_and_rmdir: mkdir rmdir
mkdir -p a/b/c; mkdir -m 700 p; stat -c '%a %n' p a; mkdir a; echo $?; rmdir a; echo $?; rmdir -p a/b/c; ls
## case ln_links: ln stat
echo x > a; ln a b; stat -c '%h' a; ln -s a c; readlink c; ln -sf b c; readlink c; ln a b; echo $?; mkdir d; ln -s ../a d/up; cat d/up
## case link_and_unlink: link unlink
echo x > a; link a b; cat b; unlink a; ls; unlink missing; echo $?
## case touch_times: touch stat
touch -d '2015-05-05 05:05:05' a; stat -c %Y a; touch -r a b; stat -c %Y b; touch -c none; ls; touch -t 200001020304.05 c; stat -c %y c
## case chmod_symbolic: chmod stat
touch f; chmod 600 f; chmod g+rw,o+x f; stat -c %a f; chmod u=rwx,go= f; stat -c %a f; chmod a-x f; stat -c %a f; chmod +t,u+s f; stat -c '%a %A' f; mkdir -p d/e; touch d/e/g; chmod -R 711 d; stat -c %a d d/e d/e/g
## case stat_formats: stat
head -c 1234 $D/prose.txt > f; chmod 604 f; ln f g; stat -c '%n %s %a %A %F %h' f; mkdir d; stat -c '%F %A' d; ln -s f l; stat -c '%N %F' l; stat -L -c %s l
## case readlink_and_realpath: readlink realpath
mkdir -p a/b; ln -s b a/l; touch a/b/f; W=$(pwd -P); readlink -f a/l/f | sed "s|^$W/||"; realpath a/l/../l/f | sed "s|^$W/||"; readlink a/b; echo $?
## case basename_and_dirname: basename dirname
basename /a/b/c.txt; basename /a/b/c.txt .txt; basename /; dirname /a/b/c; dirname x; dirname /a; dirname a//b/
## case find_names_and_types: find sort
mkdir -p d/e/f; touch d/a.c d/e/b.c d/e/f/c.h; ln -s a.c d/l; find d | sort; find d -name '*.c' | sort; find d -type d | sort; find d -type l; find d -maxdepth 1 | sort; find d -path '*e*' -name '*.h'
## case find_expressions: find
mkdir d; cat $D/prose.txt $D/prose.txt > d/big; : > d/empty; echo x > d/small; chmod 600 d/small; find d -type f -size +1 | sort; find d -empty; find d -perm 600; find d \( -name big -o -name small \) | sort; find d ! -name big -type f | sort
## case find_exec: find
mkdir d; touch d/1 d/2 d/3.tmp; find d -name '[12]' -exec echo run {} \; | sort; find d -type f -exec echo all {} + | wc -l; find d -name '*.tmp' -exec rm {} \;; ls d
## case find_newer_and_prune: find touch
mkdir -p d/skip d/keep; touch -d '2000-01-01' d/old; touch -d '2010-01-01' d/mid; touch -d '2020-01-01' d/keep/new; touch d/skip/x; find d -newer d/mid -type f | sort; find d -name skip -prune -o -type f -print | sort
## case xargs_batches: xargs seq
seq 1 7 | xargs -n 3 echo; printf 'a b\nc\n' | xargs -n1 echo; printf 'x y\0z\0' | xargs -0 -n1 echo; echo 1 2 | xargs -I{} echo '<{}>'; : | xargs -r echo never
## case xargs_with_find: xargs find
mkdir d; for i in 1 2 3 4 5; do seq $i > d/f$i; done; find d -type f | sort | xargs wc -l
## case du_of_files: du
mkdir d; seq 1 20000 > d/f; du -s d | awk '{print ($1 > 90 && $1 < 140), $2}'; du -a d | wc -l
## case dd_blocks: dd
dd if=$D/prose.txt of=a bs=10 count=5 skip=2 2>/dev/null; cat a; echo; printf 'ABC' | dd of=a conv=notrunc bs=1 seek=3 2>/dev/null; cat a; echo; dd if=/dev/zero of=z bs=1k count=64 2>&1 | head -n 2; wc -c z; printf abc | dd conv=ucase 2>/dev/null
## case dd_sync_padding: dd od
printf abc | dd bs=8 conv=sync 2>/dev/null | od -c; printf '0123456789' | dd bs=1 skip=3 count=4 2>/dev/null; echo
## case truncate_sizes: truncate stat
truncate -s 100000 f; stat -c %s f; truncate -s 10 f; stat -c %s f; od -c f; truncate -c -s 5 none; ls
## case fallocate_size: fallocate stat
fallocate -l 65536 f; stat -c %s f
## case mktemp_names: mktemp
f=$(mktemp ./tXXXXXX); [ -f $f ] && echo file; stat -c %a $f; d=$(mktemp -d ./dXXXXXX); [ -d $d ] && stat -c %a $d; echo ${#f}
## case mkfifo_carries: mkfifo
mkfifo p; (echo through > p) & cat p; wait; stat -c %F p
## case sync_and_true: sync true false
sync; echo $?; true; echo $?; false; echo $?
## case test_expressions: test [
touch f; ln -s f l; mkdir d; test -f f && echo file; test -d d && echo dir; [ -L l ] && echo link; [ -s f ] || echo empty; [ 3 -lt 5 ] && echo lt; [ abc = abc -a 1 -ne 2 ] && echo and; [ ! -e none ] && echo none; [ f -ef l ] && echo same
## case test_double_bracket: [[
[[ abc == a* ]] && echo glob; [[ abc =~ ^a.c$ ]] && echo regex; [[ -z "" && 1 -eq 1 ]] && echo both
## case md5sum_check: md5sum
md5sum $D/prose.txt | cut -d' ' -f1; cp $D/old.c f; md5sum f > sum; md5sum -c sum; echo x >> f; md5sum -c sum; echo $?
## case sha_family: sha1sum sha256sum sha512sum sha3sum
for t in sha1sum sha256sum sha512sum sha3sum; do $t < $D/prose.txt; done; printf '' | sha256sum
## case large_file_sums: sha256sum dd
dd if=/dev/zero bs=64k count=64 2>/dev/null | sha256sum; seq 1 200000 | md5sum
## case cksum_through_od: od awk
printf 'sum me' | od -An -tu1 | awk '{for (i = 1; i <= NF; i++) s += $i} END{print s}'
## case shred_removes: shred
echo secret > f; shred -u f; ls
## case install_like: cp chmod
cp $D/old.c prog.c && chmod 755 prog.c && stat -c '%a %s' prog.c
## case sparse_copy: truncate cp cmp
truncate -s 300000 a; echo end >> a; cp a b; cmp a b && echo same; stat -c %s b
## case long_names: touch ls
n=$(printf 'n%.0s' $(seq 1 255)); touch $n; ls | wc -c; touch ${n}x; echo $?
## case odd_names: touch ls find
touch -- 'a b' '-dash' "new
line" '*star' 'ümlaut'; ls | wc -l; find . -type f | wc -l; rm -- -dash; rm '*star'; ls | od -c | head -n 3
## case hundred_directories: mkdir find
for i in $(seq 1 100); do mkdir -p d/$((i % 10))/$i; done; find d -type d | wc -l; rm -rf d; ls
## case which_and_busybox: which
which sh >/dev/null && echo found; which no-such-command; echo $?
## case pwd_and_cd: pwd
mkdir -p a/b; cd a/b; pwd | sed 's|.*/a/b$|ok|'; cd ../..; cd a; cd - > /dev/null; basename $(pwd)
## case chown_numeric_to_self: chown id
touch f; chown $(id -u):$(id -g) f; echo $?; chgrp $(id -g) f; echo $?; [ $(stat -c %u f) = $(id -u) ] && echo mine
## case nlinks_of_directories: stat mkdir
mkdir d d/a d/b; [ -d d/a ] && stat -c %F d; rmdir d/a; ls d
## case run_parts_order: run-parts
mkdir p; for n in 30c 10a 20b; do printf '#!/bin/sh\necho %s\n' $n > p/$n; chmod 755 p/$n; done; run-parts --test p | sed 's|.*/||'
