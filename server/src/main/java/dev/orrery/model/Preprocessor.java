package dev.orrery.model;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.engine.Table;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Turns rows of features into arrays of doubles; fitted on training rows only, and kept with the
/// model, so that training and serving cannot differ.
///
/// @param signature the inputs
/// @param encodings one for each input, in order
public record Preprocessor(Signature signature, List<Encoding> encodings) {
  /// A category seen in fewer training rows than this shares the bucket of unseen ones, so that the
  /// bucket has rows to learn from.
  public static final int CATEGORY_ROWS_MIN = 10;

  /// A column with more rare texts, or longer ones in all, does not keep them.
  static final int RARE_MAX = 10_000;

  static final int RARE_CHARS_MAX = 250_000;

  public Preprocessor {
    encodings = List.copyOf(encodings);
    if (encodings.size() != signature.size()) {
      throw new Problem(
          Fault.BAD_PACKAGE,
          "%d encodings for %d features".formatted(encodings.size(), signature.size()),
          "Take the package from the run that made it");
    }
    for (int i = 0; i < encodings.size(); i++) {
      boolean text = signature.inputs().get(i).type() == Table.Type.STRING;
      if (text != encodings.get(i) instanceof Encoding.Category) {
        throw new Problem(
            Fault.BAD_PACKAGE,
            "the encoding of '%s' is not of its type"
                .formatted(Texts.shown(signature.inputs().get(i).name())),
            "Take the package from the run that made it");
      }
    }
  }

  /// Fits scalers and dictionaries on all rows given: give training rows only.
  public static Preprocessor fit(Table training) {
    Signature signature = Signature.of(training);
    List<Encoding> encodings = new ArrayList<>();
    for (Table.Column column : training.columns().values()) {
      encodings.add(
          switch (column) {
            case Table.Numbers numbers -> scaler(numbers.values());
            case Table.Strings strings -> dictionary(strings.values());
            case Table.Times _ -> throw new IllegalStateException("the signature refuses times");
          });
    }
    return new Preprocessor(signature, encodings);
  }

  public int width() {
    return encodings.size();
  }

  /// One input's column, encoded; numbers are shared, not copied.
  ///
  /// @throws Problem of kind INVALID if the column is missing or of another type
  public double[] column(Table features, int input) {
    signature.check(features);
    Input wanted = signature.inputs().get(input);
    if (!(encodings.get(input) instanceof Encoding.Category category)) {
      return features.numbers(wanted.name());
    }
    @Nullable String[] texts = features.strings(wanted.name());
    double[] codes = new double[texts.length];
    for (int i = 0; i < codes.length; i++) codes[i] = category.code(texts[i]);
    return codes;
  }

  /// All rows, row after row: the value of input j in row i stands at `i * width() + j`.
  ///
  /// @throws Problem of kind INVALID that names a column missing or of another type
  public double[] encode(Table features) {
    signature.check(features);
    return encode(features, 0, features.rows());
  }

  /// Some rows of a table that has been checked.
  double[] encode(Table features, int from, int to) {
    int width = width();
    double[] rows = new double[Math.multiplyExact(to - from, width)];
    for (int j = 0; j < width; j++) {
      String name = signature.inputs().get(j).name();
      switch (encodings.get(j)) {
        case Encoding.Number _ -> {
          double[] values = features.numbers(name);
          for (int i = from; i < to; i++) rows[(i - from) * width + j] = values[i];
        }
        case Encoding.Category category -> {
          @Nullable String[] values = features.strings(name);
          for (int i = from; i < to; i++) {
            rows[(i - from) * width + j] = category.code(values[i]);
          }
        }
      }
    }
    return rows;
  }

  /// One row of a table that has every input in its type.
  ///
  /// @param encoded filled, in the signature's order
  public void encodeRow(Table features, int row, double[] encoded) {
    for (int j = 0; j < encodings.size(); j++) {
      String name = signature.inputs().get(j).name();
      encoded[j] =
          switch (encodings.get(j)) {
            case Encoding.Number _ -> features.numbers(name)[row];
            case Encoding.Category category -> category.code(features.strings(name)[row]);
          };
    }
  }

  /// The code of a text of one input; NaN for null.
  ///
  /// @throws Problem of kind INVALID if the input takes numbers
  public double code(int input, @Nullable String text) {
    if (encodings.get(input) instanceof Encoding.Category category) return category.code(text);
    throw new Problem(
        Fault.FEATURE_TYPE,
        "feature '%s' takes numbers, and was given a text"
            .formatted(Texts.shown(signature.inputs().get(input).name())),
        "Give a number, or null if it is not known");
  }

  private static Encoding.Number scaler(double[] values) {
    double sum = 0;
    long count = 0;
    for (double x : values) {
      if (!Double.isFinite(x)) continue;
      sum += x;
      count++;
    }
    double mean = count == 0 ? 0 : sum / count;
    double square = 0;
    for (double x : values) if (Double.isFinite(x)) square += (x - mean) * (x - mean);
    double deviation = count == 0 ? 0 : Math.sqrt(square / count);
    boolean usable = Double.isFinite(mean) && Double.isFinite(deviation) && deviation > 0;
    return usable
        ? new Encoding.Number(mean, deviation)
        : new Encoding.Number(Double.isFinite(mean) ? mean : 0, 1);
  }

  private static Encoding.Category dictionary(@Nullable String[] values) {
    Map<String, Integer> counts = new TreeMap<>();
    for (String value : values) if (value != null) counts.merge(value, 1, Integer::sum);
    List<String> known = new ArrayList<>();
    counts.entrySet().stream()
        .filter(e -> e.getValue() >= Math.min(CATEGORY_ROWS_MIN, Math.max(1, values.length / 100)))
        .sorted(
            Map.Entry.<String, Integer>comparingByValue()
                .reversed()
                .thenComparing(Map.Entry.comparingByKey()))
        .limit(Encoding.CATEGORIES_MAX)
        .forEach(e -> known.add(e.getKey()));
    known.sort(null);
    counts.keySet().removeAll(new HashSet<>(known));
    long chars = counts.keySet().stream().mapToLong(String::length).sum();
    boolean few = counts.size() <= RARE_MAX && chars <= RARE_CHARS_MAX;
    return new Encoding.Category(known, few ? List.copyOf(counts.keySet()) : null);
  }
}
