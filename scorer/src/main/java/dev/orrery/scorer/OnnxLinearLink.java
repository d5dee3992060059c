package dev.orrery.scorer;

import java.util.List;

/// The steps behind a linear model in ONNX, from its sums to scores and a label.
///
/// @param size how many values the steps make of a row, the sums first
/// @param score where the scores are, `outputs` of them
/// @param place where the place of the label is; -1 where there is none
record OnnxLinearLink(int size, List<RowOps.Step> steps, int score, int outputs, int place)
    implements Link {
  @Override
  public int outputs(int groups) {
    return outputs;
  }

  @Override
  public int label(double[] margins, int from, int groups) {
    return place < 0 ? -1 : (int) values(margins, from, groups)[place];
  }

  @Override
  public void apply(double[] margins, int from, int groups, double[] scores, int to) {
    float[] v = values(margins, from, groups);
    for (int i = 0; i < outputs; i++) scores[to + i] = v[score + i];
  }

  private float[] values(double[] margins, int from, int groups) {
    float[] v = new float[size];
    for (int g = 0; g < groups; g++) v[g] = (float) margins[from + g];
    for (RowOps.Step step : steps) step.run(v);
    return v;
  }
}
