package dev.orrery.scorecard;

import dev.orrery.base.Name;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.data.Dataset;
import dev.orrery.data.DatasetBlock;
import dev.orrery.data.Datasets;
import dev.orrery.feature.FeatureBlock;
import dev.orrery.feature.FeatureVersions.FeatureVersion;
import dev.orrery.lineage.Edge;
import dev.orrery.lineage.Node;
import dev.orrery.project.Project;
import dev.orrery.serving.ServeBlock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a project's definitions say of single columns, targets and features: who reads whom.
///
/// These edges stand in the project's files and in the stored feature versions, not among the edges
/// of lineage: there are hundreds for each version, and they are asked for one at a time.
///
/// @param columns the raw columns of the dataset, as far as they are known
/// @param derived targets and [Dataset#KNOWN_AT], with the columns that each reads
/// @param labels the targets that a model is trained on
/// @param now what each feature reads by the files as they stand now
/// @param versions the feature versions that were trained on
/// @param endpoint of the project
record Definitions(
    String dataset,
    Set<String> columns,
    SequencedMap<String, Set<String>> derived,
    Set<String> labels,
    Set<String> contract,
    SequencedMap<String, List<String>> now,
    List<Version> versions,
    String model,
    String endpoint) {
  /// The kinds of nodes that stand in definitions.
  static final Set<String> KINDS = Set.of("column", "target", "known_at", "feature");

  /// A feature version that was trained on.
  ///
  /// @param reads null if that is not known: then it counts as touched by everything
  /// @param models the versions of the project's model that were trained on it
  record Version(String id, @Nullable SequencedMap<String, List<String>> reads, List<Node> models) {
    static Version of(FeatureVersion version, List<Node> models) {
      return new Version(version.version().toString(), version.reads(), models);
    }
  }

  /// Reads a project's files.
  static Definitions of(Project project, Datasets datasets, List<Version> versions) {
    Dataset dataset = DatasetBlock.read(project.data()).firstEntry().getValue();
    SequencedMap<String, List<String>> now = FeatureBlock.reads(project.features(), dataset);
    SequencedMap<String, Set<String>> derived = dataset.derived();
    String model = new Name(project.model().text("name", project.name().text())).text();
    var columns = new LinkedHashSet<>(datasets.columns(dataset, project.folder()));
    columns.add(dataset.time());
    derived.values().forEach(columns::addAll);
    now.values().forEach(columns::addAll);
    columns.addAll(dataset.contract().named());
    columns.removeAll(derived.keySet());
    Set<String> labels = dataset.targets().keySet();
    var problem = project.problem();
    if (problem != null && labels.contains(problem.mlProblem().target())) {
      labels = Set.of(problem.mlProblem().target());
    }
    return new Definitions(
        dataset.name(),
        columns,
        derived,
        labels,
        dataset.contract().named(),
        now,
        versions,
        model,
        ServeBlock.read(project.serve(), model).endpoint());
  }

  /// The node that a caller means; a column or target may be named without its dataset.
  ///
  /// @throws Problem of kind NOT_FOUND with the nearest name if there is none
  Node node(String kind, String id) {
    Collection<String> known = known(kind);
    for (String each : List.of(id, dataset + "." + id)) {
      if (known.contains(each)) return new Node(kind, each);
    }
    throw Problem.notFound(kind, Texts.shown(id), Texts.didYouMean(id, known));
  }

  private Collection<String> known(String kind) {
    return switch (kind) {
      case "column" -> columns.stream().map(name -> dataset + "." + name).toList();
      case "feature" -> features();
      case "target" ->
          derived.keySet().stream()
              .filter(name -> !name.equals(Dataset.KNOWN_AT))
              .map(name -> dataset + "." + name)
              .toList();
      default -> List.of(dataset + ".known_at");
    };
  }

  private SequencedSet<String> features() {
    var features = new LinkedHashSet<>(now.keySet());
    for (Version version : versions) {
      if (version.reads() != null) features.addAll(version.reads().keySet());
    }
    return features;
  }

  /// The edges down from a node of these: all of them are touched by it, and none is that only has
  /// the same name in another version.
  List<Edge> down(Node from) {
    var edges = new LinkedHashSet<Edge>();
    down(edges, from);
    return List.copyOf(edges);
  }

  private void down(Set<Edge> edges, Node from) {
    if (from.kind().equals("feature")) {
      for (Version version : versions) {
        if (version.reads() == null || version.reads().containsKey(from.id())) {
          edges.add(new Edge(from, features(version), "is part of"));
        }
      }
      if (now.containsKey(from.id())) served(edges, from, "shapes");
      return;
    }
    Set<String> sources = new LinkedHashSet<>(Set.of(name(from)));
    if (from.kind().equals("column")) {
      derived.forEach((name, reads) -> {
        if (!reads.contains(name(from))) return;
        sources.add(name);
        edges.add(
            new Edge(from, source(name), name.equals(Dataset.KNOWN_AT) ? "dates" : "defines"));
      });
      if (contract.contains(name(from))) {
        edges.add(new Edge(from, new Node("contract", dataset), "is held to"));
      }
      // It is sent with each row, or told with its outcome.
      edges.add(new Edge(from, new Node("endpoint", endpoint), "is sent to"));
    }
    sources.forEach(source -> readers(edges, source));
  }

  /// What reads a source, in the files and in each version.
  private void readers(Set<Edge> edges, String source) {
    Node from = source(source);
    var seen = new LinkedHashSet<String>();
    now.forEach((feature, reads) -> {
      if (!reads.contains(source)) return;
      seen.add(feature);
      served(edges, new Node("feature", feature), "shapes");
    });
    for (Version version : versions) {
      if (version.reads() == null) {
        edges.add(new Edge(from, features(version), "may be read by"));
        continue;
      }
      version
          .reads()
          .forEach((feature, reads) -> {
            if (!reads.contains(source)) return;
            seen.add(feature);
            edges.add(new Edge(new Node("feature", feature), features(version), "is part of"));
          });
    }
    for (String feature : seen) edges.add(new Edge(from, new Node("feature", feature), "feeds"));
    if (!labels.contains(source)) return;
    served(edges, from, "labels");
    for (Version version : versions) {
      version.models().forEach(model -> edges.add(new Edge(from, model, "labels")));
    }
  }

  /// What the next version is trained on, and where it is computed for each row.
  private void served(Set<Edge> edges, Node from, String relation) {
    Node training = new Node("training", model);
    edges.add(new Edge(from, training, relation));
    edges.add(new Edge(training, new Node("endpoint", endpoint), "is for"));
  }

  /// The edges up from a node of these, the nearest first.
  List<Edge> up(Node to) {
    List<Edge> edges = new ArrayList<>();
    var sources = new LinkedHashSet<String>();
    if (to.kind().equals("feature")) {
      sources.addAll(now.getOrDefault(to.id(), List.of()));
      for (Version version : versions) {
        if (version.reads() != null) {
          sources.addAll(version.reads().getOrDefault(to.id(), List.of()));
        }
      }
      sources.forEach(source -> edges.add(new Edge(source(source), to, "feeds")));
    } else if (!to.kind().equals("column")) {
      sources.add(name(to));
    }
    for (String source : sources) {
      for (String column : derived.getOrDefault(source, Set.of())) {
        String relation = source.equals(Dataset.KNOWN_AT) ? "dates" : "defines";
        edges.add(new Edge(source(column), source(source), relation));
      }
    }
    return edges;
  }

  private static Node features(Version version) {
    return new Node("features", version.id());
  }

  private Node source(String name) {
    if (name.equals(Dataset.KNOWN_AT)) return new Node("known_at", dataset + ".known_at");
    return new Node(derived.containsKey(name) ? "target" : "column", dataset + "." + name);
  }

  /// What formulas call it.
  private String name(Node node) {
    if (node.kind().equals("known_at")) return Dataset.KNOWN_AT;
    return node.id().substring(dataset.length() + 1);
  }
}
