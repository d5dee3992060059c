package dev.orrery.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.Orrery;
import dev.orrery.OrreryOptions;
import dev.orrery.base.Json;
import dev.orrery.scorer.Scorer;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/// The commands of the loop, one after the other as a person would type them, against a server on a
/// small project. They are steps of one story: each finds what those before it left.
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class LoopCommandsTest {
  private static final Instant START = Instant.parse("2001-03-01T00:00:00Z");
  @TempDir static Path home;
  private static Orrery orrery;

  @BeforeAll
  static void start() throws IOException {
    TrainsProject.write(home, START);
    orrery = Orrery.start(OrreryOptions.of(home, 0).withVirtualClock(START), Instant::now);
  }

  @AfterAll
  static void end() {
    orrery.close();
  }

  private static Session.Outcome type(String... words) {
    return new Session(home).with("ORRERY_SERVER", orrery.address()).run(words);
  }

  private static JsonNode json(String... words) {
    Session.Outcome outcome = type(words);
    assertThat(outcome.code()).as(outcome.err()).isZero();
    return Json.tree(outcome.out().getBytes(StandardCharsets.UTF_8));
  }

  @Test
  @Order(1)
  void before_anything_is_trained_there_is_a_hint() {
    assertThat(type("status").out()).contains("trains", "late-train", "virtual clock");
    Session.Outcome predicted = type("predict", "{\"speed\":100,\"line\":\"L1\"}");
    assertThat(predicted.code()).isEqualTo(ExitCode.UNAVAILABLE);
    assertThat(predicted.err()).contains("no model version is deployed", "orrery run");
  }

  @Test
  @Order(2)
  void run_goes_through_six_stages_and_serves() {
    Session.Outcome outcome = type("run");

    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.out()).contains("ok", "late-train 1.0.0 serves");
    assertThat(outcome.err())
        .contains(" 1/6 data", " 2/6 features", " 3/6 train", " 4/6 gate", " 6/6 deploy");
  }

  @Test
  @Order(3)
  void predict_takes_a_row_a_file_of_rows_and_refuses_what_does_not_fit() throws IOException {
    JsonNode one =
        json("predict", "--json", "{\"at\":\"2001-03-01T00:00:00Z\",\"speed\":60,\"line\":\"L1\"}");
    assertThat(one.path("prediction").path(0).asInt()).isEqualTo(1);
    assertThat(one.path("version").asText()).isEqualTo("1.0.0");

    Files.writeString(
        home.resolve("more.csv"),
        "at,delay,speed,line\n2001-03-01T00:01:00,5,240,L2\n2001-03-01T00:02:00,50,55,L3\n");
    Session.Outcome table = type("predict", "more.csv", "--batch-size", "1");
    assertThat(table.code()).as(table.err()).isZero();
    assertThat(table.out().lines().toList())
        .hasSize(3)
        .first()
        .isEqualTo("prediction,score,version,id");
    assertThat(table.out().lines().skip(1).map(line -> line.substring(0, 2)))
        .containsExactly("0,", "1,");

    Files.writeString(
        home.resolve("codes.csv"),
        "at,speed,line\n2001-03-01T00:01:00,240,1e3\n2001-03-01T00:02:00,55,42\n");
    JsonNode codes = json("predict", "codes.csv", "--json");
    assertThat(type("lineage", codes.at("/ids/0").asText()).out()).contains("line=1e3");
    assertThat(type("lineage", codes.at("/ids/1").asText()).out()).contains("line=42");

    Files.writeString(
        home.resolve("odd.csv"),
        "at,speed,line\n2001-03-01,true,true\n2001-03-01 00:01,+60,2001-01-01\n2001-03-01,,no\n");
    JsonNode odd = json("predict", "odd.csv", "--json");
    List<String> traced =
        odd.path("ids").valueStream().map(id -> type("lineage", id.asText()).out()).toList();
    assertThat(traced.get(0)).contains("line=true", "speed=1");
    assertThat(traced.get(1)).contains("line=2001-01-01").doesNotContain("2001-01-01T");
    assertThat(traced.get(2)).contains("line=no");
    JsonNode state = Client.at(URI.create(orrery.address())).get("/api/v1/endpoints/late-train");
    assertThat(state.path("inputs").toString())
        .isEqualTo("{\"at\":\"time\",\"speed\":\"number\",\"line\":\"text\"}");

    String rows = "at,speed,line\n" + "2001-03-01,60,L1\n".repeat(2);
    Files.writeString(home.resolve("bad.csv"), rows + "2001-03-01,60,L1\nsoon,60,L1\n");
    Session.Outcome late = type("predict", "bad.csv", "--batch-size", "2", "--out", "answers.csv");
    assertThat(late.code()).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(late.err())
        .contains("row 4 has 'soon' for 'at'", "rows 1 to 2 were predicted and logged");
    assertThat(home.resolve("answers.csv")).doesNotExist();
    Files.writeString(home.resolve("bad.csv"), rows + "2001-03-01,60,L1\n2001-03-01,6000,L1\n");
    assertThat(type("predict", "bad.csv", "--batch-size", "2").err())
        .contains("(row 4: 6000", "rows 1 to 2 were predicted and logged");
    Files.writeString(home.resolve("bad.csv"), rows + "2001-03-01,fast,L1\n");
    assertThat(type("predict", "bad.csv").err()).contains("row 3 has 'fast' for 'speed'");

    for (String bad :
        List.of(
            "{\"speed\":60}",
            "{\"speed\":\"fast\",\"line\":\"L1\"}",
            "{\"speed\":60,\"line\":\"L1\",\"colour\":1}",
            "{\"speed\":6000,\"line\":\"L1\"}",
            "{\"features\":[1,2,3,4,5,6]}",
            "{nonsense")) {
      Session.Outcome refused = type("predict", bad);
      assertThat(refused.code()).as(bad).isEqualTo(ExitCode.BAD_INPUT);
      assertThat(refused.err()).startsWith("error[ORR-").contains("hint: ");
    }
    assertThat(type("predict", "none.csv").code()).isEqualTo(ExitCode.NOT_FOUND);
    assertThat(type("predict", "more.csv", "--batch-size", "0").code())
        .isEqualTo(ExitCode.BAD_INPUT);
  }

  @Test
  @Order(4)
  void outcomes_are_told_once_and_a_change_is_refused() throws IOException {
    String id =
        json("predict", "--json", "{\"speed\":60,\"line\":\"L1\"}").path("ids").path(0).asText();
    Files.writeString(home.resolve("told.csv"), "id,delay\n%s,33\n".formatted(id));

    assertThat(json("outcomes", "told.csv", "--json").path("stored").asInt()).isEqualTo(1);
    assertThat(json("outcomes", "told.csv", "--json").path("repeated").asInt()).isEqualTo(1);
    Files.writeString(home.resolve("told.csv"), "id,delay\n%s,3\n".formatted(id));
    assertThat(type("outcomes", "told.csv").code()).isEqualTo(ExitCode.CONFLICT);
    Files.writeString(home.resolve("told.csv"), "key,delay\n%s,3\n".formatted(id));
    assertThat(type("outcomes", "told.csv").err()).contains("has no column 'id'");

    Session.Outcome traced = type("lineage", id);
    assertThat(traced.code()).as(traced.err()).isZero();
    assertThat(traced.out())
        .contains(id, "delay=33", "late-train 1.0.0", "trains@1.0.0", "features", "code", "run")
        .contains("passed   auc_roc");
    assertThat(type("lineage", "00000000-0000-7000-8000-000000000000").code())
        .isEqualTo(ExitCode.NOT_FOUND);
    assertThat(type("lineage", "nonsense").code()).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(type("lineage", "model/late-train@1.0.0").code()).isZero();
  }

  @Test
  @Order(4)
  void outcomes_of_a_file_are_true_or_false_and_what_is_wrong_is_named_by_its_row()
      throws IOException {
    String id =
        json("predict", "--json", "{\"speed\":60,\"line\":\"L1\"}").path("ids").path(0).asText();
    String told = "id,actual\n" + (id + ",true\n").repeat(10_001);
    Files.writeString(home.resolve("told.csv"), told);
    JsonNode stored = json("outcomes", "told.csv", "--json");
    assertThat(stored.path("stored").asInt()).isEqualTo(1);
    assertThat(stored.path("repeated").asInt()).isEqualTo(10_000);

    Files.writeString(home.resolve("told.csv"), told + "nobody,true\n");
    Session.Outcome bad = type("outcomes", "told.csv");
    assertThat(bad.code()).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(bad.err())
        .contains("row 10,002 has the id", "nobody", "rows 1 to 10,000 are stored");
    Files.writeString(home.resolve("told.csv"), told + id + ",late\n");
    assertThat(type("outcomes", "told.csv").err())
        .contains("row 10,002 has \"late\" for 'actual'", id, "rows 1 to 10,000 are stored");
    String unknown = "00000000-0000-7000-8000-000000000000";
    Files.writeString(home.resolve("told.csv"), told + unknown + ",1\n");
    assertThat(type("outcomes", "told.csv").err()).contains("row 10,002", unknown);
  }

  @Test
  @Order(5)
  void a_replay_plays_the_rows_and_its_ledger_proves_it() {
    String[] window = {"--start", "2001-03-01", "--end", "2001-03-03"};
    JsonNode played = json("replay", window[0], window[1], window[2], window[3], "--json");
    assertThat(played.path("predictions").asInt()).isEqualTo(192);
    assertThat(played.path("outcomes").asInt()).isEqualTo(192);

    Session.Outcome checked =
        type("replay", window[0], window[1], window[2], window[3], "--check", "--every");
    assertThat(checked.code()).as(checked.err()).isZero();
    assertThat(checked.out()).contains("of 192 acknowledged predictions (192 looked up)");
    assertThat(type("replay", window[0], window[1], window[2], window[3]).code())
        .isEqualTo(ExitCode.CONFLICT);
    assertThat(type("replay", "--start", "2001-03-01").code()).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(type("replay", "--start", "soon", "--end", "2001-03-02").err())
        .contains("'soon' is not a moment for --start");
  }

  @Test
  @Order(6)
  void status_shows_the_scorecard_and_rollback_says_that_there_is_no_way_back() {
    Session.Outcome status = type("status");
    assertThat(status.code()).as(status.err()).isZero();
    assertThat(status.out())
        .contains("loop", "versions", "1.0.0", "champion", "criteria", "auc_roc", "live");
    assertThat(json("status", "--json").path("endpoint").asText()).isEqualTo("late-train");

    Session.Outcome back = type("rollback");
    assertThat(back.code()).isEqualTo(ExitCode.CONFLICT);
    assertThat(back.err()).contains("ORR-0857");
    assertThat(type("rollback", "--dry-run").code()).isEqualTo(ExitCode.CONFLICT);
    assertThat(type("rollback", "nope").code()).isEqualTo(ExitCode.NOT_FOUND);
  }

  @Test
  @Order(6)
  void a_project_file_that_cannot_be_read_keeps_nobody_from_a_rollback() throws IOException {
    Path file = home.resolve("orrery.yaml");
    String good = Files.readString(file);
    Files.writeString(file, good + "\nserve: [\n");
    try {
      Session.Outcome back = type("rollback");
      assertThat(back.code()).isEqualTo(ExitCode.CONFLICT);
      assertThat(back.err()).contains("ORR-0857", "the server's is late-train");
      assertThat(type("deploy", "abort").err()).contains("ORR-0863");
      assertThat(type("deploy", "status").out()).contains("late-train");
    } finally {
      Files.writeString(file, good);
    }
  }

  private static JsonNode criterion(String name) {
    for (JsonNode line : json("status", "--json").path("criteria")) {
      if (line.path("name").asText().equals(name)) return line;
    }
    throw new AssertionError(name);
  }

  /// What a bench at 1,000 requests a second for a minute would tell.
  private static int told(String version, int failed, double p99, double lateMs) throws Exception {
    String body =
        """
        {"versions":{"%s":%d},"rate":1000,"seconds":60.0,"connections":64,"offered":60000,
        "answered":%d,"failed":%d,"statuses":{"200":%d},"per_second":1000.0,
        "latency":{"p50":0.4,"p90":0.8,"p95":1.0,"p99":%s,"p999":3.0,"max":9.0,"mean":0.5},
        "late_ms":%s,"generator":"a test"}
        """
            .formatted(
                version, 60_000 - failed, 60_000 - failed, failed, 60_000 - failed, p99, lateMs);
    try (HttpClient http = HttpClient.newHttpClient()) {
      var request =
          HttpRequest.newBuilder(
                  URI.create(orrery.address() + "/api/v1/endpoints/late-train/loads"))
              .POST(HttpRequest.BodyPublishers.ofString(body))
              .build();
      return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    }
  }

  @Test
  @Order(8)
  void a_load_is_evidence_of_the_version_that_answered_it_and_of_no_other() throws Exception {
    assertThat(criterion("throughput").path("state").asText()).isEqualTo("unknown");
    assertThat(told("1.0.0", 0, 1.3, 0.4)).isEqualTo(200);
    JsonNode throughput = criterion("throughput");
    assertThat(throughput.path("state").asText()).isEqualTo("met");
    assertThat(throughput.path("actual").asText()).isEqualTo("1000 req/s");
    assertThat(throughput.path("evidence").asText())
        .startsWith("version 1.0.0, measured by deploy bench at 1000/s for 60 s, p99 1.300 ms, 20");
    assertThat(criterion("p99_latency").path("actual").asText()).isEqualTo("1.300ms");

    assertThat(told("1.0.0", 0, 5.1, 0.4)).isEqualTo(200);
    assertThat(criterion("p99_latency").path("state").asText()).isEqualTo("failed");
    assertThat(told("1.0.0", 0, 1.3, 40)).isEqualTo(200);
    assertThat(criterion("throughput").path("state").asText()).isEqualTo("unknown");
    assertThat(criterion("throughput").path("evidence").asText())
        .endsWith("of version 1.0.0 does not count: the generator was up to 40.0 ms late");
    assertThat(told("1.0.0", 3, 1.3, 1)).isEqualTo(200);
    assertThat(criterion("throughput").path("evidence").asText())
        .endsWith("does not count: 3 of 60,000 requests were refused or unanswered");
    assertThat(told("1.0.9", 0, 1.3, 0)).isEqualTo(400);
    assertThat(told("1.0.0", 0, 100, 0)).isEqualTo(400);
    assertThat(told("1.0.0", -1, 1.3, 0)).isEqualTo(400);

    Session.Outcome card = type("model", "card", "late-train", "1");
    assertThat(card.out())
        .contains("Under load", "no: 3 of 60,000 requests were refused or unanswered", ">yes<");
  }

  @Test
  @Order(9)
  void a_bench_is_kept_with_what_was_measured() {
    Session.Outcome bench =
        type("deploy", "bench", "--rate", "50", "--for", "2s", "--warm-up", "0s", "--json");
    assertThat(bench.code()).as(bench.err()).isZero();
    JsonNode report = Json.tree(bench.out().getBytes(StandardCharsets.UTF_8));
    assertThat(report.at("/versions/1.0.0").asInt()).isEqualTo(100);
    // So few requests are no evidence, however fast the machine is.
    assertThat(criterion("throughput").path("evidence").asText())
        .contains("does not count: ", "100 requests are too few")
        .contains(
            "deploy bench at 50/s for 2 s, p99 %.3f ms"
                .formatted(report.at("/latency/p99").asDouble()));
  }

  @Test
  @Order(10)
  void an_exemplar_of_a_latency_leads_to_its_prediction() throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      var request =
          HttpRequest.newBuilder(URI.create(orrery.address() + "/metrics"))
              .header("accept", "application/openmetrics-text")
              .build();
      String shown = http.send(request, HttpResponse.BodyHandlers.ofString()).body();
      assertThat(shown).contains("model_unseen_categories_total{feature=\"basics.line\"");
      var found =
          Pattern.compile("orrery_predictions_seconds_bucket.* # \\{prediction_id=\"([^\"]+)\"}")
              .matcher(shown);
      assertThat(found.find()).isTrue();
      assertThat(type("lineage", found.group(1)).code()).isZero();
    }
  }

  @Test
  @Order(11)
  void the_package_of_a_version_scores_in_a_service_of_one_s_own_as_the_endpoint_does()
      throws Exception {
    JsonNode told = json("predict", "--json", "{\"speed\":60,\"line\":\"never\"}");
    String run = json("status", "--json").at("/versions/0/run").asText();
    try (HttpClient http = HttpClient.newHttpClient()) {
      String api = orrery.address() + "/api/v1/";
      URI file = URI.create(api + "runs/" + run + "/artifacts/files/model/package.json");
      byte[] bytes =
          http.send(HttpRequest.newBuilder(file).build(), HttpResponse.BodyHandlers.ofByteArray())
              .body();
      Scorer scorer = Scorer.read(bytes);
      URI prediction = URI.create(api + "predictions/" + told.at("/ids/0").asText());
      JsonNode features =
          Json.tree(
                  http.send(
                          HttpRequest.newBuilder(prediction).build(),
                          HttpResponse.BodyHandlers.ofByteArray())
                      .body())
              .path("features");
      double[] row = new double[scorer.width()];
      for (int i = 0; i < row.length; i++) {
        JsonNode value = features.path(scorer.names().get(i));
        if (scorer.isText(i)) row[i] = scorer.code(i, value.textValue());
        else row[i] = value.isNumber() ? value.doubleValue() : Double.NaN;
      }
      assertThat(scorer.score(row)).isEqualTo(told.at("/score/0").asDouble());
    }
  }

  @Test
  @Order(7)
  void a_second_server_on_the_home_or_the_port_is_refused() throws IOException {
    Session.Outcome held = new Session(home).run("up", "--port", "0");
    assertThat(held.code()).isEqualTo(ExitCode.CONFLICT);
    assertThat(held.err()).contains("is in use by this process");

    Path other = Files.createDirectory(home.resolve("other"));
    Session.Outcome taken =
        new Session(other).run("up", "--home", ".", "--port", Integer.toString(orrery.port()));
    assertThat(taken.code()).isEqualTo(ExitCode.CONFLICT);
    assertThat(taken.err()).contains("ORR-0215");
  }

  /// Asks about so many rows that a segment of the log is closed.
  private static void fill() throws Exception {
    var rows = new StringBuilder("{\"rows\":[");
    for (int i = 0; i < 1_000; i++) {
      rows.append(i == 0 ? "" : ",")
          .append(
              "{\"at\":\"2001-03-03T00:00:00Z\",\"speed\":%d,\"line\":\"L%d\"}".formatted(i, i));
    }
    var body = HttpRequest.BodyPublishers.ofString(rows.append("]}").toString());
    URI predict = URI.create(orrery.address() + "/predict");
    try (HttpClient http = HttpClient.newHttpClient()) {
      while (!Files.exists(home.resolve(".orrery/predictions/0000000003.seg"))) {
        var answer =
            http.send(
                HttpRequest.newBuilder(predict).POST(body).build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      }
    }
  }

  private static void flip(Path file, int at) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[at] ^= 4;
    try (var out = new RandomAccessFile(file.toFile(), "rw")) {
      out.seek(at);
      out.write(bytes[at]);
    }
  }

  @Test
  @Order(12)
  void verify_names_what_is_damaged_of_the_log_and_its_archive_also_without_a_server()
      throws Exception {
    fill();
    String sql = "select version, count(*), sum(score), max(id) from predictions group by 1";
    String truth = type("query", sql, "--json").out();
    Session.Outcome sound = type("admin", "verify");
    assertThat(sound.code()).as(sound.out() + sound.err()).isZero();
    assertThat(sound.out())
        .containsPattern("checked [2-9] segments of the prediction log .* 0 places damaged")
        .containsPattern("checked [1-9] files of the archive .* 0 damaged")
        .doesNotContain("damaged:");

    Path segment = home.resolve(".orrery/predictions/0000000001.seg");
    flip(segment, 1_000_000);
    Path parquet;
    try (var files = Files.newDirectoryStream(home.resolve(".orrery/archive"), "0*.parquet")) {
      parquet = files.iterator().next();
    }
    flip(parquet, 5_000);
    Session.Outcome damaged = type("admin", "verify");
    assertThat(damaged.code()).isEqualTo(ExitCode.FAILED);
    assertThat(damaged.out())
        .containsPattern("damaged: .*0000000001\\.seg is damaged at byte \\d+")
        .contains("damaged: " + parquet + " is damaged", ", 1 places damaged", "), 1 damaged");

    flip(segment, 1_000_000);
    assertThat(type("query", sql, "--json").out()).isEqualTo(truth);
    assertThat(type("admin", "verify").code()).isZero();

    flip(segment, 1_000_000);
    orrery.close();
    Session.Outcome stopped = new Session(home).run("admin", "verify", "--json");
    assertThat(stopped.code()).isEqualTo(ExitCode.FAILED);
    JsonNode report = Json.tree(stopped.out().getBytes(StandardCharsets.UTF_8));
    assertThat(report.at("/log/damages").asInt()).isEqualTo(1);
    assertThat(report.at("/log/damaged/0/file").asText()).endsWith("0000000001.seg");
    assertThat(report.at("/archive/damages").asInt()).isZero();
    assertThat(report.at("/archive/checked").asInt()).isPositive();
    flip(segment, 1_000_000);
    assertThat(new Session(home).run("admin", "verify").code()).isZero();
  }
}
