package dev.orrery.pipeline;

import dev.orrery.base.Fault;
import dev.orrery.base.Name;
import dev.orrery.base.Problem;
import dev.orrery.base.Quantity;
import dev.orrery.data.Dataset;
import dev.orrery.data.DatasetBlock;
import dev.orrery.evaluation.Gates;
import dev.orrery.evaluation.Metrics;
import dev.orrery.feature.FeatureBlock;
import dev.orrery.project.Criterion;
import dev.orrery.project.Node;
import dev.orrery.project.ProblemDefinition;
import dev.orrery.project.ProblemDefinition.Constraint;
import dev.orrery.project.Project;
import dev.orrery.project.SuccessCriteria;
import dev.orrery.train.Candidate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Reads the blocks of a project that make its recipe: `data`, `features`, `problem`, `success`,
/// `model` and `gates`.
final class RecipeReader {
  private final Project project;
  private final Node model;
  private final Node gates;

  private RecipeReader(Project project) {
    this.project = project;
    this.model = project.model();
    this.gates = project.gates();
  }

  /// @throws Problem of kind INVALID, with the place of what is wrong or lacking
  static Recipe read(Project project) {
    return new RecipeReader(project).recipe();
  }

  private Recipe recipe() {
    Dataset dataset = dataset();
    FeatureBlock.read(project.features(), dataset.name());
    if (project.features().isEmpty()) {
      throw project
          .features()
          .problem(Fault.BAD_RECIPE, "the project has no features", "Add the block 'features'");
    }
    ProblemDefinition problem = project.problem();
    String metric = problem == null ? "" : problem.mlProblem().successMetric();
    if (metric.isEmpty()) metric = Metrics.AUC_ROC;
    if (!Metrics.known(metric)) {
      throw new Problem(
              Fault.BAD_RECIPE,
              "the success metric '%s' is no metric".formatted(metric),
              "Name one such as auc_roc or precision_at_recall_80")
          .at(java.util.Objects.requireNonNull(problem).mlProblem().targetPlace());
    }
    List<Candidate> candidates = candidates();
    Node history = model.find("history").orElse(null);
    return new Recipe(
        project,
        located(model.get("name"), () -> new Name(model.get("name").text())),
        dataset,
        project.features(),
        target(dataset),
        metric,
        candidates,
        validation(),
        history == null ? null : history.span(),
        model.whole("seed", 0),
        gates(candidates, problem));
  }

  private Dataset dataset() {
    if (project.data().isEmpty()) {
      throw project
          .data()
          .problem(Fault.BAD_RECIPE, "the project has no dataset", "Add one under 'data'");
    }
    Map<String, Dataset> datasets = DatasetBlock.read(project.data());
    if (datasets.size() > 1) {
      throw project
          .data()
          .problem(
              Fault.BAD_RECIPE,
              "the project has %d datasets".formatted(datasets.size()),
              "Keep one: a pipeline trains on one");
    }
    return datasets.values().iterator().next();
  }

  private String target(Dataset dataset) {
    Set<String> targets = dataset.targets().keySet();
    ProblemDefinition problem = project.problem();
    if (problem != null) {
      String target = problem.mlProblem().target();
      if (targets.contains(target)) return target;
      throw new Problem(
              Fault.BAD_RECIPE,
              "the target '%s' is none of dataset '%s'".formatted(target, dataset.name()),
              targets.isEmpty()
                  ? "Declare it under 'data.%s.target'".formatted(dataset.name())
                  : dev.orrery.base.Texts.didYouMean(target, targets))
          .at(problem.mlProblem().targetPlace());
    }
    if (targets.size() == 1) return targets.iterator().next();
    throw project
        .data()
        .problem(
            Fault.BAD_RECIPE,
            "dataset '%s' has %d targets".formatted(dataset.name(), targets.size()),
            "Say which is predicted under 'problem.ml_problem.target'");
  }

  /// The baselines first; the majority is one of them whether it is named or not.
  private List<Candidate> candidates() {
    List<Candidate> baselines = new ArrayList<>();
    List<Candidate> others = new ArrayList<>();
    if (model.get("candidates").isEmpty()) {
      throw model
          .get("candidates")
          .problem(
              Fault.BAD_RECIPE,
              "the model has no candidates",
              "Name what is trained, such as [logistic_regression, lightgbm]");
    }
    for (Node node : model.get("candidates").list()) {
      for (Candidate candidate : located(node, () -> candidates(node))) {
        List<Candidate> among = Recipe.isBaseline(candidate) ? baselines : others;
        if (among.contains(candidate)) {
          throw node.problem(
              Fault.BAD_RECIPE,
              "the candidate '%s' stands twice".formatted(candidate.kind()),
              "Remove one of them, or change a parameter");
        }
        among.add(candidate);
      }
    }
    if (!baselines.contains(new Candidate.Majority())) {
      baselines.addFirst(new Candidate.Majority());
    }
    baselines.addAll(others);
    return baselines;
  }

  private static List<Candidate> candidates(Node node) {
    if (node.isText()) return List.of(candidate(node.text(), node, Map.of()));
    List<Candidate> candidates = new ArrayList<>();
    node.map()
        .forEach((kind, block) -> {
          if (kind.equals("rule")) {
            candidates.add(located(block, () -> Candidate.ByRule.parse(block.text())));
          } else {
            candidates.add(located(block, () -> candidate(kind, node, parameters(block))));
          }
        });
    return candidates;
  }

  private static Candidate candidate(String kind, Node node, Map<String, Double> parameters) {
    return switch (kind) {
      case "majority" -> new Candidate.Majority();
      case "logistic_regression" -> Candidate.LogisticRegression.of(parameters);
      case "lightgbm" -> Candidate.LightGbm.of(parameters);
      default -> throw node.unknown("candidate", Candidate.KINDS);
    };
  }

  private static Map<String, Double> parameters(Node block) {
    var parameters = new LinkedHashMap<String, Double>();
    if (block.isEmpty()) return parameters;
    block.map().forEach((name, value) -> parameters.put(name, value.number()));
    return parameters;
  }

  private Recipe.Validation validation() {
    Node block = model.find("validation").orElse(null);
    var usual = Recipe.Validation.USUAL;
    if (block == null) return usual;
    Optional<Duration> holdout = block.find("holdout").map(Node::span);
    return new Recipe.Validation(
        holdout.orElse(usual.holdout()),
        (int) block.whole("folds", usual.folds()),
        (int) block.whole("folds_on_retrain", usual.foldsOnRetrain()),
        (int) Math.min(Integer.MAX_VALUE, block.whole("rows", usual.rows())));
  }

  private GateRules gates(List<Candidate> candidates, @Nullable ProblemDefinition problem) {
    var plain = new LinkedHashMap<String, Double>();
    List<Criterion> criteria = new ArrayList<>();
    Node metrics = gates.find("metrics").orElse(null);
    if (metrics != null) {
      metrics
          .map()
          .forEach((name, limit) -> {
            if (!Metrics.known(name)) throw metric(name, metrics);
            if (limit.isBlock()) criteria.add(SuccessCriteria.one(name, limit));
            else plain.put(name, located(limit, () -> Metrics.possible(name, limit.number())));
          });
    }
    Double size = quantity("model_size", Quantity.Dimension.BYTES);
    Double latency = quantity("latency_p99", Quantity.Dimension.SECONDS);
    var rules =
        new Gates(
            plain,
            beats(candidates),
            Metrics.AUC_ROC,
            size,
            latency == null ? null : (Double) (latency * 1e3));
    criteria.forEach(RecipeReader::requirePossible);
    project.success().offline().forEach(RecipeReader::requirePossible);
    List<Constraint> constraints = problem == null ? List.of() : problem.constraints().limits();
    return new GateRules(
        rules,
        criteria,
        project.success().offline(),
        project.success().system(),
        constraints,
        problem == null ? null : problem.mlProblem().baseline(),
        gates.number("min_improvement", 0));
  }

  /// A criterion of a known metric has limits that the metric can take.
  private static void requirePossible(Criterion criterion) {
    if (!Metrics.known(criterion.name())) return;
    for (Quantity limit :
        java.util.Arrays.asList(criterion.min(), criterion.target(), criterion.max())) {
      if (limit == null) continue;
      try {
        Metrics.possible(criterion.name(), limit.value());
      } catch (Problem e) {
        throw e.at(criterion.place());
      }
    }
  }

  private Problem metric(String name, Node metrics) {
    return new Problem(
            Fault.BAD_RECIPE,
            "there is no metric '%s'".formatted(dev.orrery.base.Texts.shown(name)),
            dev.orrery.base.Texts.didYouMean(name, Metrics.NAMES))
        .at(metrics.keyPlace(name));
  }

  /// What must be beaten: what `beats` says, or every baseline there is.
  private List<String> beats(List<Candidate> candidates) {
    var baselines = new LinkedHashSet<String>();
    for (Candidate candidate : candidates) {
      if (Recipe.isBaseline(candidate)) baselines.add(candidate.kind());
    }
    Node named = gates.find("beats").orElse(null);
    if (named == null) return List.copyOf(baselines);
    List<String> beats = new ArrayList<>();
    for (Node node : named.list()) {
      if (!baselines.contains(node.text())) throw node.unknown("baseline", baselines);
      beats.add(node.text());
    }
    return beats;
  }

  private @Nullable Double quantity(String key, Quantity.Dimension dimension) {
    Node node = gates.find(key).orElse(null);
    return node == null ? null : (Double) node.quantity(dimension).value();
  }

  private static <T> T located(Node node, Supplier<T> read) {
    try {
      return read.get();
    } catch (Problem e) {
      throw e.place().isPresent() ? e : e.at(node.place());
    }
  }
}
