package dev.orrery.artifact;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Which bytes of a file are asked for (RFC 9110, section 14).
sealed interface Range {
  /// All of it: no range was asked for, or one that is not understood, or several.
  record Whole() implements Range {}

  /// From a place to another, both included.
  record Part(long from, long to) implements Range {
    long length() {
      return to - from + 1;
    }
  }

  /// None of its bytes.
  record Outside() implements Range {}

  Pattern ONE = Pattern.compile("bytes=\\s*(\\d{0,18})\\s*-\\s*(\\d{0,18})\\s*");

  /// @param header null where there is none
  static Range of(@org.jspecify.annotations.Nullable String header, long size) {
    if (header == null) return new Whole();
    Matcher one = ONE.matcher(header);
    if (!one.matches()) return new Whole();
    String first = one.group(1);
    String last = one.group(2);
    if (first.isEmpty() && last.isEmpty()) return new Whole();
    if (first.isEmpty()) {
      long suffix = Math.min(Long.parseLong(last), size);
      return suffix == 0 ? new Outside() : new Part(size - suffix, size - 1);
    }
    long from = Long.parseLong(first);
    long to = last.isEmpty() ? size - 1 : Long.parseLong(last);
    if (!last.isEmpty() && to < from) return new Whole();
    if (from >= size) return new Outside();
    return new Part(from, Math.min(to, size - 1));
  }
}
