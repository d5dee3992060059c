package dev.orrery.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.orrery.base.Digest;
import dev.orrery.base.Fault;
import dev.orrery.base.Json;
import dev.orrery.base.Name;
import dev.orrery.base.Problem;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DbTest {
  private static final String THING =
      "create table thing (name text primary key, n bigint, x double precision, flag smallint)";

  @ParameterizedTest
  @EnumSource
  void what_goes_in_comes_out(Databases database) {
    UUID id = UUID.randomUUID();
    Instant at = Instant.parse("2001-03-01T12:34:56.789Z");
    try (Db db = database.bare()) {
      db.update(
          """
          create table every (
            text text, name text, digest text, id text, json text, enumerated text,
            whole bigint, at bigint, is_yes smallint, is_no smallint, number double precision,
            absent bigint)
          """);
      db.update(
          "insert into every values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
          "한 'quoted' text",
          new Name("late-arrival"),
          Digest.of("x"),
          id,
          Json.tree("{\"a\": [1]}".getBytes(StandardCharsets.UTF_8)),
          Fault.DUPLICATE,
          Long.MIN_VALUE,
          at,
          true,
          false,
          0.1 + 0.2,
          null);
      List<Boolean> seen =
          db.query(
              "select * from every",
              row -> {
                assertThat(row.text("text")).isEqualTo("한 'quoted' text");
                assertThat(row.text("name")).isEqualTo("late-arrival");
                assertThat(row.text("digest")).isEqualTo(Digest.of("x").hex());
                assertThat(row.id("id")).isEqualTo(id);
                assertThat(row.text("json")).isEqualTo("{\"a\":[1]}");
                assertThat(row.text("enumerated")).isEqualTo("DUPLICATE");
                assertThat(row.whole("whole")).isEqualTo(Long.MIN_VALUE);
                assertThat(row.instant("at")).isEqualTo(at);
                assertThat(row.flag("is_yes")).isTrue();
                assertThat(row.flag("is_no")).isFalse();
                assertThat(row.number("number")).isEqualTo(0.1 + 0.2);
                assertThat(row.isNull("absent")).isTrue();
                assertThat(row.wholeOrNull("absent")).isNull();
                assertThat(row.instantOrNull("absent")).isNull();
                assertThatThrownBy(() -> row.whole("absent")).hasMessageContaining("absent");
                return true;
              });
      assertThat(seen).hasSize(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_work_that_throws_leaves_nothing_behind(Databases database) {
    try (Db db = database.bare()) {
      db.update(THING);
      RuntimeException mine = new RuntimeException("mine");
      assertThatThrownBy(() ->
              db.write(tx -> {
                tx.update("insert into thing (name) values ('a')");
                throw mine;
              }))
          .isSameAs(mine);
      assertThat(names(db)).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_failing_work_does_no_harm_to_those_beside_it(Databases database) throws Exception {
    try (Db db = database.bare()) {
      db.update(THING);
      AtomicInteger failed = new AtomicInteger();
      List<Callable<Integer>> works = new ArrayList<>();
      for (int i = 0; i < 300; i++) {
        int n = i;
        works.add(() -> {
          try {
            return db.write(tx -> {
              tx.update("insert into thing (name, n) values (?, ?)", "t" + n, n);
              if (n % 3 == 0) throw new IllegalArgumentException("third");
              return 1;
            });
          } catch (IllegalArgumentException _) {
            return failed.incrementAndGet() * 0;
          }
        });
      }
      int done = 0;
      for (Future<Integer> result : all(works)) done += result.get();
      assertThat(done).isEqualTo(200);
      assertThat(failed).hasValue(100);
      assertThat(db.query("select n from thing", row -> row.whole("n")))
          .hasSize(200)
          .allMatch(n -> n % 3 != 0);
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_key_that_is_taken_is_a_conflict_and_the_store_goes_on(Databases database) {
    try (Db db = database.bare()) {
      db.update(THING);
      db.update("insert into thing (name) values ('a')");
      assertThat(fault(() -> db.update("insert into thing (name) values ('a')")))
          .isEqualTo(Fault.DUPLICATE);
      assertThat(db.update("insert into thing (name) values ('b')")).isEqualTo(1);
      assertThat(names(db)).containsExactly("a", "b");
    }
  }

  @ParameterizedTest
  @EnumSource
  void transactions_that_read_before_they_write_happen_one_after_another(Databases database)
      throws Exception {
    try (Db db = database.bare()) {
      db.update(THING);
      db.update("insert into thing (name, n) values ('sum', 0)");
      List<Callable<Integer>> works = new ArrayList<>();
      for (int i = 0; i < 400; i++) {
        works.add(() ->
            db.write(tx -> {
              long n = tx.query("select n from thing", row -> row.whole("n")).getFirst();
              return tx.update("update thing set n = ?", n + 1);
            }));
      }
      for (Future<Integer> result : all(works)) assertThat(result.get()).isEqualTo(1);
      assertThat(db.first("select n from thing", row -> row.whole("n"))).contains(400L);
    }
  }

  @Test
  void two_processes_that_write_the_same_row_on_postgres_lose_nothing() throws Exception {
    String address = Databases.POSTGRES.address();
    try (Db one = Databases.POSTGRES.open(address);
        Db other = Databases.POSTGRES.open(address)) {
      one.update(THING);
      one.update("insert into thing (name, n) values ('sum', 0)");
      List<Callable<Integer>> works = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        Db db = i % 2 == 0 ? one : other;
        works.add(() ->
            db.write(tx -> {
              long n = tx.query("select n from thing", row -> row.whole("n")).getFirst();
              return tx.update("update thing set n = ?", n + 1);
            }));
      }
      for (Future<Integer> result : all(works)) assertThat(result.get()).isEqualTo(1);
      assertThat(one.first("select n from thing", row -> row.whole("n"))).contains(200L);
    }
  }

  @ParameterizedTest
  @EnumSource
  void what_fails_after_it_changed_rows_is_undone_and_those_beside_it_happen_once(
      Databases database) throws Exception {
    try (Db db = database.bare()) {
      db.update(THING);
      db.update("insert into thing (name, n) values ('sum', 0)");
      db.update("insert into thing (name) values ('taken')");
      CountDownLatch gathered = new CountDownLatch(1);
      List<Callable<String>> works = new ArrayList<>();
      works.add(() ->
          told(
              db,
              tx -> {
                await(gathered); // the others gather behind it and become one group
                return tx.update("update thing set n = n + 1 where name = 'sum'");
              }));
      for (int i = 0; i < 60; i++) {
        int kind = i % 4;
        works.add(() ->
            told(
                db,
                tx -> {
                  int changed = tx.update("update thing set n = n + 1 where name = 'sum'");
                  if (kind == 1) throw new IllegalArgumentException("after");
                  if (kind == 2) tx.update("insert into thing (name) values ('taken')");
                  if (kind == 3) tx.query("select nothing from thing", row -> row.whole("nothing"));
                  return changed;
                }));
      }
      var threads = Executors.newVirtualThreadPerTaskExecutor();
      List<Future<String>> told = new ArrayList<>();
      for (Callable<String> work : works) told.add(threads.submit(work));
      gathered.countDown();
      List<String> all = new ArrayList<>();
      for (Future<String> one : told) all.add(one.get());
      threads.close();
      assertThat(all).filteredOn("done"::equals).hasSize(16);
      assertThat(all).filteredOn("after"::equals).hasSize(15);
      assertThat(all).filteredOn(Fault.DUPLICATE.name()::equals).hasSize(15);
      assertThat(all).filteredOn(text -> text.startsWith("SQL that the database")).hasSize(15);
      assertThat(db.first("select n from thing where name = 'sum'", row -> row.whole("n")))
          .contains(16L);
      assertThat(names(db)).containsExactly("sum", "taken");
    }
  }

  private static String told(Db db, Work<Integer> work) {
    try {
      return db.write(work) == 1 ? "done" : "nothing";
    } catch (Problem problem) {
      return problem.fault().name();
    } catch (IllegalArgumentException | IllegalStateException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_read_sees_one_picture_while_others_write(Databases database) throws Exception {
    try (Db db = database.bare()) {
      db.update(THING);
      long counted =
          db.read(tx -> {
            long before = count(tx);
            inAnotherThread(() -> db.update("insert into thing (name) values ('a')"));
            assertThat(count(tx)).isEqualTo(before);
            return before;
          });
      assertThat(counted).isZero();
      assertThat(names(db)).containsExactly("a");
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_batch_is_one_transaction(Databases database) {
    try (Db db = database.bare()) {
      db.update(THING);
      List<Object[]> rows = new ArrayList<>();
      for (int i = 0; i < 1_000; i++) rows.add(new Object[] {"t" + i, i});
      db.write(tx -> tx.batch("insert into thing (name, n) values (?, ?)", rows).length);
      assertThat(names(db)).hasSize(1_000);

      rows.replaceAll(row -> new Object[] {"u" + row[1], row[1]});
      rows.add(new Object[] {"t0", 0});
      assertThat(
              fault(() ->
                  db.write(tx -> tx.batch("insert into thing (name, n) values (?, ?)", rows))))
          .isEqualTo(Fault.DUPLICATE);
      assertThat(names(db)).hasSize(1_000);
    }
  }

  @ParameterizedTest
  @EnumSource
  void migrations_of_all_parts_run_once(Databases database) {
    try (Db db = database.bare()) {
      db.migrate();
      db.migrate();
      assertThat(
              db.query(
                  "select version from flyway_schema_history where success",
                  row -> row.text("version")))
          .contains("130.1", "140.1", "150.1")
          .doesNotHaveDuplicates();
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_store_that_a_newer_program_has_used_is_refused(Databases database) {
    try (Db db = database.fresh()) {
      db.update(
          """
          insert into flyway_schema_history
            (installed_rank, version, description, type, script, checksum, installed_by,
             execution_time, success)
          select max(installed_rank) + 1, '9999.1', 'later', 'SQL', 'V9999_1__later.sql', 1, 'x',
            1, success
          from flyway_schema_history
          group by success
          """);
      Problem problem = catchThrowableOfType(Problem.class, db::migrate);
      assertThat(problem.fault()).isEqualTo(Fault.SCHEMA_UNKNOWN);
      assertThat(problem).hasMessageContaining("9999.1").hasMessageContaining("newer Orrery");
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_closed_store_says_so(Databases database) {
    Db db = database.bare();
    db.update(THING);
    db.close();
    db.close();
    assertThat(fault(() -> db.update("delete from thing"))).isEqualTo(Fault.STORE_BUSY);
    assertThat(fault(() -> db.query("select 1 as one", row -> row.whole("one"))))
        .isEqualTo(Fault.STORE_BUSY);
  }

  @ParameterizedTest
  @EnumSource
  void an_interrupted_caller_still_learns_what_became_of_its_work(Databases database)
      throws Exception {
    try (Db db = database.bare()) {
      db.update(THING);
      List<String> told = new ArrayList<>();
      CountDownLatch begun = new CountDownLatch(1);
      Thread caller =
          new Thread(() -> {
            db.write(tx -> {
              begun.countDown();
              sleep(100);
              return tx.update("insert into thing (name) values ('a')");
            });
            told.add("done, interrupted: " + Thread.currentThread().isInterrupted());
          });
      caller.start();
      begun.await();
      caller.interrupt();
      caller.join();
      assertThat(told).containsExactly("done, interrupted: true");
      assertThat(names(db)).containsExactly("a");
    }
  }

  @Test
  void a_write_inside_a_write_is_a_bug_that_is_told(@TempDir Path folder) {
    try (Db db = Db.sqlite(folder.resolve("x.db"))) {
      db.update(THING);
      assertThatThrownBy(() -> db.write(_ -> db.update("delete from thing")))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("Tx");
    }
  }

  @Test
  void a_full_disk_is_told_and_forgiven(@TempDir Path folder) {
    try (Db db = Db.sqlite(folder.resolve("x.db"))) {
      db.update("create table big (text text)");
      db.write(tx -> tx.query("pragma max_page_count = 20", row -> row.whole("max_page_count")));
      assertThat(fault(() -> db.update("insert into big values (?)", "x".repeat(1_000_000))))
          .isEqualTo(Fault.STORE_FULL);
      assertThat(db.update("insert into big values ('small')")).isEqualTo(1);
      assertThat(db.query("select text from big", row -> row.text("text")))
          .containsExactly("small");
    }
  }

  @Test
  void a_file_that_is_no_database_is_told(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("x.db");
    Files.writeString(file, "This is not a database. ".repeat(1_000));
    assertThat(fault(() -> Db.sqlite(file).close())).isEqualTo(Fault.STORE_DAMAGED);
  }

  @Test
  void a_damaged_store_is_seen_after_a_dirty_stop(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("x.db");
    try (Db db = Db.sqlite(file)) {
      db.update("create table big (n bigint primary key, text text)");
      db.write(tx ->
          tx.batch(
              "insert into big values (?, ?)",
              IntStream.range(0, 2_000).mapToObj(i -> new Object[] {i, "x".repeat(200)}).toList()));
    }
    Files.delete(folder.resolve("x.db.sums")); // by which a page is seen, whatever it holds
    byte[] bytes = Files.readAllBytes(file);
    for (int i = 8 * 4_096; i < 9 * 4_096; i++) bytes[i] = 0x55;
    Files.write(file, bytes);
    Files.write(folder.resolve("x.db-wal"), new byte[32]);
    Problem problem = catchThrowableOfType(Problem.class, () -> Db.sqlite(file).close());
    assertThat(problem.fault()).isEqualTo(Fault.STORE_DAMAGED);
    assertThat(problem).hasMessageContaining(file.toString());
  }

  @Test
  void a_database_that_is_not_there_is_unavailable() {
    assertThat(fault(() -> Db.postgres("jdbc:postgresql://127.0.0.1:1/none", "u", "secret")))
        .isEqualTo(Fault.STORE_BUSY);
  }

  private static List<String> names(Db db) {
    return db.query("select name from thing order by name", row -> row.text("name"));
  }

  private static long count(Tx tx) {
    return tx.query("select count(*) as n from thing", row -> row.whole("n")).getFirst();
  }

  private static Fault fault(ThrowingCallable action) {
    return catchThrowableOfType(Problem.class, action).fault();
  }

  private static <T> List<Future<T>> all(List<Callable<T>> works) throws InterruptedException {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      return threads.invokeAll(works);
    }
  }

  private static void inAnotherThread(Runnable action) {
    Thread thread = new Thread(action);
    thread.start();
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
