package dev.orrery.serving;

import dev.orrery.base.Semver;
import dev.orrery.engine.Table;
import dev.orrery.engine.Table.Column;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/// By what an endpoint reads requests and answers them at one moment: all of it of the deployment
/// that serves, and of the trial.
///
/// @param serve the champion's `serve` block
/// @param trial that of the version under trial; the champion's where none is
/// @param rows how requests are read: as the champion takes them
/// @param outcomes how outcomes are read
/// @param feed what feeds the champion, and every version that is not in `others`
/// @param others what feeds versions in use whose features are defined otherwise
record Terms(
    ServeBlock serve,
    ServeBlock trial,
    RequestRows rows,
    OutcomeRequests outcomes,
    Feed feed,
    Map<Semver, Feed> others) {
  Terms {
    others = Map.copyOf(others);
  }

  /// The features of rows, each as of its own time: the champion's by their names, and those that
  /// others are given by [Feed#logged].
  Table features(Table rows) {
    Table own = feed.features().features(rows);
    if (others.isEmpty()) return own;
    SequencedMap<String, Column> all = new LinkedHashMap<>(own.columns());
    others.forEach((version, other) ->
        other
            .features()
            .features(rows)
            .columns()
            .forEach((name, column) -> all.put(Feed.logged(name, version.toString()), column)));
    return new Table(all, rows.rows());
  }

  /// Whether a request may have to wait for what is being learnt.
  boolean isLearning() {
    if (feed.features().isLearning()) return true;
    for (Feed other : others.values()) if (other.features().isLearning()) return true;
    return false;
  }

  /// Of [#features], those that a version is given.
  Table given(Table features, Semver version) {
    return others.containsKey(version) ? Feed.of(features, version.toString()) : features;
  }
}
