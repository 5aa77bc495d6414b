Feature: Options of seam run

  @OPT-001
  Scenario: Help
    When I run "seam --help"
    Then its output contains "run"
    And its exit status is 0
    When I run "seam run --help"
    Then its output contains "--root DIR"
    And its output contains "--timeout S"
    And its exit status is 0

  @OPT-002
  Scenario: The environment
    When I run "seam run --env COLOUR=green --env 'TWO=a b' -- /bin/sh -c 'echo $COLOUR $TWO $HOME'"
    Then it prints "green a b /root"

  @OPT-003
  Scenario: A trace of the program's system calls
    When I run "seam run --strace -- /bin/echo traced"
    Then it prints "traced"
    And its error output matches "write\(1, .traced"
    And its error output matches "exit_group\(0\)"

  @OPT-004
  Scenario: Statistics at the end
    When I run "seam run --stats -- /bin/true"
    Then it prints nothing
    And its error output contains "calls"
    And its error output contains "frames"

  @OPT-005
  Scenario: Messages go to a log file and not to the program's output
    When I run "seam run --log {scratch}/log -- /bin/echo quiet"
    Then it prints "quiet"
    And its error output is empty
    And the file "log" contains "seam: exit 0"

  @OPT-006
  Scenario: Messages are shown with -v
    When I run "seam run -v -- /bin/true"
    Then it prints nothing
    And its error output contains "seam:"

  @OPT-007
  Scenario: A wrong option is told plainly
    When I run "seam run --no-such-option"
    Then it prints nothing
    And its error output contains "no-such-option"

  @OPT-008
  Scenario: A root that is not there
    When I run "seam run --root {scratch}/missing -- /bin/true"
    Then its error output contains "seam: "
    And its exit status is 125

  @OPT-009
  Scenario: A signal to seam reaches the program
    When I run, and send SIGTERM to seam once "ready" is printed
      """
      seam run --timeout 60 -- /bin/sh -c 'trap "echo got it; exit 7" TERM; echo ready; while :; do sleep 0.1; done'
      """
    Then it prints "ready\ngot it"
    And its exit status is 7

  @OPT-010
  Scenario: Fewer system calls
    When I run "seam run --mode minimal -- /bin/sh -c 'echo works; nc 127.0.0.1 1'"
    Then it prints "works"
    And its error output contains "Function not implemented"
    And its exit status is 1
    When I run "seam run -v --mode custom:file,memory,signal,tty,thread -- /bin/sleep 0"
    Then its error output contains "the mode excludes call"
    When I run "seam run --mode custom:file,nonsense -- /bin/true"
    Then its error output contains "mode 'custom:file,nonsense' is none"
    And its exit status is 125

  @OPT-011
  Scenario: Who waits for whom when the time is over
    When I run "seam run -v --timeout 1 -- /bin/sh -c 'sleep 100 | cat'"
    Then its error output contains "sleep: S in clock_nanosleep"
    And its error output contains "cat: S in read"
    And its exit status is 124

  @OPT-012
  Scenario: Calls come from patched sites, unless that is not wanted
    When I run "seam run --stats -- /bin/sh -c 'for i in 1 2 3 4 5 6 7 8; do umask; done'"
    Then its error output matches "patched sites +[1-9]"
    And its error output matches "patched calls +[1-9]"
    When I run "seam run --stats --no-patch -- /bin/sh -c 'for i in 1 2 3 4 5 6 7 8; do umask; done'"
    Then its error output matches "patched sites +0"
    And its error output matches "patched calls +0"
