package dev.orrery.serving;

import static dev.orrery.serving.ServingGround.V1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.base.Fault;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import dev.orrery.engine.Sandbox;
import dev.orrery.journal.Journal;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogArchiveTest {
  @TempDir Path folder;
  private ServingGround ground;
  private UUID known;

  @BeforeEach
  void answer() {
    ground = new ServingGround(folder, "strategy: blue_green");
    ground.deploy(V1);
    known = ground.ask(4_000).ids().getFirst();
    for (int i = 0; i < 9; i++) ground.ask(100);
    ground.tell(Map.of(known, 60));
  }

  @AfterEach
  void close() {
    ground.close();
  }

  @Test
  void predictions_are_asked_in_sql_with_their_rows_features_and_outcomes() {
    Sandbox.Answer answer =
        ground.endpoint.ask(
            """
            select id, version, distance, "f.route.distance", actual,
              usable_at >= known_at as "is told"
            from predictions order by distance desc, id limit 2
            """,
            10);
    assertThat(answer.columns())
        .containsExactly("id", "version", "distance", "f.route.distance", "actual", "is told");
    assertThat(answer.rows().getFirst())
        .isEqualTo(List.of(known.toString(), "1.0.0", 4_000.0, 4_000.0, 1.0, true));
    assertThat(answer.rows().get(1).getLast()).isNull();
    assertThat(answer.isCut()).isFalse();
  }

  @Test
  void an_outcome_tells_when_it_was_known_and_when_it_could_be_used() {
    ground.clock.advance(ServingGround.START.plus(Duration.ofHours(3)));
    UUID late = ground.ask(5_000).ids().getFirst();
    ground.clock.advance(ServingGround.START.plus(Duration.ofHours(9)));
    ground.endpoint.outcomes(
        Json.tree(
            """
            {"outcomes":[{"id":"%s","actual":{"delay":60},"known_at":"2001-01-11T04:00:00Z"}]}
            """
                .formatted(late)
                .getBytes(StandardCharsets.UTF_8)));
    Sandbox.Answer answer =
        ground.endpoint.ask("select known_at, usable_at from predictions where distance = 5000", 1);
    assertThat(answer.rows().getFirst())
        .map(String::valueOf)
        .containsExactly("2001-01-11T04:00Z", "2001-01-11T09:00Z");
  }

  @Test
  void closed_segments_become_parquet_once_and_answers_count_every_prediction() throws Exception {
    // A segment has 4 MB: some wide requests close it.
    byte[] body = wide();
    for (int i = 0; i < 240; i++) {
      ground.endpoint.predict(body, Endpoint.Call.PLAIN);
    }
    ground.endpoint.archive.compact();
    assertThat(first()).exists();
    long rows = ground.endpoint.predictionCount();
    assertThat(ground.endpoint.ask("select count(*) from predictions", 1).rows())
        .isEqualTo(List.of(List.of(rows)));
    assertThat(ground.endpoint.ask("select id from predictions", 5).isCut()).isTrue();
  }

  @Test
  void damage_in_a_segment_is_told_of_what_lies_in_it_and_hides_nothing_else() throws Exception {
    byte[] body = wide();
    List<UUID> ids = new ArrayList<>(List.of(known));
    for (int i = 0; i < 240; i++) {
      ids.add(ground.endpoint.predict(body, Endpoint.Call.PLAIN).ids().getFirst());
    }
    ids.add(ground.endpoint.predict(body, Endpoint.Call.PLAIN).ids().getFirst());
    Path segment = folder.resolve("log/0000000001.seg");
    byte[] bytes = Files.readAllBytes(segment);
    bytes[1_000_000] ^= 1;
    try (var file = new RandomAccessFile(segment.toFile(), "rw")) {
      file.seek(1_000_000);
      file.write(bytes[1_000_000]);
    }
    ground.restart();
    var told = new EnumMap<Fault, Integer>(Fault.class);
    for (UUID id : ids) {
      try {
        assertThat(ground.endpoint.find(id)).isNotNull();
      } catch (Problem e) {
        told.merge(e.fault(), 1, Integer::sum);
      }
    }
    assertThat(told).isEqualTo(Map.of(Fault.JOURNAL_DAMAGED, 1));
    UUID invented =
        new PredictionId(new Journal.Position(1, 20_001), 0, 1_700_000_000_000L, 7).uuid();
    assertThatThrownBy(() -> ground.endpoint.find(invented))
        .isInstanceOfSatisfying(
            Problem.class, e -> assertThat(e.fault()).isNotEqualTo(Fault.JOURNAL_DAMAGED));
    Object counted =
        ground.endpoint.ask("select count(*) from predictions", 1).rows().getFirst().getFirst();
    long rows = ground.endpoint.predictionCount();
    assertThat(((Number) counted).longValue()).isBetween(rows - 4_096, rows - 1);
  }

  @Test
  void a_file_of_the_archive_that_is_taken_away_is_written_again_by_the_next_question()
      throws Exception {
    byte[] body = wide();
    for (int i = 0; i < 240; i++) ground.endpoint.predict(body, Endpoint.Call.PLAIN);
    var before = ground.endpoint.ask("select count(*) from predictions", 1).rows();
    Files.delete(first());
    assertThat(ground.endpoint.ask("select count(*) from predictions", 1).rows()).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "copy (select 1) to 'x.parquet'",
        "select 1; select 2",
        "select * from read_csv('/etc/passwd')",
        "select * from read_text('/etc/hostname')",
        "create table t as select 1",
        "select length(repeat('x', 100000000))",
        "select LPAD('x', 100000000)",
        "drop view predictions",
        "attach 'x.db'",
        "set threads = 8",
        "select * from nothing",
        "selct"
      })
  void anything_but_one_select_over_the_log_is_refused(String sql) throws Exception {
    assertThatThrownBy(() -> ground.endpoint.ask(sql, 10)).isInstanceOf(Problem.class);
    try (var files = Files.list(folder.resolve("archive"))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("open.parquet", "known.parquet");
    }
  }

  /// The file of the first segment.
  private Path first() throws IOException {
    try (var files = Files.newDirectoryStream(folder.resolve("archive"), "0000000001-*.parquet")) {
      return files.iterator().next();
    }
  }

  private byte[] wide() {
    var rows = new StringBuilder("{\"rows\":[");
    for (int i = 0; i < 1_000; i++) {
      if (i > 0) rows.append(',');
      rows.append("{\"date\":\"2001-01-11T00:00:00Z\",\"distance\":")
          .append(100 + i)
          .append(",\"origin\":\"ATL\"}");
    }
    return rows.append("]}").toString().getBytes(java.nio.charset.StandardCharsets.UTF_8);
  }
}
