Feature: Debian's programs
  A tree is made of packages; folders go in and come out.

  @DEBIAN-001
  Scenario: A login shell of Debian's bash
    Given a Debian tree with "bash coreutils make"
    When I run "seam run --root {root} -- /bin/bash -lc 'echo $LANG; hostname; echo ${BASH_VERSION%%.*}; cat /etc/debian_version | wc -l; ls /var/lib/apt/lists | wc -l'"
    Then it prints
      """
      C.UTF-8
      seam
      5
      1
      2
      """

  @DEBIAN-002
  Scenario: A folder of the host is built by make inside
    Given a Debian tree with "bash coreutils make"
    And a folder with the file "work/Makefile"
      """
      all: ; @echo built by $(MAKE_HOST)
      """
    When I run "seam run --root {root} --bind {scratch}/work:/src -- /usr/bin/make -s -C /src"
    Then it prints "built by x86_64-pc-linux-gnu"

  @DEBIAN-003
  Scenario: What was made inside comes out
    Given a Debian tree with "bash coreutils make"
    And a folder with the file "work/Makefile"
      """
      all: ; @mkdir -p result && seq 3 | paste -sd+ >result/sum && ln -s sum result/link
      """
    When I run "seam run --root {root} --bind {scratch}/work:/src --out /src/result:{scratch}/result -- /usr/bin/make -C /src"
    Then its exit status is 0
    And the file "result/sum" contains "1+2+3"
    And the file "result/link" contains "1+2+3"

  @DEBIAN-004
  Scenario: A directory that is not there cannot come out
    When I run "seam run --out /nowhere:{scratch}/result -- /bin/true"
    Then its exit status is 125
    And its error output contains "--out /nowhere: there is no such directory"

  @DEBIAN-005
  Scenario: A package that does not exist is named
    When I run "seam root debian --packages make,no-such-package -o {scratch}/tree"
    Then its exit status is 125
    And its error output contains "no package no-such-package"
    And nothing is at "tree"

  @DEBIAN-006
  Scenario: A directory that is no tree of ours is left alone
    Given a folder with the file "tree/mine"
      """
      precious
      """
    When I run "seam root debian --packages make -o {scratch}/tree"
    Then its exit status is 125
    And its error output contains "it is left as it is"
    And the file "tree/mine" contains "precious"
