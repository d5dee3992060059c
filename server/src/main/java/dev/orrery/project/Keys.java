package dev.orrery.project;

import dev.orrery.base.Quantity.Dimension;
import dev.orrery.project.Shape.Amount;
import dev.orrery.project.Shape.Block;
import dev.orrery.project.Shape.Either;
import dev.orrery.project.Shape.Items;
import dev.orrery.project.Shape.Key;
import dev.orrery.project.Shape.Names;
import dev.orrery.project.Shape.Number;
import dev.orrery.project.Shape.Text;
import dev.orrery.project.Shape.Whole;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;

/// Every key that `orrery.yaml` and the files it names may have.
///
/// A part that learns a new key adds it here; the check, the hints and the editors' schema follow.
final class Keys {
  /// The metrics that may stand in `gates` by themselves, as in the founding documents.
  static final Set<String> METRICS =
      words("accuracy", "precision", "recall", "f1", "auc_roc", "auc_pr", "log_loss", "brier");

  /// The keys of a retraining policy, which may also stand in `retrain` by themselves.
  static final Set<String> POLICY = policy().keys().keySet();

  private static final Shape CRITERION =
      block(
          "How a measurement is judged",
          optional("min", anyAmount("Below this it fails")),
          optional("target", anyAmount("What is aimed at")),
          optional("max", anyAmount("Above this it fails")));

  static final Block PROBLEM =
      block(
              "What is to be predicted, why, and within which limits",
              optional("business_objective", text("What the business wants, in a sentence")),
              required("ml_problem", mlProblem()),
              optional("constraints", constraints()),
              optional("data_requirements", dataRequirements()))
          .calledInFiles("project_definition", "problem_definition");

  static final Block SUCCESS =
      block(
              "What counts as success: of the model, for the business, of the system",
              optional("offline_metrics", new Names("Metrics of the model", CRITERION)),
              optional("online_metrics", new Names("Metrics of the business", CRITERION)),
              optional("system_metrics", new Names("Metrics of the running system", CRITERION)))
          .calledInFiles("success_criteria");

  static final Block PROJECT =
      block(
          "An Orrery project",
          required("orrery", new Whole("The version of this format", 1, 1)),
          required("project", text("The project's name")),
          optional("problem", PROBLEM),
          optional("success", SUCCESS),
          optional("data", new Names("Datasets by their names", dataset())),
          optional("features", new Names("Feature views by their names", featureView())),
          optional("model", model()),
          optional("gates", gates()),
          optional("serve", ServeKeys.block()),
          optional("monitor", monitor()),
          optional("retrain", retrain()),
          optional("registry", registry()),
          optional("versioning", VersioningKeys.block()),
          optional("outbound", outbound()));

  private Keys() {}

  private static Block mlProblem() {
    return block(
        "The problem as machine learning sees it",
        required("type", new Text("The kind of prediction", words("binary_classification"))),
        required("target", text("The column that is predicted")),
        optional("success_metric", text("The metric that decides: precision_at_recall_80")),
        optional("baseline", new Number("What is reached today", -1e12, 1e12)));
  }

  private static Block constraints() {
    return block(
        "Limits that the model must keep to",
        optional("latency", amount("How long an answer may take", Dimension.SECONDS)),
        optional("throughput", amount("How many requests must be served", Dimension.PER_SECOND)),
        optional("model_size", amount("How large the model may be", Dimension.BYTES)),
        optional(
            "interpretability",
            new Text("How well it must explain itself", words("low", "medium", "high"))));
  }

  private static Block dataRequirements() {
    return block(
        "What the data must bring",
        optional("historical_period", amount("How far back it must reach", Dimension.SECONDS)),
        optional("minimum_samples", new Whole("How many rows it must have", 0, Long.MAX_VALUE)),
        optional("features", new Items("What it must tell of", text("A group of features"))));
  }

  private static Block dataset() {
    return block(
        "A dataset",
        required("path", text("A Parquet or CSV file, from the project's folder")),
        optional("key", text("The column that tells rows apart")),
        optional("time", text("The column that says when a row happened")),
        optional("target", new Names("Targets and their formulas", text("A formula"))),
        optional("known_at", text("A formula for the moment a row's outcome became known")),
        optional("contract", contract()));
  }

  private static Block contract() {
    Shape share = new Number("A share of rows", 0, 1);
    Shape bounds =
        new Items("The least and the greatest value", new Number("A bound", -1e300, 1e300));
    return block(
        "What every version of the dataset must keep to",
        optional("min_rows", new Whole("The fewest rows", 0, Long.MAX_VALUE)),
        optional(
            "max_null_ratio",
            new Either(
                "The greatest share of missing values",
                List.of(share, new Names("By column", share)))),
        optional("required", new Items("Columns that must be there", text("A column"))),
        optional("schema", new Names("Types by column", text("number, string or time"))),
        optional("ranges", new Names("Ranges by column", bounds)),
        optional("patterns", new Names("Patterns by column", text("A regular expression"))));
  }

  private static Block featureView() {
    return block(
        "A feature view",
        required("from", text("The dataset it is computed from")),
        optional("entity", text("The column whose history is looked at")),
        optional(
            "windows", new Items("How far it looks back", amount("A window", Dimension.SECONDS))),
        required("columns", new Names("Features and their formulas", text("A formula"))));
  }

  private static Block model() {
    Shape weight = new Number("A weight", 0, 1e12);
    Shape share = new Number("A share", 0, 1);
    Block lightgbm =
        block(
            "Gradient-boosted trees",
            optional("trees", new Whole("How many trees", 1, 100_000)),
            optional("leaves", new Whole("The most leaves of a tree", 2, 131_072)),
            optional("depth", new Whole("The greatest depth of a tree, -1 for any", -1, 1_000)),
            optional("learning_rate", new Number("The weight of each tree", 1e-9, 10)),
            optional("leaf_rows", new Whole("The fewest rows of a leaf", 0, 1_000_000_000)),
            optional("feature_share", share),
            optional("row_share", share),
            optional("l1", weight),
            optional("l2", weight),
            optional("bins", new Whole("How finely values are sorted first", 2, 65_535)));
    Block logistic =
        block(
            "Logistic regression",
            optional("l2", weight),
            optional("iterations", new Whole("The most iterations", 1, 10_000)));
    Block candidate =
        block(
            "A candidate with its parameters",
            optional("rule", text("A condition: true predicts 1")),
            optional("logistic_regression", logistic),
            optional("lightgbm", lightgbm));
    Shape word =
        new Text("A kind of candidate", words("majority", "logistic_regression", "lightgbm"));
    return block(
        "What is trained, and how it is validated",
        required("name", text("The model's name in the registry")),
        required(
            "candidates",
            new Items(
                "What is trained side by side",
                new Either("A candidate", List.of(word, candidate)))),
        optional("validation", validation()),
        optional("seed", new Whole("The same seed gives the same model", 0, Integer.MAX_VALUE)),
        optional(
            "history", amount("How far back rows are trained on; all of them", Dimension.SECONDS)));
  }

  private static Block validation() {
    return block(
        "How candidates are compared",
        optional("split", new Text("How rows are divided: in order of time", words("time"))),
        optional(
            "holdout", amount("The time before now whose rows validate; 4d", Dimension.SECONDS)),
        optional("folds", new Whole("How many folds of cross-validation; 5", 0, 100)),
        optional("folds_on_retrain", new Whole("The same when a model is renewed; 0", 0, 100)),
        optional("rows", new Whole("The most rows in cross-validation; 100,000", 1_000, 1L << 31)));
  }

  private static Block gates() {
    Shape limit =
        new Either(
            "The least value, or min and max", List.of(new Number("", -1e12, 1e12), CRITERION));
    return block(
            "What a candidate must meet before it is registered",
            optional("metrics", new Names("Metrics and their least values", limit)),
            optional("beats", new Items("Candidates it must beat", text("A kind of candidate"))),
            optional("model_size", amount("How large it may be", Dimension.BYTES)),
            optional("latency_p99", amount("How long one row may take", Dimension.SECONDS)),
            optional(
                "min_improvement",
                new Number("By how much a renewed model must beat the old one in AUC; 0", 0, 1)))
        .with(METRICS, limit)
        .calledInFiles("quality_gates");
  }

  private static Block monitor() {
    Block rule =
        block(
            "When to raise a finding",
            required("threshold", new Number("The limit", -1e12, 1e12)),
            required("alert_on", new Text("Which side is bad", words("above", "below"))),
            optional("unit", text("The unit of the limit")));
    return block(
            "What is watched while the model serves",
            optional("every", amount("How often", Dimension.SECONDS)),
            optional("window", amount("How far back each look reaches", Dimension.SECONDS)),
            optional("model_metrics", new Names("Of the model", rule)),
            optional("drift_metrics", new Names("Of the data against the reference", rule)),
            optional("system_metrics", new Names("Of the machine", rule)))
        .calledInFiles("monitoring", "monitoring_config");
  }

  private static Block policy() {
    Shape limit = new Number("A limit", -1e12, 1e12);
    return block(
        "When the model is trained again",
        optional("min_accuracy", limit),
        optional("min_precision", limit),
        optional("min_recall", limit),
        optional("min_f1", limit),
        optional("min_auc_roc", limit),
        optional("max_log_loss", limit),
        optional("max_psi", limit),
        optional("max_ks", limit),
        optional("max_days_without_training", new Number("Days", 0, 1e6)),
        optional("new_data_threshold", new Whole("New rows", 1, Long.MAX_VALUE)));
  }

  private static Block retrain() {
    Block direct = policy();
    return block(
            "When and how often the model renews itself",
            optional("policy", policy()),
            optional("cooldown", amount("The least time between two trainings", Dimension.SECONDS)))
        .with(direct.keys())
        .calledInFiles("retrain_config", "retraining");
  }

  private static Block registry() {
    return block(
        "How versions come to Production",
        optional("approval", new Shape.Flag("Whether another person must approve of each; false")));
  }

  private static Block outbound() {
    return block(
        "Which addresses the server may call",
        optional(
            "allow",
            new Items(
                "Hosts that need not be public or HTTPS", text("A host, with or without a port"))));
  }

  private record Named(String name, Key key) {}

  private static Named required(String name, Shape shape) {
    return new Named(name, new Key(shape, true));
  }

  private static Named optional(String name, Shape shape) {
    return new Named(name, new Key(shape, false));
  }

  private static Block block(String about, Named... keys) {
    SequencedMap<String, Key> map = new LinkedHashMap<>();
    for (Named key : keys) map.put(key.name(), key.key());
    return new Block(about, Collections.unmodifiableSequencedMap(map), Set.of());
  }

  private static Text text(String about) {
    return new Text(about, Set.of());
  }

  private static Amount amount(String about, Dimension dimension) {
    return new Amount(about, Set.of(dimension));
  }

  private static Amount anyAmount(String about) {
    return new Amount(about, Set.of(Dimension.values()));
  }

  private static Set<String> words(String... words) {
    return Collections.unmodifiableSet(new LinkedHashSet<>(List.of(words)));
  }
}
