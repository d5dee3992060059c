package dev.orrery.scorer;

import java.util.List;

/// XGBoost's linear booster: floats, added up in the order of the features; a missing value adds
/// nothing.
///
/// @param weights of the first feature one for each group, then of the second; the biases stand
///   last
/// @param base per group
record LinearMargins(int width, double[] weights, float[] base) implements Margins {
  @Override
  public int groups() {
    return base.length;
  }

  @Override
  public void margins(double[] rows, int from, int stride, double[] margins, int count) {
    int groups = base.length;
    for (int i = 0; i < count; i++) {
      for (int g = 0; g < groups; g++) {
        float sum = (float) weights[width * groups + g] + base[g];
        for (int f = 0; f < width; f++) {
          float x = (float) rows[from + i * stride + f];
          if (!Float.isNaN(x)) sum += x * (float) weights[f * groups + g];
        }
        margins[i * groups + g] = sum;
      }
    }
  }

  @Override
  public List<Tree> trees() {
    return List.of();
  }
}
