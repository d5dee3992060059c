package dev.orrery.inference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.ModelServer;
import dev.orrery.base.Json;
import dev.orrery.engine.Table;
import dev.orrery.web.WebOptions;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// Models trained on data frames with categories, served: clients send the data's own values. The
/// expected scores are those of `predict(DataFrame)`, made by `conformance/engines/frames.py`.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CategoriesServedTest {
  private static final Path FIXTURES =
      Path.of("../scorer/src/test/resources/dev/orrery/scorer/models");
  private static final InstantSource CLOCK = InstantSource.fixed(Instant.EPOCH);
  private static final List<String> NAMES = List.of("x", "region", "city", "flag", "half", "grade");
  private static final int CITY = 2;

  private final HttpClient http = HttpClient.newHttpClient();
  private ModelServer server;
  private Path lightgbm;
  private String[] texts;
  private double[][] rows;

  @BeforeAll
  void start(@TempDir Path folder) throws IOException {
    lightgbm = folder.resolve("lgb.txt");
    Path xgboost = folder.resolve("xgb.json");
    Files.copy(FIXTURES.resolve("lightgbm-frame.model"), lightgbm);
    Files.copy(FIXTURES.resolve("xgboost-frame.model"), xgboost);
    texts = Files.readString(FIXTURES.resolve("frame.texts")).split("\0", -1);
    rows =
        Files.readAllLines(FIXTURES.resolve("lightgbm-frame.csv")).stream()
            .map(line -> line.split(","))
            .map(w -> java.util.Arrays.stream(w).mapToDouble(Double::parseDouble).toArray())
            .toArray(double[][]::new);
    server =
        ModelServer.start(
            List.of(lightgbm, xgboost), CatalogOptions.DEFAULT, WebOptions.anyPort(), CLOCK);
  }

  @AfterAll
  void stop() {
    server.close();
    http.close();
  }

  private HttpResponse<String> ask(String path, @Nullable String body, String type) {
    var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path));
    request.header("content-type", type);
    if (body != null) request.POST(HttpRequest.BodyPublishers.ofString(body));
    try {
      return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private HttpResponse<String> ask(String path, @Nullable String body) {
    return ask(path, body, "application/json");
  }

  private @Nullable Object value(double[] row, int place) {
    if (Double.isNaN(row[place])) return null;
    if (place == CITY) return texts[(int) row[place]];
    return NAMES.get(place).equals("flag") ? (Object) (row[place] == 1) : (Object) row[place];
  }

  private List<Double> expected() {
    List<Double> scores = new ArrayList<>();
    for (double[] row : rows) scores.add(row[NAMES.size()]);
    return scores;
  }

  private static List<Double> numbers(Iterable<com.fasterxml.jackson.databind.JsonNode> list) {
    List<Double> numbers = new ArrayList<>();
    list.forEach(number -> numbers.add(number.doubleValue()));
    return numbers;
  }

  @Test
  void inputs_are_texts_where_the_category_is_one() {
    assertThat(ask("/v2/models/lgb", null).body())
        .contains("{\"name\":\"city\",\"datatype\":\"BYTES\",\"shape\":[-1]}")
        .contains("{\"name\":\"region\",\"datatype\":\"FP64\",\"shape\":[-1]}");
    assertThat(ask("/v2/models/xgb", null).body())
        .contains("{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[-1]}")
        .contains("{\"name\":\"region\",\"datatype\":\"FP64\",\"shape\":[-1]}")
        .contains("{\"name\":\"city\",\"datatype\":\"BYTES\",\"shape\":[-1]}");
    assertThat(ask("/try/lgb", null).body()).contains("name=\"city\"", "<small>BYTES</small>");
  }

  @Test
  void rows_of_values_get_the_scores_of_the_data_frame() throws IOException {
    var records = new ArrayList<Map<String, @Nullable Object>>();
    for (double[] row : rows) {
      var columns = new TreeMap<String, @Nullable Object>();
      for (int i = 0; i < NAMES.size(); i++) columns.put(NAMES.get(i), value(row, i));
      records.add(columns);
    }
    var answer =
        ask("/v1/models/lgb:predict", Json.MAPPER.writeValueAsString(Map.of("instances", records)));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(numbers(Json.MAPPER.readTree(answer.body()).get("predictions")))
        .isEqualTo(expected());
  }

  @Test
  void tensors_of_values_get_the_scores_of_the_data_frame() throws IOException {
    var inputs = new ArrayList<Map<String, Object>>();
    for (int place = 0; place < NAMES.size(); place++) {
      var data = new ArrayList<@Nullable Object>();
      for (double[] row : rows) data.add(value(row, place));
      inputs.add(
          Map.of(
              "name",
              NAMES.get(place),
              "shape",
              List.of(rows.length),
              "datatype",
              place == CITY ? "BYTES" : "FP64",
              "data",
              data));
    }
    var answer =
        ask("/v2/models/lgb/infer", Json.MAPPER.writeValueAsString(Map.of("inputs", inputs)));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(numbers(Json.MAPPER.readTree(answer.body()).at("/outputs/0/data")))
        .isEqualTo(expected());
  }

  @Test
  void tables_of_values_get_the_scores_of_the_data_frame() {
    var columns = new LinkedHashMap<String, Table.Column>();
    for (int place = 0; place < NAMES.size(); place++) {
      int at = place;
      columns.put(
          NAMES.get(place),
          place == CITY
              ? new Table.Strings(
                  java.util.Arrays.stream(rows)
                      .map(row -> (String) value(row, CITY))
                      .toArray(String[]::new))
              : new Table.Numbers(
                  java.util.Arrays.stream(rows).mapToDouble(row -> row[at]).toArray()));
    }
    try (var scorer = new TableScorer(lightgbm, CLOCK)) {
      var lines = scorer.score(new Table(columns, rows.length), 0, rows.length);
      assertThat(lines.stream().map(line -> Double.parseDouble(line.getFirst())).toList())
          .isEqualTo(expected());
    }
  }

  @Test
  void csv_has_values_as_well() {
    String head = "x,region,city,flag,half,grade\n";
    String csv = ask("/invocations", head + "0.5,5,5,1,0.1,12\n", "text/csv").body();
    String json =
        ask(
                "/invocations",
                """
                {"instances":[{"x":0.5,"region":5,"city":"5","flag":true,"half":0.1,"grade":12}]}
                """)
            .body();
    assertThat(csv).isEqualTo(json).contains("predictions");
  }

  @Test
  void codes_in_a_matrix_are_refused() {
    var answer =
        ask(
            "/v2/models/lgb/infer",
            """
            {"inputs":[{"name":"input","shape":[1,6],"datatype":"FP64","data":[1,2,3,1,2,3]}]}
            """);
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("city", "BYTES");
  }

  @Test
  void a_text_that_lightgbm_has_not_seen_is_counted() {
    String counter = "model_unseen_categories_total{feature=\"city\",model=\"lgb\",version=\"1\"} ";
    assertThat(ask("/metrics", null).body()).contains(counter);
    String row = "{\"x\":1,\"region\":5,\"city\":\"%s\",\"flag\":true,\"half\":0.1,\"grade\":12}";
    double before = counted(counter);
    ask("/v1/models/lgb:predict", "{\"instances\":[" + row.formatted("seoul") + "]}");
    assertThat(counted(counter)).isEqualTo(before);
    ask("/v1/models/lgb:predict", "{\"instances\":[" + row.formatted("nowhere") + "]}");
    assertThat(counted(counter)).isEqualTo(before + 1);
  }

  private double counted(String counter) {
    String body = ask("/metrics", null).body();
    int from = body.indexOf(counter) + counter.length();
    return Double.parseDouble(body.substring(from, body.indexOf('\n', from)));
  }

  @Test
  void a_value_that_xgboost_has_not_seen_is_refused_and_a_missing_one_is_not() {
    String row = "{\"instances\":[{\"x\":1,\"region\":%s,\"city\":%s,\"grade\":12}]}";
    assertThat(ask("/v1/models/xgb:predict", row.formatted("5", "\"seoul\"")).statusCode())
        .isEqualTo(200);
    assertThat(ask("/v1/models/xgb:predict", row.formatted("null", "null")).statusCode())
        .isEqualTo(200);
    var text = ask("/v1/models/xgb:predict", row.formatted("5", "\"nowhere\""));
    assertThat(text.statusCode()).isEqualTo(400);
    assertThat(text.body()).contains("'nowhere' is no category of 'city'", "Send null");
    var number = ask("/v1/models/xgb:predict", row.formatted("6", "\"seoul\""));
    assertThat(number.statusCode()).isEqualTo(400);
    assertThat(number.body()).contains("'6' is no category of 'region'");
  }
}
