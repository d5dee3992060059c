package dev.orrery.model;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.util.ArrayList;
import java.util.List;

/// A LightGBM model, scored in plain Java: the margin is bit-equal to LightGBM's, summed in the
/// order of the trees; the score after the link is within 2 ulp of it.
public final class Trees implements Model {
  public static final String KIND = "lightgbm";

  private final String text;
  private final LightGbmText read;
  private final Forest forest;

  /// @param text as LightGBM writes it; parameters that say only how training ran are dropped
  /// @throws Problem of kind INVALID or UNSUPPORTED if it cannot be scored safely
  public Trees(String text) {
    this.text = LightGbmText.canonical(text);
    this.read = LightGbmText.read(this.text);
    this.forest = Forest.of(read);
  }

  @Override
  public String kind() {
    return KIND;
  }

  /// LightGBM's text, without run-only parameters.
  public String text() {
    return text;
  }

  /// How many features a row has.
  public int width() {
    return read.features().size();
  }

  public List<String> featureNames() {
    return read.features();
  }

  public int trees() {
    return read.trees().size();
  }

  public int leaves() {
    return read.trees().stream().mapToInt(tree -> tree.leaf().length).sum();
  }

  /// The sum of the leaves that one row reaches.
  ///
  /// @param row at least as long as [#width()]
  public double margin(double[] row) {
    checkWidth(row.length);
    return forest.margin(row, 0);
  }

  /// The margins of many rows.
  public void margins(double[] rows, int width, double[] margins) {
    checkWidth(width);
    forest.margins(rows, width, margins, rows.length / width);
  }

  @Override
  public double score(double[] row) {
    return read.link().apply(margin(row), read.slope());
  }

  @Override
  public void score(double[] rows, int width, double[] scores) {
    margins(rows, width, scores);
    for (int i = 0; i < rows.length / width; i++) {
      scores[i] = read.link().apply(scores[i], read.slope());
    }
  }

  /// The sum of each feature's split gains.
  @Override
  public List<Double> importance(Preprocessor preprocessor) {
    double[] gains = new double[width()];
    for (LightGbmTree tree : read.trees()) {
      for (int i = 0; i < tree.feature().length; i++) gains[tree.feature()[i]] += tree.gain()[i];
    }
    List<Double> importance = new ArrayList<>();
    for (double gain : gains) importance.add(gain);
    return List.copyOf(importance);
  }

  private void checkWidth(int width) {
    if (width < width()) {
      throw new Problem(
          Fault.FEATURE_MISSING,
          "a row has %d features, and the model takes %d".formatted(width, width()),
          "Give every feature of the signature, in its order");
    }
  }
}
