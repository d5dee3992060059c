package dev.orrery.model;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.engine.Table;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;

/// What a model takes: its inputs, in the order in which it was trained on them.
public record Signature(List<Input> inputs) {
  public Signature {
    inputs = List.copyOf(inputs);
    var seen = new HashSet<String>();
    for (Input input : inputs) {
      if (!seen.add(input.name())) {
        throw new Problem(
            Fault.BAD_PACKAGE,
            "a signature names the feature '%s' twice".formatted(Texts.shown(input.name())),
            "Give each feature a name of its own");
      }
    }
  }

  /// The columns of a table of features, in its order.
  public static Signature of(Table features) {
    List<Input> inputs = new ArrayList<>();
    features.columns().forEach((name, column) -> inputs.add(new Input(name, column.type())));
    return new Signature(inputs);
  }

  public int size() {
    return inputs.size();
  }

  public List<String> names() {
    return inputs.stream().map(Input::name).toList();
  }

  /// The place of an input; -1 if it is none.
  public int index(String name) {
    for (int i = 0; i < inputs.size(); i++) if (inputs.get(i).name().equals(name)) return i;
    return -1;
  }

  /// Checks that a table has every input, of its type; other columns do not matter.
  ///
  /// @throws Problem of kind INVALID that names the column
  public void check(Table features) {
    for (Input input : inputs) {
      Table.Column column = features.columns().get(input.name());
      if (column == null) {
        throw new Problem(
            Fault.FEATURE_MISSING,
            "the model needs the feature '%s'".formatted(Texts.shown(input.name())),
            "Give the column (missing values in it are fine). "
                + Texts.didYouMean(input.name(), features.names()));
      }
      Table.Type given = column.type();
      if (given != input.type()) {
        throw new Problem(
            Fault.FEATURE_TYPE,
            "feature '%s' holds %s, and the model was trained on %s"
                .formatted(Texts.shown(input.name()), word(given), word(input.type())),
            "Give the column as it was in training, or train again");
      }
    }
  }

  private static String word(Table.Type type) {
    return type.name().toLowerCase(Locale.ROOT) + "s";
  }
}
