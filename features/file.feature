Feature: Files
  A tree of the host is the root; what is written stays in the machine.

  @FILE-001
  Scenario: A file of the tree is read
    Given a tree with busybox
    And in it the file "/etc/greeting" with "good day"
    When I run "seam run --root {root} -- /bin/cat /etc/greeting"
    Then it prints "good day"

  @FILE-002
  Scenario: A change in the tree is seen by the next run
    Given a tree with busybox
    And in it the file "/etc/greeting" with "good day"
    When I run "seam run --root {root} -- /bin/cat /etc/greeting"
    Then it prints "good day"
    When in the tree the file "/etc/greeting" becomes "good evening"
    And I run "seam run --root {root} -- /bin/cat /etc/greeting"
    Then it prints "good evening"

  @FILE-003
  Scenario: What is written inside is not written to the host
    Given a tree with busybox
    And in it the file "/data/f" with "original"
    When I run "seam run --root {root} -- /bin/sh -c 'echo changed > /data/f; cat /data/f'"
    Then it prints "changed"
    When I run "seam run --root {root} -- /bin/cat /data/f"
    Then it prints "original"

  @FILE-004
  Scenario: Links and modes are as they lie
    Given a tree with busybox
    And in it the file "/data/f" with "text"
    And in it the link "/data/l" to "f"
    And in it the script "/data/s"
      """
      #!/bin/sh
      """
    When I run "seam run --root {root} -- /bin/sh -c 'readlink /data/l; stat -c %a /data/s /data/f; cat /data/l'"
    Then it prints "f\n755\n644\ntext"

  @FILE-005
  Scenario: Directories, renames and links
    When I run
      """
      seam run -- /bin/sh -c 'cd /tmp && mkdir -p a/b && echo x > a/b/f && mv a/b/f a/g && ln a/g a/h && rm a/g && cat a/h && find a | sort'
      """
    Then it prints
      """
      x
      a
      a/b
      a/h
      """

  @FILE-006
  Scenario: A user other than root is kept out
    Given a tree with busybox
    When I run
      """
      seam run --root {root} -- /bin/sh -c 'echo secret > /tmp/f; chmod 600 /tmp/f; su user -c "cat /tmp/f; id -u"'
      """
    Then it prints "1000"
    And its error output contains "Permission denied"

  @FILE-007
  Scenario: A file of 20 megabytes
    When I run "seam run -- /bin/sh -c 'dd if=/dev/zero of=/tmp/big bs=1M count=20 2>/dev/null; cp /tmp/big /tmp/copy; cmp /tmp/big /tmp/copy && stat -c %s /tmp/copy'"
    Then it prints "20971520"

  @FILE-008
  Scenario: The working directory can be chosen
    Given a tree with busybox
    And in it the file "/some/where/f" with "here"
    When I run "seam run --root {root} --cwd /some/where -- /bin/cat f"
    Then it prints "here"
