package dev.orrery.train;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.engine.Table;
import dev.orrery.model.Preprocessor;
import dev.orrery.stats.Reference;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Rows to train on, and what is fitted on them for every candidate alike.
///
/// The columns are shared with the table, not copied.
public final class Training {
  /// Rows kept with a model to tell it from a damaged copy.
  private static final int GOLDEN_ROWS = 32;

  private final Table features;
  private final double[] target;
  private final Preprocessor preprocessor;
  private final long positives;
  private final boolean profiled;
  private @Nullable List<Reference> references;

  private Training(Table features, double[] target, boolean profiled) {
    this.features = features;
    this.target = target;
    this.profiled = profiled;
    this.positives = checked(features, target);
    this.preprocessor = Preprocessor.fit(features);
  }

  /// @param features training rows only: dictionaries, scalers and references are fitted on them
  /// @param target 1 for positive rows and 0 for the others
  /// @throws Problem of kind INVALID if a target is neither, or all rows are of one class
  public static Training of(Table features, double[] target) {
    return new Training(features, target, true);
  }

  /// The same for a model that is made only to be measured, as in cross-validation: without the
  /// references that a monitor needs.
  public static Training bare(Table features, double[] target) {
    return new Training(features, target, false);
  }

  public Table features() {
    return features;
  }

  public double[] target() {
    return target;
  }

  public int rows() {
    return target.length;
  }

  public long positives() {
    return positives;
  }

  public Preprocessor preprocessor() {
    return preprocessor;
  }

  /// The distribution of each feature; empty if bare. Computed once.
  public synchronized List<Reference> references() {
    if (references == null) references = profiled ? profile(features) : List.of();
    return references;
  }

  /// A few rows, at even steps through all, and one of which nothing is known.
  Table golden() {
    int count = Math.min(GOLDEN_ROWS, rows());
    int[] picked = new int[count];
    for (int i = 0; i < count; i++) picked[i] = (int) ((long) i * rows() / count);
    var columns = new LinkedHashMap<String, Table.Column>();
    features.pick(picked).columns().forEach((name, column) -> columns.put(name, longer(column)));
    return Table.of(columns);
  }

  private static Table.Column longer(Table.Column column) {
    return switch (column) {
      case Table.Numbers numbers -> {
        double[] values = java.util.Arrays.copyOf(numbers.values(), numbers.rows() + 1);
        values[numbers.rows()] = Double.NaN;
        yield new Table.Numbers(values);
      }
      case Table.Strings strings -> {
        @Nullable String[] values = new String[strings.rows() + 1];
        System.arraycopy(strings.values(), 0, values, 0, strings.rows());
        yield new Table.Strings(values);
      }
      case Table.Times _ -> throw new IllegalStateException("the signature refuses times");
    };
  }

  private static List<Reference> profile(Table features) {
    List<Reference> references = new ArrayList<>();
    features
        .columns()
        .forEach((name, column) ->
            references.add(
                switch (column) {
                  case Table.Numbers numbers -> Reference.of(name, numbers.values());
                  case Table.Strings strings -> Reference.of(name, strings.values());
                  case Table.Times _ ->
                      throw new IllegalStateException("the signature refuses times");
                }));
    return List.copyOf(references);
  }

  private static long checked(Table features, double[] target) {
    if (features.rows() != target.length) {
      throw new IllegalArgumentException(
          "%d targets for %d rows".formatted(target.length, features.rows()));
    }
    long positives = 0;
    for (int i = 0; i < target.length; i++) {
      if (target[i] != 0 && target[i] != 1) {
        throw new Problem(
            Fault.NO_TRAINING_ROWS,
            "the target of training row %d is %s, neither 0 nor 1".formatted(i, target[i]),
            "Train on rows whose outcome is known, and state the target as a condition");
      }
      if (target[i] == 1) positives++;
    }
    if (positives == 0 || positives == target.length) {
      throw new Problem(
          Fault.NO_TRAINING_ROWS,
          "of %d training rows %d are positive, so there is nothing to tell apart"
              .formatted(target.length, positives),
          "Take a longer period, or look at the target's condition");
    }
    return positives;
  }
}
