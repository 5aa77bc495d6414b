# SPDX-License-Identifier: BSD-2-Clause
## case sh_variables: sh
a=1; b=${c:-default}; d=${a:+set}; echo $a $b $d ${#b} ${b%ult} ${b#de} ${b/f/F}; unset a; echo ${a-unset}
## case sh_arithmetic: sh
echo $((7 / 2)) $((7 % 3)) $((2 ** 10)) $((1 << 4 | 3)) $((5 > 3 ? 10 : 20)) $((0x1f + 010)); i=5; echo $((i++)) $i $((i += 3))
## case sh_quoting: sh
x='a  b'; echo $x; echo "$x"; echo '$x'; echo "\$x \"q\""; echo a\ b; printf '%s\n' "$@" one
## case sh_loops: sh
for i in a b c; do echo $i; done; i=0; while [ $i -lt 3 ]; do echo $i; i=$((i + 1)); done; until [ $i = 0 ]; do i=$((i - 1)); done; echo $i; for i in 1 2 3 4; do [ $i = 2 ] && continue; [ $i = 4 ] && break; echo $i; done
## case sh_case: sh
for w in apple 42 --flag ''; do case $w in [0-9]*) echo number;; -*) echo flag;; '') echo empty;; a?ple|b*) echo fruit;; *) echo other;; esac; done
## case sh_functions: sh
f() { local x=$1; echo in $x $#; return 3; }; x=out; f a b; echo $? $x; fact() { [ $1 -le 1 ] && echo 1 || echo $(($1 * $(fact $(($1 - 1))))); }; fact 10
## case sh_substitution: sh
echo $(echo inner $(echo nested)) `echo back`; x=$(printf 'a\nb\n\n'); echo "[$x]"; echo $(( $(echo 4) * 2 ))
## case sh_redirections: sh
echo out > f; echo more >> f; cat < f; (echo e >&2) 2> err; cat err; ls missing > all 2>&1; echo $?; exec 5> fd; echo five >&5; exec 5>&-; cat fd; cat <<X
here $((1 + 1))
X
cat <<'X'
raw $HOME
X
## case sh_pipelines: sh
echo a b c | tr ' ' '\n' | sort -r | head -n 2; false | true; echo $?; ! true; echo $?; (exit 5) || echo failed $?
## case sh_exit_statuses: sh
sh -c 'exit 7'; echo $?; sh -c 'kill -9 $$'; echo $?; no_such_command_here 2>/dev/null; echo $?; echo x > f; ./f 2>/dev/null; echo $?; sh -c 'exit 300'; echo $?
## case sh_signals_and_traps: sh
sh -c 'trap "echo caught" USR1; kill -USR1 $$; echo after'; sh -c 'trap "echo bye" EXIT; echo work'; sh -c 'trap "" TERM; kill $$; echo alive'
## case sh_background_jobs: sh
(sleep 0.05; echo late) & echo early; wait; sleep 0.01 & p=$!; wait $p; echo $?; (exit 9) & wait $!; echo $?
## case sh_globs: sh
touch a1 a2 b1 .h; echo a*; echo ?1; echo [!a]*; echo .h*; echo none*; set -f; echo a*
## case sh_positional: sh
set -- one 'two three' four; echo $# "$2"; shift; echo $1; for a; do echo "<$a>"; done; echo "$*"; IFS=,; echo "$*"
## case sh_read: sh
printf 'a b c\nd\\e f\n' > f; { read x y; echo "$x|$y"; read -r z; echo "$z"; read q; echo $?; } < f; echo 1:2:3 | (IFS=: read a b c; echo $c $a)
## case sh_getopts: getopts
g() { OPTIND=1; while getopts ab:c o "$@"; do echo $o $OPTARG; done; shift $((OPTIND - 1)); echo rest $*; }; g -a -b val -c x y
## case sh_set_e_and_u: sh
sh -ec 'echo one; false; echo two'; echo $?; sh -uc 'echo $nope' 2>/dev/null; echo $?; sh -c 'set -o pipefail 2>/dev/null; false | true; echo $?'
## case sh_subshells: sh
x=1; (x=2; echo $x); echo $x; { x=3; }; echo $x; cd / && (cd /tmp; pwd); pwd
## case sh_eval_and_dot: sh
eval 'a=5; echo $a'; echo 'b=6; echo sourced $1' > s; . ./s arg; echo $b; command echo cmd; type cd > /dev/null && echo known
## case sh_script_files: sh chmod
printf '#!/bin/sh\necho script $0 $1 $#\nexit 4\n' > s; chmod 755 s; ./s x y; echo $?; sh s z; sh -s < s a
## case sh_large_loop: sh
i=0; s=0; while [ $i -lt 3000 ]; do i=$((i + 1)); s=$((s + i)); done; echo $s
## case sh_many_forks: sh
i=0; while [ $i -lt 60 ]; do i=$((i + 1)); x=$(echo $i); done; echo $x
## case sh_long_pipeline: cat
echo start | cat | cat | cat | cat | cat | cat | cat | cat | cat | cat | sed s/start/end/
## case sh_big_pipe: cat wc
yes abcdefgh | head -c 1000000 | cat | wc -c
## case sh_sigpipe: yes
yes 2>/dev/null | head -n 1; (yes; echo $? >&2) 2> st | head -n 1; cat st
## case sh_ulimit: ulimit
ulimit -n 50; ulimit -n; ulimit -c 0; ulimit -c; (ulimit -v 1000000 && ulimit -v)
## case sh_umask: umask
umask 077; touch f; stat -c %a f; umask; umask -S; umask u=rwx,g=rx,o=; touch g; stat -c %a g
## case sh_times_and_printf_v: sh
x=$(printf '%03d' 7); echo $x; echo ${x}y "${x}"z; printf '%s %s\n' a b c
## case sh_alias_and_hash: sh
alias hi='echo hello'; alias hi; unalias hi; hash -r; echo $?
## case sh_environment: env
env -i A=1 B=2 sh -c 'echo $A$B$C'; X=y env | grep ^X=; export Z=3; sh -c 'echo $Z'; env -u Z sh -c 'echo [$Z]'; env -i no_such_program; echo $?
## case printenv_like: env grep
K='two words' env | grep '^K='
## case ash_same_shell: ash
ash -c 'echo $((6 * 7)); echo $0 $1' name arg
## case sh_heredoc_in_loop: sh
for i in 1 2; do cat <<X
line $i
X
done | while read a b; do echo $b $a; done
## case sh_kill_and_wait: kill
sleep 30 & p=$!; kill $p; wait $p; echo $?; sleep 30 & kill -KILL $!; wait $!; echo $?; kill -l 15; kill -0 $$; echo $?
## case sh_stop_and_continue: kill
sh -c 'kill -STOP $$; echo resumed' & p=$!; while ! grep -q '^State:.*T' /proc/$p/status; do :; done; kill -CONT $p; wait $p; echo $?
## case sh_nested_shells: sh
sh -c 'sh -c "sh -c \"echo deep; exit 6\""'; echo $?
## case tty_of_nothing: tty
tty < /dev/null; echo $?; test -t 0; echo $?
