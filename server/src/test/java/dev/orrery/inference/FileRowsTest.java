package dev.orrery.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.linecorp.armeria.client.WebClient;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.RequestHeaders;
import dev.orrery.ModelServer;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import dev.orrery.engine.Engine;
import dev.orrery.engine.Table;
import dev.orrery.web.WebOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// Rows of a file are scored as `/invocations` answers the same rows: what a field is, the model
/// says, and never the file.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FileRowsTest {
  /// LightGBM: age, income, tenure, visits.
  private static final Path NAMED = Path.of("../conformance/inference/churn.txt");

  /// XGBoost from arrays: eight numbers without names.
  private static final Path NAMELESS = Path.of("src/test/resources/trees/dart.json");

  /// ONNX: tenure, charges; city and plan are texts.
  private static final Path TEXTS = Path.of("src/test/resources/onnx/churn_pipeline.onnx");

  private static final InstantSource CLOCK = InstantSource.fixed(Instant.EPOCH);

  @TempDir Path folder;
  private ModelServer server;
  private WebClient client;

  @BeforeAll
  void start() {
    server =
        ModelServer.start(
            List.of(NAMED, NAMELESS, TEXTS), CatalogOptions.DEFAULT, WebOptions.anyPort(), CLOCK);
    client = WebClient.of("h2c://127.0.0.1:" + server.port());
  }

  @AfterAll
  void stop() {
    server.close();
  }

  private AggregatedHttpResponse invoke(Path model, String type, String body) {
    String name = model.getFileName().toString().replaceFirst("[.][a-z]+$", "");
    var headers =
        RequestHeaders.builder(HttpMethod.POST, "/invocations?model=" + name)
            .set("content-type", type);
    return client.execute(headers.build(), HttpData.ofUtf8(body)).aggregate().join();
  }

  /// The first output of each row, online.
  private List<String> online(Path model, String type, String body) {
    AggregatedHttpResponse answer = invoke(model, type, body);
    assertThat(answer.status().code()).as(answer.contentUtf8()).isEqualTo(200);
    JsonNode rows = Json.tree(answer.content().array()).path("predictions");
    return rows.valueStream().map(FileRowsTest::first).toList();
  }

  private static String first(JsonNode value) {
    return value.isContainerNode() ? first(value.iterator().next()) : value.asText();
  }

  private Table table(String csv) {
    Path file = folder.resolve("rows.csv");
    try (var engine = new Engine(1, "256MB")) {
      Files.writeString(file, csv);
      return engine.readTexts(file);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /// The first output of each row, by file.
  private static List<String> byFile(Path model, Table table) {
    try (var scorer = new TableScorer(model, CLOCK)) {
      return scorer.score(table, 0, table.rows()).stream()
          .map(line -> String.valueOf(line.getFirst()))
          .toList();
    }
  }

  @Test
  void numbers_are_read_by_the_very_rule_of_requests() {
    String rows = "age,income,tenure,visits\n+7,,3,4\n007,,1e1,-.5\n 7 ,,Infinity,NaN\n4.50,,,0\n";
    assertThat(byFile(NAMED, table(rows)))
        .isEqualTo(online(NAMED, "text/csv", rows))
        .hasSize(4)
        .doesNotContain("null");
  }

  @Test
  void columns_that_the_model_does_not_take_say_nothing_of_it() {
    String rows = "age,income,tenure,visits\n" + "1,2,3,4\n".repeat(3);
    String more =
        "paid,age,income,tenure,visits,note\n"
            + "true,1,2,3,4,7\nno,1,2,3,4,2001-01-01\nfalse,1,2,3,4,hello\n";
    assertThat(byFile(NAMED, table(more))).isEqualTo(online(NAMED, "text/csv", rows));
  }

  @Test
  void texts_of_digits_and_of_times_are_texts_to_a_model_that_takes_texts() {
    String rows =
        "tenure,charges,city,plan\n1,2,7,2001-01-01\n+3,4.5,Seoul,free\n007,1,true,\"\"\n";
    assertThat(byFile(TEXTS, table(rows))).isEqualTo(online(TEXTS, "text/csv", rows));
  }

  @Test
  void a_column_of_parquet_without_any_value_is_missing() {
    var columns = new LinkedHashMap<String, Table.Column>();
    for (String name : List.of("age", "tenure", "visits")) {
      columns.put(name, new Table.Numbers(new double[] {1, 2}));
    }
    columns.put("income", new Table.Strings(new @Nullable String[2]));
    assertThat(byFile(NAMED, Table.of(columns)))
        .isEqualTo(online(NAMED, "text/csv", "age,income,tenure,visits\n1,,1,1\n2,,2,2\n"));
  }

  @Test
  void what_does_not_fit_is_named_with_its_row_column_and_text() {
    Table table = table("age,income,tenure,visits\n1,2,3,4\n1,2,many,4\n");
    try (var scorer = new TableScorer(NAMED, CLOCK)) {
      assertThat(scorer.score(table, 0, 1)).hasSize(1);
      assertThatThrownBy(() -> scorer.score(table, 1, 2))
          .isInstanceOf(Problem.class)
          .hasMessageContaining("row 2 has 'many' for 'tenure'");
    }
  }

  @Test
  void a_matrix_without_names_takes_the_columns_of_a_frame_in_their_order() {
    String names = "0,1,2,3,4,5,6,7";
    String values = "0.5,-1,2,0.1,,3,1,2";
    String json = values.replace(",,", ",null,");
    List<String> wanted = online(NAMELESS, "application/json", "{\"instances\":[[" + json + "]]}");
    String split = "{\"dataframe_split\":{\"columns\":[%s],\"data\":[[%s]]}}";
    assertThat(online(NAMELESS, "application/json", split.formatted(names, json)))
        .isEqualTo(wanted);
    var record = new StringBuilder("{\"dataframe_records\":[{");
    String[] each = json.split(",", -1);
    for (int i = 0; i < 8; i++) record.append(i == 0 ? "" : ",").append("\"" + i + "\":" + each[i]);
    assertThat(online(NAMELESS, "application/json", record + "}]}")).isEqualTo(wanted);
    String csv = names + "\n" + values + "\n";
    assertThat(online(NAMELESS, "text/csv", csv)).isEqualTo(wanted);
    assertThat(byFile(NAMELESS, table(csv))).isEqualTo(wanted);
  }

  @Test
  void a_frame_of_another_width_than_the_matrix_is_told_so() {
    String told = "there are 2 columns, and the matrix 'input' has 8";
    AggregatedHttpResponse answer = invoke(NAMELESS, "text/csv", "0,1\n1,2\n");
    assertThat(answer.status().code()).isEqualTo(400);
    assertThat(answer.contentUtf8()).contains(told);
    Table table = table("0,1\n1,2\n");
    assertThatThrownBy(() -> byFile(NAMELESS, table)).hasMessageContaining(told);
  }

  @Test
  void columns_of_other_names_than_the_model_knows_are_refused_by_file_and_online() {
    String rows = "0,1,2,3\n1,2,3,4\n";
    assertThat(invoke(NAMED, "text/csv", rows).status().code()).isEqualTo(400);
    Table table = table(rows);
    assertThatThrownBy(() -> byFile(NAMED, table)).hasMessageContaining("'age' is missing");
  }
}
