# SPDX-License-Identifier: BSD-2-Clause
## case cat_files: cat
cat $D/prose.txt $D/table.csv
## case cat_stdin_and_numbers: cat
printf 'a\n\nb\n' | cat -n - ; printf 'a\tb\n' | cat -A
## case tac_reverses: tac
tac $D/prose.txt
## case head_lines_and_bytes: head
head -n 3 $D/prose.txt; head -c 20 $D/prose.txt; echo; head -n -12 $D/prose.txt
## case tail_lines_and_bytes: tail
tail -n 3 $D/prose.txt; tail -c 20 $D/prose.txt; tail -n +15 $D/prose.txt
## case tail_of_a_pipe: tail seq
seq 1 5000 | tail -n 2
## case wc_all: wc
wc $D/prose.txt $D/table.csv; wc -l < $D/log.txt; wc -w -c $D/log.txt
## case cut_fields_and_characters: cut
cut -d, -f2,4 $D/table.csv; cut -c1-10 $D/prose.txt; cut -d, -f3- $D/table.csv
## case cut_only_delimited: cut
printf 'a:b\nplain\n' | cut -s -d: -f2
## case paste_columns: paste
cut -d, -f1 $D/table.csv > a; cut -d, -f3 $D/table.csv > b; paste a b; paste -d: a b; paste -s a
## case sort_plain: sort
sort $D/prose.txt
## case sort_numeric_key: sort
sort -t, -k4 -n $D/table.csv; sort -t, -k5,5 -k2,2r $D/table.csv
## case sort_unique_reverse: sort
cut -d, -f5 $D/table.csv | sort -u; cut -d, -f5 $D/table.csv | sort -r
## case sort_check: sort
printf 'a\nc\nb\n' | sort -c; echo $?; printf 'a\nb\n' | sort -c; echo $?
## case sort_large: sort seq md5sum
seq 1 20000 | sort -r | md5sum
## case uniq_counts: uniq sort
cut -d' ' -f1 $D/log.txt | sort | uniq -c; cut -d' ' -f1 $D/log.txt | sort | uniq -d
## case tr_case_and_delete: tr
tr a-z A-Z < $D/prose.txt; tr -d aeiou < $D/prose.txt; tr -s ' ' < $D/prose.txt
## case tr_complement_and_classes: tr
tr -cd '[:digit:]\n' < $D/log.txt; printf 'a b\tc\n' | tr '[:space:]' '_'; echo
## case fold_width: fold
fold -w 30 $D/prose.txt; fold -s -w 24 $D/prose.txt
## case expand_and_unexpand: expand unexpand
printf 'a\tb\tc\n' | expand -t 4; printf '        x   y\n' | unexpand -a | od -c
## case nl_numbers: nl
nl $D/prose.txt; nl -b a -w 3 $D/table.csv
## case rev_lines: rev
rev $D/table.csv
## case grep_plain_and_number: grep
grep -n harbour $D/prose.txt; grep -c the $D/prose.txt; grep -v e $D/table.csv
## case grep_extended: grep
grep -E '^(10|192)\.' $D/log.txt; grep -oE '[0-9]{3} [0-9]+$' $D/log.txt
## case grep_options: grep
grep -i 'THE' $D/prose.txt | head -n 2; grep -w tide $D/prose.txt; grep -l orange $D/*; grep -q bear $D/prose.txt; echo $?; grep zebra $D/prose.txt; echo $?
## case grep_context: grep
grep -A1 -B1 ninth $D/prose.txt; grep -m 2 GET $D/log.txt
## case grep_recursive: grep mkdir
mkdir -p d/e; echo needle > d/e/f; echo hay > d/g; grep -r needle d; grep -rL needle d
## case egrep_and_fgrep: egrep fgrep
egrep 'bell|gull' $D/prose.txt; fgrep '.html"' $D/log.txt
## case sed_substitute: sed
sed 's/harbour/airport/g; s/^In /IN /' $D/prose.txt
## case sed_addresses: sed
sed -n '2,4p;/tide/p' $D/prose.txt; sed '1d;$d' $D/table.csv; sed '/^$/,$d' $D/prose.txt
## case sed_groups: sed
sed -E 's/^([0-9.]+) .*"([A-Z]+) ([^"]*)" ([0-9]+).*/\4 \2 \3 \1/' $D/log.txt
## case sed_hold_space: sed
sed -n '1!G;h;$p' $D/table.csv
## case sed_in_place_and_script: sed cp
cp $D/table.csv t; sed -i 's/,/;/g' t; cat t; printf '/Tver/i\\\nbefore Tver\n/Tver/a\\\nafter Tver\n/Nis/c\\\ngone\n' > s; sed -f s $D/table.csv
## case sed_y_and_branches: sed
echo banana | sed 'y/abn/xyz/'; echo aaaa | sed ':a;s/aa/b/;ta'
## case awk_columns: awk
awk '{print $1, $NF}' $D/log.txt; awk -F, 'NR>1{s+=$4} END{printf "%.2f %d\n", s, NR-1}' $D/table.csv
## case awk_arrays: awk sort
awk '{n[$1]++; b[$1]+=$NF} END{for (k in n) print k, n[k], b[k]}' $D/log.txt | sort
## case awk_functions: awk
awk 'function fib(n) {return n < 2 ? n : fib(n-1) + fib(n-2)} BEGIN{for (i=0;i<20;i++) printf "%d ", fib(i); print ""}'
## case awk_strings: awk
awk '{print length($0), toupper(substr($0, 1, 5)), index($0, "t")}' $D/prose.txt; awk 'BEGIN{s="a-b-c"; n=split(s, p, "-"); gsub("-", "+", s); print n, p[2], s, sprintf("%05.1f|%-4s|%x", 3.14159, "ab", 255)}'
## case awk_patterns: awk
awk '/bell/,/tide/' $D/prose.txt; awk 'length > 60' $D/prose.txt; awk 'NR%5==0{print NR": "$0}' $D/prose.txt
## case awk_reads_commands: awk
awk 'BEGIN{while (("seq 3" | getline x) > 0) print "got", x; "echo hi" | getline y; print y; print "z\na" | "sort"}'
## case awk_writes_files: awk
awk -F, 'NR>1{print $2 > ("y" $5)}' $D/table.csv; cat y2018 y2019 y2020
## case od_formats: od
printf 'Hello\0\001\377\n' | od -c; printf 'ABCDEFGHIJKLMNOPQRST' | od -An -tx1; printf 'abcd' | od -t d2
## case hexdump_formats: hexdump
head -c 70 $D/prose.txt | hexdump -C; printf 'abcdef' | hexdump; printf 'xyz' | hexdump -e '3/1 "%02x " "\n"'
## case hd_and_xxd: xxd
head -c 40 $D/prose.txt | xxd; echo 48656c6c6f0a | xxd -r -p; printf 'abc' | xxd -p
## case strings_of_binary: strings
printf 'ab\0longer text\0\001\002xyzw\n' | strings
## case dos_and_unix: dos2unix unix2dos
printf 'a\r\nb\r\n' > f; dos2unix f; od -c f; unix2dos f; od -c f
## case comm_like_with_sort: sort uniq
seq 1 10 > a; seq 5 15 > b; sort a b | uniq -d; cat a a b | sort -n | uniq -u
## case diff_unified: diff
diff $D/old.c $D/old.c; echo $?; diff -u -L old -L new $D/old.c $D/new.c; echo $?
## case diff_options: diff
printf 'a b\nc\n' > x; printf 'a  b\nC\n' > y; diff -w -L x -L y x y; diff -i -b -q x y; diff -s x x
## case diff_directories: diff
mkdir a b; echo 1 > a/same; echo 1 > b/same; echo 2 > a/only; echo 3 > b/x; echo 4 > a/x; diff -r -U0 -L l -L r a b; echo $?
## case cmp_files: cmp
printf abc > x; printf abd > y; cmp x y; echo $?; cmp -s x y; echo $?; cmp -l x y; cmp x x; echo $?
## case patch_applies: patch diff cp
cp $D/old.c f.c; diff -u -L f.c -L f.c $D/old.c $D/new.c > p; patch < p; cmp f.c $D/new.c && echo same; patch -R < p; cmp f.c $D/old.c && echo back
## case patch_rejects: patch
echo other > f; printf -- '--- f\n+++ f\n@@ -1,2 +1,2 @@\n one\n-two\n+three\n' > p; patch f < p; echo $?
## case ed_edits: ed cp
cp $D/table.csv t; printf '2d\n4s/Tver/Omsk/\n$a\nlast\n.\nw\nq\n' | ed t; cat t
## case shuf_is_a_permutation: shuf sort
seq 1 100 | shuf | sort -n | md5sum; shuf -i 1-5 | sort
## case split_by_awk: awk ls
seq 1 100 | awk '{print > ("part" int(($1-1)/25))}'; ls; wc -l part*
## case tee_copies: tee
echo both | tee a b; cat a b; echo more | tee -a a; cat a
## case yes_and_head: yes head
yes | head -n 3; yes no | head -n 2
## case uuencode_round_trip: uuencode uudecode
uuencode name < $D/table.csv > u; head -n 2 u; uudecode -o back u; cmp back $D/table.csv && echo same; uuencode -m name < $D/old.c
## case base64_round_trip: base64
base64 $D/prose.txt > b; head -n 2 b; base64 -d b | cmp - $D/prose.txt && echo same
## case printf_formats: printf
printf '%5d|%-5s|%05.2f|%x|%o|%c|%%\n' 42 ab 3.14159 255 8 z; printf '%s\n' a b c; printf '%b' 'x\ty\n'
## case echo_options: echo
echo -n a; echo -e '\tb\\n\x41'; echo 'c d' e
## case seq_forms: seq
seq 5; seq 2 3 11; seq 5 -2 1; seq -w 8 11; seq -s, 1 4
## case factor_numbers: factor
factor 1 2 97 360 1000000007 600851475143
## case expr_forms: expr
expr 7 + 3 \* 2; expr \( 7 + 3 \) % 4; expr abcdef : 'abc\(.*\)'; expr length hello; expr substr hello 2 3; expr 1 \> 2; echo $?
## case dc_and_bc: dc bc
echo '2 3 + 4 * p 100 v p 10 k 1 3 / p' | dc; echo 'scale=20; 4*a(1)' | bc -l; echo '2^100; sqrt(2)' | bc; printf 'define f(x) { return x*x; }\nf(12)\n' | bc
## case cal_month: cal
cal 2 2024; cal 9 1752
## case crc_and_sums: crc32
printf 'hello world' > f; crc32 f
