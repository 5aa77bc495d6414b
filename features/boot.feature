Feature: Booting
  A program runs as the first process of a machine that lives as long as it does.

  @BOOT-001
  Scenario: A program of Debian's busybox runs unmodified
    When I run "seam run -- /bin/busybox uname -s -m"
    Then it prints "Linux x86_64"
    And its error output is empty
    And its exit status is 0

  @BOOT-002
  Scenario Outline: The machine has the number of CPUs that was asked for
    When I run "seam run --smp <cpus> -- nproc"
    Then it prints "<cpus>"
    And its exit status is 0

    Examples:
      | cpus |
      | 1    |
      | 2    |
      | 4    |

  @BOOT-003
  Scenario Outline: Both machine types boot
    When I run "seam run --machine <machine> -- /bin/echo booted"
    Then it prints "booted"

    Examples:
      | machine |
      | microvm |
      | q35     |

  @BOOT-004
  Scenario: The first process is process 1, root, in the root directory
    When I run "seam run -- /bin/sh -c 'echo $$ $(id -u) $(pwd)'"
    Then it prints "1 0 /"

  @BOOT-005
  Scenario: The file systems that programs expect are there
    When I run "seam run -- /bin/sh -c 'ls -d /proc/self /dev/null /dev/pts /dev/shm && echo x > /tmp/f && cat /tmp/f && echo y > /dev/shm/g && cat /dev/shm/g'"
    Then it prints "/dev/null\n/dev/pts\n/dev/shm\n/proc/self\nx\ny"

  @BOOT-006
  Scenario: The machine ends with its first process, even when others still run
    When I run "seam run --timeout 60 -- /bin/sh -c 'sleep 1000 & echo started'"
    Then it prints "started"
    And its exit status is 0

  @BOOT-008
  Scenario: reboot boots the machine again, from the tree as it was
    Given a shell on the console
    Then the command "echo first > /tmp/mark; cat /tmp/mark" prints "first"
    When I type "reboot"
    Then a prompt appears
    And the command "test -e /tmp/mark || echo new" prints "new"
    When I type "exit 3"
    Then the machine ends with status 3

  @BOOT-009
  Scenario: The time given is for all boots of a machine together
    When I run "seam run --timeout 3 -- /bin/busybox reboot -f"
    Then its exit status is 124

  @BOOT-010
  Scenario: halt ends the run, for nothing more will happen
    When I run "seam run -- /bin/sh -c 'echo halting; halt -f'"
    Then it prints "halting"
    And its error output contains "the machine has halted"
    And its exit status is 0

  @BOOT-007
  Scenario: 24 MiB are enough for the interactive shell
    Given a shell on the console, with "--mem 24"
    Then the command "echo $((6 * 7))" prints "42"
    And the command "ls / | wc -l | awk '{print ($1 > 5)}'" prints "1"
