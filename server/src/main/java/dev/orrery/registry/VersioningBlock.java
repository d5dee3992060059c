package dev.orrery.registry;

import dev.orrery.base.Fault;
import dev.orrery.base.Texts;
import dev.orrery.project.Node;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;

/// The `versioning` block: what must have led to a version of the project's model.
///
/// Its `lineage` is arrows between `data_version`, `code_version`, `features_version` and
/// `model_version`. The founding document writes two lines of them, which YAML reads as one text;
/// where no arrow stands between two words, a new chain begins.
public final class VersioningBlock {
  private static final String MODEL = "model";
  private static final Map<String, String> KINDS =
      Map.of(
          "data_version", "data",
          "code_version", "code",
          "features_version", "features",
          "feature_version", "features",
          "model_version", MODEL);

  private VersioningBlock() {}

  /// @throws dev.orrery.base.Problem BAD_VERSIONING, with its place
  public static LineageRule read(Node block) {
    if (block.isEmpty()) return LineageRule.NONE;
    List<LineageRule.Arrow> arrows = new ArrayList<>();
    block
        .find("lineage")
        .ifPresent(lineage -> {
          List<Node> texts = lineage.isList() ? lineage.list() : List.of(lineage);
          texts.forEach(text -> arrows.addAll(arrows(text)));
        });
    SequencedSet<String> sources = new LinkedHashSet<>();
    collect(MODEL, arrows, sources);
    sources.remove(MODEL);
    return new LineageRule(sources, arrows);
  }

  /// Everything that an arrow leads from, and on to `kind`.
  private static void collect(
      String kind, List<LineageRule.Arrow> arrows, SequencedSet<String> found) {
    for (LineageRule.Arrow arrow : arrows) {
      if (arrow.to().equals(kind) && found.add(arrow.from())) collect(arrow.from(), arrows, found);
    }
  }

  private static List<LineageRule.Arrow> arrows(Node node) {
    List<LineageRule.Arrow> arrows = new ArrayList<>();
    String before = null;
    boolean linked = false;
    for (String word : node.text().replace("->", " -> ").strip().split("\\s+")) {
      if (word.equals("->")) {
        if (before == null || linked) throw misplaced(node);
        linked = true;
        continue;
      }
      String kind = KINDS.get(word);
      if (kind == null) {
        throw node.problem(
            Fault.BAD_VERSIONING,
            "'%s' is no version that lineage is kept of".formatted(Texts.shown(word)),
            Texts.didYouMean(word, KINDS.keySet()));
      }
      if (linked && before != null) arrows.add(new LineageRule.Arrow(before, kind));
      before = kind;
      linked = false;
    }
    if (linked) throw misplaced(node);
    return arrows;
  }

  private static RuntimeException misplaced(Node node) {
    return node.problem(
        Fault.BAD_VERSIONING,
        "an arrow of '%s' has not a version on either side".formatted(Texts.shown(node.text())),
        "Write data_version -> code_version -> model_version");
  }
}
