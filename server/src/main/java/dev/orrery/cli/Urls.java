package dev.orrery.cli;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/// People's words as parts of an address.
final class Urls {
  private Urls() {}

  /// One segment of a path.
  static String segment(String word) {
    return URLEncoder.encode(word, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
