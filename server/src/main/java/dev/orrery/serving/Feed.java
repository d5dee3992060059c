package dev.orrery.serving;

import dev.orrery.data.Dataset;
import dev.orrery.engine.Table;
import dev.orrery.engine.Table.Column;
import dev.orrery.engine.Table.Type;
import dev.orrery.feature.LiveFeatures;
import dev.orrery.journal.Journal.Position;
import dev.orrery.serving.JoinedRows.Joined;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// How rows become the features of the versions that were trained on one definition of them: the
/// columns, the windows' state, and how outcomes are joined. Versions of one definition share it.
///
/// Safe for use by many threads. While it is filled, what becomes known waits.
final class Feed {
  private static final String OF = "@";

  private final String key;
  private final Dataset dataset;
  private final SequencedMap<String, Type> inputs;
  private final LiveFeatures features;
  private final JoinedRows joined;

  /// What became known while it was not filled yet; null once it is.
  private @Nullable List<Told> waiting = new ArrayList<>();

  /// What became known of one prediction.
  record Told(Row row, Joined joined) {}

  /// Where a prediction stands in the log.
  record Row(Position frame, int row) {}

  /// @param key the same for the same definition, columns and history
  /// @param inputs the raw columns of a row, in the order of `features`
  Feed(
      String key,
      Dataset dataset,
      SequencedMap<String, Type> inputs,
      LiveFeatures features,
      JoinedRows joined) {
    this.key = key;
    this.dataset = dataset;
    this.inputs = inputs;
    this.features = features;
    this.joined = joined;
  }

  String key() {
    return key;
  }

  Dataset dataset() {
    return dataset;
  }

  SequencedMap<String, Type> inputs() {
    return inputs;
  }

  LiveFeatures features() {
    return features;
  }

  JoinedRows joined() {
    return joined;
  }

  /// Learns what became known.
  void learn(List<Told> told) {
    synchronized (this) {
      if (waiting != null) {
        waiting.addAll(told);
        return;
      }
    }
    learnAll(told.stream().map(Told::joined).toList());
  }

  /// Fills it with what was known, and then with what became known meanwhile and is not among that.
  void fill(Table history, List<Told> known) {
    features.learn(history);
    learnAll(known.stream().map(Told::joined).toList());
    Set<Row> seen = new HashSet<>();
    known.forEach(one -> seen.add(one.row()));
    synchronized (this) {
      List<Told> late = waiting == null ? List.of() : waiting;
      learnAll(late.stream().filter(one -> seen.add(one.row())).map(Told::joined).toList());
      waiting = null;
    }
  }

  private void learnAll(List<Joined> rows) {
    List<Joined> kept = joined.kept(rows);
    if (!kept.isEmpty()) features.learn(joined.events(kept));
  }

  /// A feature's name in the log, where it is of a version that the champion's features do not
  /// feed.
  static String logged(String feature, String version) {
    return feature + OF + version;
  }

  /// Of logged features, those that a version is given: its own where it has some.
  static Table of(Table logged, String version) {
    String end = OF + version;
    SequencedMap<String, Column> own = new LinkedHashMap<>();
    logged
        .columns()
        .forEach((name, column) -> {
          if (name.endsWith(end)) own.put(name.substring(0, name.length() - end.length()), column);
        });
    return own.isEmpty() ? logged : new Table(own, logged.rows());
  }
}
