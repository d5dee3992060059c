package dev.orrery.web;

import dev.orrery.base.Fault;
import io.netty.buffer.ByteBuf;

/// Finds the empty line that ends a head, and goes on where it stopped when more bytes have come.
final class HeadEnd {
  /// The head is not whole yet.
  static final int OPEN = -1;

  private static final int BARE_LF = -2;
  private static final int LONG_URL = -3;
  private static final int LONG_FIELDS = -4;

  private int line;
  private int lines;
  private int searched;

  /// Forgets what was searched: another head is awaited.
  void begin() {
    line = 0;
    lines = 0;
    searched = 0;
  }

  /// Whether bytes of the awaited head have come.
  boolean begun() {
    return searched > 0;
  }

  /// The index just after the empty line; or [#OPEN], or another negative number that has a
  /// [#refusal(int)].
  int find(ByteBuf all, int from, int stop) {
    while (true) {
      int start = from + line;
      int feed = all.indexOf(Math.max(start, from + searched), stop, (byte) '\n');
      int reach = feed < 0 ? stop : feed;
      if (reach - start > Head.LINE_BYTES_MAX) return lines == 0 ? LONG_URL : LONG_FIELDS;
      if (reach - from >= Head.BYTES_MAX || lines > Head.FIELDS_MAX + 1) return LONG_FIELDS;
      if (feed < 0) {
        searched = stop - from;
        return OPEN;
      }
      if (feed == start || all.getByte(feed - 1) != '\r') return BARE_LF;
      if (feed == start + 1) return lines == 0 ? BARE_LF : feed + 1;
      line = feed + 1 - from;
      searched = line;
      lines++;
    }
  }

  /// What is wrong with a head that [#find] gave up on.
  static Head.Refusal refusal(int after) {
    return switch (after) {
      case BARE_LF -> Head.bad("a line of the headers is empty or does not end with CR LF");
      case LONG_URL -> new Head.Refusal(Fault.HEADERS_TOO_LARGE, "the URL is longer than 16 KB");
      default ->
          new Head.Refusal(
              Fault.HEADERS_TOO_LARGE,
              "the headers are larger than 16 KB each, 64 KB in all, or more than 100");
    };
  }
}
