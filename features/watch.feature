Feature: Profiles and traces of what runs
  A user finds out where the time goes and what happens when, without changing the program.

  @WATCH-001
  Scenario: The function that takes the time is at the top of the profile
    Given a tree with busybox
    And in it the test program "busy"
    When I run "seam run --root {root} --profile -- /bin/busy"
    Then it prints "busy no more"
    And its error output matches "profile: \d+ samples: program \d+\.\d%, libOS \d+\.\d%, kernel \d+\.\d%, idle \d+\.\d%"
    And the first function of the profile is "busy_function" in "/bin/busy"

  @WATCH-002
  Scenario: With counted instructions the profile is exact
    Given a tree with busybox
    And in it the test program "busy"
    When I run "seam run --root {root} --profile --icount -- /bin/busy"
    Then it prints "busy no more"
    And the first function of the profile is "busy_function" in "/bin/busy"
    And the profile's count for "busy_function" comes again with "seam run --root {root} --profile --icount -- /bin/busy"

  @WATCH-003
  Scenario: Two CPUs, and a program that is ended from outside
    When I run "seam run --smp 2 --profile --timeout 4 -- /bin/sh -c 'while :; do :; done'"
    Then its error output matches "profile: \d+ samples: program [1-9]"
    And its exit status is 124

  @WATCH-004
  Scenario: A program that is not there leaves nothing to count
    When I run "seam run --profile -- /bin/no-such-program"
    Then its error output contains "not found"
    And its error output contains "profile: no samples"
    And its exit status is 127

  @WATCH-005
  Scenario: A trace shows threads, calls and faults
    Given a tree with busybox
    And in it the test program "busy"
    When I run "seam run --root {root} --smp 2 --trace {scratch}/trace.json -- /bin/busy"
    Then it prints "busy no more"
    And the trace "trace.json" has a thread "worker" of the process "busy"
    And in the trace the thread "worker" calls "close" with "EBADF"
    And in the trace the thread "busy" calls "exit_group" with "no return"
    And in the trace the threads "busy" and "worker" run on CPUs
    And in the trace the CPUs 2 have slices of the vcpus of domain 0
    And in the trace there are exokernel calls "space_map vcpu_wait"
    And in the trace there are page faults, each an upcall before
    And in the trace nothing ends before it begins

  @WATCH-006
  Scenario: Names that end in .gz are packed
    When I run "seam run --trace {scratch}/trace.json.gz -- /bin/sh -c '/bin/true; sleep 0.01'"
    Then the trace "trace.json.gz" has a thread "true" of the process "true"
    And in the trace the thread "sleep" calls "clock_nanosleep" with "0"
    And in the trace the thread "true" calls "exit_group" with "no return"

  @WATCH-007
  Scenario: A trace that cannot be written is refused at once
    When I run "seam run --trace {scratch}/missing/trace.json -- /bin/echo started"
    Then it prints nothing
    And its error output contains "cannot write the trace"
    And its exit status is 125
