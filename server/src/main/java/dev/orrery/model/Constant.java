package dev.orrery.model;

/// Says the same of every row: the majority class's baseline.
///
/// @param share of positives among the training rows, 0 to 1; it predicts the positive class only
///   if that is over one half
public record Constant(double share) implements Model {
  public static final String KIND = "majority";

  public Constant {
    Rule.checkShare(share);
  }

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public double score(double[] row) {
    return share;
  }
}
