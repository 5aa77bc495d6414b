Feature: Scripts and kinds of programs

  Background:
    Given a tree with busybox

  @SCRIPT-001
  Scenario: A script is run by its interpreter
    Given in it the script "/bin/greet"
      """
      #!/bin/sh
      echo "hello, $1"
      exit 4
      """
    When I run "seam run --root {root} -- /bin/greet world"
    Then it prints "hello, world"
    And its exit status is 4

  @SCRIPT-002
  Scenario: A script with an argument for its interpreter
    Given in it the script "/bin/twice"
      """
      #!/bin/awk -f
      { print $0, $0 }
      """
    And the input "word\n"
    When I run "seam run --root {root} -- /bin/twice"
    Then it prints "word word"

  @SCRIPT-003
  Scenario: A script without its interpreter
    Given in it the script "/bin/lost"
      """
      #!/no/such/shell
      """
    When I run "seam run --root {root} -- /bin/sh -c '/bin/lost; echo $?'"
    Then it prints "127"

  @SCRIPT-004
  Scenario: A shell reads its script from the input
    Given the input "echo one\nif true; then echo two; fi\nexit 5\n"
    When I run "seam run --root {root} -- /bin/sh"
    Then it prints "one\ntwo"
    And its exit status is 5

  @SCRIPT-005
  Scenario: A static position-independent program
    Given in it the test program "static-pie"
    When I run "seam run --root {root} -- /bin/static-pie"
    Then it prints "static-pie-relocated"

  @SCRIPT-006
  Scenario: A dynamic program with its loader and libraries
    Given in it the test program "dynamic"
    And in it the host's dynamic loader and C library
    When I run "seam run --root {root} -- /bin/dynamic 6"
    Then it prints "dynamic: cos(0)=1.0 tls=42 args=2 home=/root"
    And its exit status is 6

  @SCRIPT-007
  Scenario: A program is found in PATH
    When I run "seam run --root {root} -- echo found"
    Then it prints "found"

  @SCRIPT-008
  Scenario: Arguments arrive as they were given
    Given in it the test program "args_env"
    When I run
      """
      seam run --root {root} --env ONLY=this -- /bin/args_env 'two words' '' '100%' 'quote"d'
      """
    Then its output contains "arg 1 two words\narg 2 \narg 3 100%\narg 4 quote"d\n"
    And its output contains "env ONLY=this\n"
    And its output contains "pid 1 uid 0\n"
