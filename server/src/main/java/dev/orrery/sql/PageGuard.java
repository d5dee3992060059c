package dev.orrery.sql;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.io.IOException;
import java.io.SyncFailedException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Guards the pages of one SQLite file: orders its checkpoints, so that checksums are on disk
/// before the log is begun anew, and looks through all pages from time to time.
///
/// A page is looked at whenever SQLite reads it; looking through all of them finds what nobody
/// reads. That begins a minute after the start, and again each day, at some 30 MB/s.
final class PageGuard {
  private static final Logger LOG = LoggerFactory.getLogger(PageGuard.class);

  /// As SQLite would do it by itself: some 4 MB.
  private static final int FRAMES = 1_000;

  private static final int SLICE = 64;
  private static final long PAUSE_MILLIS = 8;
  private static final int SAVE_EVERY = 16_384;
  private static final long FIRST_SECONDS = 60;
  private static final long DAY_SECONDS = 86_400;
  private static final int DAMAGED_MAX = 1_000;

  private final Path file;
  private final PageSums sums;
  private final ReentrantLock quiet = new ReentrantLock();
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final Set<Integer> told = new HashSet<>();
  private int due = FRAMES;
  private boolean owes;
  private volatile boolean wanted;

  private PageGuard(Path file, PageSums sums) {
    this.file = file;
    this.sums = sums;
  }

  /// @param isLogged whether the file's log holds anything
  /// @return null where pages cannot be checked
  static @Nullable PageGuard of(Path file, boolean isLogged) {
    if (PageVfs.missing() != null) return null;
    try {
      PageSums sums = PageSums.open(file, isLogged);
      PageVfs.watch(sums);
      return new PageGuard(file, sums);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /// Why the checksums on disk could not be used; null if they were.
  @Nullable String doubt() {
    return sums.doubt();
  }

  /// Empties the log that the last process has left, before anything else is done.
  void begin(Session writer) {
    if (!sums.isWatched()) {
      throw new IllegalStateException("SQLite names %s in another way".formatted(file));
    }
    checkpoint(writer, "truncate");
  }

  /// Asks for a checkpoint after the next commit.
  void want() {
    wanted = true;
  }

  /// What must be on disk before the next write; throws if it cannot be.
  void settle() {
    if (owes) save(false);
  }

  /// Orders a checkpoint if one is due.
  void committed(Session writer) {
    int frames = sums.frames();
    if (frames < due - FRAMES) due = FRAMES; // the log has been begun anew
    if (frames < due && !wanted) return;
    wanted = false;
    due = frames + FRAMES;
    checkpoint(writer, "passive");
  }

  /// Empties the log, so that nothing is left to do when the last connection closes.
  void end(Session writer) {
    checkpoint(writer, "truncate");
  }

  private void checkpoint(Session writer, String how) {
    quiet.lock();
    try {
      boolean isWhole =
          writer
              .query(
                  "pragma wal_checkpoint(" + how + ")",
                  row -> row.whole("busy") == 0 && row.whole("log") == row.whole("checkpointed"))
              .getFirst();
      save(isWhole);
    } finally {
      quiet.unlock();
    }
  }

  private void save(boolean isWhole) {
    try {
      owes = true;
      sums.save(isWhole);
      owes = false;
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private static Problem failed(IOException e) {
    boolean isFull =
        !(e instanceof SyncFailedException) && String.valueOf(e.getMessage()).contains("No space");
    return new Problem(
            isFull ? Fault.STORE_FULL : Fault.STORE_FAILED,
            "the checksums of the store cannot be kept: " + e.getMessage(),
            isFull
                ? "Free space on its disk and try again; nothing was changed"
                : "Look at its disk, then start Orrery again")
        .because(e);
  }

  /// Looks at every page now.
  PageReport look(Consumer<PageReport> progress) throws IOException {
    return look(0, () -> {}, progress);
  }

  private PageReport look(long pauseMillis, Runnable saved, Consumer<PageReport> progress)
      throws IOException {
    int of = sums.count();
    List<PageReport.Damaged> damaged = new ArrayList<>();
    PageReport report = new PageReport("", 0, of, 0, List.of());
    for (int from = 1; from <= of; from += SLICE) {
      List<Integer> found;
      quiet.lock();
      try {
        found = sums.damaged(from, Math.min(SLICE, of - from + 1));
      } finally {
        quiet.unlock();
      }
      if (!found.isEmpty() && damaged.size() < DAMAGED_MAX) {
        Map<Integer, String> names = PageNames.of(file, found);
        for (int page : found)
          damaged.add(new PageReport.Damaged(page, names.getOrDefault(page, "")));
      }
      int checked = Math.min(from + SLICE - 1, of);
      report =
          new PageReport("", checked, of, (long) checked * sums.pageSize(), List.copyOf(damaged));
      progress.accept(report);
      if (from % SAVE_EVERY == 1 && from > 1) saved.run();
      if (pauseMillis > 0 && isStopped(pauseMillis, TimeUnit.MILLISECONDS)) break;
    }
    return report;
  }

  private boolean isStopped(long time, TimeUnit unit) {
    try {
      return stopped.await(time, unit);
    } catch (InterruptedException _) {
      return true;
    }
  }

  /// Looks through all pages from time to time, until [#close].
  ///
  /// @param saved puts on disk what was learnt of pages whose checksums were not known
  void watch(Runnable saved) {
    Thread.ofPlatform().daemon().name("orrery-pages").start(() -> watching(saved));
  }

  private void watching(Runnable saved) {
    try {
      boolean isNew = sums.hasUnknown();
      long wait = isNew ? 0 : FIRST_SECONDS;
      while (!isStopped(wait, TimeUnit.SECONDS)) {
        wait = DAY_SECONDS;
        try {
          for (PageReport.Damaged page : look(PAUSE_MILLIS, saved, _ -> {}).damaged()) {
            if (told.add(page.page())) LOG.error("{}", damaged(file, page));
          }
          if (isNew) saved.run();
          isNew = false;
        } catch (Problem e) {
          // It does not keep up now, or is being closed.
          if (e.fault() != Fault.STORE_BUSY) throw e;
          wait = FIRST_SECONDS;
        }
      }
    } catch (IOException | RuntimeException e) {
      if (stopped.getCount() > 0) LOG.warn("the pages of {} could not be looked through", file, e);
    }
  }

  /// What is wrong with a page, as people are told it.
  static String damaged(Path file, PageReport.Damaged page) {
    return "page %d of %s, of %s, is not what was written to it"
        .formatted(page.page(), file.getFileName(), page.name());
  }

  /// Called before the writer's connection is closed; from now on nothing is written.
  void close() {
    stopped.countDown();
    PageVfs.forget(sums);
    try {
      sums.close();
    } catch (IOException _) {
      // What had to be on disk is there.
    }
  }
}
