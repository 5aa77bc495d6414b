# SPDX-License-Identifier: BSD-2-Clause
## case sleep_and_usleep: sleep usleep
sleep 0; sleep 0.01; usleep 1000; echo $?; sleep x 2>/dev/null; echo $?
## case timeout_kills: timeout
timeout 0.1 sleep 30; echo $?; timeout 10 true; echo $?; timeout -s KILL 0.1 sleep 30; echo $?; timeout 10 sh -c 'exit 5'; echo $?
## case time_reports: time
time true 2> t; echo $?; time sleep 0 2>&1 | wc -l; sh -c 'time -p true' 2>&1 | awk '{print $1}'
## case nohup_and_setsid: setsid
setsid sh -c 'echo in session'; sleep 0.05
## case nice_values: nice
nice -n 5 sh -c 'cut -d" " -f19 /proc/self/stat'; nice true; echo $?
## case id_and_whoami: id whoami
[ "$(id -u)" = "$(awk '/^Uid:/{print $2}' /proc/self/status)" ] && echo same; [ -n "$(id)" ] && echo id
## case uname_fields: uname
uname; uname -s -m; [ "$(uname -r)" = "$(cat /proc/sys/kernel/osrelease)" ] && echo release
## case hostname_matches_proc: hostname
[ "$(hostname)" = "$(cat /proc/sys/kernel/hostname)" ] && echo same
## case date_of_a_given_time: date
date -u -d @0; date -u -d @1700000000 '+%Y-%m-%d %H:%M:%S %a %j %s'; TZ=CET-1 date -d @1700000000 +%H:%M; date -u -d '2024-02-29 12:00:00' +%s
## case date_now_is_sane: date
[ $(date +%Y) -ge 2024 ] && echo year; date -d nonsense 2>/dev/null; echo $?
## case ps_shows_itself: ps
ps -o pid,ppid,comm > all; head -n 1 all | awk '{print $1, $2, $3}'; grep -q " ps$" all || grep -q busybox all; echo $?
## case pidof_of_nothing: pidof
pidof no_such_program_xyz; echo $?
## case free_has_totals: free
free | awk 'NR==1{print $1, $2, $3} NR==2{print $1, ($2 > 0), ($3 <= $2)}'
## case uptime_runs: uptime
uptime | grep -c 'load average'
## case df_has_a_header: df
df . | head -n 1 | awk '{print $1, NF}'; df -P . | wc -l
## case mount_lists_proc: mount
mount | grep -c '^proc on /proc type proc'
## case nproc_counts: nproc
[ $(nproc) -ge 1 ] && echo cpus
## case cpuinfo_and_meminfo: grep
grep -c '^processor' /proc/cpuinfo | awk '{print ($1 >= 1)}'; grep -q '^MemTotal:' /proc/meminfo; echo $?
## case proc_self_files: cat readlink
tr '\0' ' ' < /proc/self/cmdline; echo; readlink /proc/self/exe | sed 's|.*/||'; [ "$(readlink /proc/self/cwd)" = "$(pwd -P)" ] && echo cwd; head -n 1 /proc/self/status | cut -f1
## case printenv_path: env
env -i PATH="$PATH" sh -c '[ -n "$PATH" ] && echo path'
## case mknod_fifo: mknod
mknod p p; stat -c %F p; mknod q x 2>/dev/null; echo $?
## case kill_list: kill
kill -l | tr -s ' \n' '\n' | grep -c .
## case killall_of_nothing: killall
killall no_such_program_xyz; echo $?
## case flock_like_lock: sh
(set -C; echo 1 > lock) && echo first; (set -C; echo 2 > lock) 2>/dev/null || echo refused; cat lock
## case getopt_parses: getopt
getopt -o ab:c -l long:,flag -- -a -b v --long=w --flag rest; getopt -o a -- -x 2>/dev/null; echo $?
## case stty_without_terminal: stty
stty < /dev/null 2>&1 | sed 's/.*: //'; stty -a < /dev/null > /dev/null 2>&1; echo $?
## case ascii_table: ascii
ascii | md5sum
## case ts_prefix: ts
echo line | ts '%Y' | awk '{print ($1 >= 2024), $2}'
## case ipcalc_numbers: ipcalc
ipcalc -n -b -m 192.168.3.77/20
## case mkpasswd_fixed_salt: mkpasswd
mkpasswd -m md5 -S abcdefgh secret; mkpasswd -m sha512 -S saltsalt secret
## case hostid_length: hostid
hostid | wc -c
## case tftp_usage: tftp
tftp --help > /dev/null 2>&1; echo $?
## case logname_fails_quietly: logname
logname > /dev/null 2>&1; echo $(( $? <= 1 ))
## case less_and_more_of_a_pipe: less more
head -n 3 $D/prose.txt | less; head -n 2 $D/prose.txt | more
## case vi_edits_by_commands: vi cp
cp $D/table.csv t; TERM=dumb vi -c '3s/Mainz/Worms/' -c 2d -c wq t < /dev/null > /dev/null 2>&1; head -n 3 t
## case watch_usage: watch
watch --help > /dev/null 2>&1; echo $?
## case top_batch: top
top -b -n 1 | head -n 1 | cut -c1-4
## case setpriv_dump: setpriv
setpriv -d | head -n 1 | cut -d: -f1
## case taskset_shows_a_mask: taskset
taskset -p $$ | sed 's/[0-9][0-9]*/N/' | cut -d: -f1
## case renice_self: renice
renice -n 3 -p $$ > /dev/null 2>&1; echo $?
## case chroot_without_program: chroot
chroot 2>/dev/null; echo $?
## case dmesg_usage: dmesg
dmesg --help > /dev/null 2>&1; echo $?
## case adjtimex_prints: adjtimex
adjtimex | grep -c frequency
## case losetup_usage: losetup
losetup --help > /dev/null 2>&1; echo $?
## case mke2fs_into_a_file: mke2fs
truncate -s 1M disk; mke2fs -F disk > /dev/null 2>&1; echo $?; od -An -tx1 -j 1080 -N 2 disk
## case mkdosfs_into_a_file: mkdosfs
truncate -s 2M disk; mkdosfs -n SEAM disk > /dev/null 2>&1; echo $?; od -An -c -j 510 -N 2 -tx1 disk | tail -n 1
## case mkswap_into_a_file: mkswap
truncate -s 1M swap; mkswap swap > /dev/null 2>&1; echo $?; od -An -c -j 4086 -N 10 swap
## case busybox_itself: busybox
busybox | head -n 1; busybox --list | wc -l; busybox no_such_applet; echo $?; busybox echo through busybox
## case start_stop_daemon_usage: start-stop-daemon
start-stop-daemon --help > /dev/null 2>&1; echo $?
## case microcom_usage: microcom
microcom --help > /dev/null 2>&1; echo $?
## case reset_sequence: reset
TERM=dumb reset 2>&1 | od -An -c | head -n 2
## case clear_sequence: clear
TERM=linux clear | od -An -c
