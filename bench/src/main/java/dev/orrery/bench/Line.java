package dev.orrery.bench;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// One figure of ours beside one of a limit or a peer.
///
/// @param unit such as `ns/row` or `rows/s`
/// @param other what the second figure is of, such as `lightgbm4j`
/// @param bar what it must reach, or null
record Line(
    String what,
    String unit,
    boolean moreIsBetter,
    double ours,
    String other,
    double theirs,
    @Nullable Bar bar) {
  /// What a figure must reach.
  ///
  /// @param text as it stands in the table
  record Bar(String text, boolean isReached) {}

  static Line time(String what, String unit, double ours, String other, double theirs) {
    return new Line(what, unit, false, ours, other, theirs, null);
  }

  static Line rate(String what, String unit, double ours, String other, double theirs) {
    return new Line(what, unit, true, ours, other, theirs, null);
  }

  /// The bar: at most so many units, or at least, whichever is better.
  Line within(double limit) {
    boolean isReached = moreIsBetter ? ours >= limit : ours <= limit;
    return barred((moreIsBetter ? ">= " : "<= ") + number(limit), isReached);
  }

  /// The bar: at most so many times the other's time.
  Line withinTimes(double factor) {
    return barred("<= " + number(factor) + " x", 1 / ratio() <= factor);
  }

  /// The bar: at least so many times better than the other.
  Line times(double factor) {
    return barred(">= " + number(factor) + " x", ratio() >= factor);
  }

  private Line barred(String text, boolean isReached) {
    return new Line(what, unit, moreIsBetter, ours, other, theirs, new Bar(text, isReached));
  }

  /// How many times better ours is: over 1 is faster.
  double ratio() {
    return moreIsBetter ? ours / theirs : theirs / ours;
  }

  String[] cells() {
    return new String[] {
      what,
      unit,
      number(ours),
      other,
      number(theirs),
      String.format(Locale.ROOT, "%.2f", ratio()),
      bar == null ? "" : bar.text() + (bar.isReached() ? "" : " (missed)")
    };
  }

  /// Three digits that mean something, thousands apart.
  private static String number(double x) {
    int decimals = x >= 100 || x == Math.rint(x) ? 0 : x >= 10 ? 1 : 2;
    return String.format(Locale.ROOT, "%,." + decimals + "f", x);
  }
}
