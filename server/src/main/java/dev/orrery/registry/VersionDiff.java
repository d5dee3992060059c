package dev.orrery.registry;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What differs between two versions of a model.
///
/// @param bump what a step from the first to the second asks of a semantic version
/// @param reasons in words
/// @param params those that differ: before and after
/// @param metrics all of both
record VersionDiff(
    String from,
    String to,
    String bump,
    List<String> reasons,
    Sides kind,
    SortedMap<String, Sides> params,
    Changes features,
    Changes inputs,
    SortedMap<String, Sides> lineage,
    SortedMap<String, Sides> metrics) {
  /// A value before and after; null where there is none.
  record Sides(@Nullable String from, @Nullable String to) {}

  record Changes(List<String> added, List<String> removed) {}

  static VersionDiff of(
      ModelViews.VersionView fromView,
      RegisteredVersion from,
      ModelViews.VersionView toView,
      RegisteredVersion to) {
    Make before = from.make();
    Make after = to.make();
    Make.Change change = Make.change(before, after);
    return new VersionDiff(
        from.id(),
        to.id(),
        change.bump().name().toLowerCase(java.util.Locale.ROOT),
        change.reasons(),
        new Sides(fromView.kind(), toView.kind()),
        differing(
            before == null ? new TreeMap<>() : before.parameters(),
            after == null ? new TreeMap<>() : after.parameters()),
        changes(
            before == null ? List.of() : before.features(),
            after == null ? List.of() : after.features()),
        changes(
            before == null ? List.of() : before.inputs(),
            after == null ? List.of() : after.inputs()),
        differing(lineage(fromView.lineage()), lineage(toView.lineage())),
        both(metrics(fromView), metrics(toView)));
  }

  private static SortedMap<String, String> lineage(ModelViews.LineageView view) {
    var known = new TreeMap<String, String>();
    if (view.data() != null) known.put("data", view.data());
    if (view.features() != null) known.put("features", view.features());
    if (view.code() != null) known.put("code", view.code());
    if (view.run() != null) known.put("run", view.run());
    return known;
  }

  private static SortedMap<String, String> metrics(ModelViews.VersionView view) {
    var metrics = new TreeMap<String, String>();
    view.metrics()
        .properties()
        .forEach(metric -> metrics.put(metric.getKey(), metric.getValue().asText()));
    return metrics;
  }

  private static SortedMap<String, Sides> both(
      Map<String, String> before, Map<String, String> after) {
    SortedSet<String> names = new TreeSet<>(before.keySet());
    names.addAll(after.keySet());
    var sides = new TreeMap<String, Sides>();
    names.forEach(name -> sides.put(name, new Sides(before.get(name), after.get(name))));
    return sides;
  }

  private static SortedMap<String, Sides> differing(
      Map<String, String> before, Map<String, String> after) {
    SortedMap<String, Sides> sides = both(before, after);
    sides.values().removeIf(side -> Objects.equals(side.from(), side.to()));
    return sides;
  }

  private static Changes changes(List<Make.Field> before, List<Make.Field> after) {
    List<String> added = new ArrayList<>();
    List<String> removed = new ArrayList<>();
    for (Make.Field field : after) if (!before.contains(field)) added.add(told(field));
    for (Make.Field field : before) if (!after.contains(field)) removed.add(told(field));
    return new Changes(added, removed);
  }

  private static String told(Make.Field field) {
    return field.name() + " (" + field.type() + ")";
  }
}
