package dev.orrery.jobs;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.base.ChildJvm;
import dev.orrery.base.Fault;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import dev.orrery.base.VirtualClock;
import dev.orrery.sql.Databases;
import dev.orrery.sql.Db;
import dev.orrery.sql.Tx;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class JobsTest {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final Duration STILL_MAX = Duration.ofMillis(400);
  private static final Retry QUICK = new Retry(3, Duration.ofMillis(1));
  private static final JsonNode NOTHING = Json.MAPPER.createObjectNode();

  private final InstantSource clock = InstantSource.system();
  private final List<String> ran = Collections.synchronizedList(new ArrayList<>());

  @ParameterizedTest
  @EnumSource
  void one_worker_runs_jobs_in_the_order_of_their_submission(Databases database) {
    try (Db db = database.fresh();
        Jobs jobs = new Jobs(db, clock)) {
      jobs.handle("note", (job, _) -> ran.add(job.key() + job.payload().get("n")));
      for (int i = 0; i < 20; i++) {
        jobs.submit("note", "k" + i, Json.MAPPER.createObjectNode().put("n", i));
      }
      assertThat(jobs.idle()).isFalse();
      jobs.start(1);
      assertThat(jobs.awaitIdle(SOON)).isTrue();
      assertThat(ran)
          .containsExactlyElementsOf(IntStream.range(0, 20).mapToObj(i -> "k" + i + i).toList());
      assertThat(jobs.newest(100))
          .hasSize(20)
          .allMatch(job -> job.state() == Job.State.DONE && job.attempt() == 1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_key_stands_for_one_unfinished_job(Databases database) {
    try (Db db = database.fresh();
        Jobs jobs = new Jobs(db, clock)) {
      jobs.handle("note", (job, _) -> ran.add(job.key()));
      jobs.handle("other", (job, _) -> ran.add("other " + job.key()));
      UUID first = jobs.submit("note", "a", NOTHING);
      assertThat(jobs.submit("note", "a", NOTHING)).isEqualTo(first);
      assertThat(jobs.submit("other", "a", NOTHING)).isNotEqualTo(first);
      jobs.start(2);
      assertThat(jobs.awaitIdle(SOON)).isTrue();
      assertThat(ran).containsExactlyInAnyOrder("a", "other a");
      assertThat(jobs.submit("note", "a", NOTHING)).isNotEqualTo(first);
      assertThat(jobs.awaitIdle(SOON)).isTrue();
      assertThat(ran).hasSize(3);
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_job_submitted_in_a_transaction_that_fails_does_not_exist(Databases database) {
    try (Db db = database.fresh();
        Jobs jobs = new Jobs(db, clock)) {
      assertThatThrownBy(() ->
              db.write(tx -> {
                jobs.submit(tx, "note", "a", NOTHING);
                throw new IllegalStateException("no");
              }))
          .hasMessage("no");
      assertThat(jobs.idle()).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource
  void many_threads_submit_at_once(Databases database) throws Exception {
    try (Db db = database.fresh();
        Jobs jobs = new Jobs(db, clock)) {
      List<Callable<UUID>> works = new ArrayList<>();
      for (int i = 0; i < 60; i++) {
        String key = "k" + i / 2;
        works.add(() -> jobs.submit("note", key, NOTHING));
      }
      List<UUID> ids = new ArrayList<>();
      try (var threads = Executors.newFixedThreadPool(8)) {
        for (Future<UUID> id : threads.invokeAll(works)) ids.add(id.get());
      }
      assertThat(ids.stream().distinct()).hasSize(30);
      assertThat(jobs.newest(100)).hasSize(30);
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_failure_that_may_mend_is_tried_again(Databases database) {
    try (Db db = database.fresh();
        Jobs jobs = new Jobs(db, clock)) {
      jobs.handle(
          "shaky",
          QUICK,
          (job, _) -> {
            ran.add("attempt " + job.attempt());
            if (job.attempt() < 3) throw new IllegalStateException("not yet");
          });
      UUID id = jobs.submit("shaky", "a", NOTHING);
      jobs.start(1);
      assertThat(jobs.awaitIdle(SOON)).isTrue();
      assertThat(ran).containsExactly("attempt 1", "attempt 2", "attempt 3");
      Job job = jobs.get(id).orElseThrow();
      assertThat(job.state()).isEqualTo(Job.State.DONE);
      assertThat(job.failures()).isEqualTo(2);
      assertThat(job.problem()).contains("not yet");
    }
  }

  @ParameterizedTest
  @EnumSource
  void the_last_failure_and_one_that_cannot_mend_end_the_job(Databases database) {
    try (Db db = database.fresh();
        Jobs jobs = new Jobs(db, clock)) {
      jobs.handle(
          "broken",
          QUICK,
          (_, _) -> {
            throw new IllegalStateException("always");
          });
      jobs.handle(
          "wrong",
          QUICK,
          (_, _) -> {
            throw Problem.notFound("table", "x", "Name another");
          });
      UUID broken = jobs.submit("broken", "a", NOTHING);
      UUID wrong = jobs.submit("wrong", "a", NOTHING);
      jobs.start(2);
      assertThat(jobs.awaitIdle(SOON)).isTrue();
      assertThat(jobs.get(broken).orElseThrow())
          .matches(job -> job.state() == Job.State.FAILED && job.attempt() == 3);
      assertThat(jobs.get(wrong).orElseThrow())
          .matches(job -> job.state() == Job.State.FAILED && job.attempt() == 1)
          .extracting(Job::problem)
          .isEqualTo("no table named 'x'. Name another.");
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_result_and_the_end_of_its_job_are_one(Databases database) {
    try (Db db = database.fresh();
        Jobs jobs = new Jobs(db, clock)) {
      db.update("create table result (text text)");
      jobs.handle(
          "once",
          QUICK,
          (_, lease) -> {
            db.write(tx -> {
              lease.fence(tx);
              tx.update("insert into result values ('made')");
              lease.finish(tx);
              return true;
            });
            throw new IllegalStateException("too late to fail");
          });
      UUID id = jobs.submit("once", "a", NOTHING);
      jobs.start(1);
      assertThat(jobs.awaitIdle(SOON)).isTrue();
      jobs.close();
      assertThat(jobs.get(id).orElseThrow().state()).isEqualTo(Job.State.DONE);
      assertThat(db.query("select text from result", row -> row.text("text"))).hasSize(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_stop_interrupts_and_the_job_runs_again_after_the_next_start(Databases database)
      throws Exception {
    try (Db db = database.fresh()) {
      CountDownLatch begun = new CountDownLatch(1);
      UUID id;
      try (Jobs jobs = new Jobs(db, clock)) {
        jobs.handle(
            "long",
            (_, lease) -> {
              begun.countDown();
              sleep(60_000);
              lease.check();
            });
        id = jobs.submit("long", "a", NOTHING);
        jobs.start(1);
        begun.await();
      }
      try (Jobs jobs = new Jobs(db, clock)) {
        assertThat(jobs.get(id).orElseThrow().state()).isEqualTo(Job.State.READY);
        jobs.handle("long", (job, _) -> ran.add("attempt " + job.attempt()));
        jobs.start(1);
        assertThat(jobs.awaitIdle(SOON)).isTrue();
        assertThat(ran).containsExactly("attempt 2");
        assertThat(jobs.get(id).orElseThrow().failures()).isZero();
      }
    }
  }

  @Test
  void two_servers_share_the_jobs_and_run_none_twice() {
    String address = Databases.POSTGRES.address();
    try (Db dbA = Databases.POSTGRES.open(address);
        Db dbB = Databases.POSTGRES.open(address);
        Jobs a = new Jobs(dbA, clock, "a", STILL_MAX);
        Jobs b = new Jobs(dbB, clock, "b", STILL_MAX)) {
      for (int i = 0; i < 60; i++) a.submit("note", "k" + i, NOTHING);
      // One runs for several times the silence that is allowed, and is not taken over.
      Handler handler =
          (job, _) -> {
            ran.add(job.key());
            if (job.key().equals("k7")) sleep(4 * STILL_MAX.toMillis());
          };
      a.handle("note", handler);
      b.handle("note", handler);
      a.start(2);
      b.start(2);
      assertThat(a.awaitIdle(SOON)).isTrue();
      assertThat(ran).hasSize(60).doesNotHaveDuplicates();
    }
  }

  @Test
  void a_server_that_stands_still_loses_its_job_and_its_writes_whatever_the_clock_says()
      throws Exception {
    String address = Databases.POSTGRES.address();
    VirtualClock still = new VirtualClock(Instant.parse("2001-01-01T00:00:00Z"));
    try (Db dbA = Databases.POSTGRES.open(address);
        Db dbB = Databases.POSTGRES.open(address);
        Jobs b = new Jobs(dbB, still, "b", STILL_MAX)) {
      UUID id = b.submit("note", "x", NOTHING);
      // Server A takes the job, and gives no sign of life any more.
      JobStore storeA = new JobStore(dbA);
      Job taken = storeA.take(b.get(id).orElseThrow(), "A", "a").orElseThrow();
      Lease lease = new Lease(taken, still);
      dbA.write(tx -> fenced(tx, lease));

      CountDownLatch done = new CountDownLatch(1);
      b.handle(
          "note",
          (job, _) -> {
            ran.add("attempt " + job.attempt());
            done.countDown();
          });
      b.start(1);
      still.advance(still.instant().plus(Duration.ofDays(3_650)));
      assertThat(done.await(STILL_MAX.toMillis() / 2, TimeUnit.MILLISECONDS)).isFalse();
      assertThat(done.await(SOON.toMillis(), TimeUnit.MILLISECONDS)).isTrue();
      assertThat(b.awaitIdle(SOON)).isTrue();
      assertThat(ran).containsExactly("attempt 2");

      Problem problem =
          catchThrowableOfType(Problem.class, () -> dbA.write(tx -> fenced(tx, lease)));
      assertThat(problem.fault()).isEqualTo(Fault.LEASE_LOST);
      assertThat(lease.stopping()).isTrue();
      assertThat(storeA.done(taken, still.instant())).isFalse();
    }
  }

  /// Runs the jobs of a store until it is killed in the middle of one.
  static final class Server {
    private Server() {}

    public static void main(String[] args) {
      Db db = Db.sqlite(Path.of(args[0]));
      Jobs jobs = new Jobs(db, InstantSource.system());
      jobs.handle(
          "long",
          (job, lease) -> {
            db.write(tx -> {
              lease.fence(tx);
              return tx.update("insert into ledger values (?)", "begun " + job.attempt());
            });
            System.out.println("running " + job.attempt());
            sleep(60_000);
          });
      jobs.start(2);
      sleep(60_000);
      jobs.close();
    }
  }

  @Test
  void a_job_whose_process_is_killed_runs_again_and_the_old_attempt_can_write_no_more()
      throws Exception {
    String address = Databases.SQLITE.address();
    UUID id;
    try (Db db = Databases.SQLITE.open(address);
        Jobs jobs = new Jobs(db, clock)) {
      db.update("create table ledger (text text)");
      id = jobs.submit("long", "a", NOTHING);
    }
    for (int attempt = 1; attempt <= 3; attempt++) {
      try (ChildJvm child = ChildJvm.start(Server.class, address)) {
        assertThat(requireNonNull(child.line())).isEqualTo("running " + attempt);
        child.kill();
      }
    }
    try (Db db = Databases.SQLITE.open(address);
        Jobs jobs = new Jobs(db, clock)) {
      Job killed = jobs.get(id).orElseThrow();
      assertThat(killed.state()).isEqualTo(Job.State.RUNNING);
      assertThat(killed.attempt()).isEqualTo(3);
      Lease old = new Lease(killed, clock);
      jobs.handle("long", (job, _) -> ran.add("attempt " + job.attempt()));
      jobs.start(1);
      assertThat(jobs.awaitIdle(SOON)).isTrue();
      assertThat(ran).containsExactly("attempt 4");
      assertThat(catchThrowableOfType(Problem.class, () -> db.write(tx -> fenced(tx, old))).fault())
          .isEqualTo(Fault.LEASE_LOST);
      assertThat(db.query("select text from ledger", row -> row.text("text")))
          .containsExactly("begun 1", "begun 2", "begun 3");
    }
  }

  private static boolean fenced(Tx tx, Lease lease) {
    lease.fence(tx);
    return true;
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
