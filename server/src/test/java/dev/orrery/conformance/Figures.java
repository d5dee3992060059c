package dev.orrery.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.orrery.engine.Table;
import dev.orrery.evaluation.Metrics;
import dev.orrery.model.ModelPackage;
import dev.orrery.model.Trees;
import dev.orrery.stats.ChiSquare;
import dev.orrery.stats.Drift;
import dev.orrery.stats.KolmogorovSmirnov;
import dev.orrery.train.Candidate;
import dev.orrery.train.TrainOptions;
import dev.orrery.train.Trainer;
import dev.orrery.train.Training;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;

/// Prints our figures of the arrays it reads, so that conformance/check_figures.py can hold them
/// against those of scikit-learn, SciPy and LightGBM. JSON in, JSON out.
public final class Figures {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private Figures() {}

  public static void main(String[] args) throws IOException {
    ArrayNode answers = JSON.createArrayNode();
    for (JsonNode request : JSON.readTree(System.in)) answers.add(answer(request));
    System.out.println(JSON.writeValueAsString(answers));
  }

  private static ObjectNode answer(JsonNode request) {
    return switch (request.path("figure").asText()) {
      case "metrics" -> metrics(request);
      case "ks" -> ks(request);
      case "drift" -> drift(request);
      case "wasserstein" -> wasserstein(request);
      case "trees" -> trees(request);
      case "logistic" -> logistic(request);
      default -> throw new IllegalArgumentException("no figure " + request.path("figure"));
    };
  }

  private static ObjectNode metrics(JsonNode request) {
    Metrics metrics =
        Metrics.of(
            reals(request.path("scores")),
            reals(request.path("actual")),
            request.path("threshold").asDouble());
    ObjectNode answer = JSON.createObjectNode();
    for (JsonNode name : request.path("names")) {
      answer.put(name.asText(), metrics.value(name.asText()).orElseThrow());
    }
    return answer;
  }

  private static ObjectNode ks(JsonNode request) {
    double[] first = sorted(request.path("first"));
    double[] second = sorted(request.path("second"));
    var test =
        request.path("mode").asText().equals("exact")
            ? KolmogorovSmirnov.sorted(first, second)
            : KolmogorovSmirnov.sortedAsymptotic(first, second);
    return JSON.createObjectNode()
        .put("statistic", test.statistic())
        .put("probability", test.probability());
  }

  private static ObjectNode drift(JsonNode request) {
    long[] first = wholes(request.path("first"));
    long[] second = wholes(request.path("second"));
    return JSON.createObjectNode()
        .put("psi", Drift.psi(first, second))
        .put("jensen_shannon", Drift.jensenShannon(first, second))
        .put("chi_square", ChiSquare.goodnessOfFit(first, second).probability())
        .put("homogeneity", ChiSquare.homogeneity(first, second).probability());
  }

  private static ObjectNode wasserstein(JsonNode request) {
    double[] first = sorted(request.path("first"));
    double[] second = sorted(request.path("second"));
    return JSON.createObjectNode().put("distance", Drift.wasserstein(first, second));
  }

  private static ObjectNode trees(JsonNode request) {
    Trees trees = new Trees(request.path("text").asText());
    ObjectNode answer = JSON.createObjectNode();
    ArrayNode margins = answer.putArray("margins");
    ArrayNode scores = answer.putArray("scores");
    for (JsonNode row : request.path("rows")) {
      double[] values = reals(row);
      margins.add(trees.margin(values));
      scores.add(trees.score(values));
    }
    return answer;
  }

  private static ObjectNode logistic(JsonNode request) {
    var columns = new LinkedHashMap<String, Table.Column>();
    for (JsonNode column : request.path("columns")) {
      columns.put("x" + columns.size(), new Table.Numbers(reals(column)));
    }
    Table table = Table.of(columns);
    ModelPackage model =
        Trainer.fit(
            Candidate.LogisticRegression.DEFAULT,
            Training.of(table, reals(request.path("target"))),
            new TrainOptions(1, 1));
    ObjectNode answer = JSON.createObjectNode();
    ArrayNode scores = answer.putArray("scores");
    for (double score : model.score(table)) scores.add(score);
    return answer;
  }

  private static double[] sorted(JsonNode node) {
    double[] values = reals(node);
    Arrays.sort(values);
    return values;
  }

  private static long[] wholes(JsonNode node) {
    long[] values = new long[node.size()];
    for (int i = 0; i < values.length; i++) values[i] = node.path(i).longValue();
    return values;
  }

  /// null is NaN; infinities are texts.
  private static double[] reals(JsonNode node) {
    double[] values = new double[node.size()];
    for (int i = 0; i < values.length; i++) {
      JsonNode value = node.path(i);
      values[i] =
          value.isNull()
              ? Double.NaN
              : value.isTextual() ? Double.parseDouble(value.textValue()) : value.doubleValue();
    }
    return values;
  }
}
