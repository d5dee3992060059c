package dev.orrery.registry;

import java.util.Collections;
import java.util.List;
import java.util.SequencedSet;

/// What must have led to each version of a model: the `lineage` of `version_management.yaml`.
///
/// @param sources the kinds that must each be known: `data`, `code`, `features`
public record LineageRule(SequencedSet<String> sources, List<Arrow> arrows) {
  public static final LineageRule NONE = new LineageRule(Collections.emptySortedSet(), List.of());

  /// That versions of one kind lead to versions of another: `data -> code`.
  public record Arrow(String from, String to) {}

  public LineageRule {
    sources = Collections.unmodifiableSequencedSet(new java.util.LinkedHashSet<>(sources));
    arrows = List.copyOf(arrows);
  }
}
