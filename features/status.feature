Feature: Exit statuses
  The status of `seam run` is the program's own.

  @STATUS-001
  Scenario Outline: The status that the program gives
    When I run "seam run -- /bin/sh -c 'exit <status>'"
    Then its exit status is <status>

    Examples:
      | status |
      | 0      |
      | 1      |
      | 42     |
      | 255    |

  @STATUS-002
  Scenario Outline: A signal that ends the program
    Given a tree with busybox
    And in it the test program "exit_status"
    When I run "seam run --root {root} -- /bin/exit_status -<signal>"
    Then its exit status is <status>

    Examples:
      | signal | status |
      | 9      | 137    |
      | 15     | 143    |
      | 6      | 134    |

  @STATUS-003
  Scenario: A crash is a SIGSEGV
    Given a tree with busybox
    And in it the test program "crash_segv"
    When I run "seam run --root {root} -- /bin/crash_segv"
    Then it prints "crashing"
    And its exit status is 139

  @STATUS-004
  Scenario: A program that is not there
    When I run "seam run -- /bin/no-such-program"
    Then its exit status is 127
    And its error output contains "no-such-program"

  @STATUS-005
  Scenario: A file that is no program
    Given a tree with busybox
    And in it the file "/bin/text" with "no program"
    When I run "seam run --root {root} -- /bin/text"
    Then its exit status is 126

  @STATUS-006
  Scenario: A hang is ended by --timeout
    When I run "seam run --timeout 3 -- /bin/sleep 1000"
    Then its exit status is 124
    And its error output matches "time"

  @STATUS-007
  Scenario: A program that never enters the system is ended by --timeout, too
    Given a tree with busybox
    And in it the test program "loop_forever"
    When I run "seam run --root {root} --timeout 4 -- /bin/loop_forever"
    Then it prints "looping"
    And its exit status is 124
