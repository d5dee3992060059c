package dev.orrery.tracking;

import com.fasterxml.jackson.annotation.JsonFormat;
import java.util.ArrayList;
import java.util.List;

/// Many points drawn as few, without losing an extreme: the axis is cut into equal parts, and each
/// part that has points is told by its first, its least, its greatest and its last.
///
/// Nothing is sampled: the least and the greatest of a part are those of all its points. Points
/// that are not a number count as points and are neither least nor greatest, unless a part has no
/// others. First and last go by (axis, step, time, value).
final class Envelope {
  /// What is drawn along.
  enum Axis {
    STEP,
    TIME
  }

  /// One part of the axis, or one point where there are few.
  ///
  /// @param step of the part's first point, as `atMillis` is
  @JsonFormat(shape = JsonFormat.Shape.ARRAY)
  record Part(long step, long atMillis, double first, double min, double max, double last) {}

  private final boolean isByStep;
  private final long least;
  private final long most;
  private final double width;
  private final int parts;
  private final boolean[] isFilled;
  private final long[] firstStep;
  private final long[] firstAt;
  private final double[] first;
  private final long[] lastStep;
  private final long[] lastAt;
  private final double[] last;
  private final double[] min;
  private final double[] max;
  private boolean isPassed;

  /// @param least the least step or time of the points to come
  /// @param most the greatest
  /// @param parts at least 1
  Envelope(Axis axis, long least, long most, int parts) {
    this.isByStep = axis == Axis.STEP;
    this.least = least;
    this.most = most;
    this.parts = parts;
    this.width = ((double) most - (double) least) / parts;
    this.isFilled = new boolean[parts];
    this.firstStep = new long[parts];
    this.firstAt = new long[parts];
    this.first = new double[parts];
    this.lastStep = new long[parts];
    this.lastAt = new long[parts];
    this.last = new double[parts];
    this.min = new double[parts];
    this.max = new double[parts];
  }

  void add(long step, long at, double value) {
    long x = isByStep ? step : at;
    if (x < least || x > most) isPassed = true;
    int i = part(x);
    if (!isFilled[i]) {
      isFilled[i] = true;
      firstStep[i] = step;
      firstAt[i] = at;
      first[i] = value;
      lastStep[i] = step;
      lastAt[i] = at;
      last[i] = value;
      min[i] = value;
      max[i] = value;
      return;
    }
    if (isBefore(step, at, value, firstStep[i], firstAt[i], first[i])) {
      firstStep[i] = step;
      firstAt[i] = at;
      first[i] = value;
    }
    if (!isBefore(step, at, value, lastStep[i], lastAt[i], last[i])) {
      lastStep[i] = step;
      lastAt[i] = at;
      last[i] = value;
    }
    if (value < min[i] || Double.isNaN(min[i])) min[i] = value;
    if (value > max[i] || Double.isNaN(max[i])) max[i] = value;
  }

  /// Tells the least and the greatest of further points of a part that has one; NaN for none.
  ///
  /// @param x a step or time of that part
  void widen(long x, double low, double high) {
    int i = part(x);
    if (low < min[i] || Double.isNaN(min[i])) min[i] = low;
    if (high > max[i] || Double.isNaN(max[i])) max[i] = high;
  }

  /// Whether a point came that lies outside the range promised.
  boolean isPassed() {
    return isPassed;
  }

  int size() {
    return parts;
  }

  /// The least step or time of a part, or of the next one that has any; the greatest there is if
  /// none does.
  long start(int part) {
    long low = least;
    long high = most;
    while (low < high) {
      // The mean, rounded down, without running over.
      long middle = (low & high) + ((low ^ high) >> 1);
      if (part(middle) >= part) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /// The part of the axis that a step or time lies in.
  int part(long x) {
    if (width == 0) return 0;
    return Math.clamp((long) (((double) x - (double) least) / width), 0, parts - 1);
  }

  private boolean isBefore(
      long step, long at, double value, long otherStep, long otherAt, double otherValue) {
    long x = isByStep ? step : at;
    long otherX = isByStep ? otherStep : otherAt;
    if (x != otherX) return x < otherX;
    if (step != otherStep) return step < otherStep;
    if (at != otherAt) return at < otherAt;
    return Double.compare(value, otherValue) < 0;
  }

  /// The parts that have points, along the axis.
  List<Part> parts() {
    List<Part> filled = new ArrayList<>();
    for (int i = 0; i < parts; i++) {
      if (!isFilled[i]) continue;
      filled.add(new Part(firstStep[i], firstAt[i], first[i], min[i], max[i], last[i]));
    }
    return filled;
  }
}
