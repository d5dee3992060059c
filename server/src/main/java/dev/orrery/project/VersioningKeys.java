package dev.orrery.project;

import dev.orrery.project.Shape.Block;
import dev.orrery.project.Shape.Either;
import dev.orrery.project.Shape.Items;
import dev.orrery.project.Shape.Key;
import dev.orrery.project.Shape.Text;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;

/// The keys of `versioning`, as `version_management.yaml` writes them.
final class VersioningKeys {
  private VersioningKeys() {}

  static Block block() {
    Text arrows = new Text("Arrows such as data_version -> model_version", Set.of());
    return block(
        "How data, code, features and models are versioned",
        "data",
        block(
            "Of data",
            "strategy",
            words("How versions are counted", "semantic"),
            "storage",
            words("Where they are kept", "dvc", "orrery"),
            "format",
            words("Of the files", "parquet", "csv")),
        "code",
        block(
            "Of code",
            "strategy",
            words("How versions are counted", "git"),
            "branching",
            new Text("How branches are used", Set.of())),
        "model",
        block(
            "Of models",
            "strategy",
            words("How versions are counted", "semantic"),
            "registry",
            words("Whose protocol the registry speaks", "mlflow", "orrery"),
            "stages",
            new Items(
                "How far versions come",
                words("A stage", "None", "Staging", "Production", "Archived"))),
        "features",
        block(
            "Of features",
            "strategy",
            words("How versions are counted", "semantic"),
            "store",
            words("Whose protocol the store speaks", "feast", "orrery")),
        "lineage",
        new Either(
            "What must be known to have led to what",
            List.of(arrows, new Items("The same, one by one", arrows))));
  }

  private static Block block(String about, Object... keys) {
    SequencedMap<String, Key> map = new LinkedHashMap<>();
    for (int i = 0; i < keys.length; i += 2) {
      map.put((String) keys[i], new Key((Shape) keys[i + 1], false));
    }
    return new Block(about, Collections.unmodifiableSequencedMap(map), Set.of());
  }

  private static Text words(String about, String... words) {
    return new Text(about, Collections.unmodifiableSet(new LinkedHashSet<>(List.of(words))));
  }
}
