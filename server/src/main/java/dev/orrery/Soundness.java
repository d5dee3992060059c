package dev.orrery;

import dev.orrery.base.Place;
import dev.orrery.base.Problem;
import dev.orrery.data.Dataset;
import dev.orrery.data.DatasetBlock;
import dev.orrery.engine.Engine;
import dev.orrery.engine.Table.Type;
import dev.orrery.feature.FeatureBlock;
import dev.orrery.monitor.MonitorBlock;
import dev.orrery.pipeline.Pipelines;
import dev.orrery.project.Project;
import dev.orrery.retrain.RetrainBlock;
import dev.orrery.serving.ServeBlock;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// Whether a project would run: what every part has to say of its own block, and the formulas held
/// against the columns of the data. Reads the schema of the data file, not its rows.
public final class Soundness {
  private static final String MEMORY = "512MB";

  private final Project project;
  private final List<Problem> problems = new ArrayList<>();

  private Soundness(Project project) {
    this.project = project;
  }

  /// Everything that is wrong, at most one problem of each part.
  public static List<Problem> of(Project project) {
    return new Soundness(project).found();
  }

  /// @throws Problem the first of what is wrong
  public static void require(Project project) {
    List<Problem> problems = of(project);
    if (!problems.isEmpty()) throw problems.getFirst();
  }

  private List<Problem> found() {
    part(() -> MonitorBlock.read(project.monitor()));
    part(() -> RetrainBlock.read(project.retrain()));
    part(() -> ServeBlock.read(project.serve(), project.name().text()));
    // Datasets are read as training needs them, which a project without a model does not yet.
    if (!project.model().isEmpty()) {
      part(this::data);
      part(this::features);
      part(() -> Pipelines.check(project));
    }
    problems.sort(
        Comparator.comparing(
            (Problem p) -> p.place().orElse(null), Comparator.nullsLast(Soundness::compare)));
    return problems;
  }

  private void data() {
    for (Dataset dataset : DatasetBlock.read(project.data()).values()) columns(dataset);
  }

  /// What can be said of them without the data.
  private void features() {
    if (project.data().isEmpty() || project.data().map().size() != 1) return;
    FeatureBlock.read(project.features(), project.data().map().firstEntry().getKey());
  }

  private void columns(Dataset dataset) {
    Path file = DatasetBlock.file(project.data(), dataset, project.folder());
    SequencedMap<String, Type> raw = new LinkedHashMap<>();
    try (Engine engine = new Engine(1, MEMORY)) {
      engine.columns(file).forEach(column -> raw.put(column.name(), column.type()));
    }
    DatasetBlock.check(project.data(), dataset, raw);
    FeatureBlock.compile(project.features(), dataset, raw);
  }

  private static int compare(Place a, Place b) {
    int byFile = a.file().compareTo(b.file());
    if (byFile != 0) return byFile;
    return a.line() != b.line() ? a.line() - b.line() : a.column() - b.column();
  }

  private void part(Runnable read) {
    try {
      read.run();
    } catch (Problem e) {
      // Two parts may read the same block.
      boolean isNew =
          problems.stream()
              .noneMatch(p -> p.what().equals(e.what()) && p.place().equals(e.place()));
      if (isNew) problems.add(e);
    }
  }
}
