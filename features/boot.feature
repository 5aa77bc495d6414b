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

  @BOOT-007
  Scenario: 24 MiB are enough for the interactive shell
    Given a shell on the console, with "--mem 24"
    Then the command "echo $((6 * 7))" prints "42"
    And the command "ls / | wc -l | awk '{print ($1 > 5)}'" prints "1"
