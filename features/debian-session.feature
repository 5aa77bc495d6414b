Feature: A session with Debian's bash on the terminal
  What a user types at `bash -l`, and what the screen shows.

  Background:
    Given a Debian tree with "bash coreutils procps less nano vim-tiny"
    And a console with Debian's shell

  @SESSION-001
  Scenario: A job is stopped, sent to the background and brought back
    When I start the program "sleep 1000"
    And I press "Ctrl-Z"
    Then before the prompt it shows "Stopped"
    When I type "jobs; bg"
    Then before the prompt it shows "[1]+ sh -c"
    And the command "jobs -r | wc -l" prints "1"
    When I type "fg"
    And the screen shows "exec sleep 1000'\n"
    And I press "Ctrl-C"
    Then the prompt comes back
    And the command "echo $?; jobs | wc -l" prints "130\n0"

  @SESSION-002
  Scenario: The Tab key completes names and lists what is possible
    When I type the characters "cat /etc/debian_v"
    And I press "Tab"
    Then the screen shows "ersion"
    When I press "Enter"
    Then the prompt comes back
    When I type the characters "ls -d /etc/host"
    And I press "Tab"
    And I press "Tab"
    Then the screen shows "hostname"
    When I type the characters "n"
    And I press "Tab"
    And I press "Enter"
    Then before the prompt it shows "/etc/hostname"

  @SESSION-003
  Scenario: Arrow keys bring back what was typed, to be changed
    When the command "echo $((40 + 2))" prints "42"
    And I press "Up"
    And the screen shows "echo $((40 + 2))"
    And I press "Left"
    And I press "Left"
    And I press "Backspace"
    And I type the characters "5"
    And I press "Enter"
    Then before the prompt it shows "45"

  @SESSION-004
  Scenario: Ctrl-C drops a line and ends a program, Ctrl-D leaves
    When I type the characters "echo never"
    And the screen shows "echo never"
    And I press "Ctrl-C"
    Then the prompt comes back
    When I start the program "cat"
    And I press "Ctrl-C"
    Then the prompt comes back
    And the command "echo $?" prints "130"
    When I press "Ctrl-D"
    Then the machine ends with status 0

  @SESSION-005
  Scenario: A file is written with vi
    When I type "vi notes"
    And the screen shows "notes"
    And I type the characters "ifirst line"
    And I press "Enter"
    And I type the characters "second line"
    And I press "Escape"
    And I type ":wq"
    Then the prompt comes back
    And the command "cat notes" prints "first line\nsecond line"

  @SESSION-006
  Scenario: A file is written with nano
    When I type "nano notes"
    And the screen shows "New File"
    And I type the characters "by nano"
    And I press "Ctrl-O"
    And the screen shows "File Name to Write"
    And I press "Enter"
    And the screen shows "Wrote 1 line"
    And I press "Ctrl-X"
    Then the prompt comes back
    And the command "cat notes" prints "by nano"

  @SESSION-007
  Scenario: less shows a page, searches and goes to the end
    When I type "seq 1000 3000 | less"
    And the screen shows "1022"
    And I type the characters " "
    And the screen shows "1045"
    And I type the characters "/2345"
    And I press "Enter"
    And the screen shows "2345"
    And I type the characters "G"
    And the screen shows "(END)"
    And I type the characters "q"
    Then the prompt comes back

  @SESSION-008
  Scenario: top shows the processes until it is left
    When I type "sleep 1000 &"
    And the prompt comes back
    And I type "top -d 1"
    And the screen shows "load average"
    And the screen shows "sleep"
    And the screen shows "load average"
    And I type the characters "q"
    Then the prompt comes back
    And the command "kill %1; wait; jobs" prints "[1]+  Terminated              sleep 1000"
