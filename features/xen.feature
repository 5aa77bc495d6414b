Feature: Seam as a guest of Xen
  The same program, the same console: below the exokernel runs Xen instead of a bare machine.

  @XEN-001
  Scenario: A program runs and its exit status comes out
    When I run "seam run --on xen -- /bin/sh -c 'cat /proc/version | cut -c1-5; exit 7'"
    Then it prints "Linux"
    And its error output is empty
    And its exit status is 7

  @XEN-002
  Scenario: A shell runs three programs and powers off
    Given a shell on the console, with "--on xen"
    Then the command "echo $((6 * 7))" prints "42"
    And the command "ls -d /proc/self" prints "/proc/self"
    And the command "seq 1 100 | wc -l" prints "100"
    When I type "exit 5"
    Then the machine ends with status 5

  @XEN-003
  Scenario: Keys and window size reach the program
    Given a shell on the console, with "--on xen"
    When I start the program "sleep 1000"
    And I press "Ctrl-C"
    Then the prompt comes back
    And the command "stty size" prints "24 80"

  @XEN-004
  Scenario: reboot starts the guest again, halt and poweroff end it
    Given a shell on the console, with "--on xen"
    Then the command "echo first > /tmp/mark; cat /tmp/mark" prints "first"
    When I type "reboot"
    Then a prompt appears
    And the command "test -e /tmp/mark || echo new" prints "new"
    When I type "halt"
    Then the machine ends with status 0
