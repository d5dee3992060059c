package dev.orrery.scorer;

import static dev.orrery.scorer.BadModelException.damaged;
import static dev.orrery.scorer.BadModelException.require;
import static dev.orrery.scorer.BadModelException.shown;
import static dev.orrery.scorer.BadModelException.unsupported;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The model package that Orrery's own training writes: JSON of the inputs, how each becomes a
/// number, and the model, a logistic regression or LightGBM's text.
///
/// A text stands in a row as its code: 0 for every text that has none of its own, among them those
/// that training never saw; the known ones from 1 on; NaN where it is missing.
final class OrreryPackage {
  private static final int CATEGORIES_MAX = 10_000;

  private final Map<String, Object> root;
  private final List<String> names = new ArrayList<>();
  private final List<Map<String, Integer>> codes = new ArrayList<>();
  private final List<double[]> scales = new ArrayList<>();

  private OrreryPackage(Map<String, Object> root) {
    this.root = root;
  }

  static boolean looksLike(Object document) {
    return document instanceof Map<?, ?> map && map.containsKey("orrery_model");
  }

  static Core read(Object document) {
    return new OrreryPackage(Doc.object(document, "package")).core();
  }

  private Core core() {
    int version = Doc.integer(root, "orrery_model", -1);
    if (version != 1) throw unsupported("a package of version " + version, "Use a newer scorer");
    for (Object input : Doc.list(root, "inputs")) input(Doc.object(input, "inputs"));
    Map<String, Object> model = Doc.object(root, "model");
    require(model.size() == 1, "a package holds " + model.size() + " models");
    String kind = model.keySet().iterator().next();
    Map<String, Object> inner = Doc.object(model, kind);
    return switch (kind) {
      case "logistic_regression" -> linear(inner);
      case "lightgbm" -> {
        Core trees = LightGbmText.read(Doc.text(inner, "text"));
        require(trees.categories() == null, "its trees list categories of their own");
        require(trees.margins().width() <= names.size(), "its trees read more than its inputs");
        yield new Core(names, new Widened(trees.margins(), names.size()), trees.link())
            .withCodes(codes);
      }
      default ->
          throw unsupported(
              "a package of the kind '" + shown(kind) + "'",
              "Embed packages of logistic_regression and lightgbm");
    };
  }

  private void input(Map<String, Object> input) {
    names.add(Doc.text(input, "name"));
    switch (Doc.text(input, "type")) {
      case "number" -> {
        double deviation = number(input, "deviation");
        require(deviation > 0, "a deviation is not above 0");
        codes.add(Core.NUMBER);
        scales.add(new double[] {number(input, "mean"), deviation});
      }
      case "string" -> {
        Map<String, Integer> known = new HashMap<>();
        for (Object category : Doc.list(input, "categories")) {
          if (!(category instanceof String text)) throw damaged("a category is no text");
          require(known.put(text, known.size() + 1) == null, "a category stands twice");
        }
        require(known.size() <= CATEGORIES_MAX, "it has more than 10,000 categories");
        codes.add(known);
        scales.add(new double[0]);
      }
      default -> throw damaged("an input is neither a number nor a string");
    }
  }

  private static double number(Map<String, Object> in, String name) {
    if (in.get(name) instanceof Double number && Double.isFinite(number)) return number;
    throw damaged("'" + name + "' is not a number");
  }

  private Core linear(Map<String, Object> model) {
    double[] weights = Doc.numbers(model, "weights");
    int[] offsets = new int[names.size() + 1];
    for (int i = 0; i < names.size(); i++) {
      boolean isText = scales.get(i).length == 0;
      offsets[i + 1] = offsets[i] + (isText ? codes.get(i).size() + 2 : 2);
    }
    require(weights.length == offsets[names.size()], "its weights are not those of its inputs");
    for (double weight : weights) require(Double.isFinite(weight), "a weight is not a number");
    var margins = new Logistic(number(model, "intercept"), weights, offsets, List.copyOf(scales));
    return new Core(names, margins, new Sigmoid()).withCodes(codes);
  }

  /// The margins of trees over rows that may have more values than the trees read.
  private record Widened(Margins inner, int width) implements Margins {
    @Override
    public int groups() {
      return inner.groups();
    }

    @Override
    public void margins(double[] rows, int from, int stride, double[] margins, int count) {
      inner.margins(rows, from, stride, margins, count);
    }

    @Override
    public List<Tree> trees() {
      return inner.trees();
    }
  }

  /// A logistic regression in doubles. The weights of an input stand together: of a number its own
  /// and that of being missing; of a text those of its codes from 0 on and that of being missing.
  ///
  /// @param scales mean and deviation of a number; empty for texts
  private record Logistic(double intercept, double[] weights, int[] offsets, List<double[]> scales)
      implements Margins {
    /// Standardised values beyond this are cut, so that a margin stays finite.
    private static final double LIMIT = 1e9;

    @Override
    public int width() {
      return scales.size();
    }

    @Override
    public int groups() {
      return 1;
    }

    @Override
    public void margins(double[] rows, int from, int stride, double[] margins, int count) {
      for (int i = 0; i < count; i++) margins[i] = margin(rows, from + i * stride);
    }

    private double margin(double[] rows, int row) {
      double margin = intercept;
      for (int i = 0; i < scales.size(); i++) {
        double x = rows[row + i];
        double[] scale = scales.get(i);
        int first = offsets[i];
        int missing = offsets[i + 1] - 1;
        if (Double.isNaN(x)) {
          margin += weights[missing];
        } else if (scale.length == 0) {
          boolean isKnown = x >= 0 && x < missing - first;
          margin += weights[first + (isKnown ? (int) x : 0)];
        } else {
          double z = (x - scale[0]) / scale[1];
          margin += Math.max(-LIMIT, Math.min(LIMIT, z)) * weights[first];
        }
      }
      return margin;
    }

    @Override
    public List<Tree> trees() {
      return List.of();
    }
  }

  private record Sigmoid() implements Link {
    @Override
    public int outputs(int groups) {
      return groups;
    }

    @Override
    public void apply(double[] margins, int from, int groups, double[] scores, int to) {
      scores[to] = 1 / (1 + StrictMath.exp(-margins[from]));
    }
  }
}
