package dev.orrery.registry;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import java.util.Collection;
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

  /// @param known the kinds that are known to have led to a version
  /// @throws Problem LINEAGE_DEMANDED that names all that is lacking
  void require(String model, Collection<String> known) {
    List<String> lacks = sources.stream().filter(kind -> !known.contains(kind)).toList();
    if (lacks.isEmpty()) return;
    throw new Problem(
        Fault.LINEAGE_DEMANDED,
        "a version of '%s' lacks the lineage that its project demands: %s"
            .formatted(Texts.shown(model), String.join(", ", lacks)),
        "Log %s with the run, and register it then"
            .formatted(
                String.join(
                    " and ",
                    lacks.stream().map(kind -> "the parameter " + kind + "_version").toList())));
  }
}
