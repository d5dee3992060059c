package dev.orrery.bench;

import dev.orrery.data.Dataset;
import dev.orrery.data.DatasetBlock;
import dev.orrery.engine.Engine;
import dev.orrery.engine.Table;
import dev.orrery.feature.FeatureBlock;
import dev.orrery.feature.FeatureSet;
import dev.orrery.project.Project;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.stream.IntStream;

/// The flights of the demo and their features.
///
/// @param rows in order of time, with targets and the moment each became known
record Flights(Table rows, FeatureSet features) {
  /// @param limit so many of the first flights
  static Flights load(Path folder, int limit) {
    Project project = Project.load(folder);
    Dataset dataset = DatasetBlock.read(project.data()).values().iterator().next();
    Table raw;
    try (var engine = new Engine(Runtime.getRuntime().availableProcessors(), "1GB")) {
      raw = engine.read(folder.resolve(dataset.path()));
    }
    int count = Math.min(limit, raw.rows());
    Table rows = dataset.complete(raw.pick(IntStream.range(0, count).toArray()));
    var types = new LinkedHashMap<String, Table.Type>();
    raw.columns().forEach((name, column) -> types.put(name, column.type()));
    return new Flights(rows, FeatureBlock.compile(project.features(), dataset, types));
  }

  /// Some of the rows, in their order.
  Table between(int from, int to) {
    return rows.pick(IntStream.range(from, to).toArray());
  }
}
