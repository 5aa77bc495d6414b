Feature: Families of Debian's programs
  One look at each; the jobs of tests/debian go further.

  @FAMILY-001
  Scenario: A shell script with pipes, jobs and a trap
    Given a Debian tree with "bash coreutils"
    When I run
      """
      seam run --root {root} -- /bin/bash -c 'trap "echo bye" EXIT; (sleep 0.1; echo late) & echo early; wait; seq 3 | sort -r | paste -sd,'
      """
    Then it prints "early\nlate\n3,2,1\nbye"

  @FAMILY-002
  Scenario: An interpreter runs a script of the host
    Given a Debian tree with "python3"
    And a folder with the file "work/count.py"
      """
      import collections, subprocess, threading
      text = subprocess.run(["seq", "100"], capture_output=True, text=True).stdout
      print(collections.Counter(text).most_common(1))
      thread = threading.Thread(target=lambda: print("in a thread"))
      thread.start()
      thread.join()
      """
    When I run "seam run --root {root} --bind {scratch}/work:/src -- /usr/bin/python3 /src/count.py"
    Then it prints "[('\\n', 100)]\nin a thread"

  @FAMILY-003
  Scenario: An exception of an interpreted program is its exit status
    Given a Debian tree with "python3 lua5.4"
    When I run
      """
      seam run --root {root} -- /usr/bin/lua5.4 -e 'error("wrong")'
      """
    Then its exit status is 1
    And its error output contains "wrong"

  @FAMILY-004
  Scenario: A C program is compiled and started
    Given a Debian tree with "tcc libc6-dev"
    And a folder with the file "work/hello.c"
      """
      #include <stdio.h>
      int main(int argc, char **argv) { printf("hello %s\n", argv[1]); return argc; }
      """
    When I run "seam run --root {root} --bind {scratch}/work:/src -- /bin/bash -c 'tcc -o /tmp/hello /src/hello.c && /tmp/hello world'"
    Then it prints "hello world"
    And its exit status is 2

  @FAMILY-005
  Scenario: A compiler's complaint and status arrive
    Given a Debian tree with "tcc libc6-dev"
    And a folder with the file "work/bad.c"
      """
      int main(void) { return undeclared; }
      """
    When I run "seam run --root {root} --bind {scratch}/work:/src -- /usr/bin/tcc -c /src/bad.c -o /tmp/bad.o"
    Then its exit status is 1
    And its error output contains "'undeclared' undeclared"

  @FAMILY-006
  Scenario: A server is started, asked and stopped
    Given a Debian tree with "redis-server redis-tools"
    And a folder with the file "work/ask"
      """
      redis-server --save "" --daemonize yes --logfile /tmp/log > /dev/null
      until redis-cli ping > /dev/null 2>&1; do sleep 0.1; done
      redis-cli set colour blue; redis-cli get colour; redis-cli shutdown nosave
      redis-cli ping
      """
    When I run "seam run --root {root} --bind {scratch}/work:/src -- /bin/bash /src/ask"
    Then its output contains "OK\nblue"
    And its exit status is 1
    And its error output contains "Connection refused"

  @FAMILY-007
  Scenario: A database that was made inside comes out
    Given a Debian tree with "sqlite3"
    When I run
      """
      seam run --root {root} --out /data:{scratch}/data -- /bin/bash -c 'mkdir /data && sqlite3 /data/t.db "create table t(a); insert into t values (6 * 7); select a from t"'
      """
    Then it prints "42"
    And the file "data/t.db" contains "SQLite format 3"

  @FAMILY-008
  Scenario: A tracer follows a program and its children
    Given a Debian tree with "strace"
    When I run "seam run --root {root} -- /usr/bin/strace -f -e trace=exit_group /bin/sh -c '(exit 3); exit 4'"
    Then its exit status is 4
    And its error output contains "exit_group(3)"
    And its error output contains "+++ exited with 4 +++"
