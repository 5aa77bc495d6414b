Feature: Job control
  Keys act on the job in the foreground, and on nothing else.

  Background:
    Given a shell on the console

  @JOB-001
  Scenario: Ctrl-C ends a program that waits
    When I start the program "sleep 1000"
    And I press "Ctrl-C"
    Then the prompt comes back
    And the command "echo $?" prints "130"

  @JOB-002
  Scenario: Ctrl-C ends a program that computes
    When I start "while :; do :; done"
    And I press "Ctrl-C"
    Then the prompt comes back
    And the command "echo alive" prints "alive"

  @JOB-003
  Scenario: Ctrl-Z stops a job, fg goes on with it
    When I start the program "cat"
    And I type "one"
    And the screen shows "one\none"
    And I press "Ctrl-Z"
    Then before the prompt it shows "Stopped"
    When I type "fg"
    And the screen shows "cat"\n"
    And I type "two"
    And the screen shows "two\ntwo"
    And I press "Ctrl-D"
    Then the prompt comes back

  @JOB-004
  Scenario: A stopped job can run in the background
    When I start the program "sleep 1000"
    And I press "Ctrl-Z"
    Then before the prompt it shows "Stopped"
    When I type "bg; jobs"
    Then before the prompt it shows "sleep 1000"
    When I type "kill %1; wait %1; echo status $?"
    Then before the prompt it shows "status 143"

  @JOB-005
  Scenario: A background job may not read from the terminal
    When I type "cat &"
    And the prompt comes back
    And I type "sleep 0.3; jobs"
    Then before the prompt it shows "Stopped"
    And the command "kill -9 %1; echo gone" prints "gone"

  @JOB-006
  Scenario: Ctrl-C reaches the whole pipeline in the foreground
    When I type "sleep 1000 | (echo run''ning >&2; cat) | cat"
    And the screen shows "running\n"
    And I press "Ctrl-C"
    Then the prompt comes back
    And the command "ps | grep -c '[s]leep 1000'" prints "0"

  @JOB-007
  Scenario: Ctrl-C does not reach a job in the background
    When I type "sleep 1000 &"
    And the prompt comes back
    And I start the program "sleep 2000"
    And I press "Ctrl-C"
    Then the prompt comes back
    And the command "kill -0 %1 && echo still there" prints "still there"

  @JOB-008
  Scenario: Ctrl-\ ends with the quit signal
    When I start the program "sleep 1000"
    And I press "Ctrl-\\"
    Then the prompt comes back
    And the command "echo $?" prints "131"

  @JOB-009
  Scenario: Output is held and released
    When I press "Ctrl-S"
    And I type "echo held"
    And I press "Ctrl-Q"
    Then before the prompt it shows "held"

  @JOB-010
  Scenario: A program that traps the key decides itself
    When I type "(trap 'echo caught; exit 9' INT; echo ready; while :; do sleep 0.1; done)"
    And the screen shows "ready\n"
    And I press "Ctrl-C"
    Then before the prompt it shows "caught"
    And the command "echo $?" prints "9"
