Feature: A shell session at the console
  Somebody types at a terminal and sees what a Linux terminal would show.

  Background:
    Given a shell on the console

  @SHELL-001
  Scenario: Commands are typed and answered
    Then the command "echo hello" prints "hello"
    And the command "x=5; echo $((x * x))" prints "25"
    And the command "for i in 1 2 3; do echo line $i; done" prints "line 1\nline 2\nline 3"

  @SHELL-002
  Scenario: A typing error is taken back
    When I type the characters "echo wrongx"
    And I press "Backspace"
    And I press "Enter"
    Then before the prompt it shows "wrong\n"

  @SHELL-003
  Scenario: The line before can be had again
    Then the command "echo first" prints "first"
    When I press "Up"
    And I press "Enter"
    Then before the prompt it shows "first\n"

  @SHELL-004
  Scenario: The exit status of the last command is known
    Then the command "false; echo $?" prints "1"
    And the command "sh -c 'exit 77'; echo $?" prints "77"
    And the command "sh -c 'kill -9 $$'; echo status $?" prints "Killed\nstatus 137"

  @SHELL-005
  Scenario: The shell and the machine end with exit
    When I type "exit 3"
    Then the machine ends with status 3

  @SHELL-006
  Scenario: Ctrl-D at the prompt ends the session
    When I press "Ctrl-D"
    Then the machine ends with status 0

  @SHELL-007
  Scenario: Programs read lines that are typed
    When I start "read word; echo got $word"
    And I type "typed"
    Then before the prompt it shows "got typed"

  @SHELL-008
  Scenario: The window size is the terminal's
    Then the command "stty size" prints "24 80"
    When the terminal becomes 40 rows of 120 columns
    Then the command "stty size" prints "40 120"

  @SHELL-009
  Scenario: Input without echo
    When I start "stty -echo; echo asked; read secret; stty echo; echo length ${#secret}"
    And the screen shows "asked\n"
    And I type "hidden"
    Then before the prompt it shows "length 6"

  @SHELL-010
  Scenario: A full-screen program works the terminal
    When I type "printf 'one\ntwo\n' > /tmp/f; vi /tmp/f"
    And the screen shows "two\n"
    And I type the characters ":s/one/three/"
    And I press "Enter"
    And I type the characters ":wq"
    And I press "Enter"
    Then the prompt comes back
    And the command "cat /tmp/f" prints "three\ntwo"

  @SHELL-011
  Scenario: There is a controlling terminal
    Then the command "tty | cut -c1-5" prints "/dev/"
    And the command "echo direct > /dev/tty" prints "direct"
    And the command "test -t 0 && test -t 1 && echo terminal" prints "terminal"
