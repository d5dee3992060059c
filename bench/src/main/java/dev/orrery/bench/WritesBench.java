package dev.orrery.bench;

import dev.orrery.journal.Journal;
import dev.orrery.sql.Db;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/// How many small writes a second are durable: each is, before the next of its client begins.
final class WritesBench {
  private static final byte[] FRAME = new byte[300];
  private static final long SEGMENT_BYTES = 64 << 20;
  private static final String CREATE =
      "create table measurement (id integer primary key, what text not null, value real not null)";
  private static final String INSERT = "insert into measurement (what, value) values ('auc', 0.7)";

  private WritesBench() {}

  /// One write.
  private interface Write {
    void once() throws Exception;
  }

  static List<Line> measure(Plan plan) throws Exception {
    var lines = new ArrayList<Line>();
    double single = sqlite(plan);
    try (Db db = Db.sqlite(plan.work().resolve("ours.db"))) {
      db.update(CREATE);
      // Ten and a hundred times what MLflow's tracking server logs, at 1 and 8 clients.
      for (int clients : new int[] {1, 16}) {
        double ours = rate(plan, clients, () -> db.update(INSERT));
        lines.add(
            Line.rate(
                    "SQL writes, " + clients(clients),
                    "commits/s",
                    ours,
                    "SQLite, a commit each",
                    single)
                .within(clients == 1 ? 590 : 4_900));
      }
    }
    double synced = file(plan, true);
    for (int clients : new int[] {1, 16}) {
      double ours = journal(plan, Journal.Sync.EACH, clients);
      lines.add(
          Line.rate(
              "journal appends, synced, " + clients(clients),
              "frames/s",
              ours,
              "write and fsync, 1 client",
              synced));
    }
    lines.add(
        Line.rate(
            "journal appends, 1 client",
            "frames/s",
            journal(plan, Journal.Sync.WITHIN_A_SECOND, 1),
            "write alone",
            file(plan, false)));
    return lines;
  }

  private static String clients(int count) {
    return count == 1 ? "1 client" : count + " clients";
  }

  private static double sqlite(Plan plan) throws Exception {
    Path file = plan.work().resolve("theirs.db");
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        var statement = connection.createStatement()) {
      statement.execute("pragma journal_mode = wal");
      statement.execute("pragma synchronous = full");
      statement.execute(CREATE);
      try (var insert = connection.prepareStatement(INSERT)) {
        return rate(plan, 1, insert::executeUpdate);
      }
    }
  }

  private static double journal(Plan plan, Journal.Sync sync, int clients) throws Exception {
    Path folder = plan.work().resolve(sync + "-" + clients);
    try (Journal journal = Journal.open(folder, sync, SEGMENT_BYTES)) {
      return rate(plan, clients, () -> journal.append(FRAME));
    }
  }

  private static double file(Plan plan, boolean isSynced) throws Exception {
    Path path = plan.work().resolve("file-" + isSynced);
    try (var file = new RandomAccessFile(path.toFile(), "rw")) {
      return rate(
          plan,
          1,
          () -> {
            file.write(FRAME);
            if (isSynced) file.getFD().sync();
          });
    }
  }

  /// Writes a second by so many clients, after a short warm-up.
  private static double rate(Plan plan, int clients, Write write) throws Exception {
    run(clients, plan.warmUp().toNanos() / 3, write);
    return run(clients, plan.span().toNanos() / 2, write);
  }

  private static double run(int clients, long spanNanos, Write write) throws Exception {
    var count = new LongAdder();
    var failure = new AtomicReference<@Nullable Exception>();
    var threads = new ArrayList<Thread>();
    long start = System.nanoTime();
    for (int i = 0; i < clients; i++) {
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                try {
                  while (System.nanoTime() - start < spanNanos) {
                    write.once();
                    count.increment();
                  }
                } catch (Exception e) {
                  failure.set(e);
                }
              }));
    }
    for (Thread thread : threads) thread.join();
    Exception failed = failure.get();
    if (failed != null) throw failed;
    return count.sum() / ((System.nanoTime() - start) / 1e9);
  }
}
