Feature: Two domains
  Each is a world of its own: the one cannot reach what the other holds.

  @DOMAIN-001
  Scenario: A second domain runs and everything it tries against the first fails
    When the native program "domains" runs
    Then its log says that every check passed
