package dev.orrery.tracking;

import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// All that was said of a run, as of one moment.
///
/// @param metrics the latest point of each
public record RunData(
    Run run,
    SortedMap<String, String> params,
    SortedMap<String, Metric> metrics,
    SortedMap<String, String> tags,
    List<Artifact> artifacts) {
  public RunData {
    params = Collections.unmodifiableSortedMap(new TreeMap<>(params));
    metrics = Collections.unmodifiableSortedMap(new TreeMap<>(metrics));
    tags = Collections.unmodifiableSortedMap(new TreeMap<>(tags));
    artifacts = List.copyOf(artifacts);
  }
}
