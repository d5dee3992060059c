package dev.orrery.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.base.Json;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Commands over files that need no server, and what `run` says at its end.
class FileCommandsTest {
  private static final Path GOOD = Path.of("src/test/resources/trees/dart.json").toAbsolutePath();

  @TempDir Path folder;

  private Session.Outcome type(String words) {
    return new Session(folder).run(words.split(" ", -1));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "serve models --port 0",
        "serve models/a.json models/b.txt --port 0",
        "predict rows.csv --model models/b.txt",
        "deploy package models/b.txt --out deploy"
      })
  void a_damaged_model_is_named(String words) throws Exception {
    Files.createDirectory(folder.resolve("models"));
    Files.writeString(folder.resolve("models/b.txt"), "tree\nversion=v4\nnonsense");
    Files.copy(GOOD, folder.resolve("models/a.json"));
    Files.writeString(folder.resolve("rows.csv"), "x\n1\n");
    Session.Outcome told = type(words);
    assertThat(told.code()).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(told.err()).contains("b.txt");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x\n", "x,y\n"})
  void a_table_without_rows_is_not_scored(String content) throws Exception {
    Files.writeString(folder.resolve("rows.csv"), content);
    Session.Outcome told = type("predict rows.csv --model " + GOOD);
    assertThat(told.code()).as(told.out() + told.err()).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(told.out()).isEmpty();
    assertThat(told.err()).contains("rows.csv");
  }

  @Test
  void a_file_that_cannot_be_scored_to_its_end_leaves_nothing_behind() throws Exception {
    String names = "0,1,2,3,4,5,6,7\n";
    Files.writeString(folder.resolve("rows.csv"), names + "1,2,3,4,5,6,1,x\n");
    Session.Outcome shown = type("predict rows.csv --model " + GOOD);
    assertThat(shown.code()).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(shown.out()).isEmpty();
    assertThat(shown.err()).contains("row 1 has 'x' for '7'");

    Files.writeString(folder.resolve("rows.csv"), names + "1,2,3,4,5,6,1,1\n,,,,,,1,x\n");
    Session.Outcome told = type("predict rows.csv --out scores.csv --batch-size 1 --model " + GOOD);
    assertThat(told.err()).contains("row 2 has 'x' for '7'");
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(folder.resolve("rows.csv"));
    }
    Files.writeString(folder.resolve("rows.csv"), names + "1,2,3,4,5,6,1,1\n");
    assertThat(type("predict rows.csv --out scores.csv --model " + GOOD).code()).isZero();
    assertThat(Files.readAllLines(folder.resolve("scores.csv"))).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 10_001, 99_999})
  void a_query_for_no_rows_or_too_many_is_refused(int limit) {
    Session.Outcome told =
        new Session(folder).run("query", "select 1", "--limit", Integer.toString(limit));
    assertThat(told.code()).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(told.err()).contains("--limit is " + limit, "1 to 10,000");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "null|1.1.0|champion|100|m 1.1.0 serves",
        "canary|1.0.0|canary|10|m 1.1.0 is the canary of 1.0.0, with 10 % of the requests",
        "shadow|1.0.0|shadow|0|m 1.1.0 is the shadow of 1.0.0 and answers nobody",
        "ab_test|1.0.0|B|50|m 1.1.0 is variant 'B' of an A/B test, with 50 % of the requests",
        "null|1.0.0|shadow|0|m 1.1.0 is registered and does not serve: 1.0.0 serves",
      })
  void a_run_says_what_became_of_its_version(
      String trial, String champion, String role, int percent, String told) {
    JsonNode run = Json.MAPPER.createObjectNode().put("model", "m").put("version", "m@1.1.0");
    JsonNode status =
        json(
            "{\"trial\":%s,\"champion\":\"%s\",\"shares\":[{\"version\":\"1.1.0\",\"role\":\"%s\",\"percent\":%d}]}"
                .formatted(
                    trial.equals("null") ? trial : "\"" + trial + "\"", champion, role, percent));
    assertThat(RunCommand.standing(terminal("en"), run, status)).isEqualTo(told);
    assertThat(RunCommand.standing(terminal("ko"), run, status)).contains("m 1.1.0");
  }

  @Test
  void a_version_that_waits_does_not_serve() {
    JsonNode run = Json.MAPPER.createObjectNode().put("model", "m").put("version", "1.0.0");
    assertThat(RunCommand.standing(terminal("en"), run, json("{\"shares\":[]}")))
        .isEqualTo("m 1.0.0 is registered and does not serve");
  }

  private static JsonNode json(String text) {
    return Json.tree(text.getBytes(StandardCharsets.UTF_8));
  }

  private Terminal terminal(String language) {
    var nowhere = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
    return new Terminal(nowhere, nowhere, Map.of("LANG", language), Instant::now, folder);
  }
}
