package dev.orrery.sql;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.base.ChildJvm;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Bit rot in the pages of an SQLite file is seen, named, and never served.
///
/// `-Dorrery.pages.flips=50 -Dorrery.pages.kills=20` say how many.
class PagesTest {
  private static final int FLIPS = Integer.getInteger("orrery.pages.flips", 50);
  private static final int KILLS = Integer.getInteger("orrery.pages.kills", 20);
  private static final int PAGE = 4_096;
  private static final int ROWS = 12_000;
  private static final List<String> QUERIES =
      List.of(
          "select sum(length(text)) as n from small",
          "select count(*) as n from small where n >= 0",
          "select sum(length(text)) as n from large",
          "select count(*) as n from other where length(text) = 30");

  @TempDir Path folder;

  private Path file() {
    return folder.resolve("orrery.db");
  }

  private void fill() {
    try (Db db = Db.sqlite(file())) {
      db.update("create table small (id integer primary key, n bigint, text text)");
      db.update("create index small_n on small (n)");
      db.update("create table large (id integer primary key, text text)");
      db.update("create table other (id text primary key, text text)");
      Random random = new Random(7);
      for (int i = 0; i < ROWS; i += 1_000) {
        int from = i;
        db.write(tx -> {
          for (int id = from; id < from + 1_000; id++) {
            tx.update("insert into small values (?, ?, ?)", id, random.nextInt(), text(id, 40));
            tx.update("insert into other values (?, ?)", "key-" + id, text(id, 30));
          }
          return tx.update("insert into large values (?, ?)", from, text(from, 30_000));
        });
      }
    }
  }

  private static String text(int seed, int length) {
    return "x".repeat(length - 1) + (char) ('a' + seed % 26);
  }

  private static long ask(Db db, String query) {
    return db.query(query, row -> row.whole("n")).getFirst();
  }

  private static PageReport pages(Db db) {
    return db.pages(_ -> {});
  }

  private void flip(long offset, int bit) throws IOException {
    try (RandomAccessFile raw = new RandomAccessFile(file().toFile(), "rw")) {
      raw.seek(offset);
      int was = raw.read();
      raw.seek(offset);
      raw.write(was ^ 1 << bit);
    }
  }

  private Map<Integer, String> owners() throws Exception {
    Map<Integer, String> owners = new TreeMap<>();
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file());
        var rows = connection.createStatement().executeQuery("select name, pageno from dbstat")) {
      while (rows.next()) owners.put(rows.getInt(2), rows.getString(1));
    }
    return owners;
  }

  @Test
  void a_flipped_bit_in_a_page_is_seen_and_named_and_never_served() throws Exception {
    fill();
    Map<Integer, String> owners = owners();
    Map<String, Long> right = new TreeMap<>();
    try (Db db = Db.sqlite(file())) {
      for (String query : QUERIES) right.put(query, ask(db, query));
      assertThat(pages(db).damaged()).isEmpty();
      assertThat(pages(db).checked()).isGreaterThanOrEqualTo(owners.size());
    }
    Random random = new Random(61);
    List<Integer> numbers = List.copyOf(owners.keySet());
    int refused = 0;
    int answered = 0;
    for (int i = 0; i < FLIPS; i++) {
      // The first page is the schema, without which nothing is served.
      int page = numbers.get(1 + random.nextInt(numbers.size() - 1));
      long offset = (page - 1L) * PAGE + random.nextInt(PAGE);
      int bit = random.nextInt(8);
      flip(offset, bit);
      try (Db db = Db.sqlite(file())) {
        boolean isRefused = false;
        for (String query : QUERIES) {
          try {
            assertThat(ask(db, query)).as(query).isEqualTo(right.get(query));
            answered++;
          } catch (Problem problem) {
            assertThat(problem.fault()).isEqualTo(Fault.PAGE_DAMAGED);
            assertThat(problem.what()).contains("page " + page + " ", owners.get(page));
            isRefused = true;
          }
        }
        if (isRefused) refused++;
        // What does not touch the page goes on.
        db.update("create table aside (id integer)");
        db.update("drop table aside");
        assertThat(pages(db).damaged())
            .containsExactly(new PageReport.Damaged(page, requireNonNull(owners.get(page))));
      }
      flip(offset, bit);
    }
    try (Db db = Db.sqlite(file())) {
      assertThat(pages(db).damaged()).isEmpty();
    }
    assertThat(refused).isGreaterThan(FLIPS / 2);
    System.out.printf(
        "bit rot in pages: %d flips, %d seen by verify and named, %d met by a read and refused,"
            + " %d right answers, 0 wrong%n",
        FLIPS, FLIPS, refused, answered);
  }

  @Test
  void a_write_that_meets_a_damaged_page_does_no_harm_to_others() throws Exception {
    fill();
    int page = root("large");
    flip((page - 1L) * PAGE + 2_000, 3);
    try (Db db = Db.sqlite(file())) {
      assertThatThrownBy(() -> db.update("insert into large values (99999, 'x')"))
          .isInstanceOf(Problem.class)
          .hasMessageContaining(
              "page " + page + " of orrery.db, of large, is not what was written");
      assertThat(db.update("insert into small values (99999, 1, 'x')")).isEqualTo(1);
      assertThat(ask(db, "select count(*) as n from small")).isEqualTo(ROWS + 1);
    }
  }

  private int root(String table) throws Exception {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file());
        var rows =
            connection
                .createStatement()
                .executeQuery("select rootpage from sqlite_schema where name = '" + table + "'")) {
      return rows.getInt(1);
    }
  }

  @Test
  void a_flipped_bit_in_the_log_is_seen_before_it_gets_into_the_file() throws Exception {
    try (Db db = Db.sqlite(file())) {
      db.update("create table small (id integer primary key, text text)");
      for (int i = 0; i < 20; i++) db.update("insert into small values (?, ?)", i, text(i, 3_000));
      Path log = folder.resolve("orrery.db-wal");
      try (RandomAccessFile raw = new RandomAccessFile(log.toFile(), "rw")) {
        for (long at = 32 + 24 + 3_000; at < raw.length(); at += 24 + PAGE) {
          raw.seek(at);
          int was = raw.read();
          raw.seek(at);
          raw.write(was ^ 4);
        }
      }
      assertThatThrownBy(() -> ask(db, "select sum(length(text)) as n from small"))
          .isInstanceOf(Problem.class)
          .hasMessageContaining("is not what was written to it");
      assertThatThrownBy(() -> pages(db)).isInstanceOf(Problem.class);
    }
  }

  @Test
  void a_store_behind_a_link_is_guarded_like_any_other() throws Exception {
    fill();
    int page = root("large");
    flip((page - 1L) * PAGE + 2_000, 3);
    Path link = Files.createSymbolicLink(folder.resolve("a link"), folder);
    try (Db db = Db.sqlite(link.resolve("orrery.db"))) {
      assertThat(pages(db).damaged()).containsExactly(new PageReport.Damaged(page, "large"));
    }
  }

  @Test
  void a_store_without_checksums_gets_them() throws Exception {
    fill();
    Files.delete(folder.resolve("orrery.db.sums"));
    try (Db db = Db.sqlite(file())) {
      assertThat(pages(db).damaged()).isEmpty();
    }
    int page = root("large");
    flip((page - 1L) * PAGE + 2_000, 3);
    try (Db db = Db.sqlite(file())) {
      assertThat(pages(db).damaged()).containsExactly(new PageReport.Damaged(page, "large"));
    }
  }

  @Test
  void damaged_checksums_are_made_anew_instead_of_believed() throws Exception {
    fill();
    Path sums = folder.resolve("orrery.db.sums");
    Random random = new Random(5);
    for (int i = 0; i < 20; i++) {
      try (RandomAccessFile raw = new RandomAccessFile(sums.toFile(), "rw")) {
        long at = (long) (random.nextDouble() * raw.length());
        raw.seek(at);
        int was = raw.read();
        raw.seek(at);
        raw.write(was ^ 1 << random.nextInt(8));
      }
      try (Db db = Db.sqlite(file())) {
        for (String query : QUERIES) assertThat(ask(db, query)).isPositive();
        assertThat(pages(db).damaged()).isEmpty();
      }
    }
  }

  @Test
  void another_program_may_read_a_store_that_was_killed() throws Exception {
    try (ChildJvm child = ChildJvm.start(Writer.class, file(), 1)) {
      for (int i = 0; i < 50; i++) requireNonNull(child.line());
      child.kill();
    }
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file());
        var rows = connection.createStatement().executeQuery("select count(*) from thing")) {
      assertThat(rows.getInt(1)).isGreaterThanOrEqualTo(50);
    }
    assertThat(folder.resolve("orrery.db-wal")).doesNotExist();
    try (Db db = Db.sqlite(file())) {
      assertThat(ask(db, "select count(*) as n from thing")).isGreaterThanOrEqualTo(50);
      assertThat(pages(db).damaged()).isEmpty();
    }
  }

  /// Writes so much that checkpoints follow one another, and prints what was acknowledged.
  static final class Writer {
    private Writer() {}

    public static void main(String[] args) {
      Db db = Db.sqlite(Path.of(args[0]));
      db.update("create table if not exists thing (id text primary key, text text)");
      Random random = new Random(Long.parseLong(args[1]));
      for (int i = 0; i < 1_000_000; i++) {
        String key = "%08x-%s-%d".formatted(random.nextInt(), args[1], i);
        int round = i;
        db.write(tx -> tx.update("insert into thing values (?, ?)", key, text(round, 9_000)));
        System.out.println(key);
      }
    }
  }

  @Test
  void a_kill_at_any_moment_leaves_pages_that_are_what_was_written() throws Exception {
    Random random = new Random(23);
    Set<String> acknowledged = new HashSet<>();
    int damaged = 0;
    long pages = 0;
    for (int round = 0; round < KILLS; round++) {
      try (ChildJvm child = ChildJvm.start(Writer.class, file(), round)) {
        int lines = 1 + random.nextInt(900);
        for (int i = 0; i < lines; i++) acknowledged.add(requireNonNull(child.line()));
        child.kill();
      }
      try (Db db = Db.sqlite(file())) {
        PageReport report = pages(db);
        damaged += report.damaged().size();
        pages = report.checked();
      }
    }
    try (Db db = Db.sqlite(file())) {
      assertThat(db.query("select id from thing", row -> row.text("id"))).containsAll(acknowledged);
      assertThat(db.query("pragma integrity_check", row -> row.text("integrity_check")))
          .containsExactly("ok");
    }
    System.out.printf(
        "pages and kills: %d kills, %d acknowledged, 0 lost, %d pages, %d damaged%n",
        KILLS, acknowledged.size(), pages, damaged);
    assertThat(damaged).isZero();
  }
}
