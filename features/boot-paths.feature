Feature: Booting where people boot
  The same disc and the same kernel start from each kind of firmware and loader. Each path gives a
  shell, runs programs, and does what poweroff, reboot and halt say.

  @PATH-001
  Scenario Outline: <path>: a shell, three programs, off
    Given a machine that boots by "<path>"
    When the loader's menu has been answered, if there is one
    Then the command "echo $((6 * 7))" prints "42"
    And the command "uname -s -m" prints "Linux x86_64"
    And the command "ls -d /proc/self /dev/null | wc -l" prints "2"
    When I type "poweroff"
    Then the machine is off

    Examples:
      | path                            |
      | PVH on microvm                  |
      | PVH on microvm, without ACPI    |
      | PVH on q35                      |
      | GRUB on a BIOS, from CD         |
      | GRUB on a BIOS, from a disk     |
      | GRUB on a BIOS, from a USB stick |
      | GRUB on UEFI, from CD           |
      | GRUB on UEFI, from a USB stick  |
      | U-Boot, from a disk             |

  @PATH-002
  Scenario Outline: <path>: reboot starts the machine again
    Given a machine that boots by "<path>" and may restart
    When the loader's menu has been answered, if there is one
    Then the command "echo first > /tmp/mark; cat /tmp/mark" prints "first"
    When I type "reboot"
    Then the console shows "Requesting system reboot"
    When the loader's menu has been answered, if there is one
    Then the command "test -e /tmp/mark || echo new" prints "new"

    Examples:
      | path                         |
      | PVH on microvm               |
      | PVH on microvm, without ACPI |
      | GRUB on a BIOS, from CD      |
      | GRUB on UEFI, from CD        |

  @PATH-003
  Scenario: halt stops the machine and leaves it on
    Given a machine that boots by "GRUB on a BIOS, from CD"
    When the loader's menu has been answered, if there is one
    And I type "halt"
    Then the machine stands still

  @PATH-004
  Scenario: The menu's self-test runs the tests of the Linux API
    Given a machine that boots by "GRUB on a BIOS, from CD"
    When line 2 of the loader's menu is chosen
    Then the console shows "self-test on 1 CPU"
    And the console shows " passed, 0 failed"
    When I press "Enter"
    Then the machine is off

  @PATH-005
  Scenario: The menu's rescue is a shell alone, with the log on the serial port
    Given a machine that boots by "GRUB on a BIOS, from CD"
    When line 3 of the loader's menu is chosen
    Then the console shows "seam: exokernel: "
    And the console shows "seam: console ready"
    And a prompt appears
    And the command "cat /proc/1/comm" prints "sh"

  @PATH-006
  Scenario: The menu shows the firmware's memory map
    Given a machine that boots by "GRUB on a BIOS, from CD"
    When line 4 of the loader's menu is chosen
    Then the console shows "base_addr = 0x0"

  @PATH-007
  Scenario: A disc of one's own program boots straight into it
    Given a tree with a script "/bin/hello" that says "hello from {}" to its argument
    And a disc made of it by "seam image --root {root} -o {disc} -- /bin/hello 'my disc'"
    And a machine that boots by "GRUB on a BIOS, from CD"
    Then the console shows "hello from my disc"
    And the machine is off

  @PATH-008
  Scenario: U-Boot does what doc/boot.md says, typed at its prompt
    Given a machine that boots by "U-Boot, from a disk"
    When U-Boot's prompt is given the commands of "doc/boot.md"
    And the loader's menu has been answered, if there is one
    Then the command "uname -s" prints "Linux"
    When I type "poweroff"
    Then the machine is off
