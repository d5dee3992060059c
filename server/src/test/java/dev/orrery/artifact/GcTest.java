package dev.orrery.artifact;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.orrery.base.ChildJvm;
import dev.orrery.base.Digest;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.blob.Blobs;
import dev.orrery.blob.Gc;
import dev.orrery.sql.Databases;
import dev.orrery.sql.Db;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The collector never takes what a row names, whatever goes on beside it.
class GcTest {
  private static final InstantSource REAL = InstantSource.system();
  private static final int WRITERS = 4;
  private static final int CONTENTS = 12;
  private static final int ROUNDS = Integer.getInteger("orrery.gc.rounds", 1_000);
  private static final int KILLS = Integer.getInteger("orrery.gc.kills", 3);

  @TempDir Path folder;

  private static byte[] content(int number) {
    byte[] bytes = new byte[100 + number * 2_000];
    new Random(number).nextBytes(bytes);
    return bytes;
  }

  /// Writers that put and delete the same few contents over and over, and a collector that never
  /// rests and gives no grace.
  private record Storm(Db db, Blobs blobs, Artifacts artifacts, Gc gc) {
    static Storm over(Db db, Path folder) {
      Blobs blobs = Blobs.folder(folder);
      Artifacts artifacts = new Artifacts(db, blobs, REAL, Owners.ANY);
      Gc gc = new Gc(db, blobs, REAL);
      artifacts.markFor(gc);
      return new Storm(db, blobs, artifacts, gc);
    }

    /// @return how many blobs the collector took
    long rage(long seed, int rounds) throws Exception {
      AtomicBoolean done = new AtomicBoolean();
      AtomicLong taken = new AtomicLong();
      try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
        Future<?> collector =
            threads.submit(() -> {
              while (!done.get()) {
                taken.addAndGet(gc.run(Duration.ZERO, Instant.EPOCH, false).removed());
              }
            });
        List<Callable<Void>> writers = new ArrayList<>();
        for (int w = 0; w < WRITERS; w++) {
          int number = w;
          writers.add(() -> {
            write(number, seed * 31 + number, rounds / WRITERS);
            return null;
          });
        }
        for (Future<Void> writer : threads.invokeAll(writers)) writer.get();
        done.set(true);
        collector.get();
      }
      return taken.get();
    }

    private void write(int number, long seed, int rounds) {
      Random random = new Random(seed);
      String owner = "run/" + number;
      Map<String, Integer> mine = new HashMap<>();
      artifacts.all(owner).forEach(file -> artifacts.delete(owner, file.path()));
      for (int i = 0; i < rounds; i++) {
        String path = "f" + random.nextInt(4);
        int content = random.nextInt(CONTENTS);
        switch (random.nextInt(5)) {
          case 0 -> {
            artifacts.delete(owner, path);
            mine.remove(path);
          }
          case 1, 2 -> {
            artifacts.put(owner, path, content(content));
            mine.put(path, content);
          }
          default -> {
            artifacts.put(owner, path, new ByteArrayInputStream(content(content)));
            mine.put(path, content);
          }
        }
        mine.forEach((file, expected) ->
            assertThat(Digest.of(artifacts.read(artifacts.get(owner, file))))
                .isEqualTo(Digest.of(content(expected))));
      }
    }

    void requireWhole() {
      for (int w = 0; w < WRITERS; w++) {
        artifacts.all("run/" + w).forEach(file -> assertThat(artifacts.read(file)).isNotEmpty());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void no_referenced_blob_is_lost_while_the_same_bytes_come_and_go(long seed) throws Exception {
    try (Db db = Databases.SQLITE.fresh()) {
      Storm storm = Storm.over(db, folder);
      long taken = storm.rage(seed, ROUNDS);
      storm.requireWhole();
      System.out.printf("gc: %,d rounds, %,d blobs taken, 0 referenced lost%n", ROUNDS, taken);
      assertThat(taken).isPositive();
    }
  }

  /// The storm in a process of its own.
  static final class Raging {
    private Raging() {}

    public static void main(String[] args) throws Exception {
      try (Db db = Db.sqlite(Path.of(args[0]))) {
        Storm storm = Storm.over(db, Path.of(args[1]));
        storm.requireWhole();
        System.out.println("whole");
        storm.rage(Long.parseLong(args[2]), 1_000_000);
      }
    }
  }

  @Test
  void no_referenced_blob_is_lost_when_the_collector_and_the_writers_are_killed() throws Exception {
    String address = Databases.SQLITE.address();
    Random random = new Random(5);
    for (int kill = 0; kill < KILLS; kill++) {
      try (ChildJvm child = ChildJvm.start(Raging.class, address, folder, kill)) {
        assertThat(requireNonNull(child.line())).isEqualTo("whole");
        Thread.sleep(200 + random.nextInt(800));
        child.kill();
      }
    }
    try (Db db = Db.sqlite(Path.of(address))) {
      Storm storm = Storm.over(db, folder);
      storm.requireWhole();
      storm.gc().run(Duration.ZERO, Instant.EPOCH, false);
      storm.requireWhole();
      assertThat(storm.blobs().damaged()).isEmpty();
      System.out.printf("gc: %d kills, 0 referenced lost%n", KILLS);
    }
  }

  @ParameterizedTest
  @EnumSource(Databases.class)
  void what_nothing_names_goes_once_it_is_old_and_a_dry_run_only_tells(Databases database)
      throws Exception {
    try (Db db = database.fresh()) {
      Storm storm = Storm.over(db, folder);
      storm.artifacts().put("run/1", "kept", new byte[10]);
      Digest garbage = storm.blobs().put("garbage".getBytes(StandardCharsets.UTF_8));
      Digest named = storm.blobs().put("named in a text".getBytes(StandardCharsets.UTF_8));
      storm
          .gc()
          .marks((_, texts) -> texts.accept("{\"parts\":[{\"blob\":\"%s\"}]}".formatted(named)));
      Gc.Report young = storm.gc().run(Duration.ofHours(1), Instant.EPOCH, false);
      assertThat(young.young()).isEqualTo(1);
      assertThat(young.kept()).isEqualTo(2);
      age(garbage);
      Gc.Report dry = storm.gc().run(Duration.ofHours(1), Instant.EPOCH, true);
      assertThat(dry.removed()).isEqualTo(1);
      assertThat(dry.removedBytes()).isEqualTo(7);
      assertThat(storm.blobs().has(garbage)).isTrue();
      // The same bytes, put again: young once more.
      storm.blobs().put("garbage".getBytes(StandardCharsets.UTF_8));
      assertThat(storm.gc().run(Duration.ofHours(1), Instant.EPOCH, false).removed()).isZero();
      age(garbage);
      try (var hold = storm.blobs().hold()) {
        hold.keep(garbage);
        assertThat(storm.gc().run(Duration.ofHours(1), Instant.EPOCH, false).removed()).isZero();
      }
      assertThat(storm.gc().run(Duration.ofHours(1), Instant.EPOCH, false).removed()).isEqualTo(1);
      assertThat(storm.blobs().has(garbage)).isFalse();
      assertThat(storm.blobs().read(named)).isNotEmpty();
      try (var hold = storm.blobs().hold()) {
        Problem gone = catchThrowableOfType(Problem.class, () -> hold.keep(garbage));
        assertThat(gone.fault()).isEqualTo(Fault.BLOB_MISSING);
      }
    }
  }

  private void age(Digest digest) throws Exception {
    Path file = folder.resolve(digest.hex().substring(0, 2)).resolve(digest.hex());
    Files.setLastModifiedTime(file, FileTime.from(REAL.instant().minus(Duration.ofHours(2))));
  }
}
