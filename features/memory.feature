Feature: Out of memory
  Who asks for too much is refused or ended; everybody else goes on.

  @MEM-001
  Scenario: A program that takes all memory does not take the shell with it
    Given a shell on the console, with "--mem 64"
    When I type "tail /dev/zero"
    Then the prompt comes back
    And the command "echo alive" prints "alive"
    And the command "ls /proc/self/status" prints "/proc/self/status"

  @MEM-002
  Scenario: A full file system says so
    Given a shell on the console, with "--mem 64"
    When I type "dd if=/dev/zero of=/tmp/big bs=1M 2>&1 | grep -i -E 'space|memory'"
    Then before the prompt it shows "o"
    And the command "rm /tmp/big; echo room > /tmp/f; cat /tmp/f" prints "room"

  @MEM-003
  Scenario: Memory comes back
    When I run
      """
      seam run --mem 64 -- /bin/sh -c 'i=0; while [ $i -lt 20 ]; do i=$((i + 1)); dd if=/dev/zero of=/tmp/f bs=1M count=10 2>/dev/null || exit 1; rm /tmp/f; done; echo $i'
      """
    Then it prints "20"

  @MEM-004
  Scenario: A limit on address space is kept
    When I run
      """
      seam run -- /bin/sh -c '(ulimit -v 20000; tail /dev/zero) 2>&1 | tail -n 1; echo alive'
      """
    Then its output contains "alive"
