package dev.orrery.scorer;

import java.util.List;

/// What makes the margins of rows: trees or weights. Safe for use by many threads.
interface Margins {
  /// How many values a row has.
  int width();

  /// How many margins a row has.
  int groups();

  /// @param rows one after the other from `from` on, each `stride` long, which is at least the
  ///   width
  /// @param margins filled from 0 to count times groups
  void margins(double[] rows, int from, int stride, double[] margins, int count);

  /// The trees; none of a linear model.
  List<Tree> trees();
}
