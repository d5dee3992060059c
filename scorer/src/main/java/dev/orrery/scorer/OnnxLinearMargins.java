package dev.orrery.scorer;

import java.util.List;

/// The sums of a linear model in ONNX, after the steps before it: products added up in the order of
/// the values, each rounded once with its sum, so many at a time as ONNX Runtime's product of
/// matrices takes: 1,024 of up to 16 outputs, half of that for each doubling, and at least 128.
///
/// @param width how many values a row has
/// @param size how many the steps make of them
/// @param at where the values of the linear model begin, `count` of them
/// @param weights of the first output, one for each value, then of the second
record OnnxLinearMargins(
    int width,
    int size,
    List<RowOps.Step> steps,
    int at,
    int count,
    float[] weights,
    float[] intercepts)
    implements Margins {
  private static final int BLOCK_MIN = 128;
  private static final int BLOCK_MAX = 1_024;
  private static final int OUTPUTS_OF_MAX = 16;

  @Override
  public int groups() {
    return intercepts.length;
  }

  @Override
  public void margins(double[] rows, int from, int stride, double[] margins, int rowCount) {
    float[] v = new float[size];
    int groups = intercepts.length;
    int block = block();
    for (int i = 0; i < rowCount; i++) {
      int row = from + i * stride;
      for (int f = 0; f < width; f++) v[f] = (float) rows[row + f];
      for (RowOps.Step step : steps) step.run(v);
      for (int g = 0; g < groups; g++) margins[i * groups + g] = sum(v, g, block);
    }
  }

  private int block() {
    int block = BLOCK_MAX;
    for (int most = OUTPUTS_OF_MAX; most < groups() && block > BLOCK_MIN; most *= 2) block /= 2;
    return block;
  }

  private float sum(float[] v, int group, int most) {
    float sum = intercepts[group];
    int first = group * count;
    for (int begin = 0; begin < count; begin += most) {
      float block = 0;
      int end = Math.min(count, begin + most);
      for (int f = begin; f < end; f++) block = RowOps.fused(v[at + f], weights[first + f], block);
      sum += block;
    }
    return sum;
  }

  @Override
  public List<Tree> trees() {
    return List.of();
  }
}
