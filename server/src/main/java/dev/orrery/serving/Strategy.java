package dev.orrery.serving;

import java.util.Locale;

/// How a version after the first comes into traffic.
public enum Strategy {
  /// Loaded aside, proven, then all traffic at once; the one before stays warm.
  BLUE_GREEN,
  /// A rising share of the traffic, judged at each step.
  CANARY,
  /// Scores what others answer, off the clients' path, until somebody promotes it.
  SHADOW,
  /// A fixed share each, until both the time and the sample of the test are reached.
  AB_TEST;

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Strategy of(String word) {
    return valueOf(word.toUpperCase(Locale.ROOT));
  }
}
