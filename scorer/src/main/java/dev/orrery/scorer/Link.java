package dev.orrery.scorer;

/// From the margins of a row to its scores.
interface Link {
  /// How many scores a row of so many margins has.
  int outputs(int groups);

  /// @param margins those of one row, from `from` on; changed
  /// @param scores those of the row go here, from `to` on
  void apply(double[] margins, int from, int groups, double[] scores, int to);

  /// The place of the label that a classifier gives a row, told from its margins before they are
  /// changed; -1 where there are no labels.
  default int label(double[] margins, int from, int groups) {
    return -1;
  }
}
