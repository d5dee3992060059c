package dev.orrery.train;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.base.Fault;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import dev.orrery.engine.Table;
import dev.orrery.model.Constant;
import dev.orrery.model.Model;
import dev.orrery.model.ModelPackage;
import dev.orrery.model.Rule;
import dev.orrery.model.Trees;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// Fits candidates.
public final class Trainer {
  /// The threshold of a model until one is chosen on validation rows.
  private static final double THRESHOLD = 0.5;

  private Trainer() {}

  /// Fits one candidate on training rows; can be interrupted between iterations.
  ///
  /// @return a package whose threshold is 0.5; see [ModelPackage#withThreshold]
  /// @throws Problem of kind INVALID if the candidate does not fit the rows, UNAVAILABLE if the
  ///   thread was interrupted (its mark is set again)
  public static ModelPackage fit(Candidate candidate, Training training, TrainOptions options) {
    Model model =
        switch (candidate) {
          case Candidate.Majority _ ->
              new Constant((double) training.positives() / training.rows());
          case Candidate.ByRule rule -> rule(rule.condition(), training);
          case Candidate.LogisticRegression regression ->
              LogisticFit.fit(regression, training, options);
          case Candidate.LightGbm trees -> new Trees(LightGbmFit.fit(trees, training, options));
        };
    var card =
        new ModelPackage.Card(
            options.positive(), THRESHOLD, null, described(candidate, training, options));
    return ModelPackage.of(
        training.preprocessor(), model, card, training.references(), training.golden());
  }

  /// Both sides of a rule with their share of positives; a side without rows has that of all rows.
  private static Rule rule(Rule.Condition condition, Training training) {
    String column = condition.among(training.features().names());
    if (training.features().column(column).type() != Table.Type.NUMBER) {
      throw new Problem(
          Fault.BAD_RULE,
          "the rule compares '%s', which holds texts, with a number".formatted(column),
          "Write the rule over a numeric feature");
    }
    double[] values = training.features().numbers(column);
    double[] target = training.target();
    long[] rows = new long[2];
    long[] hits = new long[2];
    for (int i = 0; i < target.length; i++) {
      int side = condition.holds(values[i]) ? 0 : 1;
      rows[side]++;
      if (target[i] == 1) hits[side]++;
    }
    double all = (double) training.positives() / training.rows();
    int input = training.preprocessor().signature().index(column);
    return new Rule(
        new Rule.Condition(column, condition.operator(), condition.value()),
        input,
        rows[0] == 0 ? all : (double) hits[0] / rows[0],
        rows[1] == 0 ? all : (double) hits[1] / rows[1]);
  }

  /// What a reader of the model wants to know of its training; nothing that differs between runs.
  private static SequencedMap<String, JsonNode> described(
      Candidate candidate, Training training, TrainOptions options) {
    var facts = new LinkedHashMap<String, JsonNode>();
    facts.put("rows", Json.MAPPER.valueToTree(training.rows()));
    facts.put("positives", Json.MAPPER.valueToTree(training.positives()));
    facts.put("seed", Json.MAPPER.valueToTree(options.seed()));
    facts.put("parameters", Json.MAPPER.valueToTree(candidate));
    return facts;
  }

  static void checkInterrupted() {
    if (Thread.currentThread().isInterrupted()) {
      throw new Problem(
          Fault.INTERRUPTED,
          "training was interrupted before it was done",
          "Start it again; nothing was changed");
    }
  }
}
