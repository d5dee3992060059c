package dev.orrery.model;

/// From a margin to a score. [StrictMath] makes it the same on every machine and in every mode of
/// the virtual machine.
public enum Link {
  IDENTITY,
  LOGISTIC,
  EXPONENTIAL,
  SIGNED_SQUARE;

  /// @param slope of the logistic link, LightGBM's `sigmoid`; 1 as a rule
  double apply(double margin, double slope) {
    return switch (this) {
      case IDENTITY -> margin;
      case LOGISTIC -> 1 / (1 + StrictMath.exp(-slope * margin));
      case EXPONENTIAL -> StrictMath.exp(margin);
      case SIGNED_SQUARE -> margin >= 0 ? margin * margin : -(margin * margin);
    };
  }
}
