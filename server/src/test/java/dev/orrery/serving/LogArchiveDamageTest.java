package dev.orrery.serving;

import static dev.orrery.serving.ServingGround.V1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.artifact.FileReport;
import dev.orrery.base.Digest;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Rotten files of the log's archive and of the log, on a log of three segments or more.
class LogArchiveDamageTest {
  private static final String QUESTION =
      """
      select count(*), count(distinct id), min(id), max(id), sum(hash(id) % 1000), sum(distance),
        sum(score), sum("f.route.distance" * 3), min(origin), max(version)
      from predictions
      """;

  @TempDir Path folder;
  private ServingGround ground;
  private List<List<Object>> truth;

  @BeforeEach
  void answer() throws IOException {
    ground = new ServingGround(folder, "strategy: blue_green");
    ground.deploy(V1);
    fill(4);
    ground.ask(7);
    truth = asked();
    assertThat(((Number) truth.getFirst().getFirst()).longValue())
        .isEqualTo(ground.endpoint.predictionCount());
    assertThat(archived()).hasSizeGreaterThanOrEqualTo(2);
  }

  /// Asks about so many rows that this segment of the log is made.
  private void fill(int segment) {
    Random random = new Random(segment);
    while (!Files.exists(folder.resolve("log/%010d.seg".formatted(segment)))) {
      var rows = new ArrayList<String>();
      for (int i = 0; i < 1_000; i++) {
        rows.add(
            "{\"date\":\"2001-01-11T00:00:00Z\",\"distance\":%d,\"origin\":\"%s\"}"
                .formatted(random.nextInt(1, 5_000), random.nextBoolean() ? "ATL" : "ORD"));
      }
      byte[] body =
          ("{\"rows\":[" + String.join(",", rows) + "]}").getBytes(StandardCharsets.UTF_8);
      ground.endpoint.predict(body, Endpoint.Call.PLAIN);
    }
  }

  @AfterEach
  void close() {
    ground.close();
  }

  @SuppressWarnings("unchecked")
  private List<List<Object>> asked() {
    return (List<List<Object>>) (List<?>) ground.endpoint.ask(QUESTION, 1).rows();
  }

  private List<Path> archived() throws IOException {
    try (var files = Files.list(folder.resolve("archive"))) {
      return files
          .filter(file -> file.getFileName().toString().matches("\\d{10}.*\\.parquet"))
          .sorted()
          .toList();
    }
  }

  private static void flip(Path file, long at, int bit) throws IOException {
    FileTime modified = Files.getLastModifiedTime(file);
    try (var bytes = new RandomAccessFile(file.toFile(), "rw")) {
      bytes.seek(at);
      int now = bytes.read();
      bytes.seek(at);
      bytes.write(now ^ (1 << bit));
    }
    Files.setLastModifiedTime(file, modified);
  }

  private FileReport looked(String name) {
    return Objects.requireNonNull(ground.endpoint.looks().get(name)).run(_ -> {});
  }

  @Test
  void the_name_of_a_file_says_the_digest_of_its_bytes() throws IOException {
    for (Path file : archived()) {
      assertThat(file.getFileName().toString())
          .endsWith("-" + Digest.of(Files.readAllBytes(file)).brief() + ".parquet");
    }
  }

  @Test
  void a_flipped_bit_anywhere_in_a_file_changes_no_answer() throws IOException {
    Random random = new Random(5);
    for (int round = 0; round < 12; round++) {
      Path file = archived().get(round % 2);
      byte[] before = Files.readAllBytes(file);
      int at =
          switch (round) {
            case 0 -> 0;
            case 1 -> before.length - 1;
            case 2 -> before.length - 8;
            default -> random.nextInt(before.length);
          };
      flip(file, at, random.nextInt(8));
      ground.restart();
      assertThat(asked()).as("byte %d of %s", at, file).isEqualTo(truth);
      assertThat(looked("archive").damaged()).isEmpty();
      assertThat(archived()).hasSize((int) looked("archive").of());
    }
  }

  @Test
  void a_file_that_was_changed_while_the_server_runs_is_read_again_before_it_is_used()
      throws IOException {
    Path file = archived().getFirst();
    flip(file, 5_000, 3);
    Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000));
    assertThat(asked()).isEqualTo(truth);
    assertThat(looked("archive").damaged()).isEmpty();
  }

  @Test
  void a_truncated_or_an_empty_file_changes_no_answer() throws IOException {
    for (long left : new long[] {0, 3, 10_000}) {
      Path file = archived().getFirst();
      try (var bytes = new RandomAccessFile(file.toFile(), "rw")) {
        bytes.setLength(left);
      }
      assertThat(asked()).as("%d bytes left", left).isEqualTo(truth);
    }
  }

  @Test
  void a_file_that_rots_without_a_change_of_its_time_fails_no_question() throws IOException {
    Path file = archived().getFirst();
    flip(file, Files.size(file) - 2, 1);
    assertThat(asked()).isEqualTo(truth);
    assertThat(looked("archive").damaged()).isEmpty();
  }

  @Test
  void a_file_of_an_older_archive_is_not_believed_but_written_again() throws IOException {
    Path sealed = archived().getFirst();
    Path old = folder.resolve("archive/0000000001.parquet");
    Files.move(sealed, old);
    flip(old, 5_000, 3);
    ground.restart();
    ground.endpoint.archive.compact();
    assertThat(old).doesNotExist();
    assertThat(asked()).isEqualTo(truth);

    Files.move(archived().getFirst(), old);
    ground.restart();
    assertThat(asked()).isEqualTo(truth);
    assertThat(archived()).doesNotContain(old).hasSize((int) looked("archive").of());
  }

  @Test
  void what_is_sound_in_a_damaged_segment_is_written_and_the_file_before_it_is_kept()
      throws IOException {
    Path file = archived().getFirst();
    flip(folder.resolve("log/0000000001.seg"), 1_000_000, 2);
    ground.restart();
    assertThat(asked()).as("the archive is whole").isEqualTo(truth);

    flip(file, 5_000, 3);
    ground.restart();
    long rows = ((Number) truth.getFirst().getFirst()).longValue();
    assertThat(((Number) asked().getFirst().getFirst()).longValue())
        .isBetween(rows - 4_096, rows - 1);
    assertThat(file.resolveSibling(file.getFileName() + ".aside")).exists();
    assertThat(looked("archive").damaged()).isEmpty();
  }

  @Test
  void a_look_through_says_nothing_of_what_is_sound_and_names_what_is_not() throws IOException {
    for (String name : List.of("log", "archive")) {
      FileReport sound = looked(name);
      assertThat(sound.damaged()).isEmpty();
      assertThat(sound.checked()).isEqualTo(sound.of()).isGreaterThanOrEqualTo(2);
      assertThat(sound.bytes()).isPositive();
    }
    Path file = archived().get(1);
    flip(file, 5_000, 3);
    assertThat(looked("archive").damaged())
        .singleElement()
        .satisfies(one -> assertThat(one.file()).isEqualTo(file.toString()))
        .satisfies(one -> assertThat(one.what()).contains(file.toString(), "is damaged"));
    assertThat(asked()).isEqualTo(truth);
    assertThat(looked("archive").damages()).isZero();

    Path segment = folder.resolve("log/0000000002.seg");
    UUID id = ground.ask(9).ids().getFirst();
    flip(segment, 16 + 5, 0);
    FileReport damaged = looked("log");
    assertThat(damaged.damages()).isEqualTo(1);
    assertThat(damaged.damaged().getFirst().file()).isEqualTo(segment.toString());
    assertThat(damaged.damaged().getFirst().what()).contains(segment + " is damaged at byte 16");
    assertThat(damaged.checked()).isEqualTo(damaged.of());
    assertThat(ground.endpoint.find(id)).isNotNull();
    flip(segment, 16 + 5, 0);
    Files.delete(segment);
    assertThat(looked("log").damaged().getFirst().what()).contains("it is missing");
  }

  @Test
  void a_log_that_grows_and_files_that_are_replaced_meanwhile_are_no_damage() throws Exception {
    var writing =
        new FutureTask<>(() -> {
          for (int segment = 5; segment < 8; segment++) {
            fill(segment);
            Files.delete(archived().getFirst());
            var unused = asked();
          }
          return true;
        });
    Thread.ofVirtual().start(writing);
    long looks = 0;
    while (!writing.isDone()) {
      assertThat(looked("log").damaged()).isEmpty();
      assertThat(looked("archive").damaged()).isEmpty();
      looks++;
    }
    assertThat(writing.get()).isTrue();
    assertThat(looks).isPositive();
    assertThat(looked("archive").of()).isGreaterThanOrEqualTo(5);
  }
}
