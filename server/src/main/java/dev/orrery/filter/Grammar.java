package dev.orrery.filter;

/// How much a filter may say.
public enum Grammar {
  /// Comparisons joined by `AND`, as MLflow's clients write them.
  MLFLOW,
  /// Also `OR`, `NOT` and parentheses; numbers stand for texts, and quoted dates for times.
  FULL
}
