package dev.orrery.serving;

import static dev.orrery.serving.ServingGround.V1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.base.Problem;
import dev.orrery.engine.Sandbox;
import java.nio.file.Files;
import java.nio.file.Path;
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
            select id, version, distance, "f.route.distance", actual
            from predictions order by distance desc, id limit 2
            """,
            10);
    assertThat(answer.columns())
        .containsExactly("id", "version", "distance", "f.route.distance", "actual");
    assertThat(answer.rows().getFirst())
        .isEqualTo(List.of(known.toString(), "1.0.0", 4_000.0, 4_000.0, 1.0));
    assertThat(answer.rows().get(1).getLast()).isNull();
    assertThat(answer.isCut()).isFalse();
  }

  @Test
  void closed_segments_become_parquet_once_and_answers_count_every_prediction() {
    // A segment has 4 MB: some wide requests close it.
    byte[] body = wide();
    for (int i = 0; i < 240; i++) {
      ground.endpoint.predict(body, Endpoint.Call.PLAIN);
    }
    ground.endpoint.archive();
    Path first = folder.resolve("archive/0000000001.parquet");
    assertThat(first).exists();
    long rows = ground.endpoint.predictionCount();
    assertThat(ground.endpoint.ask("select count(*) from predictions", 1).rows())
        .isEqualTo(List.of(List.of(rows)));
    assertThat(ground.endpoint.ask("select id from predictions", 5).isCut()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "copy (select 1) to 'x.parquet'",
        "select 1; select 2",
        "select * from read_csv('/etc/passwd')",
        "select * from read_text('/etc/hostname')",
        "create table t as select 1",
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
