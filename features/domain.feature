Feature: Two domains
  Each is a world of its own: the one cannot reach what the other holds.

  @DOMAIN-001
  Scenario: A second domain runs, and all that it tries against the first fails
    When the native program "domains" runs
    Then its log says that every check passed
    And its log has "ok child_cannot_share_the_firsts_frame"

  @DOMAIN-002
  Scenario: Wrong calls of the first domain change nothing
    When the native program "attack" runs
    Then its log says that every check passed
