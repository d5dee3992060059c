package dev.orrery.pipeline;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.orrery.base.Fault;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import dev.orrery.engine.Table;
import dev.orrery.evaluation.Metrics;
import dev.orrery.evaluation.TimeSplit;
import dev.orrery.model.ModelPackage;
import dev.orrery.train.Candidate;
import dev.orrery.train.TrainOptions;
import dev.orrery.train.Trainer;
import dev.orrery.train.Training;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// Fits candidates on the training rows and measures them on the validation rows.
final class Fitting {
  /// Rows kept with a model, to prove a copy of it before it is served.
  static final int GOLDEN_ROWS = 100;

  private static final double THRESHOLD = 0.5;

  private final Recipe recipe;
  private final Prepared rows;
  private final int threads;
  private final Steps steps;
  private final Training training;

  /// Hears how far the work is, and ends it by throwing.
  interface Steps {
    void at(String what, double share);
  }

  /// A candidate that was fitted.
  record Fitted(Candidate candidate, ModelPackage model, Metrics metrics, Effort effort) {}

  Fitting(Recipe recipe, Prepared rows, int threads, Steps steps) {
    this.recipe = recipe;
    this.rows = rows;
    this.threads = threads;
    this.steps = steps;
    this.training = Training.of(rows.training(), rows.trainingTarget());
  }

  /// Fits one candidate, chooses its threshold, and packs it with golden rows.
  ///
  /// @param from the share of the stage that is done, `share` what this is of it
  Fitted fit(Candidate candidate, double from, double share) {
    var watch = Effort.begin();
    ModelPackage fitted = Trainer.fit(candidate, training, options(candidate.kind(), from, share));
    Effort effort = watch.end();
    double[] scores = fitted.score(rows.validation());
    Metrics metrics = Metrics.of(scores, rows.validationTarget(), THRESHOLD);
    double threshold = THRESHOLD;
    String rule = null;
    double recall = Metrics.recallOf(recipe.successMetric());
    if (recall > 0) {
      var point = metrics.precisionAtRecall(recall);
      if (point.isPresent()) {
        threshold = point.get().threshold();
        rule = recipe.successMetric();
        metrics = Metrics.of(scores, rows.validationTarget(), threshold);
      }
    }
    var card = fitted.card();
    var facts = new LinkedHashMap<>(card.training());
    facts.put("trained_until", TextNode.valueOf(rows.trainedUntil().toString()));
    facts.put("validated_from", TextNode.valueOf(rows.validatedFrom().toString()));
    ModelPackage packed =
        ModelPackage.of(
            fitted.preprocessor(),
            fitted.model(),
            new ModelPackage.Card(card.positive(), threshold, rule, facts),
            fitted.references(),
            golden());
    return new Fitted(candidate, packed, metrics, effort);
  }

  /// Mean and standard deviation over folds in order of time, as `cv_auc_roc_mean`, `..._std`; for
  /// each candidate in its order. Empty where the rows are too few for as many folds.
  List<SortedMap<String, Double>> crossValidate(
      List<Candidate> candidates, int folds, double from, double share) {
    List<Map<String, List<Double>>> figures = new ArrayList<>();
    for (int c = 0; c < candidates.size(); c++) figures.add(new TreeMap<>());
    int first = Math.max(0, rows.times().length - recipe.validation().rows());
    int last = rows.times().length;
    try {
      List<TimeSplit> splits =
          TimeSplit.expanding(
              Arrays.copyOfRange(rows.times(), first, last),
              Arrays.copyOfRange(rows.known(), first, last),
              folds);
      for (int f = 0; f < splits.size(); f++) {
        double done = from + share * f / splits.size();
        steps.at("fold %d of %d".formatted(f + 1, splits.size()), done);
        fold(splits.get(f), first, candidates, figures, done);
      }
    } catch (Problem e) {
      if (e.fault() != Fault.NO_FOLDS && e.fault() != Fault.NO_TRAINING_ROWS) throw e;
      return candidates.stream().map(_ -> (SortedMap<String, Double>) none()).toList();
    }
    return figures.stream().map(Fitting::summary).toList();
  }

  private void fold(
      TimeSplit split,
      int first,
      List<Candidate> candidates,
      List<Map<String, List<Double>>> figures,
      double done) {
    int[] train = Arrays.stream(split.train()).map(i -> i + first).toArray();
    int[] test = Arrays.stream(split.validation()).map(i -> i + first).toArray();
    var bare =
        Training.bare(rows.training().pick(train), Prepared.pick(rows.trainingTarget(), train));
    Table unseen = rows.training().pick(test);
    double[] actual = Prepared.pick(rows.trainingTarget(), test);
    for (int c = 0; c < candidates.size(); c++) {
      Candidate candidate = candidates.get(c);
      ModelPackage fitted = Trainer.fit(candidate, bare, options(candidate.kind(), done, 0));
      Map<String, Double> all =
          Metrics.of(fitted.score(unseen), actual, THRESHOLD).all(List.of(recipe.successMetric()));
      for (String name : measured()) {
        Double value = all.get(name);
        if (value != null) {
          figures.get(c).computeIfAbsent(name, _ -> new ArrayList<>()).add(value);
        }
      }
    }
  }

  /// The metrics that cross-validation tells of: those that need no threshold.
  private List<String> measured() {
    List<String> names = new ArrayList<>(List.of(Metrics.AUC_ROC, Metrics.LOG_LOSS));
    if (Metrics.recallOf(recipe.successMetric()) > 0) names.add(recipe.successMetric());
    return names;
  }

  private static SortedMap<String, Double> none() {
    return new TreeMap<>();
  }

  private static SortedMap<String, Double> summary(Map<String, List<Double>> figures) {
    SortedMap<String, Double> summary = none();
    figures.forEach((name, values) -> {
      double mean = values.stream().mapToDouble(v -> v).average().orElse(Double.NaN);
      double square = values.stream().mapToDouble(v -> (v - mean) * (v - mean)).sum();
      summary.put("cv_" + name + "_mean", mean);
      if (values.size() > 1) {
        summary.put("cv_" + name + "_std", Math.sqrt(square / (values.size() - 1)));
      }
    });
    return summary;
  }

  private TrainOptions options(String kind, double from, double share) {
    return new TrainOptions(
        recipe.seed(),
        threads,
        recipe.target(),
        (iteration, total) ->
            steps.at(
                "%s: %d of %d".formatted(kind, iteration, total),
                from + share * iteration / Math.max(1, total)));
  }

  private Table golden() {
    int count = Math.min(GOLDEN_ROWS, rows.validation().rows());
    int[] picked = new int[count];
    for (int i = 0; i < count; i++) {
      picked[i] = (int) ((long) i * rows.validation().rows() / count);
    }
    return rows.validation().pick(picked);
  }

  /// A candidate's parameters as texts, as they are logged and compared.
  static SortedMap<String, String> parameters(Candidate candidate) {
    var parameters = new TreeMap<String, String>();
    if (candidate instanceof Candidate.ByRule rule) {
      parameters.put("rule", rule.condition().toString());
      return parameters;
    }
    JsonNode tree = Json.MAPPER.valueToTree(candidate);
    tree.properties().forEach(field -> parameters.put(field.getKey(), field.getValue().asText()));
    return parameters;
  }
}
