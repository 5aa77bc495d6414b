Feature: Many processes

  @PROC-001
  Scenario: Three hundred one after the other
    When I run
      """
      seam run -- /bin/sh -c 'i=0; while [ $i -lt 300 ]; do i=$((i + 1)); /bin/true || exit 1; done; echo $i'
      """
    Then it prints "300"

  @PROC-002
  Scenario: A hundred at once
    When I run
      """
      seam run -- /bin/sh -c 'i=0; while [ $i -lt 100 ]; do i=$((i + 1)); sleep 1000 & done; ps -o args | grep -c "^sleep 1000"; kill $(jobs -p); wait 2>/dev/null; ps -o args | grep -c "^sleep 1000"'
      """
    Then it prints "100\n0"

  @PROC-003
  Scenario: Endless forking is bounded by the limit of processes
    Given a tree with busybox
    When I run
      """
      seam run --root {root} --timeout 60 -- /bin/sh -c 'su user -c "ulimit -u 30; while :; do sleep 1000 & done" 2>/err; grep -q "can.t fork" /err && echo bounded; ps -o args | grep -c "^sleep 1000"; echo alive'
      """
    Then it prints "bounded\n29\nalive"
    And its exit status is 0

  @PROC-004
  Scenario: Several CPUs share the work
    When I run
      """
      seam run --smp 2 -- /bin/sh -c 'for i in 1 2 3 4; do (seq 1 20000 | md5sum | cut -c1-8) & done; wait'
      """
    Then it prints "e071f707\ne071f707\ne071f707\ne071f707"

  @PROC-005
  Scenario: Orphans end with the machine and zombies are reaped by the shell
    When I run
      """
      seam run -- /bin/sh -c '(sleep 0.1 & sleep 0.1 &) ; sleep 0.3; ps -o stat | grep -c Z'
      """
    Then its exit status is 1
