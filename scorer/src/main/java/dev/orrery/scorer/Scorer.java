package dev.orrery.scorer;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A model that scores rows of numbers. Safe for use by many threads, which share nothing.
///
/// A row has [#width()] values, in the order of training; a missing one is NaN. Values are taken as
/// the library takes them: XGBoost and most ONNX models round them to floats.
public final class Scorer {
  private static final long BYTES_MAX = 1L << 30;

  private final Format format;
  private final Core core;
  private final int groups;
  private final int outputs;

  /// The formats that are read.
  public enum Format {
    LIGHTGBM_TEXT,
    XGBOOST_JSON,
    XGBOOST_UBJ,
    ONNX,
    /// The package of a version that Orrery trained.
    ORRERY_PACKAGE
  }

  private Scorer(Format format, Core core) {
    this.format = format;
    this.core = core;
    this.groups = core.margins().groups();
    this.outputs = core.link().outputs(groups);
  }

  /// Reads a model's file; the format is told by the bytes, not by the name.
  ///
  /// @throws IOException if the file cannot be read
  /// @throws BadModelException if it is damaged, or of a sort that is not scored here
  public static Scorer read(Path file) throws IOException {
    if (Files.size(file) > BYTES_MAX) {
      throw BadModelException.unsupported("it is larger than 1 GiB", "Train a smaller model");
    }
    return read(Files.readAllBytes(file));
  }

  /// The same, of bytes in memory.
  public static Scorer read(byte[] bytes) {
    Format format = format(bytes);
    try {
      Object document =
          switch (format) {
            case XGBOOST_JSON -> JsonReader.read(bytes);
            case XGBOOST_UBJ -> UbjReader.read(bytes);
            default -> Doc.NULL;
          };
      if (OrreryPackage.looksLike(document)) {
        return new Scorer(Format.ORRERY_PACKAGE, OrreryPackage.read(document));
      }
      return new Scorer(
          format,
          switch (format) {
            case LIGHTGBM_TEXT -> LightGbmText.read(new String(bytes, StandardCharsets.UTF_8));
            case ONNX -> OnnxModel.read(bytes);
            default -> Xgboost.read(document);
          });
    } catch (ArithmeticException e) {
      throw BadModelException.damaged("a count in it is out of range");
    }
  }

  /// Which format bytes begin like; a package of Orrery begins like XGBoost's JSON.
  ///
  /// @throws BadModelException if it is none of those that are read
  public static Format format(byte[] bytes) {
    int first = firstLetter(bytes);
    if (startsWith(bytes, "tree\n")) return Format.LIGHTGBM_TEXT;
    // In UBJSON a length follows, in JSON a key or the end.
    if (first == '{' && bytes.length > 1 && bytes[0] == '{' && "iIlLU$#N}".indexOf(bytes[1]) >= 0) {
      if (bytes[1] != '}') return Format.XGBOOST_UBJ;
    }
    if (first == '{') return Format.XGBOOST_JSON;
    if (OnnxModel.looksLike(bytes)) return Format.ONNX;
    throw BadModelException.damaged("it is of no format known here");
  }

  private static int firstLetter(byte[] bytes) {
    for (byte b : bytes) if (b != ' ' && b != '\n' && b != '\r' && b != '\t') return b;
    return -1;
  }

  private static boolean startsWith(byte[] bytes, String text) {
    byte[] start = text.getBytes(StandardCharsets.US_ASCII);
    return bytes.length >= start.length
        && Arrays.equals(bytes, 0, start.length, start, 0, start.length);
  }

  public Format format() {
    return format;
  }

  /// The names of the values of a row; empty where the file tells none.
  public List<String> names() {
    return core.features();
  }

  /// What the file calls its input and outputs; empty where it does not.
  public Optional<Face> face() {
    return Optional.ofNullable(core.face());
  }

  /// Whether values are rounded to floats before anything else, as the library does.
  public boolean takesFloats() {
    return format == Format.ONNX
        ? face().filter(face -> !face.takesDoubles()).isPresent()
        : format == Format.XGBOOST_JSON || format == Format.XGBOOST_UBJ;
  }

  /// Whether a value of a row stands for a text: see [#code(int, String)].
  public boolean isText(int place) {
    return place < core.codes().size() && core.codes().get(place) != Core.NUMBER;
  }

  /// Whether the file lists the values of categories: those of a LightGBM or XGBoost model that was
  /// trained on a data frame. A value of such a category is then a text, or the number itself, and
  /// not its code; a number that XGBoost's training never saw is an [UnknownCategoryException].
  public boolean hasCategories() {
    return core.categories() != null;
  }

  /// Whether the file lists the values of the category at this place.
  public boolean isCategory(int place) {
    return core.categories() != null && core.categories().has(place);
  }

  /// What stands in a row for a text: one number for every text that has no code of its own, among
  /// them those that training never saw (0 in a package of Orrery's, NaN in LightGBM); NaN for
  /// null.
  ///
  /// @throws UnknownCategoryException for a text of a XGBoost model that training never saw
  /// @throws IllegalArgumentException if the value at this place is a number
  public double code(int place, @Nullable String text) {
    if (!isText(place)) throw new IllegalArgumentException("value " + place + " is a number");
    Map<String, Integer> codes = core.codes().get(place);
    if (text == null) return Double.NaN;
    Integer code = codes.get(text);
    if (code != null) return code;
    return core.categories() == null ? 0 : core.categories().unknown(place, text);
  }

  /// How many values a row has.
  public int width() {
    return core.margins().width();
  }

  /// How many scores a row has: one, or one for each class or target.
  public int outputs() {
    return outputs;
  }

  /// How many margins a row has, before the link.
  public int groups() {
    return groups;
  }

  /// How many trees there are; none in a linear model.
  public int trees() {
    return core.margins().trees().size();
  }

  /// How many leaves all trees have.
  public int leaves() {
    return core.margins().trees().stream().mapToInt(Tree::leaves).sum();
  }

  /// The sum of each value's split gains, where the file tells them; else zeros.
  public double[] gains() {
    double[] gains = new double[width()];
    for (Tree tree : core.margins().trees()) {
      for (int i = 0; i < tree.gain().length; i++) gains[tree.feature()[i]] += tree.gain()[i];
    }
    return gains;
  }

  /// The score of a row, of a model with one output.
  ///
  /// @throws IllegalArgumentException if the row is shorter than [#width()]
  /// @throws IllegalStateException if the model has several outputs: see [#scores(double[])]
  public double score(double[] row) {
    if (outputs != 1) {
      throw new IllegalStateException("the model has " + outputs + " outputs: use scores(row)");
    }
    check(row.length);
    double[] margins = new double[groups];
    core.margins().margins(row, 0, row.length, margins, 1);
    core.link().apply(margins, 0, groups, margins, 0);
    return margins[0];
  }

  /// The scores of many rows, of a model with one output.
  public double[] score(double[][] rows) {
    double[] scores = new double[rows.length];
    for (int i = 0; i < rows.length; i++) scores[i] = score(rows[i]);
    return scores;
  }

  /// All scores of a row: one for each class or target.
  public double[] scores(double[] row) {
    check(row.length);
    double[] scores = new double[outputs];
    scores(row, row.length, scores, 1, new int[0]);
    return scores;
  }

  /// All scores of many rows that lie one after the other.
  ///
  /// @param stride how many values each has, at least [#width()]
  /// @param scores filled from 0 to rows times outputs
  public void scores(double[] rows, int stride, double[] scores) {
    scores(rows, stride, scores, count(rows, stride), new int[0]);
  }

  /// The same, and per row the place of its label; -1 where the model has no labels.
  public void scores(double[] rows, int stride, double[] scores, int[] labels) {
    scores(rows, stride, scores, count(rows, stride), labels);
  }

  private void scores(double[] rows, int stride, double[] scores, int count, int[] labels) {
    boolean inPlace = groups == outputs;
    double[] margins = inPlace ? scores : new double[count * groups];
    core.margins().margins(rows, 0, stride, margins, count);
    Link link = core.link();
    for (int i = 0; i < count; i++) {
      if (labels.length > 0) labels[i] = link.label(margins, i * groups, groups);
      link.apply(margins, i * groups, groups, scores, i * outputs);
    }
  }

  /// The margin of a row, of a model with one; the first of several.
  public double margin(double[] row) {
    return margins(row)[0];
  }

  /// All margins of a row, as the library adds them up.
  public double[] margins(double[] row) {
    check(row.length);
    double[] margins = new double[groups];
    core.margins().margins(row, 0, row.length, margins, 1);
    return margins;
  }

  /// The margins of many rows that lie one after the other.
  ///
  /// @param stride how many values each has, at least [#width()]
  /// @param margins filled from 0 to rows times groups
  public void margins(double[] rows, int stride, double[] margins) {
    core.margins().margins(rows, 0, stride, margins, count(rows, stride));
  }

  private int count(double[] rows, int stride) {
    check(stride);
    if (stride == 0 || rows.length % stride != 0) {
      throw new IllegalArgumentException(rows.length + " values are not whole rows of " + stride);
    }
    return rows.length / stride;
  }

  private void check(int length) {
    if (length < width()) {
      throw new IllegalArgumentException(
          "a row has " + length + " values, and the model takes " + width());
    }
  }
}
