package dev.orrery.model;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.scorer.UnknownCategoryException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.function.ObjIntConsumer;

/// Trees whose file lists the values of categories, since they were trained on a data frame: what
/// `predict(DataFrame)` of LightGBM and XGBoost makes of a frame.
///
/// One input for each feature, `[rows]`: the texts of a category, its numbers, or a number. Outputs
/// are those of the trees.
final class CategoryScorer implements Scorer {
  private final TreesScorer trees;
  private final dev.orrery.scorer.Scorer engine;
  private final List<Port> inputs = new ArrayList<>();
  private final List<String> categories = new ArrayList<>();
  private volatile ObjIntConsumer<String> told = (_, _) -> {};

  /// @throws Problem of kind INVALID if its features have no names of their own
  CategoryScorer(TreesScorer trees) {
    this.trees = trees;
    this.engine = trees.engine();
    List<String> names = engine.names();
    if (names.size() != engine.width() || new HashSet<>(names).size() != names.size()) {
      throw new Problem(
          Fault.BAD_MODEL_FILE,
          "it lists categories, and its features have no names of their own",
          "Name the columns of the data frame, each otherwise, and train again");
    }
    Datatype number = trees.inputs().getFirst().type();
    for (int i = 0; i < names.size(); i++) {
      // XGBoost scores no text that training had not seen, so that there is nothing to count.
      boolean isCounted = engine.format() == dev.orrery.scorer.Scorer.Format.LIGHTGBM_TEXT;
      if (isCounted && engine.isText(i)) categories.add(names.get(i));
      // A number of a category is looked up as it stands, before it would be rounded.
      Datatype type =
          engine.isText(i) ? Datatype.BYTES : engine.isCategory(i) ? Datatype.FP64 : number;
      inputs.add(Port.of(names.get(i), type, -1));
    }
  }

  @Override
  public String platform() {
    return trees.platform();
  }

  @Override
  public List<Port> inputs() {
    return List.copyOf(inputs);
  }

  @Override
  public List<Port> outputs() {
    return trees.outputs();
  }

  @Override
  public List<String> categories() {
    return List.copyOf(categories);
  }

  @Override
  public void tellUnseen(ObjIntConsumer<String> told) {
    this.told = told;
  }

  @Override
  public SequencedMap<String, Tensor> score(SequencedMap<String, Tensor> columns) {
    int width = inputs.size();
    int rows = Math.toIntExact(columns.firstEntry().getValue().rows());
    var matrix = new LinkedHashMap<String, Tensor>();
    try {
      matrix.put(trees.face().input(), Tensor.of(coded(columns, rows), rows, width));
      return trees.score(matrix);
    } catch (UnknownCategoryException e) {
      throw unknown(e);
    }
  }

  /// The rows, texts as their codes.
  private double[] coded(SequencedMap<String, Tensor> columns, int rows) {
    int width = inputs.size();
    double[] values = new double[Math.multiplyExact(rows, width)];
    for (int place = 0; place < width; place++) {
      String name = inputs.get(place).name();
      Tensor given = Objects.requireNonNull(columns.get(name));
      if (given.count() != rows) {
        throw new Problem(
            Fault.BAD_TENSOR,
            "'%s' has %,d rows, and the first input %,d"
                .formatted(Texts.shown(name), given.count(), rows),
            "Send as many rows for each input");
      }
      if (engine.isText(place)) {
        code(place, given, values);
      } else {
        double[] own = given.doubles();
        for (int row = 0; row < rows; row++) values[row * width + place] = own[row];
      }
    }
    return values;
  }

  private void code(int place, Tensor given, double[] values) {
    String name = inputs.get(place).name();
    if (!(given.data() instanceof byte[][] texts)) {
      throw new Problem(
          Fault.BAD_TENSOR,
          "'%s' is a category of texts, and numbers stand there".formatted(Texts.shown(name)),
          "Send its texts, as BYTES");
    }
    int unseen = 0;
    for (int row = 0; row < texts.length; row++) {
      byte[] bytes = texts[row];
      String text = bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
      double code = engine.code(place, text);
      if (text != null && Double.isNaN(code)) unseen++;
      values[row * inputs.size() + place] = code;
    }
    if (unseen > 0) told.accept(name, unseen);
  }

  private Problem unknown(UnknownCategoryException e) {
    return new Problem(
            Fault.SCORING_FAILED,
            "'%s' is no category of '%s' that training saw, and XGBoost refuses such a row"
                .formatted(e.value(), Texts.shown(inputs.get(e.place()).name())),
            "Send null, which is scored as a missing value, or train again")
        .because(e);
  }
}
