Feature: Pipes
  `seam run` is a filter like any other, and pipelines work inside.

  @PIPE-001
  Scenario: Input comes in and output goes out
    Given the input "hello\n"
    When I run "seam run -- /bin/cat"
    Then it prints the input
    And its error output is empty
    And its exit status is 0

  @PIPE-002
  Scenario: Every byte passes unchanged
    Given 100000 bytes of input of every value
    When I run "seam run -- /bin/cat"
    Then it prints the input

  @PIPE-003
  Scenario: A pipeline inside
    Given the input "cherry\napple\nbanana\napple\n"
    When I run "seam run -- /bin/sh -c 'sort | uniq -c | sort -rn | head -n 1'"
    Then its output matches "^ +2 apple$"

  @PIPE-004
  Scenario: Output and error output are two streams
    When I run "seam run -- /bin/sh -c 'echo out; echo err >&2'"
    Then it prints "out"
    And its error output contains "err"

  @PIPE-005
  Scenario: A megabyte through a pipe of five
    When I run "seam run -- /bin/sh -c 'yes 0123456 | head -c 1000000 | cat | cat | wc -c'"
    Then it prints "1000000"

  @PIPE-006
  Scenario: End of input is seen at once when there is none
    When I run "seam run -- /bin/sh -c 'cat; echo end'"
    Then it prints "end"

  @PIPE-007
  Scenario: Nothing but the program's output when no terminal is there
    When I run "seam run -- /bin/ls /"
    Then its output has no control characters
    And its output contains "proc\n"

  @PIPE-008
  Scenario: A writer whose reader is gone is ended by SIGPIPE
    When I run "seam run -- /bin/sh -c '(yes; echo $? > /tmp/status) | head -n 1; cat /tmp/status'"
    Then it prints "y\n141"
