package dev.orrery.web;

import org.jspecify.annotations.Nullable;

/// The trace that a caller says its request belongs to, in the header `traceparent` (W3C Trace
/// Context, level 1): `00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01`.
///
/// @param trace 32 lower hexadecimal digits, not all 0
/// @param span 16 of them, the caller's span
public record Trace(String trace, String span) {
  static final String HEADER = "traceparent";

  private static final int LENGTH = 55;
  private static final ScopedValue<Trace> CURRENT = ScopedValue.newInstance();

  /// The trace of the request that this thread answers; null if its caller named none.
  public static @Nullable Trace current() {
    return CURRENT.isBound() ? CURRENT.get() : null;
  }

  /// Does something as a part of a trace.
  static <T, X extends Throwable> T within(Trace trace, ScopedValue.CallableOp<T, X> work)
      throws X {
    return ScopedValue.where(CURRENT, trace).call(work);
  }

  /// Reads the header; null if it is absent or not as the standard has it, which says to pass it
  /// over then. A later version may have more behind the flags.
  static @Nullable Trace of(@Nullable String header) {
    if (header == null || header.length() < LENGTH) return null;
    boolean isFirst = header.startsWith("00-");
    boolean isLater = header.length() > LENGTH && header.charAt(LENGTH) == '-';
    if (isFirst ? header.length() != LENGTH : header.length() != LENGTH && !isLater) return null;
    if (header.charAt(2) != '-' || header.charAt(35) != '-' || header.charAt(52) != '-')
      return null;
    boolean isHex =
        isHex(header, 0, 2)
            && isHex(header, 3, 35)
            && isHex(header, 36, 52)
            && isHex(header, 53, 55);
    if (!isHex || header.startsWith("ff")) return null;
    String trace = header.substring(3, 35);
    String span = header.substring(36, 52);
    return isZero(trace) || isZero(span) ? null : new Trace(trace, span);
  }

  private static boolean isHex(String text, int from, int to) {
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) return false;
    }
    return true;
  }

  private static boolean isZero(String digits) {
    return digits.chars().allMatch(c -> c == '0');
  }

  /// Labels of an exemplar.
  String[] labels() {
    return new String[] {"span_id", span, "trace_id", trace};
  }

  /// Labels of an exemplar: those of this thread's trace, else what the caller has.
  static String @Nullable [] labels(Meters.Found otherwise) {
    Trace now = current();
    return now == null ? otherwise.labels() : now.labels();
  }
}
