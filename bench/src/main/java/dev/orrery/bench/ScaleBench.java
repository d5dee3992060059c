package dev.orrery.bench;

import dev.orrery.base.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// What the console and MLflow's clients ask of a store with very many runs, over HTTP. A console's
/// answer is within its budget of 200 ms, and a plain search within 20 ms.
final class ScaleBench {
  private static final String SEARCH = "/api/v1/runs/search";
  private static final String GROUPS = "/api/v1/runs/groups";
  private static final String COLUMNS =
      """
      "columns":{"metrics":["auc","loss","f1"],"params":["lr","depth","kind"],"tags":["team"]}\
      """;

  private final PeerConnection connection;
  private final int times;
  private final List<Line> lines = new ArrayList<>();

  private ScaleBench(PeerConnection connection, int times) {
    this.connection = connection;
    this.times = times;
  }

  private interface Step {
    void run() throws IOException;
  }

  static List<Line> measure(Plan plan) throws Exception {
    ScaleStore store = ScaleStore.of(plan);
    try (TrackingServer server = TrackingServer.orrery(plan, store.home().toString());
        var connection = new PeerConnection(server.port())) {
      var bench = new ScaleBench(connection, plan.isQuick() ? 5 : 9);
      bench.pages();
      bench.groups();
      bench.texts();
      bench.plain();
      bench.time("idle, after all of these", "RSS MiB", server.residentMiB());
      return bench.lines;
    }
  }

  /// What the runs table asks: its first page, sorted, filtered, further down, and as a file.
  private void pages() throws IOException {
    search("newest, counted", "\"count\":true,\"limit\":200," + COLUMNS, 200);
    for (String order :
        List.of(
            "metrics.auc DESC",
            "params.lr",
            "tags.team DESC",
            "name",
            "duration DESC",
            "status",
            "user",
            "params.lr\",\"metrics.auc DESC")) {
      search(
          "order by " + order.replace("\",\"", ", "),
          "\"count\":true,\"limit\":200,\"order\":[\"" + order + "\"]," + COLUMNS,
          200);
    }
    for (String filter :
        List.of(
            "metrics.auc > 0.85 and params.depth in ('8','10')",
            "params.kind = 'a'",
            "params.seed = '4321'",
            "name like '%falcon%'",
            "name ilike '%FALCON-77%'",
            "tags.team = 'team-3' or metrics.loss < 0.1",
            "not params.kind = 'a' and status = 'FAILED'")) {
      search(filter, "\"count\":true,\"limit\":200,\"filter\":\"" + filter + "\"," + COLUMNS, 200);
    }
    search(
        "filter and order by another",
        "\"count\":true,\"limit\":200,\"filter\":\"params.kind ="
            + " 'a'\",\"order\":[\"metrics.loss\"],"
            + COLUMNS,
        200);
    search("1,000 runs, all columns", "\"limit\":1000", 200);
    search("10,000 runs, 7 columns", "\"limit\":10000," + COLUMNS, 1_000);
    search("10,000 runs, all columns", "\"limit\":10000", 1_000);
    time("the names of columns", 200, () -> connection.get("/api/v1/runs/columns"));
  }

  private void groups() throws IOException {
    String metrics = "\"metrics\":[\"auc\",\"loss\",\"f1\"]";
    for (String by :
        List.of(
            "params.lr",
            "tags.team",
            "status",
            "user",
            "params.lr\",\"params.kind",
            "params.seed")) {
      time(
          "groups by " + by.replace("\",\"", ", "),
          200,
          () -> connection.post(GROUPS, "{\"by\":[\"" + by + "\"]," + metrics + "}"));
    }
    time(
        "groups by params.lr, no metrics",
        200,
        () -> connection.post(GROUPS, "{\"by\":[\"params.lr\"]}"));
    time(
        "groups by params.lr where metrics.auc > 0.5",
        200,
        () ->
            connection.post(
                GROUPS,
                "{\"by\":[\"params.lr\"],\"filter\":\"metrics.auc > 0.5\"," + metrics + "}"));
    time(
        "groups by params.lr where params.kind = 'a'",
        200,
        () ->
            connection.post(
                GROUPS,
                "{\"by\":[\"params.lr\"],\"filter\":\"params.kind = 'a'\"," + metrics + "}"));
  }

  private void texts() throws IOException {
    for (String words :
        List.of(
            "falcon",
            "amber-falcon-77",
            "nowhere",
            "team-3 falcon",
            "ad",
            "weights-00420",
            "flights@1.7",
            "0.005 sgd team-11")) {
      String question = words.replace("@", "%40").replace(" ", "%20");
      time(
          "text '" + words + "'",
          200,
          () -> connection.get("/api/v1/search?q=" + question + "&limit=20"));
    }
  }

  /// What MLflow's clients ask.
  private void plain() throws IOException {
    String search = "/api/2.0/mlflow/runs/search";
    String experiment = experiment();
    String where =
        "\"filter\":\"metrics.auc > 0.25 and params.kind = 'a'\",\"order_by\":[\"metrics.auc"
            + " DESC\"]";
    time(
        "MLflow: filters, order by a metric, page of 100",
        20,
        () ->
            connection.post(
                search,
                "{\"experiment_ids\":[\"" + experiment + "\"]," + where + ",\"max_results\":100}"));
    time(
        "MLflow: newest, page of 1,000",
        200,
        () ->
            connection.post(
                search, "{\"experiment_ids\":[\"" + experiment + "\"],\"max_results\":1000}"));
  }

  private String experiment() throws IOException {
    String answer =
        connection.get(
            "/api/2.0/mlflow/experiments/get-by-name?experiment_name=" + ScaleStore.EXPERIMENT);
    return Json.tree(answer.getBytes(StandardCharsets.UTF_8))
        .path("experiment")
        .path("experiment_id")
        .asText();
  }

  private void search(String what, String body, double budget) throws IOException {
    time(what, budget, () -> connection.post(SEARCH, "{" + body + "}"));
  }

  private void time(String what, double budget, Step step) throws IOException {
    step.run();
    double[] millis = new double[times];
    for (int i = 0; i < times; i++) {
      long begun = System.nanoTime();
      step.run();
      millis[i] = (System.nanoTime() - begun) / 1e6;
      if (millis[i] > 5_000) Arrays.fill(millis, millis[i]);
      if (millis[i] > 5_000) break;
    }
    Arrays.sort(millis);
    System.err.printf("  %-60s %9.1f ms%n", what, millis[times / 2]);
    lines.add(Line.time(what, "ms", millis[times / 2], "", Double.NaN).within(budget));
  }

  private void time(String what, String unit, double value) {
    lines.add(Line.time(what, unit, value, "", Double.NaN));
  }
}
