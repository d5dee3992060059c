package dev.orrery.model;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.scorer.BadModelException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.DoubleStream;

/// A LightGBM model of one output, scored in plain Java: the margin is bit-equal to LightGBM's,
/// summed in the order of the trees; the score after the link is within 2 ulp of it.
public final class Trees implements Model {
  public static final String KIND = "lightgbm";

  /// Parameters that say how training ran, not what came out.
  private static final Pattern RUN_ONLY =
      Pattern.compile(
          "(?m)^\\[(num_threads|verbosity|data|valid|output_model|input_model|snapshot_freq"
              + "|machines|local_listen_port|time_out|machine_list_filename|gpu_[a-z_]+"
              + "|device_type|num_gpu|force_col_wise|force_row_wise)"
              + ":[^\\n]*\\]\\n");

  private final String text;
  private final dev.orrery.scorer.Scorer scorer;

  /// @param text as LightGBM writes it; parameters that say only how training ran are dropped
  /// @throws Problem of kind INVALID or UNSUPPORTED if it cannot be scored safely
  public Trees(String text) {
    this.text = canonical(text);
    byte[] bytes = this.text.getBytes(StandardCharsets.UTF_8);
    try {
      if (!this.text.startsWith("tree\n")) throw unlike("it does not begin with 'tree'");
      this.scorer = dev.orrery.scorer.Scorer.read(bytes);
    } catch (BadModelException e) {
      throw problem(e, Fault.BAD_MODEL_TEXT);
    }
    if (scorer.hasCategories()) {
      throw new Problem(
          Fault.UNSUPPORTED_MODEL,
          "a model of this sort is not scored here: its trees list categories of their own",
          "Train on codes, or serve the file with 'orrery serve'");
    }
    if (scorer.outputs() != 1) {
      throw new Problem(
          Fault.UNSUPPORTED_MODEL,
          "a model of this sort is not scored here: it has several outputs",
          "Train a binary or regression model");
    }
  }

  private static Problem unlike(String what) {
    return new Problem(
        Fault.BAD_MODEL_TEXT,
        "the model is damaged: " + what,
        "Take the file from the run that made it, or train again");
  }

  /// The engine's complaint, as one of ours.
  ///
  /// @param damaged the fault of a model that does not hold together
  static Problem problem(BadModelException e, Fault damaged) {
    Fault fault =
        e.kind() == BadModelException.Kind.UNSUPPORTED ? Fault.UNSUPPORTED_MODEL : damaged;
    return new Problem(fault, e.what(), e.remedy()).because(e);
  }

  /// The text without the parameters that say only how training ran: those differ between runs of
  /// the same model.
  private static String canonical(String text) {
    int parameters = text.indexOf("\nparameters:");
    if (parameters < 0) return text;
    return text.substring(0, parameters)
        + RUN_ONLY.matcher(text.substring(parameters)).replaceAll("");
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
    return scorer.width();
  }

  public List<String> featureNames() {
    return scorer.names();
  }

  public int trees() {
    return scorer.trees();
  }

  public int leaves() {
    return scorer.leaves();
  }

  /// The sum of the leaves that one row reaches.
  ///
  /// @param row at least as long as [#width()]
  public double margin(double[] row) {
    checkWidth(row.length);
    return scorer.margin(row);
  }

  /// The margins of many rows.
  public void margins(double[] rows, int width, double[] margins) {
    checkWidth(width);
    scorer.margins(rows, width, margins);
  }

  @Override
  public double score(double[] row) {
    checkWidth(row.length);
    return scorer.score(row);
  }

  @Override
  public void score(double[] rows, int width, double[] scores) {
    checkWidth(width);
    scorer.scores(rows, width, scores);
  }

  /// The sum of each feature's split gains.
  @Override
  public List<Double> importance(Preprocessor preprocessor) {
    return DoubleStream.of(scorer.gains()).boxed().toList();
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
