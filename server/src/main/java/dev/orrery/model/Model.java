package dev.orrery.model;

import java.util.List;

/// A fitted model over encoded rows (see [Preprocessor]). Safe for use by many threads.
public sealed interface Model permits Constant, Rule, Linear, Trees {
  /// The name of its kind in files: `majority`, `rule`, `logistic_regression`, `lightgbm`.
  String kind();

  /// The score of one encoded row.
  ///
  /// @param row at least as long as the signature; not changed
  double score(double[] row);

  /// The scores of many encoded rows.
  ///
  /// @param rows row after row, each `width` long
  /// @param scores filled from 0 to rows.length / width
  default void score(double[] rows, int width, double[] scores) {
    double[] row = new double[width];
    for (int i = 0; i < rows.length / width; i++) {
      System.arraycopy(rows, i * width, row, 0, width);
      scores[i] = score(row);
    }
  }

  /// How much each input matters, >= 0, in the order of the signature: gain for trees, the spread
  /// that an input gives the margin for linear models.
  default List<Double> importance(Preprocessor preprocessor) {
    return preprocessor.encodings().stream().map(_ -> 0.0).toList();
  }
}
