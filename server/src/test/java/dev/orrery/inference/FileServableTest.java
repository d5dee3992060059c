package dev.orrery.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.model.Scorer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Loading aside, swapping, unloading and forgetting, over scorers that count.
class FileServableTest {
  private static final InstantSource CLOCK = InstantSource.fixed(Instant.EPOCH);

  @TempDir Path folder;

  private final Queue<CountingScorer> made = new ConcurrentLinkedQueue<>();

  private FileServable servable(
      CatalogOptions options, Shelf shelf, String name, Function<Path, Scorer> reader) {
    try {
      Path file = Files.writeString(folder.resolve(name + ".txt"), "x".repeat(100));
      ModelFiles files = ModelFiles.of(List.of(file)).getFirst();
      return FileServable.of(files, () -> Optional.of(files), shelf, options, CLOCK, reader);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private Function<Path, Scorer> making(double factor, long pauseMillis) {
    return _ -> {
      var scorer = new CountingScorer(factor, pauseMillis);
      made.add(scorer);
      return scorer;
    };
  }

  private static double score(Servable servable, double a, double b) {
    return servable
        .infer(new Servable.Call(Optional.empty(), CountingScorer.row(a, b), "", 0))
        .outputs()
        .firstEntry()
        .getValue()
        .doubles()[0];
  }

  @Test
  void a_model_is_replaced_under_load_and_no_scorer_is_closed_while_it_runs() throws Exception {
    var options = CatalogOptions.DEFAULT.withCache(0).withConcurrency(64, 1_000);
    FileServable servable = servable(options, new Shelf(options), "sum", making(1, 1));
    servable.load();
    try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Double>> answers = new ArrayList<>();
      for (int i = 0; i < 400; i++) {
        double a = i;
        answers.add(pool.submit(() -> score(servable, a, 1)));
        if (i % 20 == 0) servable.load();
      }
      for (int i = 0; i < 400; i++) assertThat(answers.get(i).get()).isEqualTo(i + 1.0);
    }
    assertThat(made).hasSize(21);
    assertThat(made).noneMatch(scorer -> scorer.closedWhileRunning);
    assertThat(made.stream().filter(s -> s.closed.get() == 1)).hasSize(20);
    servable.close();
    assertThat(made).allMatch(scorer -> scorer.closed.get() == 1);
  }

  @Test
  void a_load_that_fails_leaves_the_old_one_serving_and_says_why() {
    var options = CatalogOptions.DEFAULT;
    var broken = new boolean[1];
    FileServable servable =
        servable(
            options,
            new Shelf(options),
            "sum",
            path -> {
              if (broken[0]) throw new Problem(Fault.BAD_MODEL_FILE, "it is cut off", "Mend it");
              return making(2, 0).apply(path);
            });
    servable.load();
    broken[0] = true;
    assertThatThrownBy(servable::load).hasMessageContaining("cut off");
    assertThat(score(servable, 1, 2)).isEqualTo(6);
    assertThat(servable.versions().getFirst().state()).isEqualTo(Servable.State.READY);
    assertThat(servable.versions().getFirst().reason()).contains("cut off");
  }

  @Test
  void an_unloaded_model_is_refused_until_it_is_loaded() {
    var options = CatalogOptions.DEFAULT;
    FileServable servable = servable(options, new Shelf(options), "sum", making(1, 0));
    servable.load();
    servable.unload();
    assertThat(servable.ready(Optional.empty())).isFalse();
    assertThat(made.element().closed).hasValue(1);
    assertThatThrownBy(() -> score(servable, 1, 1))
        .isInstanceOfSatisfying(
            Problem.class, p -> assertThat(p.fault()).isEqualTo(Fault.MODEL_NOT_READY));
    servable.load();
    assertThat(score(servable, 1, 1)).isEqualTo(2);
  }

  @Test
  void the_least_recently_used_is_given_back_and_comes_again_when_it_is_asked_for()
      throws InterruptedException {
    var options = CatalogOptions.DEFAULT.withLoaded(2, Long.MAX_VALUE).withCache(0);
    var shelf = new Shelf(options);
    List<FileServable> three = new ArrayList<>();
    for (String name : List.of("a", "b", "c")) {
      three.add(servable(options, shelf, name, making(1, 0)));
      three.getLast().load();
      Thread.sleep(3);
    }
    assertThat(three.get(0).versions().getFirst().state()).isEqualTo(Servable.State.UNAVAILABLE);
    assertThat(three.get(0).ready(Optional.empty())).isTrue();
    assertThat(score(three.get(0), 1, 4)).isEqualTo(5);
    assertThat(three.get(1).versions().getFirst().state()).isEqualTo(Servable.State.UNAVAILABLE);
    assertThat(made.stream().mapToInt(s -> 1 - s.closed.get()).sum()).isEqualTo(2);
  }

  @Test
  void a_full_queue_refuses_and_the_rest_is_answered() throws Exception {
    var options = CatalogOptions.DEFAULT.withCache(0).withConcurrency(1, 3);
    FileServable servable = servable(options, new Shelf(options), "slow", making(1, 100));
    servable.load();
    int refused = 0;
    int answered = 0;
    try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Double>> all = new ArrayList<>();
      for (int i = 0; i < 20; i++) all.add(pool.submit(() -> score(servable, 1, 1)));
      for (Future<Double> one : all) {
        try {
          assertThat(one.get()).isEqualTo(2);
          answered++;
        } catch (ExecutionException e) {
          assertThat(e.getCause())
              .isInstanceOfSatisfying(
                  Problem.class, p -> assertThat(p.fault()).isEqualTo(Fault.MODEL_BUSY));
          refused++;
        }
      }
    }
    assertThat(answered).isBetween(4, 19);
    assertThat(refused).isEqualTo(20 - answered);
    assertThat(score(servable, 2, 2)).isEqualTo(4);
  }

  @Test
  void who_waits_longer_than_its_timeout_is_told_so() {
    var options = CatalogOptions.DEFAULT.withCache(0);
    FileServable servable = servable(options, new Shelf(options), "slow", making(1, 30));
    servable.load();
    var call = new Servable.Call(Optional.empty(), CountingScorer.row(1, 1), "", 1_000_000);
    assertThatThrownBy(() -> servable.infer(call))
        .isInstanceOfSatisfying(
            Problem.class, p -> assertThat(p.fault()).isEqualTo(Fault.DEADLINE));
  }

  @Test
  void answers_of_a_costly_model_are_kept_and_dropped_when_it_changes() {
    var options = CatalogOptions.DEFAULT.withCache(2);
    FileServable servable = servable(options, new Shelf(options), "slow", making(1, 5));
    servable.load();
    int runs = made.element().runs.get();
    for (int i = 0; i < 10; i++) assertThat(score(servable, 3, 4)).isEqualTo(7);
    assertThat(made.element().runs.get() - runs).isEqualTo(1);
    assertThat(servable.statistics("1").cacheHit.read().count()).isEqualTo(9);
    servable.load();
    assertThat(score(servable, 3, 4)).isEqualTo(7);
    assertThat(made).hasSize(2);
  }

  @Test
  void requests_that_run_together_get_their_own_rows_and_one_bad_row_fails_alone()
      throws Exception {
    var options =
        CatalogOptions.DEFAULT
            .withCache(0)
            .withConcurrency(64, 1_000)
            .withBatches(16, Duration.ofMillis(20));
    FileServable servable = servable(options, new Shelf(options), "sum", making(1, 1));
    servable.load();
    int before = made.element().runs.get();
    try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Double>> answers = new ArrayList<>();
      for (int i = 0; i < 64; i++) {
        double a = i == 17 ? -1 : i;
        answers.add(pool.submit(() -> score(servable, a, 0.5)));
      }
      for (int i = 0; i < 64; i++) {
        Future<Double> answer = answers.get(i);
        if (i == 17) assertThatThrownBy(answer::get).hasMessageContaining("negative");
        else assertThat(answer.get()).isEqualTo(i + 0.5);
      }
    }
    assertThat(made.element().runs.get() - before).isLessThan(64);
  }
}
