package dev.orrery.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.base.Ids;
import dev.orrery.base.Json;
import dev.orrery.journal.Journal;
import dev.orrery.journal.Journal.Position;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Bad input to every route: the right status, a message that says what to do, and nothing changed.
@ExtendWith(Told.class)
class BadRequestTest {
  private static final String ROW = Up.ROW;
  private static final String ENDPOINT = "/api/v1/endpoints/late-arrival";
  private static final String LARGE = " ".repeat(10_000_000);

  private final Up up;
  private final Web web;
  private JsonNode before = Json.MAPPER.nullNode();

  BadRequestTest(Up up) {
    this.up = up;
    this.web = up.web();
  }

  @BeforeEach
  void look() throws Exception {
    before = up.state();
  }

  @AfterEach
  void nothing_has_changed() throws Exception {
    assertThat(up.state()).isEqualTo(before);
  }

  /// One bad body for both routes that take rows: what it is, and what the answer must say.
  private record Bad(String body, int status, String says) {}

  private static Stream<Bad> rows() {
    return Stream.of(
        new Bad("", 400, "empty"),
        new Bad("{", 400, "line 1"),
        new Bad(ROW + "]", 400, "line 1"),
        new Bad("[]", 400, "not a JSON object"),
        new Bad("7", 400, "not a JSON object"),
        new Bad("{}", 400, "has no column"),
        new Bad("{\"rows\":[]}", 400, "there are no rows"),
        new Bad("{\"rows\":{}}", 400, "'rows' is not a list"),
        new Bad("{\"rows\":[" + ROW + "],\"row\":1}", 400, "'row' is not expected"),
        new Bad("{\"rows\":[" + ROW + "],\"key\":7}", 400, "'key' is 7"),
        new Bad("{\"rows\":[" + ROW + "],\"key\":\" \"}", 400, "Send the caller's key as a text"),
        new Bad("{\"rows\":[" + ROW + "],\"key\":null}", 400, "'key' is null"),
        new Bad(
            "{\"rows\":[" + ROW + "],\"key\":\"" + "k".repeat(201) + "\"}", 400, "201 characters"),
        new Bad(ROW.replace("606", "606,\"key\":\"u\""), 400, "unknown column 'key'"),
        new Bad("{\"rows\":[" + ROW + ",3]}", 400, "row 1 is not an object"),
        new Bad(ROW.replace(",\"distance\":606", ""), 400, "has no column 'distance'"),
        new Bad(ROW.replace("distance", "distanse"), 400, "'distanse'"),
        new Bad(ROW.replace("606", "606,\"colour\":1"), 400, "unknown column 'colour'"),
        new Bad(ROW.replace("606", "606,\"delay\":1"), 400, "unknown column 'delay'"),
        new Bad(ROW.replace("606", "606,\"distance\":606"), 400, "Duplicate"),
        new Bad(ROW.replace("606", "\"606\""), 400, "Send a finite number"),
        new Bad(ROW.replace("606", "[606]"), 400, "Send a finite number"),
        new Bad(ROW.replace("606", "NaN"), 400, "NaN"),
        new Bad(ROW.replace("606", "-Infinity"), 400, "Infinity"),
        new Bad(ROW.replace("606", "1e999"), 400, "Send a finite number"),
        new Bad(ROW.replace("606", "9".repeat(500)), 400, "Number value length"),
        new Bad(ROW.replace("606", "null"), 400, "has no value for 'distance'"),
        new Bad(ROW.replace("606", "0"), 400, "value_range: 1 row of column 'distance'"),
        new Bad(ROW.replace("\"ATL\"", "7"), 400, "for 'origin'"),
        new Bad(ROW.replace("ATL", "atl\\u0000"), 400, "pattern: 1 row of column 'origin'"),
        new Bad(ROW.replace("\"ATL\"", "\"" + "A".repeat(1_001) + "\""), 400, "for 'origin'"),
        new Bad(ROW.replace("2001-03-20T08:00:00Z", "soon"), 400, "not a time"),
        new Bad(ROW.replace("2001-03-20T08", "+99999-03-20T08"), 400, "not a time"),
        new Bad(ROW.replace("\"2001-03-20T08:00:00Z\"", "985075200"), 400, "a time such as"),
        new Bad("{\"features\":[\"2001-03-20\",606,\"ATL\"]}", 400, "has 3 values"),
        new Bad("{\"features\":[\"2001-03-20\",606,\"ATL\",\"ORD\",1]}", 400, "has 5 values"),
        new Bad("{\"features\":[606,\"2001-03-20\",\"ATL\",\"ORD\"]}", 400, "for 'date'"),
        new Bad("{\"features\":7}", 400, "takes 4"),
        new Bad("{\"rows\":" + "[".repeat(300) + "]".repeat(300) + "}", 400, "depth"),
        new Bad(
            "{\"rows\":[" + String.join(",", Collections.nCopies(4_097, ROW)) + "]}",
            413,
            "4,097 rows"),
        new Bad(LARGE + ROW, 413, "4,194,304 bytes"));
  }

  @ParameterizedTest
  @MethodSource("rows")
  void rows_that_do_not_fit_are_refused_and_not_logged(Bad bad) throws Exception {
    for (String path : List.of("/predict", "/endpoints/late-arrival/predict")) {
      refused(web.post(path, bad.body()), bad.status(), bad.says());
    }
  }

  @Test
  void one_bad_row_among_good_ones_refuses_them_all() throws Exception {
    String rows = "{\"rows\":[%s,%s,%s]}".formatted(ROW, ROW, ROW.replace("606", "null"));
    refused(web.post("/predict", rows), 400, "row 2 has no value for 'distance'");
  }

  @Test
  void headers_of_a_prediction_are_checked_too() throws Exception {
    refused(web.post("/predict", ROW, "Idempotency-Key", "k".repeat(201)), 400, "201 characters");
    refused(web.post("/predict", ROW, "Orrery-Key", "k".repeat(201)), 400, "201 characters");
    String keyed = "{\"rows\":[%s],\"key\":\"ann\"}".formatted(ROW);
    refused(web.post("/predict", keyed, "Orrery-Key", "bob"), 400, "'bob' in the header");
    refused(web.post("/predict", ROW, "Content-Encoding", "gzip"), 415, "uncompressed");
    refused(web.post("/predict", ROW, "Origin", "https://example.org"), 403, "example.org");
  }

  private static Stream<Bad> tensors() {
    String date = tensor("date", "BYTES", "[1]", "[\"2001-03-20T08:00:00Z\"]");
    String distance = tensor("distance", "FP64", "[1]", "[606]");
    String origin = tensor("origin", "BYTES", "[1]", "[\"ATL\"]");
    String destination = tensor("destination", "BYTES", "[1]", "[\"ORD\"]");
    return Stream.of(
        new Bad("{}", 400, "no 'inputs'"),
        new Bad("{\"inputs\":7}", 400, "'inputs' is no list"),
        new Bad(infer(date, distance, origin), 400, "'destination' is missing"),
        new Bad(infer(date, distance, origin, destination, origin), 400, "twice"),
        new Bad(
            infer(date, distance, origin, destination.replace("destination", "destinaton")),
            400,
            "Did you mean 'destination'"),
        new Bad(
            infer(date, distance.replace("FP64", "BYTES"), origin, destination), 400, "a string"),
        new Bad(infer(date, distance.replace("606", "NaN"), origin, destination), 400, "no value"),
        new Bad(
            infer(date, distance.replace("606", "\"606\""), origin, destination),
            400,
            "Send a number"),
        new Bad(infer(date, distance.replace("606", "null"), origin, destination), 400, "no value"),
        new Bad(
            infer(date, distance.replace("[1]", "[2]"), origin, destination),
            400,
            "its shape says [2]"),
        new Bad(
            infer(date, distance.replace("[1]", "[1,2]"), origin, destination),
            400,
            "its shape says [1, 2]"),
        new Bad(infer(date, distance.replace("[606]", "606"), origin, destination), 400, "no list"),
        new Bad(
            infer(date, tensor("distance", "FP64", "[2]", "[6,6]"), origin, destination),
            400,
            "rows"),
        new Bad(infer(date, distance, "7", destination), 400, "an input is no object"),
        new Bad(" ".repeat(34_000_000), 413, "33,554,432 bytes"));
  }

  private static String tensor(String name, String type, String shape, String data) {
    return "{\"name\":\"%s\",\"datatype\":\"%s\",\"shape\":%s,\"data\":%s}"
        .formatted(name, type, shape, data);
  }

  private static String infer(String... tensors) {
    return "{\"inputs\":[" + String.join(",", tensors) + "]}";
  }

  @ParameterizedTest
  @MethodSource("tensors")
  void tensors_that_do_not_fit_are_refused_and_not_logged(Bad bad) throws Exception {
    refused(web.post("/v2/models/late-arrival/infer", bad.body()), bad.status(), bad.says());
  }

  /// `%s` stands for the id of a prediction whose outcome is not known, `%k` of one whose outcome
  /// is.
  private static Stream<Bad> outcomes() {
    return Stream.of(
        new Bad("", 400, "empty"),
        new Bad("[]", 400, "not one list 'outcomes'"),
        new Bad("{\"outcomes\":[]}", 400, "is empty"),
        new Bad("{\"outcome\":[]}", 400, "not one list 'outcomes'"),
        new Bad("{\"outcomes\":[7]}", 400, "not an object"),
        new Bad(told("\"id\":\"%s\""), 400, "no 'actual'"),
        new Bad(told("\"actual\":1"), 400, "Send an id"),
        new Bad(told("\"id\":7,\"actual\":1"), 400, "Send an id"),
        new Bad(told("\"id\":\"one\",\"actual\":1"), 400, "Send an id"),
        new Bad(told("\"id\":\"%s\",\"actual\":2"), 400, "Send 0 or 1"),
        new Bad(told("\"id\":\"%s\",\"actual\":\"late\""), 400, "Send 0 or 1"),
        new Bad(told("\"id\":\"%s\",\"actual\":NaN"), 400, "NaN"),
        new Bad(told("\"id\":\"%s\",\"actual\":{}"), 400, "Send 0 or 1, or an object"),
        new Bad(told("\"id\":\"%s\",\"actual\":{\"dealy\":3}"), 400, "Did you mean 'delay'"),
        new Bad(told("\"id\":\"%s\",\"actual\":{\"delay\":null}"), 400, "for 'delay'"),
        new Bad(told("\"id\":\"%s\",\"actual\":{\"delay\":\"long\"}"), 400, "delay"),
        new Bad(told("\"id\":\"%s\",\"actual\":{\"delay\":1e999}"), 400, "for 'delay'"),
        new Bad(
            told("\"id\":\"%s\",\"actual\":{\"delay\":99999}"),
            400,
            "value_range: 1 row of column 'delay'"),
        new Bad(
            told("\"id\":\"%s\",\"actual\":{\"delay\":3},\"known\":1"), 400, "unknown key 'known'"),
        new Bad(
            told("\"id\":\"%s\",\"actual\":1,\"known_at\":\"soon\""), 400, "'soon' for 'known_at'"),
        new Bad(told("\"id\":\"%s\",\"actual\":1,\"known_at\":7"), 400, "known_at"),
        new Bad(
            told("\"id\":\"c56a4180-65aa-42ec-a945-5fd21dec0538\",\"actual\":1"),
            404,
            "no prediction"),
        new Bad(
            told("\"id\":\"018f0000-0000-7000-8000-000000000000\",\"actual\":1"),
            404,
            "no prediction"),
        new Bad(told("\"id\":\"%k\",\"actual\":{\"delay\":2999}"), 409, "already"),
        new Bad(
            told(
                "\"id\":\"%s\",\"actual\":{\"delay\":3}},{\"id\":\"%k\",\"actual\":{\"delay\":2999}"),
            409,
            "none of this request was stored"),
        new Bad(
            told("\"id\":\"%s\",\"actual\":{\"delay\":3}},{\"id\":\"%s\",\"actual\":{\"delay\":4}"),
            409,
            "already"),
        new Bad("{\"outcomes\":[" + "7,".repeat(20_000) + "7]}", 413, "20,001 outcomes"),
        new Bad(LARGE, 413, "4,194,304 bytes"));
  }

  private static String told(String fields) {
    return "{\"outcomes\":[{" + fields + "}]}";
  }

  @ParameterizedTest
  @MethodSource("outcomes")
  void outcomes_that_do_not_fit_are_refused_and_not_stored(Bad bad) throws Exception {
    String body = bad.body().replace("%s", up.open()).replace("%k", up.settled());
    refused(web.post("/outcomes", body), bad.status(), bad.says());
  }

  @Test
  void a_key_that_was_used_for_another_body_is_refused() throws Exception {
    String key = "key-" + before.path(0).path("predictions").asText();
    assertThat(web.post("/predict", ROW, "Idempotency-Key", key).status()).isEqualTo(200);
    before = up.state();

    refused(
        web.post("/predict", ROW.replace("606", "607"), "Idempotency-Key", key), 409, "fresh key");
  }

  /// Ids that point at what stands in the log, predictions or not, but were never given out.
  @Test
  void made_up_ids_find_nothing_wherever_they_point(Story story) throws Exception {
    List<UUID> ids = new ArrayList<>();
    Path log = story.first().resolve(".orrery/predictions");
    try (Journal journal = Journal.open(log, Journal.Sync.EACH, 4 << 20)) {
      journal.read(
          Position.START,
          (at, _, _) -> {
            ids.add(Ids.of(0, 0, (long) at.segment() << 44 | at.offset() << 12));
            return ids.size() < 100;
          });
    }
    for (UUID id : ids) refused(web.get("/api/v1/predictions/" + id), 404, "no prediction");
  }

  private static Stream<Arguments> requests() {
    String nobody = "018f0000-0000-7000-8000-000000000000";
    String runs = "/api/v1/pipeline/runs";
    return Stream.of(
        arguments("POST /endpoints/late-arival/predict", ROW, 404, "Did you mean 'late-arrival'"),
        arguments("POST /v2/models/late-arival/infer", "{}", 404, "Did you mean 'late-arrival'"),
        arguments("POST /v2/models/late-arrival/versions/9/infer", "{}", 404, "Served now: 1.1.0"),
        arguments("GET /v2/models/nope", "", 404, "late-arrival"),
        arguments("GET /v2/models/nope/ready", "", 404, "late-arrival"),
        arguments("GET /v2/models/late-arrival/versions/x", "", 404, "Served now: 1.1.0"),
        arguments("GET /api/v1/predictions/one", "", 400, "is not an id"),
        arguments("GET /api/v1/predictions/" + nobody, "", 404, "no prediction"),
        arguments("GET /api/v1/lineage/prediction/one", "", 404, "Give an id from an answer"),
        arguments("GET /api/v1/lineage/prediction/" + nobody, "", 404, "no prediction"),
        arguments("GET /api/v1/lineage/model/late-arrival@9.9.9", "", 404, "no model named"),
        arguments("GET /api/v1/lineage/nonsense/x", "", 404, "no nonsense named"),
        arguments("GET /api/v1/endpoints/nope", "", 404, "late-arrival"),
        arguments("POST /api/v1/endpoints/nope/rollback", "", 404, "late-arrival"),
        arguments("POST /api/v1/endpoints/nope/abort", "", 404, "late-arrival"),
        arguments("POST " + ENDPOINT + "/abort", "", 409, "no version is under trial"),
        arguments("POST " + ENDPOINT + "/rollback", "{", 400, "line 1"),
        arguments("POST " + ENDPOINT + "/rollback", "[]", 400, "expected"),
        arguments("POST " + ENDPOINT + "/rollback", "{\"wyh\":\"\"}", 400, "wyh"),
        arguments("POST " + ENDPOINT + "/rollback", "{\"why\":[7]}", 400, "expected"),
        arguments("POST " + ENDPOINT + "/rollback", LARGE, 413, "1,048,576 bytes"),
        arguments("POST " + ENDPOINT + "/abort", "{\"wyh\":\"\"}", 400, "wyh"),
        arguments("POST " + ENDPOINT + "/abort", LARGE, 413, "1,048,576 bytes"),
        arguments("POST /api/v1/clock", "", 400, "expected"),
        arguments("POST /api/v1/clock", "{}", 400, "no 'to'"),
        arguments("POST /api/v1/clock", "{\"to\":\"soon\"}", 400, "soon"),
        arguments("POST /api/v1/clock", "{\"to\":99999999999}", 400, "not a moment"),
        arguments("POST /api/v1/clock", "{\"until\":\"2001-04-01T00:00:00Z\"}", 400, "until"),
        arguments("POST /api/v1/clock", "{\"to\":\"2001-03-01T00:00:00Z\"}", 409, "cannot go back"),
        arguments("POST /api/v1/clock", "{\"to\":\"+1000000000-12-31T23:59:59Z\"}", 400, "year"),
        arguments("POST /api/v1/clock", LARGE, 413, "1,048,576 bytes"),
        arguments("GET /api/v1/clock?wait=maybe", "", 400, "true or false"),
        arguments("POST " + runs, "{", 400, "line 1"),
        arguments("POST " + runs, "7", 400, "expected"),
        arguments("POST " + runs, "{\"raeson\":\"x\"}", 400, "raeson"),
        arguments("POST " + runs, "{\"reason\":{}}", 400, "expected"),
        arguments("POST " + runs, LARGE, 413, "1,048,576 bytes"),
        arguments("POST /api/v1/pipeline/retrain", "{", 400, "line 1"),
        arguments("POST /api/v1/pipeline/retrain", LARGE, 413, "1,048,576 bytes"),
        arguments("GET " + runs + "/one", "", 400, "is not an id"),
        arguments("GET " + runs + "/" + nobody, "", 404, "no pipeline run"),
        arguments("GET " + runs + "?limit=0", "", 400, "from 1 to 1000"),
        arguments("GET " + runs + "?limit=all", "", 400, "whole number"),
        arguments("GET /api/v1/retrains?limit=-1", "", 400, "from 1 to"),
        arguments("GET /api/v1/retrains/decisions?limit=x", "", 400, "whole number"),
        arguments("GET /api/v1/performance?by=moth", "", 400, "Did you mean 'month'"),
        arguments("GET /api/v1/performance/checks?limit=1e3", "", 400, "whole number"),
        arguments("GET /api/v1/checks?limit=", "", 400, "whole number"),
        arguments("GET /api/v1/findings?limit=99999999999999999999", "", 400, "whole number"),
        arguments("GET /api/v1/findings?open=maybe", "", 400, "true or false"),
        arguments("GET /api/v1/drift?feature=route.distanse", "", 404, "route.distance"),
        arguments("GET /api/v1/nope", "", 404, "nope"),
        arguments("DELETE /predict", "", 405, "POST"),
        arguments("PUT /outcomes", "{}", 405, "POST"),
        arguments("GET /api/v1/predictions/..%2f..%2fetc", "", 400, ""));
  }

  @ParameterizedTest
  @MethodSource("requests")
  void every_other_route_refuses_what_it_does_not_understand(
      String request, String body, int status, String says) throws Exception {
    String[] words = request.split(" ", 2);
    refused(web.send(words[0], words[1], body), status, says);
  }

  /// A problem is told in a sentence that says what to do, without a trace of the program.
  private static void refused(Web.Reply reply, int status, String says) {
    assertThat(reply.status()).as(reply.text()).isEqualTo(status);
    JsonNode body = reply.json();
    assertThat(body.path("code").asText()).as(reply.text()).matches("ORR-\\d{4}");
    String told =
        body.path("error")
            .asText(body.path("detail").asText() + ". " + body.path("remedy").asText());
    assertThat(told).contains(says).doesNotContain("Exception", "dev.orrery", "\tat ");
    assertThat(told.length()).isLessThan(500);
  }
}
